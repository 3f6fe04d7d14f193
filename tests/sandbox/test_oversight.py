"""Budgets, GuardDuty, CloudTrail, AWS Config and log groups where moto had to be completed: answers as AWS has them."""

from __future__ import annotations

import datetime as dt
import json
from typing import Any

import pytest
from botocore.exceptions import ClientError
from sandbox_clients import Clients, error_of

ACCOUNT = "123456789012"
ROLE = f"arn:aws:iam::{ACCOUNT}:role/recorder"
BUDGET = {"BudgetType": "COST", "TimeUnit": "MONTHLY", "BudgetLimit": {"Amount": "10", "Unit": "USD"}}
ALERT = {
    "NotificationType": "ACTUAL",
    "ComparisonOperator": "GREATER_THAN",
    "Threshold": 80.0,
    "ThresholdType": "PERCENTAGE",
}


@pytest.fixture(scope="module")
def budgets(aws: Clients) -> Any:
    return aws("budgets")


def _day(year: int) -> dt.datetime:
    return dt.datetime(year, 1, 1, tzinfo=dt.UTC)


def test_budget_is_changed_and_keeps_its_period(budgets: Any) -> None:
    budgets.create_budget(AccountId=ACCOUNT, Budget={**BUDGET, "BudgetName": "grows"})
    target = {"AccountId": ACCOUNT, "BudgetName": "grows"}
    before = budgets.describe_budget(**target)["Budget"]["TimePeriod"]
    limit = {"Amount": "20", "Unit": "USD"}
    budgets.update_budget(AccountId=ACCOUNT, NewBudget={**BUDGET, "BudgetName": "grows", "BudgetLimit": limit})
    after = budgets.describe_budget(**target)["Budget"]
    assert after["BudgetLimit"] == limit
    assert after["TimePeriod"] == before
    with pytest.raises(ClientError) as caught:
        budgets.update_budget(AccountId=ACCOUNT, NewBudget={**BUDGET, "BudgetName": "absent"})
    assert error_of(caught)[0] == "NotFoundException"


def test_half_a_period_is_completed(budgets: Any) -> None:
    ends = {**BUDGET, "BudgetName": "ends", "TimePeriod": {"End": _day(2090)}}
    budgets.create_budget(AccountId=ACCOUNT, Budget=ends)
    period = budgets.describe_budget(AccountId=ACCOUNT, BudgetName="ends")["Budget"]["TimePeriod"]
    assert period["End"] == _day(2090)
    assert period["Start"].day == 1
    starts = {**ends, "TimePeriod": {"Start": _day(2027)}}
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=starts)
    period = budgets.describe_budget(AccountId=ACCOUNT, BudgetName="ends")["Budget"]["TimePeriod"]
    assert (period["Start"], period["End"]) == (_day(2027), _day(2090))


def test_subscribers_of_a_notification(budgets: Any) -> None:
    budgets.create_budget(AccountId=ACCOUNT, Budget={**BUDGET, "BudgetName": "told"})
    target = {"AccountId": ACCOUNT, "BudgetName": "told"}
    told = [{"SubscriptionType": "EMAIL", "Address": "a@example.com"}]
    budgets.create_notification(**target, Notification=ALERT, Subscribers=told)
    assert budgets.describe_subscribers_for_notification(**target, Notification=ALERT)["Subscribers"] == told
    with pytest.raises(ClientError) as caught:
        budgets.describe_subscribers_for_notification(**target, Notification={**ALERT, "Threshold": 90.0})
    assert error_of(caught)[0] == "NotFoundException"


def test_tags_of_a_budget(budgets: Any) -> None:
    tags = [{"Key": "owner", "Value": "one"}]
    budgets.create_budget(AccountId=ACCOUNT, Budget={**BUDGET, "BudgetName": "tagged"}, ResourceTags=tags)
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/tagged"
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == tags
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "team", "Value": "two"}])
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["owner", "absent"])
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [{"Key": "team", "Value": "two"}]
    with pytest.raises(ClientError) as caught:
        budgets.list_tags_for_resource(ResourceARN=f"{arn}-absent")
    assert error_of(caught)[0] == "NotFoundException"


def test_features_of_a_detector_are_kept_one_by_one(aws: Clients) -> None:
    guardduty = aws("guardduty")
    objects, clusters = ({"Name": name, "Status": "ENABLED"} for name in ("S3_DATA_EVENTS", "EKS_AUDIT_LOGS"))
    detector = guardduty.create_detector(Enable=True, Features=[objects])["DetectorId"]
    guardduty.update_detector(DetectorId=detector, Features=[clusters])
    guardduty.update_detector(DetectorId=detector, Features=[{**objects, "Status": "DISABLED"}])
    guardduty.update_detector(DetectorId=detector, FindingPublishingFrequency="ONE_HOUR")
    features = {each["Name"]: each["Status"] for each in guardduty.get_detector(DetectorId=detector)["Features"]}
    assert features == {"S3_DATA_EVENTS": "DISABLED", "EKS_AUDIT_LOGS": "ENABLED"}
    guardduty.delete_detector(DetectorId=detector)


