"""The audit of the platform, made by the real engine in the embedded cloud and read back by boto3."""

from __future__ import annotations

import json
from collections.abc import Generator
from pathlib import Path

import pytest

from components.governance.configuration import RULES
from infra import naming
from infra.engine import Operation
from infra.policies import audit
from tests.components.governance.program import PLATFORM
from tests.components.live import Live, live

pytestmark = pytest.mark.xdist_group("live-governance")

AUDIT = naming.platform_bucket(PLATFORM, "audit")
CONFIG = naming.platform_bucket(PLATFORM, "config")


@pytest.fixture(scope="module")
def governance(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Generator[Live]:
    folder = tmp_path_factory.mktemp("governance")
    with live(folder, engine_command, "tests.components.governance.program:build") as stack:
        stack.run(Operation.UP)
        yield stack


@pytest.fixture(scope="module")
def key_arn(governance: Live) -> str:
    kms = governance.client("kms")
    return kms.describe_key(KeyId=naming.key_alias(PLATFORM))["KeyMetadata"]["Arn"]


def test_a_second_preview_finds_nothing_to_do(governance: Live) -> None:
    """What was made reads back as it was asked for."""
    assert governance.run(Operation.PREVIEW).changes == ()


def test_the_trail_covers_all_regions_and_the_objects_of_tenants(governance: Live, key_arn: str) -> None:
    """Validated, encrypted, running; object events of the stage's buckets, without those of the records themselves."""
    cloudtrail = governance.client("cloudtrail")
    (trail,) = cloudtrail.describe_trails()["trailList"]
    assert trail["TrailARN"] == naming.trail_arn(PLATFORM)
    assert trail["IsMultiRegionTrail"]
    assert trail["LogFileValidationEnabled"]
    assert (trail["KmsKeyId"], trail["S3BucketName"]) == (key_arn, AUDIT)
    assert cloudtrail.get_trail_status(Name=trail["TrailARN"])["IsLogging"]
    selectors = cloudtrail.get_event_selectors(TrailName=trail["TrailARN"])["AdvancedEventSelectors"]
    management, objects = ({f["Field"]: f for f in each["FieldSelectors"]} for each in selectors)
    assert management["eventCategory"]["Equals"] == ["Management"]
    assert objects["resources.type"]["Equals"] == ["AWS::S3::Object"]
    assert objects["resources.ARN"]["StartsWith"] == ["arn:aws:s3:::bh-dev-"]
    assert f"arn:aws:s3:::{AUDIT}/" in objects["resources.ARN"]["NotStartsWith"]


def test_the_audit_bucket_is_locked_and_encrypted(governance: Live, key_arn: str) -> None:
    """Every record is locked from the moment it is written, for as long as the spec says."""
    s3 = governance.client("s3")
    lock = s3.get_object_lock_configuration(Bucket=AUDIT)["ObjectLockConfiguration"]
    assert lock["ObjectLockEnabled"] == "Enabled"
    retention = lock["Rule"]["DefaultRetention"]
    assert (retention["Mode"], retention["Days"]) == ("GOVERNANCE", PLATFORM.retention.audit_days)
    (rule,) = s3.get_bucket_encryption(Bucket=AUDIT)["ServerSideEncryptionConfiguration"]["Rules"]
    assert rule["ApplyServerSideEncryptionByDefault"]["KMSMasterKeyID"] == key_arn
    policy = json.loads(s3.get_bucket_policy(Bucket=AUDIT)["Policy"])
    assert policy == audit.audit_bucket(PLATFORM, key_arn=key_arn).to_json()


def test_config_records_everything_into_a_bucket_of_its_own(governance: Live) -> None:
    """A locked bucket would be refused, so the record has its own; the recorder runs as its role."""
    config = governance.client("config")
    (recorder,) = config.describe_configuration_recorders()["ConfigurationRecorders"]
    assert recorder["roleARN"] == naming.platform_role_arn(PLATFORM, "config")
    assert recorder["recordingGroup"]["allSupported"]
    (status,) = config.describe_configuration_recorder_status()["ConfigurationRecordersStatus"]
    assert status["recording"]
    (channel,) = config.describe_delivery_channels()["DeliveryChannels"]
    assert channel["s3BucketName"] == CONFIG
    rules = {rule["ConfigRuleName"] for rule in config.describe_config_rules()["ConfigRules"]}
    assert rules == {naming.config_rule(PLATFORM, rule) for rule in RULES}


def test_guardduty_watches(governance: Live) -> None:
    """The Region's one detector is on."""
    guardduty = governance.client("guardduty")
    (detector,) = guardduty.list_detectors()["DetectorIds"]
    assert guardduty.get_detector(DetectorId=detector)["Status"] == "ENABLED"


def test_a_destroy_leaves_nothing_where_the_spec_allows_it(governance: Live) -> None:
    """The lock is in governance mode, so that the platform of a demo goes again with its records."""
    s3 = governance.client("s3")
    s3.delete_bucket_encryption(Bucket=AUDIT)  # only the trail may use its key
    s3.put_object(Bucket=AUDIT, Key="AWSLogs/record.json.gz", Body=b"{}")
    governance.run(Operation.DESTROY)
    assert s3.list_buckets()["Buckets"] == []
    assert governance.client("cloudtrail").describe_trails()["trailList"] == []
    assert governance.client("config").describe_configuration_recorders()["ConfigurationRecorders"] == []
    assert governance.client("guardduty").list_detectors()["DetectorIds"] == []
