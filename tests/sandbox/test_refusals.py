"""What AWS refuses, the embedded cloud refuses too: each with the sound twin that it accepts."""

from __future__ import annotations

import json
from functools import partial
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from sandbox_clients import Clients, error_of

ACCOUNT = "123456789012"
REGION = "eu-central-1"


@pytest.fixture(scope="module")
def once(aws: Clients) -> Any:
    """Makes clients that do not retry."""
    return partial(aws, config=Config(retries={"total_max_attempts": 1}))


def _document(*statements: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def _trust(principal: str = f"arn:aws:iam::{ACCOUNT}:root") -> str:
    return _document({"Effect": "Allow", "Principal": {"AWS": principal}, "Action": "sts:AssumeRole"})


def _many(count: int) -> str:
    resources = [f"arn:aws:s3:::bucket-{number:04d}/{'x' * 20}" for number in range(count)]
    return _document({"Effect": "Allow", "Action": "s3:GetObject", "Resource": resources})


ROOT = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "kms:*", "Resource": "*"}


class TestIam:
    @pytest.fixture(scope="class")
    def iam(self, once: Any) -> Any:
        return once("iam")

    def test_a_trusted_role_must_exist(self, iam: Any) -> None:
        arn = f"arn:aws:iam::{ACCOUNT}:role/trusted"
        with pytest.raises(ClientError) as caught:
            iam.create_role(RoleName="trusting", AssumeRolePolicyDocument=_trust(arn))
        assert error_of(caught) == ("MalformedPolicyDocument", f'Invalid principal in policy: "AWS":"{arn}"')
        iam.create_role(RoleName="trusted", AssumeRolePolicyDocument=_trust())
        iam.create_role(RoleName="trusting", AssumeRolePolicyDocument=_trust(arn))
        with pytest.raises(ClientError, match="Invalid principal"):
            iam.update_assume_role_policy(RoleName="trusting", PolicyDocument=_trust(arn + "-not"))
        iam.update_assume_role_policy(RoleName="trusting", PolicyDocument=_trust(arn.replace(ACCOUNT, "210987654321")))

    def test_names_have_64_characters(self, iam: Any) -> None:
        iam.create_role(RoleName="n" * 64, AssumeRolePolicyDocument=_trust())
        with pytest.raises(ClientError, match="less than or equal to 64"):
            iam.create_role(RoleName="n" * 65, AssumeRolePolicyDocument=_trust())

    def test_policies_have_a_size_without_white_space(self, iam: Any) -> None:
        big = _many(130)
        assert len("".join(big.split())) > 6144
        fits = json.dumps(json.loads(_many(100)), indent=40)
        assert len(fits) > 6144
        iam.create_policy(PolicyName="fits", PolicyDocument=fits)
        with pytest.raises(ClientError, match="PolicySize: 6144"):
            iam.create_policy(PolicyName="big", PolicyDocument=big)
        arn = f"arn:aws:iam::{ACCOUNT}:policy/fits"
        with pytest.raises(ClientError, match="PolicySize: 6144"):
            iam.create_policy_version(PolicyArn=arn, PolicyDocument=big)

    def test_inline_policies_of_a_role_share_a_size(self, iam: Any) -> None:
        iam.create_role(RoleName="inline", AssumeRolePolicyDocument=_trust())
        iam.put_role_policy(RoleName="inline", PolicyName="one", PolicyDocument=_many(130))
        with pytest.raises(ClientError) as caught:
            iam.put_role_policy(RoleName="inline", PolicyName="two", PolicyDocument=_many(130))
        assert error_of(caught)[0] == "LimitExceeded"
        iam.put_role_policy(RoleName="inline", PolicyName="one", PolicyDocument=_many(131))

    def test_trust_policies_have_a_size(self, iam: Any) -> None:
        principals = [f"arn:aws:iam::{number:012d}:root" for number in range(100)]
        statement = {"Effect": "Allow", "Principal": {"AWS": principals}, "Action": "sts:AssumeRole"}
        with pytest.raises(ClientError, match="ACLSizePerRole: 2048"):
            iam.create_role(RoleName="wide", AssumeRolePolicyDocument=_document(statement))

    def test_a_boundary_must_exist_and_stays_while_it_is_used(self, iam: Any) -> None:
        with pytest.raises(ClientError) as caught:
            iam.create_role(
                RoleName="bounded",
                AssumeRolePolicyDocument=_trust(),
                PermissionsBoundary=f"arn:aws:iam::{ACCOUNT}:policy/bound",
            )
        assert error_of(caught)[0] == "NoSuchEntity"
        arn = iam.create_policy(PolicyName="bound", PolicyDocument=_many(1))["Policy"]["Arn"]
        iam.create_role(RoleName="bounded", AssumeRolePolicyDocument=_trust(), PermissionsBoundary=arn)
        with pytest.raises(ClientError) as caught:
            iam.delete_policy(PolicyArn=arn)
        assert error_of(caught)[0] == "DeleteConflict"
        iam.delete_role(RoleName="bounded")
        iam.delete_policy(PolicyArn=arn)

    def test_a_policy_that_is_attached_or_has_versions_is_not_deleted(self, iam: Any) -> None:
        arn = iam.create_policy(PolicyName="attached", PolicyDocument=_many(1))["Policy"]["Arn"]
        iam.create_role(RoleName="holder", AssumeRolePolicyDocument=_trust())
        iam.attach_role_policy(RoleName="holder", PolicyArn=arn)
        with pytest.raises(ClientError, match="attached to entities"):
            iam.delete_policy(PolicyArn=arn)
        iam.detach_role_policy(RoleName="holder", PolicyArn=arn)
        iam.create_policy_version(PolicyArn=arn, PolicyDocument=_many(2), SetAsDefault=True)
        with pytest.raises(ClientError, match="more than one version"):
            iam.delete_policy(PolicyArn=arn)
        iam.delete_policy_version(PolicyArn=arn, VersionId="v1")
        iam.delete_policy(PolicyArn=arn)

    def test_only_a_role_that_exists_can_be_assumed(self, iam: Any, once: Any) -> None:
        sts, arn = once("sts"), f"arn:aws:iam::{ACCOUNT}:role/assumable"
        with pytest.raises(ClientError) as caught:
            sts.assume_role(RoleArn=arn, RoleSessionName="test")
        assert error_of(caught)[0] == "AccessDenied"
        assert arn in error_of(caught)[1]
        iam.create_role(RoleName="assumable", AssumeRolePolicyDocument=_trust())
        session = sts.assume_role(RoleArn=arn, RoleSessionName="test")
        assert session["AssumedRoleUser"]["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/assumable/test"


class TestKms:
    @pytest.fixture(scope="class")
    def kms(self, once: Any) -> Any:
        return once("kms")

    def test_rotation_has_a_period(self, kms: Any) -> None:
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=90)
        assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 90
        kms.enable_key_rotation(KeyId=key)
        assert kms.get_key_rotation_status(KeyId=key)["RotationPeriodInDays"] == 365
        kms.disable_key_rotation(KeyId=key)
        assert "RotationPeriodInDays" not in kms.get_key_rotation_status(KeyId=key)
        with pytest.raises(ClientError, match="between 90 and 2560"):
            kms.enable_key_rotation(KeyId=key, RotationPeriodInDays=2561)

    def test_a_key_that_is_pending_deletion_is_of_no_use(self, kms: Any) -> None:
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        blob = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]
        with pytest.raises(ClientError, match="between 7 and 30"):
            kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=6)
        assert kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)["KeyState"] == "PendingDeletion"
        for operation, arguments in (
            ("encrypt", {"KeyId": key, "Plaintext": b"x"}),
            ("decrypt", {"CiphertextBlob": blob}),
            ("generate_data_key", {"KeyId": key, "KeySpec": "AES_256"}),
            ("create_alias", {"AliasName": "alias/pending", "TargetKeyId": key}),
            ("enable_key", {"KeyId": key}),
            ("schedule_key_deletion", {"KeyId": key, "PendingWindowInDays": 7}),
        ):
            with pytest.raises(ClientError) as caught:
                getattr(kms, operation)(**arguments)
            assert error_of(caught)[0] == "KMSInvalidStateException", operation
        kms.cancel_key_deletion(KeyId=key)
        kms.enable_key(KeyId=key)
        assert kms.decrypt(CiphertextBlob=blob)["Plaintext"] == b"x"

    def test_a_disabled_key_does_not_encrypt(self, kms: Any) -> None:
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        kms.disable_key(KeyId=key)
        with pytest.raises(ClientError) as caught:
            kms.encrypt(KeyId=key, Plaintext=b"x")
        assert error_of(caught)[0] == "DisabledException"
        kms.enable_key(KeyId=key)
        kms.encrypt(KeyId=key, Plaintext=b"x")

    def test_a_policy_must_name_who_exists_and_keep_control(self, kms: Any, once: Any) -> None:
        user = ROOT | {"Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:role/key-user"}, "Action": "kms:Decrypt"}
        with pytest.raises(ClientError, match="one or more invalid principals"):
            kms.create_key(Policy=_document(ROOT, user))
        once("iam").create_role(RoleName="key-user", AssumeRolePolicyDocument=_trust())
        key = kms.create_key(Policy=_document(ROOT, user))["KeyMetadata"]["KeyId"]
        with pytest.raises(ClientError, match="will not allow you to update the key policy in the future"):
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_document(user))
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_document(ROOT))