def test_tags_of_a_detector(aws: Clients) -> None:
    guardduty = aws("guardduty")
    detector = guardduty.create_detector(Enable=True, Tags={"owner": "one"})["DetectorId"]
    arn = f"arn:aws:guardduty:eu-central-1:{ACCOUNT}:detector/{detector}"
    guardduty.tag_resource(ResourceArn=arn, Tags={"team": "two", "cost": "three"})
    guardduty.untag_resource(ResourceArn=arn, TagKeys=["owner", "cost"])
    assert guardduty.list_tags_for_resource(ResourceArn=arn)["Tags"] == {"team": "two"}
    assert guardduty.get_detector(DetectorId=detector)["Tags"] == {"team": "two"}
    guardduty.delete_detector(DetectorId=detector)
    with pytest.raises(ClientError) as caught:
        guardduty.list_tags_for_resource(ResourceArn=arn)
    assert error_of(caught)[0] == "BadRequestException"


def _trail_bucket(aws: Clients) -> str:
    s3, name = aws("s3"), "trail-records"
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "cloudtrail.amazonaws.com"},
        "Action": ["s3:GetBucketAcl", "s3:PutObject"],
        "Resource": [f"arn:aws:s3:::{name}", f"arn:aws:s3:::{name}/*"],
    }
    s3.put_bucket_policy(Bucket=name, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    return name


def test_selectors_of_a_trail(aws: Clients) -> None:
    """A trail begins with all management events, has selectors of one kind, and says whether they are its own."""
    cloudtrail = aws("cloudtrail")
    arn = cloudtrail.create_trail(Name="selects", S3BucketName=_trail_bucket(aws))["TrailARN"]
    first = {"ReadWriteType": "All", "IncludeManagementEvents": True}
    advanced = [{"FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]

    def found() -> tuple[bool, list[Any], list[Any]]:
        trail, selectors = cloudtrail.get_trail(Name=arn)["Trail"], cloudtrail.get_event_selectors(TrailName=arn)
        assert trail["HomeRegion"] == "eu-central-1"
        return trail["HasCustomEventSelectors"], selectors["EventSelectors"], selectors["AdvancedEventSelectors"]

    rest: dict[str, list[Any]] = {"DataResources": [], "ExcludeManagementEventSources": []}
    assert found() == (False, [{**first, **rest}], [])
    cloudtrail.put_event_selectors(TrailName=arn, AdvancedEventSelectors=advanced)
    assert found() == (True, [], advanced)
    cloudtrail.put_event_selectors(TrailName=arn, EventSelectors=[{**first, "ReadWriteType": "ReadOnly"}])
    assert found() == (True, [{**first, "ReadWriteType": "ReadOnly", **rest}], [])
    cloudtrail.put_event_selectors(TrailName=arn, EventSelectors=[first])
    assert found() == (False, [{**first, **rest}], [])


def test_recording_mode_is_kept(aws: Clients) -> None:
    config = aws("config")

    def mode(**given: Any) -> Any:
        recorder = {"name": "modes", "roleARN": ROLE, **given}
        config.put_configuration_recorder(ConfigurationRecorder=recorder)
        return config.describe_configuration_recorders()["ConfigurationRecorders"][0]["recordingMode"]

    assert mode() == {"recordingFrequency": "CONTINUOUS"}
    assert mode(recordingMode={"recordingFrequency": "DAILY"}) == {"recordingFrequency": "DAILY"}


def test_evaluation_modes_and_tags_of_a_rule_are_kept(aws: Clients) -> None:
    config = aws("config")
    rule = {"ConfigRuleName": "keeps", "Source": {"Owner": "AWS", "SourceIdentifier": "S3_BUCKET_VERSIONING_ENABLED"}}
    tags = [{"Key": "owner", "Value": "one"}]
    config.put_config_rule(ConfigRule=rule, Tags=tags)
    proactive = [{"Mode": "DETECTIVE"}, {"Mode": "PROACTIVE"}]
    first = config.describe_config_rules(ConfigRuleNames=["keeps"])["ConfigRules"][0]
    config.put_config_rule(ConfigRule={**rule, "EvaluationModes": proactive})
    second = config.describe_config_rules(ConfigRuleNames=["keeps"])["ConfigRules"][0]
    assert (first["EvaluationModes"], second["EvaluationModes"]) == ([{"Mode": "DETECTIVE"}], proactive)
    assert config.list_tags_for_resource(ResourceArn=first["ConfigRuleArn"])["Tags"] == tags


def test_log_group_takes_and_loses_a_key(aws: Clients) -> None:
    logs, kms = aws("logs"), aws("kms")
    use = {"Service": "logs.eu-central-1.amazonaws.com"}
    keep = {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}
    statements = [{"Effect": "Allow", "Principal": each, "Action": "kms:*", "Resource": "*"} for each in (use, keep)]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    key = kms.create_key(Policy=policy)["KeyMetadata"]["Arn"]
    logs.create_log_group(logGroupName="/keyed")
    arn = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:/keyed:*"

    def found() -> str | None:
        return logs.describe_log_groups(logGroupNamePrefix="/keyed")["logGroups"][0].get("kmsKeyId")

    assert found() is None
    logs.associate_kms_key(logGroupName="/keyed", kmsKeyId=key)
    assert found() == key
    logs.disassociate_kms_key(resourceIdentifier=arn)
    assert found() is None
    with pytest.raises(ClientError) as caught:
        logs.associate_kms_key(logGroupName="/absent", kmsKeyId=key)
    assert error_of(caught)[0] == "ResourceNotFoundException"
