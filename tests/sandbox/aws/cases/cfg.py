"""Contract cases of AWS Config: a Region has one recorder and one channel, so each case has a Region of its own."""

from __future__ import annotations

import pulumi
import pulumi_aws as aws
from botocore.config import Config

from .case import Case, Clients, Inputs, Needs, Outputs

_ROLE = "arn:aws:iam::123456789012:role/recorder"
_KEY = "arn:aws:kms:eu-west-1:123456789012:key/one"
_TOPIC = "arn:aws:sns:eu-west-1:123456789012:alerts"
_CHANNELS = Config(region_name="eu-west-1")


def _recorder(region: str) -> aws.cfg.Recorder:
    return aws.cfg.Recorder(f"recorder-{region}", name="needed", role_arn=_ROLE, region=region)


def _recorders(boto: Clients) -> set[str]:
    return {each["name"] for each in boto("config").describe_configuration_recorders()["ConfigurationRecorders"]}


def _channels(boto: Clients) -> set[str]:
    return {each["name"] for each in boto("config", _CHANNELS).describe_delivery_channels()["DeliveryChannels"]}


def _recording(boto: Clients) -> set[str]:
    clients = (boto("config", Config(region_name=region)) for region in ("eu-west-2", "eu-west-3"))
    answers = [client.describe_configuration_recorder_status() for client in clients]
    found = (status for answer in answers for status in answer["ConfigurationRecordersStatus"])
    return {status["name"] for status in found if status["recording"]}


def _rules(boto: Clients) -> set[str]:
    return {rule["ConfigRuleName"] for rule in boto("config").describe_config_rules()["ConfigRules"]}


def _with_recorder(_: str) -> Needs:
    return {"recorder": _recorder("eu-west-1")}


def _two_channels(_: str) -> Needs:
    """A recorder starts only where it has a channel."""
    made: Needs = {}
    for region in ("eu-west-2", "eu-west-3"):
        recorder = pulumi.ResourceOptions(depends_on=[_recorder(region)])
        made[region] = aws.cfg.DeliveryChannel(
            f"channel-{region}", name="needed", s3_bucket_name="needed", region=region, opts=recorder
        )
    return made


def _status(region: str, channel: aws.cfg.DeliveryChannel) -> Inputs:
    return {"region": region, "name": "needed", "opts": pulumi.ResourceOptions(depends_on=[channel])}


def _narrow(boto: Clients, recorder: Outputs) -> None:
    group = {"allSupported": False, "resourceTypes": ["AWS::EC2::VPC"]}
    boto("config").put_configuration_recorder(
        ConfigurationRecorder={"name": recorder["name"], "roleARN": recorder["roleArn"], "recordingGroup": group}
    )


def _divert(boto: Clients, channel: Outputs) -> None:
    boto("config", _CHANNELS).put_delivery_channel(
        DeliveryChannel={"name": channel["name"], "s3BucketName": "elsewhere"}
    )


def _stop(boto: Clients, status: Outputs) -> None:
    elsewhere = Config(region_name=status["region"])
    boto("config", elsewhere).stop_configuration_recorder(ConfigurationRecorderName=status["name"])


def _rescope(boto: Clients, rule: Outputs) -> None:
    rule_now = boto("config").describe_config_rules(ConfigRuleNames=[rule["name"]])["ConfigRules"][0]
    scope = {"ComplianceResourceTypes": ["AWS::S3::AccountPublicAccessBlock"]}
    boto("config").put_config_rule(ConfigRule={**rule_now, "Scope": scope})


CASES = (
    Case(
        type="aws:cfg/recorder:Recorder",
        inputs=lambda _: {
            "name": "contract-one",
            "role_arn": _ROLE,
            "recording_group": {"all_supported": True, "include_global_resource_types": True},
            "opts": pulumi.ResourceOptions(delete_before_replace=True),
        },
        update=lambda _: {
            "role_arn": f"{_ROLE}-other",
            "recording_group": {
                "all_supported": False,
                "exclusion_by_resource_types": [{"resource_types": ["AWS::EC2::Instance"]}],
                "recording_strategies": [{"use_only": "EXCLUSION_BY_RESOURCE_TYPES"}],
            },
            "recording_mode": {
                "recording_frequency": "CONTINUOUS",
                "recording_mode_override": {"resource_types": ["AWS::EC2::VPC"], "recording_frequency": "DAILY"},
            },
        },
        replace=lambda _: {"name": "contract-two"},
        tamper=_narrow,
        tampered="recordingGroup",
        left=_recorders,
    ),
    Case(
        type="aws:cfg/deliveryChannel:DeliveryChannel",
        needs=_with_recorder,
        inputs=lambda needs: {
            "region": "eu-west-1",
            "name": "contract-one",
            "s3_bucket_name": "one",
            "s3_key_prefix": "one",
            "opts": pulumi.ResourceOptions(delete_before_replace=True, depends_on=[needs["recorder"]]),
        },
        update=lambda _: {
            "s3_bucket_name": "two",
            "s3_key_prefix": None,
            "s3_kms_key_arn": _KEY,
            "sns_topic_arn": _TOPIC,
            "snapshot_delivery_properties": {"delivery_frequency": "Six_Hours"},
        },
        replace=lambda _: {"name": "contract-two"},
        tamper=_divert,
        tampered="s3BucketName",
        left=_channels,
    ),
    Case(
        type="aws:cfg/recorderStatus:RecorderStatus",
        needs=_two_channels,
        inputs=lambda needs: {**_status("eu-west-2", needs["eu-west-2"]), "is_enabled": False},
        update=lambda _: {"is_enabled": True},
        replace=lambda needs: _status("eu-west-3", needs["eu-west-3"]),
        tamper=_stop,
        tampered="isEnabled",
        left=_recording,
    ),
    Case(
        type="aws:cfg/rule:Rule",
        inputs=lambda _: {
            "name": "contract-one",
            "description": "one",
            "source": {"owner": "AWS", "source_identifier": "S3_BUCKET_VERSIONING_ENABLED"},
            "scope": {"compliance_resource_types": ["AWS::S3::Bucket"]},
            "tags": {"owner": "one"},
        },
        update=lambda _: {
            "description": None,
            "source": {"owner": "AWS", "source_identifier": "IAM_PASSWORD_POLICY"},
            "scope": None,
            "input_parameters": '{"MinimumPasswordLength": "20"}',
            "maximum_execution_frequency": "Six_Hours",
            "tags": {"team": "two"},
        },
        replace=lambda _: {"name": "contract-two"},
        tamper=_rescope,
        tampered="scope",
        left=_rules,
    ),
)
