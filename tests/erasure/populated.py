"""An account in which two tenants left everything behind; the id of the one is the start of the other's."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from typing import Any, cast

import boto3

from infra import naming, tags
from infra.erasure.account import ErasableAccount
from infra.erasure.ownership import Owner
from infra.live import WayIn
from infra.policies.bucket import tenant_bucket
from infra.spec import TenantSpec
from tests.components import specs

REGION = "eu-central-1"
PLATFORM = specs.PLATFORM
ACME = Owner(PLATFORM, specs.tenant("acme"))
NEIGHBOUR = Owner(PLATFORM, specs.tenant("acmeeu"))


#: Makes the client of a service.
Client = Callable[[str], Any]


@cache
def session() -> boto3.Session:
    return boto3.Session("AKIA0", "secret", region_name=REGION)


@cache
def account() -> ErasableAccount:
    """The account, as its own key sees it."""
    return ErasableAccount((WayIn("own", session()),))


@cache
def client(service: str) -> Any:
    make = cast("Callable[..., Any]", session().client)
    return make(service)


def tag_list(tenant: TenantSpec) -> list[dict[str, str]]:
    return [{"Key": key, "Value": value} for key, value in tags.tenant_tags(PLATFORM, tenant).items()]


def populate(owner: Owner, client: Client = client, *, disks: bool = True) -> dict[str, str]:
    """Leave behind all that a tenant can leave; returns the ids that AWS gave.

    Args:
        owner: The tenant.
        client: Makes the client of a service.
        disks: Whether there is a disk that only its key makes the tenant's, and a snapshot of it.
    """
    tenant = owner.tenant
    _identities(tenant, client)
    ids = make_key(tenant, client)
    make_bucket(tenant, client)
    make_training_job(tenant, client)
    _machine_learning(tenant, client)
    _observability(tenant, ids["key"], client)
    ids |= _network(tenant, client)
    return ids | _disks(tenant, ids["key_arn"], client) if disks else ids


def make_key(tenant: TenantSpec, client: Client = client) -> dict[str, str]:
    kms = client("kms")
    lower = [{"TagKey": each["Key"], "TagValue": each["Value"]} for each in tag_list(tenant)]
    made = kms.create_key(Tags=lower)["KeyMetadata"]
    kms.create_alias(AliasName=naming.key_alias(PLATFORM, tenant), TargetKeyId=made["KeyId"])
    kms.create_grant(KeyId=made["KeyId"], GranteePrincipal="arn:aws:iam::123456789012:root", Operations=["Decrypt"])
    return {"key": made["KeyId"], "key_arn": made["Arn"]}


def make_bucket(tenant: TenantSpec, client: Client = client) -> None:
    s3 = client("s3")
    name = naming.bucket(PLATFORM, tenant, "capture")
    s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    for content in (b"first", b"second"):
        s3.put_object(Bucket=name, Key="churn/main/2026/captured.jsonl", Body=content)
    s3.delete_object(Bucket=name, Key="churn/main/2026/captured.jsonl")
    s3.create_multipart_upload(Bucket=name, Key="half")
    key = "arn:aws:kms:eu-central-1:123456789012:key/k"
    policy = tenant_bucket(PLATFORM, tenant, "capture", key_arn=key, s3_endpoint_ids=["vpce-0"])
    s3.put_bucket_policy(Bucket=name, Policy=policy.render())


def _machine_learning(tenant: TenantSpec, client: Client) -> None:
    sagemaker, ecr = client("sagemaker"), client("ecr")
    start, role = naming.prefix(PLATFORM, tenant), naming.role_arn(PLATFORM, tenant, "training")
    sagemaker.create_model(ModelName=f"{start}-churn-1", ExecutionRoleArn=role, PrimaryContainer={"Image": "i"})
    sagemaker.create_endpoint_config(
        EndpointConfigName=f"{start}-churn-1",
        ProductionVariants=[{
            "VariantName": "main", "ModelName": f"{start}-churn-1", "InitialInstanceCount": 1,
            "InstanceType": "ml.m5.large",
        }],
    )  # fmt: skip
    sagemaker.create_endpoint(EndpointName=f"{start}-churn", EndpointConfigName=f"{start}-churn-1")
    sagemaker.create_model_package_group(ModelPackageGroupName=f"{start}-churn", Tags=tag_list(tenant))
    sagemaker.create_model_package(ModelPackageGroupName=f"{start}-churn", ModelApprovalStatus="Approved")
    repository = naming.repository(PLATFORM, tenant)
    media_type = "application/vnd.oci.image.manifest.v1+json"
    manifest = json.dumps({"schemaVersion": 2, "mediaType": media_type, "owner": tenant.id})
    ecr.create_repository(repositoryName=repository)
    ecr.put_image(repositoryName=repository, imageManifest=manifest, imageTag="1")


def make_training_job(tenant: TenantSpec, client: Client = client) -> None:
    client("sagemaker").create_training_job(
        TrainingJobName=f"{naming.prefix(PLATFORM, tenant)}-monday",
        RoleArn=naming.role_arn(PLATFORM, tenant, "training"),
        AlgorithmSpecification={"TrainingInputMode": "File"}, OutputDataConfig={"S3OutputPath": "s3://x/y"},
        ResourceConfig={"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1},
        StoppingCondition={"MaxRuntimeInSeconds": 60},
    )  # fmt: skip


def _observability(tenant: TenantSpec, key: str, client: Client) -> None:
    logs, cloudwatch = client("logs"), client("cloudwatch")
    shared = "/aws/sagemaker/TrainingJobs"
    logs.create_log_group(logGroupName=naming.endpoint_log_group(PLATFORM, tenant, "churn"))
    if not logs.describe_log_groups(logGroupNamePrefix=shared)["logGroups"]:
        logs.create_log_group(logGroupName=shared)
    stream = f"{naming.prefix(PLATFORM, tenant)}-monday/algo-1"
    logs.create_log_stream(logGroupName=shared, logStreamName=stream)
    cloudwatch.put_metric_alarm(
        AlarmName=naming.alarm(PLATFORM, tenant, "churn", "latency"), ComparisonOperator="GreaterThanThreshold",
        EvaluationPeriods=1, MetricName="m", Namespace="n", Period=60, Statistic="Sum", Threshold=1,
    )  # fmt: skip
    namespace = naming.metric_namespace(PLATFORM, tenant)
    cloudwatch.put_metric_data(Namespace=namespace, MetricData=[{"MetricName": "accuracy", "Value": 1.0}])
    topic = client("sns").create_topic(Name=naming.alerts_topic(PLATFORM, tenant))["TopicArn"]
    client("sns").subscribe(TopicArn=topic, Protocol="email", Endpoint="lead@acme.example")
    amount = {"Amount": "1", "Unit": "USD"}
    named = {"BudgetName": naming.budget(PLATFORM, tenant), "BudgetLimit": amount, "TimeUnit": "MONTHLY"}
    client("budgets").create_budget(AccountId="123456789012", Budget={**named, "BudgetType": "COST"})
    client("secretsmanager").create_secret(Name=f"by-key-of-{tenant.id}", SecretString="s", KmsKeyId=key)


def _identities(tenant: TenantSpec, client: Client) -> None:
    iam, path = client("iam"), naming.path(PLATFORM, tenant)
    trust = (
        '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole",'
        '"Principal":{"Service":"sagemaker.amazonaws.com"}}]}'
    )
    allow = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}'
    bound = iam.create_policy(PolicyName=naming.boundary(PLATFORM, tenant), Path=path, PolicyDocument=allow)
    arn = bound["Policy"]["Arn"]
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=allow)
    role = naming.role(PLATFORM, tenant, "training")
    iam.create_role(RoleName=role, Path=path, AssumeRolePolicyDocument=trust, PermissionsBoundary=arn)
    iam.put_role_policy(RoleName=role, PolicyName="access", PolicyDocument=allow)
    iam.attach_role_policy(RoleName=role, PolicyArn=arn)


def _bearing(kind: str, tenant: TenantSpec) -> list[dict[str, Any]]:
    return [{"ResourceType": kind, "Tags": tag_list(tenant)}]


def _network(tenant: TenantSpec, client: Client) -> dict[str, str]:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16", TagSpecifications=_bearing("vpc", tenant))["Vpc"]["VpcId"]
    subnet = ec2.create_subnet(VpcId=vpc, CidrBlock="10.0.0.0/24", TagSpecifications=_bearing("subnet", tenant))
    group = ec2.create_security_group(
        GroupName=f"{tenant.id}-sg", Description="d", VpcId=vpc, TagSpecifications=_bearing("security-group", tenant)
    )["GroupId"]
    ec2.authorize_security_group_ingress(
        GroupId=group,
        IpPermissions=[{"IpProtocol": "tcp", "FromPort": 1, "ToPort": 1, "UserIdGroupPairs": [{"GroupId": group}]}],
    )
    return {"vpc": vpc, "subnet": subnet["Subnet"]["SubnetId"], "group": group}


def _disks(tenant: TenantSpec, key_arn: str, client: Client) -> dict[str, str]:
    ec2 = client("ec2")
    volume = ec2.create_volume(Size=1, AvailabilityZone=f"{REGION}a", Encrypted=True, KmsKeyId=key_arn)["VolumeId"]
    snapshot = ec2.create_snapshot(VolumeId=volume, TagSpecifications=_bearing("snapshot", tenant))["SnapshotId"]
    return {"volume": volume, "snapshot": snapshot}