class TestLogs:
    def test_a_key_must_let_the_service_use_it_for_that_group(self, once: Any) -> None:
        logs, kms = once("logs"), once("kms")
        key = kms.create_key()["KeyMetadata"]["Arn"]
        with pytest.raises(ClientError) as caught:
            logs.create_log_group(logGroupName="/of/acme", kmsKeyId=key)
        assert error_of(caught)[0] == "AccessDeniedException"
        group = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/of/acme"
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": f"logs.{REGION}.amazonaws.com"},
            "Action": ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
            "Resource": "*",
            "Condition": {"ArnLike": {"kms:EncryptionContext:aws:logs:arn": group}},
        }
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_document(ROOT, statement))
        logs.create_log_group(logGroupName="/of/acme", kmsKeyId=key)
        logs.disassociate_kms_key(logGroupName="/of/acme")
        logs.associate_kms_key(logGroupName="/of/acme", kmsKeyId=key)
        logs.create_log_group(logGroupName="/of/acmeeu")
        with pytest.raises(ClientError) as caught:
            logs.associate_kms_key(logGroupName="/of/acmeeu", kmsKeyId=key)
        assert error_of(caught)[0] == "AccessDeniedException"

    def test_retention_and_class(self, once: Any) -> None:
        logs = once("logs")
        logs.create_log_group(logGroupName="/rare", logGroupClass="INFREQUENT_ACCESS")
        assert (
            logs.describe_log_groups(logGroupNamePrefix="/rare")["logGroups"][0]["logGroupClass"] == "INFREQUENT_ACCESS"
        )
        logs.put_retention_policy(logGroupName="/rare", retentionInDays=30)
        with pytest.raises(ClientError) as caught:
            logs.put_retention_policy(logGroupName="/rare", retentionInDays=31)
        assert error_of(caught)[0] == "InvalidParameterException"


