"""What the mapping of requests asks of the deployed state: names, tags, keys, boundaries, networks."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from typing import Any

import pytest
from caller_cloud import ACCOUNT, OUTSIDER, REGION, CallerCloud, statement
from moto.core.base_backend import BackendDict

from infra.sandbox.enforcement.deployed.estate import MotoEstate
from infra.sandbox.enforcement.lookup import Encryption, Lookup, NamedKind

ESTATE: Lookup = MotoEstate()
TAGS = [{"Key": "tenant", "Value": "acme"}]


@pytest.fixture
def cloud() -> Generator[CallerCloud]:
    yield CallerCloud()
    BackendDict.reset()


def key(cloud: CallerCloud) -> str:
    made = cloud.client("kms").create_key(Tags=[{"TagKey": "tenant", "TagValue": "acme"}])
    cloud.client("kms").create_alias(AliasName="alias/acme", TargetKeyId=made["KeyMetadata"]["KeyId"])
    return made["KeyMetadata"]["Arn"]


def test_keys_are_found_by_every_name_that_they_have(cloud: CallerCloud) -> None:
    arn = key(cloud)
    key_id = arn.rpartition("/")[2]
    for name in (arn, key_id, "alias/acme", f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/acme"):
        assert ESTATE.arn("kms:key", ACCOUNT, REGION, name) == arn
    for name in ("alias/globex", "alias/aws/s3", "none", arn + "0", "arn:aws:sqs:eu-central-1:1:q"):
        assert ESTATE.arn("kms:key", ACCOUNT, REGION, name) is None
    assert ESTATE.arn("kms:key", OUTSIDER, REGION, key_id) is None
    assert ESTATE.properties(arn) == {
        "kms:KeySpec": "SYMMETRIC_DEFAULT",
        "kms:KeyUsage": "ENCRYPT_DECRYPT",
        "kms:KeyOrigin": "AWS_KMS",
        "kms:MultiRegion": False,
        "kms:ResourceAliases": ["alias/acme"],
    }


def test_a_ciphertext_and_a_grants_token_name_their_key(cloud: CallerCloud) -> None:
    arn = key(cloud)
    kms = cloud.client("kms")
    blob = kms.encrypt(KeyId=arn, Plaintext=b"x")["CiphertextBlob"]
    assert ESTATE.key_of_ciphertext(ACCOUNT, REGION, blob) == arn
    assert ESTATE.key_of_ciphertext(OUTSIDER, REGION, blob) == arn
    assert ESTATE.key_of_ciphertext(ACCOUNT, REGION, b"nonsense") is None
    grant = kms.create_grant(KeyId=arn, GranteePrincipal=cloud.role("one"), Operations=["Decrypt"])
    assert ESTATE.grant_key(grant["GrantToken"]) == arn
    assert ESTATE.grant_key("none") is None


def test_principals_are_found_by_name_with_their_path_and_boundary(cloud: CallerCloud) -> None:
    iam = cloud.client("iam")
    boundary = iam.create_policy(PolicyName="b", PolicyDocument=statement(Action="s3:*", Resource="*"))["Policy"]["Arn"]
    role = cloud.role("one", Path="/acme/", PermissionsBoundary=boundary)
    plain = cloud.role("two")
    iam.create_user(UserName="ann", Path="/people/")
    iam.create_group(GroupName="all")
    iam.create_instance_profile(InstanceProfileName="profile")
    iam.add_role_to_instance_profile(InstanceProfileName="profile", RoleName="one")
    named: list[tuple[NamedKind, str, str]] = [
        ("iam:role", "one", role),
        ("iam:role", "instance-profile/profile", role),
        ("iam:user", "ann", f"arn:aws:iam::{ACCOUNT}:user/people/ann"),
        ("iam:group", "all", f"arn:aws:iam::{ACCOUNT}:group/all"),
        ("iam:instance-profile", "profile", f"arn:aws:iam::{ACCOUNT}:instance-profile/profile"),
    ]
    for kind, name, wanted in named:
        assert ESTATE.arn(kind, ACCOUNT, "", name) == wanted
        assert ESTATE.arn(kind, ACCOUNT, "", f"{name}-not") is None
        assert ESTATE.arn(kind, OUTSIDER, "", name) is None
    assert ESTATE.boundary(role) == boundary
    assert ESTATE.boundary(plain) is None


def _role(cloud: CallerCloud) -> str:
    return cloud.role("one", Tags=TAGS)


def _user(cloud: CallerCloud) -> str:
    return cloud.client("iam").create_user(UserName="ann", Tags=TAGS)["User"]["Arn"]


def _policy(cloud: CallerCloud) -> str:
    document = statement(Action="s3:*", Resource="*")
    return cloud.client("iam").create_policy(PolicyName="p", PolicyDocument=document, Tags=TAGS)["Policy"]["Arn"]


def _provider(cloud: CallerCloud) -> str:
    made = cloud.client("iam").create_open_id_connect_provider(Url="https://issuer.example", Tags=TAGS)
    return made["OpenIDConnectProviderArn"]


def _repository(cloud: CallerCloud) -> str:
    return cloud.client("ecr").create_repository(repositoryName="a/b", tags=TAGS)["repository"]["repositoryArn"]


def _topic(cloud: CallerCloud) -> str:
    return cloud.client("sns").create_topic(Name="alerts", Tags=TAGS)["TopicArn"]


def _queue(cloud: CallerCloud) -> str:
    cloud.client("sqs").create_queue(QueueName="jobs", tags={"tenant": "acme"})
    return f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"


def _secret(cloud: CallerCloud) -> str:
    return cloud.client("secretsmanager").create_secret(Name="s", SecretString="x", Tags=TAGS)["ARN"]


def _log_group(cloud: CallerCloud) -> str:
    cloud.client("logs").create_log_group(logGroupName="/acme", tags={"tenant": "acme"})
    return f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/acme"


def _alarm(cloud: CallerCloud) -> str:
    cloud.client("cloudwatch").put_metric_alarm(
        AlarmName="high",
        ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1,
        Tags=TAGS,
        MetricName="m",
        Namespace="n",
        Period=60,
        Statistic="Sum",
        Threshold=1.0,
    )
    return f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:high"


def _vpc(cloud: CallerCloud) -> str:
    tags = [{"ResourceType": "vpc", "Tags": TAGS}]
    made = cloud.client("ec2").create_vpc(CidrBlock="10.7.0.0/16", TagSpecifications=tags)["Vpc"]["VpcId"]
    return f"arn:aws:ec2:{REGION}:{ACCOUNT}:vpc/{made}"


def _model(cloud: CallerCloud) -> str:
    role = f"arn:aws:iam::{ACCOUNT}:role/serving"
    return cloud.client("sagemaker").create_model(
        ModelName="churn", ExecutionRoleArn=role, PrimaryContainer={"Image": "i"}, Tags=TAGS
    )["ModelArn"]


def _group(cloud: CallerCloud) -> str:
    made = cloud.client("sagemaker").create_model_package_group(ModelPackageGroupName="churn", Tags=TAGS)
    return made["ModelPackageGroupArn"]


TAGGED: list[Callable[[CallerCloud], str]] = [
    *(key, _role, _user, _policy, _provider, _repository, _topic),
    *(_queue, _secret, _log_group, _alarm, _vpc, _model, _group),
]


@pytest.mark.parametrize("make", TAGGED, ids=lambda make: make.__name__.strip("_"))
def test_tags_of_every_kind_of_resource(cloud: CallerCloud, make: Callable[[CallerCloud], str]) -> None:
    """The tags of a resource are found by its ARN; one of that name in another account has none of them."""
    arn = make(cloud)
    assert dict(ESTATE.tags(arn) or {}) == {"tenant": "acme"}
    assert not ESTATE.tags(arn.replace(ACCOUNT, OUTSIDER))
    assert not ESTATE.tags(f"{arn}-not")


def test_objects_know_their_owner_key_and_tags(cloud: CallerCloud) -> None:
    arn = key(cloud)
    cloud.bucket("acme-data")
    s3 = cloud.client("s3")
    assert ESTATE.bucket_encryption("acme-data") is None
    s3.put_object(Bucket="acme-data", Key="plain", Body=b"1", Tagging="tenant=acme")
    rule = {
        "ApplyServerSideEncryptionByDefault": {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": arn.rpartition("/")[2]},
        "BucketKeyEnabled": True,
    }
    s3.put_bucket_encryption(Bucket="acme-data", ServerSideEncryptionConfiguration={"Rules": [rule]})
    wanted = Encryption(key=arn, bucket_key=True)
    assert ESTATE.bucket_encryption("acme-data") == wanted
    s3.put_object(Bucket="acme-data", Key="secret", Body=b"1")
    upload = s3.create_multipart_upload(Bucket="acme-data", Key="large")["UploadId"]
    assert ESTATE.object_encryption("acme-data", "secret", None) == wanted
    assert ESTATE.object_encryption("acme-data", "plain", None) is None
    assert ESTATE.object_encryption("acme-data", "none", None) is None
    assert ESTATE.upload_encryption("acme-data", upload) is not None
    assert ESTATE.upload_encryption("acme-data", "none") is None
    assert ESTATE.object_tags("acme-data", "plain", None) == {"tenant": "acme"}
    assert ESTATE.object_tags("acme-data", "secret", None) == {}
    assert ESTATE.owner("arn:aws:s3:::acme-data/plain") == ACCOUNT
    assert ESTATE.owner("arn:aws:s3:::none") is None
    assert ESTATE.owner(arn) == ACCOUNT
    assert ESTATE.tags("arn:aws:s3:::acme-data") == {}


def test_keys_that_other_services_use(cloud: CallerCloud) -> None:
    arn = key(cloud)
    topic = cloud.client("sns").create_topic(Name="t", Attributes={"KmsMasterKeyId": "alias/acme"})["TopicArn"]
    cloud.client("sqs").create_queue(QueueName="q", Attributes={"KmsMasterKeyId": arn})
    secret = cloud.client("secretsmanager").create_secret(Name="s", SecretString="x", KmsKeyId=arn)["ARN"]
    service = {"Service": f"logs.{REGION}.amazonaws.com"}
    for_logs = {"Effect": "Allow", "Principal": service, "Action": "kms:*", "Resource": "*"}
    root = {**for_logs, "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}}
    both = json.dumps({"Version": "2012-10-17", "Statement": [root, for_logs]})
    cloud.client("kms").put_key_policy(KeyId=arn, PolicyName="default", Policy=both)
    cloud.client("logs").create_log_group(logGroupName="/l", kmsKeyId=arn)
    for resource in (
        topic,
        f"arn:aws:sqs:{REGION}:{ACCOUNT}:q",
        secret,
        f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/l:log-stream:one",
    ):
        assert ESTATE.key_of(resource) == arn, resource
        assert ESTATE.key_of(resource.replace(ACCOUNT, OUTSIDER)) is None
    assert ESTATE.key_of(_topic(cloud)) is None


def test_networks_and_what_they_join(cloud: CallerCloud) -> None:
    ec2 = cloud.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.7.0.0/16")["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.7.1.0/24")["Subnet"]["SubnetId"]
    table = ec2.create_route_table(VpcId=vpc)["RouteTable"]["RouteTableId"]
    joined = ec2.associate_route_table(RouteTableId=table, SubnetId=subnet)["AssociationId"]
    assert ESTATE.associated(ACCOUNT, REGION, joined) == {"route-table": table, "subnet": subnet}
    assert ESTATE.associated(ACCOUNT, REGION, "rtbassoc-none") == {}
    prefix = f"arn:aws:ec2:{REGION}:{ACCOUNT}"
    assert ESTATE.properties(f"{prefix}:subnet/{subnet}") == {"ec2:Vpc": f"{prefix}:vpc/{vpc}"}
    group = ec2.create_security_group(GroupName="g", Description="d", VpcId=vpc)["GroupId"]
    assert ESTATE.properties(f"{prefix}:security-group/{group}") == {"ec2:Vpc": f"{prefix}:vpc/{vpc}"}
    assert ESTATE.properties(f"{prefix}:subnet/none") == {}


def test_models_and_endpoint_configurations_tell_what_they_were_made_with(cloud: CallerCloud) -> None:
    sagemaker = cloud.client("sagemaker")
    arn = key(cloud)
    network: dict[str, Any] = {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}
    model = sagemaker.create_model(
        ModelName="churn",
        ExecutionRoleArn=f"arn:aws:iam::{ACCOUNT}:role/serving",
        PrimaryContainer={"Image": "i", "ModelDataUrl": "s3://b/k"},
        VpcConfig=network,
        EnableNetworkIsolation=True,
    )["ModelArn"]
    found = ESTATE.sagemaker("model", ACCOUNT, REGION, "churn")
    assert found is not None
    assert found["ExecutionRoleArn"] == f"arn:aws:iam::{ACCOUNT}:role/serving"
    assert json.loads(json.dumps(found["VpcConfig"])) == network
    assert ESTATE.properties(model) == {
        "sagemaker:NetworkIsolation": True,
        "sagemaker:VpcSubnets": ["subnet-1"],
        "sagemaker:VpcSecurityGroupIds": ["sg-1"],
    }
    variant = {"VariantName": "v", "ModelName": "churn", "InstanceType": "ml.m5.large", "InitialInstanceCount": 1}
    sagemaker.create_endpoint_config(EndpointConfigName="c", ProductionVariants=[variant], KmsKeyId=arn)
    configuration = ESTATE.sagemaker("endpoint-config", ACCOUNT, REGION, "c")
    assert configuration is not None
    assert configuration["KmsKeyId"] == arn
    assert ESTATE.key_of(f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint-config/c") == arn
    for kind in ("model", "endpoint-config"):
        assert ESTATE.sagemaker(kind, ACCOUNT, REGION, "none") is None
        assert ESTATE.sagemaker(kind, OUTSIDER, REGION, "churn") is None