class TestS3:
    @pytest.fixture(scope="class")
    def s3(self, once: Any) -> Any:
        return once("s3")

    def _bucket(self, s3: Any, name: str, **options: Any) -> str:
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION}, **options)
        return name

    def test_versioning_stays_on_under_object_lock(self, s3: Any) -> None:
        locked = self._bucket(s3, "locked-bucket", ObjectLockEnabledForBucket=True)
        s3.put_bucket_versioning(Bucket=locked, VersioningConfiguration={"Status": "Enabled"})
        with pytest.raises(ClientError) as caught:
            s3.put_bucket_versioning(Bucket=locked, VersioningConfiguration={"Status": "Suspended"})
        assert error_of(caught)[0] == "InvalidBucketState"
        free = self._bucket(s3, "free-bucket")
        s3.put_bucket_versioning(Bucket=free, VersioningConfiguration={"Status": "Suspended"})

    def test_a_bucket_policy_must_name_who_exists(self, s3: Any, once: Any) -> None:
        bucket = self._bucket(s3, "policy-bucket")
        reader = f"arn:aws:iam::{ACCOUNT}:role/bucket-reader"
        policy = _document(
            {
                "Effect": "Allow",
                "Principal": {"AWS": reader},
                "Action": "s3:GetObject",
                "Resource": f"arn:aws:s3:::{bucket}/*",
            }
        )
        with pytest.raises(ClientError) as caught:
            s3.put_bucket_policy(Bucket=bucket, Policy=policy)
        assert error_of(caught) == ("MalformedPolicy", "Invalid principal in policy")
        once("iam").create_role(RoleName="bucket-reader", AssumeRolePolicyDocument=_trust())
        s3.put_bucket_policy(Bucket=bucket, Policy=policy)

    def test_lifecycle_and_logging_keep_all_that_was_given(self, s3: Any) -> None:
        bucket, target = self._bucket(s3, "kept-bucket"), self._bucket(s3, "target-bucket")
        rules = [
            {
                "ID": "old",
                "Status": "Enabled",
                "Filter": {"Prefix": ""},
                "NoncurrentVersionExpiration": {"NoncurrentDays": 30, "NewerNoncurrentVersions": 3},
            },
            {"ID": "other", "Status": "Enabled", "Filter": {"Prefix": "x/"}, "Expiration": {"Days": 3}},
        ]
        s3.put_bucket_lifecycle_configuration(Bucket=bucket, LifecycleConfiguration={"Rules": rules})
        assert s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"] == rules
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "logging.s3.amazonaws.com"},
            "Action": "s3:PutObject",
            "Resource": f"arn:aws:s3:::{target}/*",
        }
        s3.put_bucket_policy(Bucket=target, Policy=_document(statement))
        logging = {
            "TargetBucket": target,
            "TargetPrefix": "logs/",
            "TargetObjectKeyFormat": {"PartitionedPrefix": {"PartitionDateSource": "EventTime"}},
        }
        s3.put_bucket_logging(Bucket=bucket, BucketLoggingStatus={"LoggingEnabled": logging})
        assert s3.get_bucket_logging(Bucket=bucket)["LoggingEnabled"] == logging


class TestCloudTrail:
    def test_bucket_and_key_must_let_the_service_write_and_selectors_are_of_one_kind(self, once: Any) -> None:
        trails, s3, kms = once("cloudtrail"), once("s3"), once("kms")
        s3.create_bucket(Bucket="trail-bucket", CreateBucketConfiguration={"LocationConstraint": REGION})
        with pytest.raises(ClientError) as caught:
            trails.create_trail(Name="trail", S3BucketName="trail-bucket")
        assert error_of(caught)[0] == "InsufficientS3BucketPolicyException"
        assert trails.describe_trails()["trailList"] == []

        arn = f"arn:aws:cloudtrail:{REGION}:{ACCOUNT}:trail/trail"
        bucket = "arn:aws:s3:::trail-bucket"
        service = {"Effect": "Allow", "Principal": {"Service": "cloudtrail.amazonaws.com"}}
        own = {"Condition": {"StringEquals": {"aws:SourceArn": arn}}}
        check = service | own | {"Action": "s3:GetBucketAcl", "Resource": bucket}
        put = service | own | {"Action": "s3:PutObject", "Resource": f"{bucket}/AWSLogs/{ACCOUNT}/*"}
        tls = {
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [bucket, f"{bucket}/*"],
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        }
        s3.put_bucket_policy(Bucket="trail-bucket", Policy=_document(check, put, tls))
        key = kms.create_key()["KeyMetadata"]["Arn"]
        with pytest.raises(ClientError) as caught:
            trails.create_trail(Name="trail", S3BucketName="trail-bucket", KmsKeyId=key)
        assert error_of(caught)[0] == "InsufficientEncryptionPolicyException"
        use = service | own | {"Action": "kms:GenerateDataKey*", "Resource": "*"}
        kms.put_key_policy(KeyId=key, PolicyName="default", Policy=_document(ROOT, use))
        trails.create_trail(Name="trail", S3BucketName="trail-bucket", KmsKeyId=key)
        with pytest.raises(ClientError) as caught:
            trails.create_trail(Name="trail", S3BucketName="trail-bucket")
        assert error_of(caught)[0] == "TrailAlreadyExistsException"
        with pytest.raises(ClientError) as caught:
            trails.create_trail(Name="other", S3BucketName="trail-bucket")
        assert error_of(caught)[0] == "InsufficientS3BucketPolicyException", "the policy is for the first trail only"

        advanced = [{"Name": "data", "FieldSelectors": [{"Field": "eventCategory", "Equals": ["Data"]}]}]
        trails.put_event_selectors(TrailName="trail", AdvancedEventSelectors=advanced)
        assert trails.get_event_selectors(TrailName="trail")["AdvancedEventSelectors"] == advanced
        trails.put_event_selectors(TrailName="trail", EventSelectors=[{"ReadWriteType": "All"}])
        assert not trails.get_event_selectors(TrailName="trail").get("AdvancedEventSelectors")
        trails.delete_trail(Name="trail")
        with pytest.raises(ClientError) as caught:
            trails.delete_trail(Name="trail")
        assert error_of(caught)[0] == "TrailNotFoundException"


def test_a_region_has_one_detector(once: Any) -> None:
    guardduty = once("guardduty")
    first = guardduty.create_detector(Enable=True)["DetectorId"]
    with pytest.raises(ClientError) as caught:
        guardduty.create_detector(Enable=True)
    assert error_of(caught)[0] == "BadRequestException"
    guardduty.delete_detector(DetectorId=first)
    guardduty.create_detector(Enable=True)


def test_tags_of_what_is_not_there_are_an_error_of_sagemaker(once: Any) -> None:
    arn = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/nothing"
    with pytest.raises(ClientError) as caught:
        once("sagemaker").list_tags(ResourceArn=arn)
    assert error_of(caught)[0] == "ValidationException"


def test_a_subnet_has_16_addresses_or_more(once: Any) -> None:
    ec2 = once("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.77.0.0/16")["Vpc"]["VpcId"]
    with pytest.raises(ClientError) as caught:
        ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/29")
    assert error_of(caught) == ("InvalidSubnet.Range", "The CIDR '10.77.0.0/29' is invalid.")
    ec2.create_subnet(VpcId=vpc, CidrBlock="10.77.0.0/28")
    found = ec2.describe_subnets(Filters=[{"Name": "vpc-id", "Values": [vpc]}])["Subnets"]
    assert [subnet["CidrBlock"] for subnet in found] == ["10.77.0.0/28"]
