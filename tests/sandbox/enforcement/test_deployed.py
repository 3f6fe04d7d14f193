"""What is deployed is what is evaluated: each kind of policy is found where it is attached; changes count at once."""

from __future__ import annotations

import json
from collections.abc import Generator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from caller_cloud import ACCOUNT, OUTSIDER, REGION, CallerCloud, statement
from moto.awslambda.models import lambda_backends
from moto.core.base_backend import BackendDict

from infra.evaluator.compiling import compile_policy
from infra.evaluator.evaluate import evaluate
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable
from infra.evaluator.request import Request
from infra.sandbox.enforcement.callers import Identified
from infra.sandbox.enforcement.deployed import policies_for
from infra.sandbox.enforcement.deployed.public_policies import is_public
from infra.sandbox.enforcement.requests.operation import Needed

S3_ALL = statement(Action="s3:*", Resource="*")


@pytest.fixture
def cloud() -> Generator[CallerCloud]:
    yield CallerCloud()
    BackendDict.reset()


def applicable(caller: Identified, action: str, resource: str, account: str = ACCOUNT) -> Applicable:
    needed = Needed(action=action, resource=resource, resource_account=account, context={})
    return policies_for(caller, needed, None)


def allowed(caller: Identified, action: str, resource: str, account: str = ACCOUNT, **context: Any) -> bool:
    found = applicable(caller, action, resource, account)
    given = {**caller.context, **context}
    return evaluate(Request(caller.caller, action, resource, account, given), found).allowed


def test_inline_and_managed_policies_of_a_role(cloud: CallerCloud) -> None:
    """Both count, each from the moment it is there until it is not."""
    caller = cloud.caller(cloud.assume(cloud.role("one")))
    key = "arn:aws:s3:::some-bucket/key"
    iam = cloud.client("iam")
    assert not allowed(caller, "s3:GetObject", key)
    iam.put_role_policy(RoleName="one", PolicyName="inline", PolicyDocument=S3_ALL)
    assert allowed(caller, "s3:GetObject", key)
    iam.delete_role_policy(RoleName="one", PolicyName="inline")
    assert not allowed(caller, "s3:GetObject", key)
    arn = iam.create_policy(PolicyName="managed", PolicyDocument=S3_ALL)["Policy"]["Arn"]
    iam.attach_role_policy(RoleName="one", PolicyArn=arn)
    assert allowed(caller, "s3:GetObject", key)
    nothing = statement(Action="s3:ListAllMyBuckets", Resource="*")
    iam.create_policy_version(PolicyArn=arn, PolicyDocument=nothing, SetAsDefault=True)
    assert not allowed(caller, "s3:GetObject", key)
    iam.set_default_policy_version(PolicyArn=arn, VersionId="v1")
    assert allowed(caller, "s3:GetObject", key)
    iam.detach_role_policy(RoleName="one", PolicyArn=arn)
    assert not allowed(caller, "s3:GetObject", key)


def test_a_boundary_binds_sessions_that_were_there_before_it(cloud: CallerCloud) -> None:
    """A stale session after its role was bounded: the boundary counts at its next request."""
    caller = cloud.caller(cloud.assume(cloud.role("one")))
    iam = cloud.client("iam")
    iam.put_role_policy(RoleName="one", PolicyName="inline", PolicyDocument=S3_ALL)
    assert allowed(caller, "s3:GetObject", "arn:aws:s3:::b/k")
    document = statement(Action="s3:GetObject", Resource="arn:aws:s3:::own/*")
    arn = iam.create_policy(PolicyName="boundary", PolicyDocument=document)["Policy"]["Arn"]
    iam.put_role_permissions_boundary(RoleName="one", PermissionsBoundary=arn)
    assert not allowed(caller, "s3:GetObject", "arn:aws:s3:::b/k")
    assert allowed(caller, "s3:GetObject", "arn:aws:s3:::own/k")
    iam.delete_role_permissions_boundary(RoleName="one")
    assert allowed(caller, "s3:GetObject", "arn:aws:s3:::b/k")


def test_session_policies_inline_and_managed(cloud: CallerCloud) -> None:
    arn = cloud.role("one")
    iam = cloud.client("iam")
    iam.put_role_policy(RoleName="one", PolicyName="inline", PolicyDocument=S3_ALL)
    managed = iam.create_policy(
        PolicyName="narrow", PolicyDocument=statement(Action="s3:GetObject", Resource="arn:aws:s3:::b/*")
    )["Policy"]["Arn"]
    inline = statement(Action="s3:GetObject", Resource="arn:aws:s3:::a/*")
    free = cloud.caller(cloud.assume(arn))
    narrow = cloud.caller(cloud.assume(arn, Policy=inline))
    both = cloud.caller(cloud.assume(arn, Policy=inline, PolicyArns=[{"arn": managed}]))
    assert [allowed(each, "s3:GetObject", "arn:aws:s3:::a/k") for each in (free, narrow, both)] == [True, True, True]
    assert [allowed(each, "s3:GetObject", "arn:aws:s3:::b/k") for each in (free, narrow, both)] == [True, False, True]
    assert [allowed(each, "s3:PutObject", "arn:aws:s3:::a/k") for each in (free, narrow, both)] == [True, False, False]
    iam.delete_policy(PolicyArn=managed)
    assert not allowed(both, "s3:GetObject", "arn:aws:s3:::b/k"), "what is gone allows nothing"


def test_policies_of_users_and_their_groups(cloud: CallerCloud) -> None:
    iam = cloud.client("iam")
    iam.create_user(UserName="ann")
    iam.create_user(UserName="bob")
    iam.create_group(GroupName="readers")
    iam.add_user_to_group(GroupName="readers", UserName="ann")
    iam.put_group_policy(GroupName="readers", PolicyName="read", PolicyDocument=S3_ALL)
    ann, bob = (cloud.caller(iam.create_access_key(UserName=name)["AccessKey"]) for name in ("ann", "bob"))
    assert allowed(ann, "s3:GetObject", "arn:aws:s3:::b/k")
    assert not allowed(bob, "s3:GetObject", "arn:aws:s3:::b/k")
    iam.put_user_policy(UserName="bob", PolicyName="own", PolicyDocument=S3_ALL)
    assert allowed(bob, "s3:GetObject", "arn:aws:s3:::b/k")


def test_a_trust_policy_decides_who_becomes_a_role_and_nothing_else(cloud: CallerCloud) -> None:
    trusted = cloud.caller(cloud.assume(cloud.role("trusted")))
    other = cloud.caller(cloud.assume(cloud.role("other")))
    target = cloud.role("target", f"arn:aws:iam::{ACCOUNT}:role/trusted")
    assert allowed(trusted, "sts:AssumeRole", target)
    assert not allowed(other, "sts:AssumeRole", target)
    assert not allowed(trusted, "iam:PassRole", target)
    assert applicable(trusted, "iam:PassRole", target).resource is None


def policy(action: str, resource: str, principal: str) -> str:
    return statement(Principal={"AWS": principal}, Action=action, Resource=resource, Sid="Shared")


def _kms(cloud: CallerCloud, principal: str) -> tuple[str, str]:
    kms = cloud.client("kms")
    root = {
        "Effect": "Allow",
        "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
        "Action": "kms:Put*",
        "Resource": "*",
    }
    shared = json.loads(policy("kms:Decrypt", "*", principal))["Statement"][0]
    made = kms.create_key(Policy=json.dumps({"Version": "2012-10-17", "Statement": [root, shared]}))
    return "kms:Decrypt", made["KeyMetadata"]["Arn"]


def _ecr(cloud: CallerCloud, principal: str) -> tuple[str, str]:
    ecr = cloud.client("ecr")
    arn = ecr.create_repository(repositoryName="acme/serving")["repository"]["repositoryArn"]
    shared = json.loads(policy("ecr:BatchGetImage", "*", principal))
    del shared["Statement"][0]["Resource"]
    ecr.set_repository_policy(repositoryName="acme/serving", policyText=json.dumps(shared))
    return "ecr:BatchGetImage", arn


def _sns(cloud: CallerCloud, principal: str) -> tuple[str, str]:
    sns = cloud.client("sns")
    arn = sns.create_topic(Name="alerts")["TopicArn"]
    sns.set_topic_attributes(TopicArn=arn, AttributeName="Policy", AttributeValue=policy("sns:Publish", arn, principal))
    return "sns:Publish", arn


def _sqs(cloud: CallerCloud, principal: str) -> tuple[str, str]:
    sqs = cloud.client("sqs")
    arn = f"arn:aws:sqs:{REGION}:{ACCOUNT}:jobs"
    sqs.create_queue(QueueName="jobs", Attributes={"Policy": policy("sqs:SendMessage", arn, principal)})
    return "sqs:SendMessage", arn


def _secret(cloud: CallerCloud, principal: str) -> tuple[str, str]:
    secrets = cloud.client("secretsmanager")
    arn = secrets.create_secret(Name="database", SecretString="s")["ARN"]
    secrets.put_resource_policy(SecretId=arn, ResourcePolicy=policy("secretsmanager:GetSecretValue", "*", principal))
    return "secretsmanager:GetSecretValue", arn


def _logs(cloud: CallerCloud, principal: str) -> tuple[str, str]:
    logs = cloud.client("logs")
    logs.create_log_group(logGroupName="/acme")
    arn = f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/acme:log-stream:one"
    logs.put_resource_policy(policyName="other", policyDocument=policy("logs:GetLogEvents", "*", principal))
    logs.put_resource_policy(policyName="shared", policyDocument=policy("logs:PutLogEvents", "*", principal))
    return "logs:PutLogEvents", arn


def _events(cloud: CallerCloud, principal: str) -> tuple[str, str]:
    events = cloud.client("events")
    arn = events.create_event_bus(Name="acme")["EventBusArn"]
    events.put_permission(EventBusName="acme", Policy=policy("events:PutEvents", arn, principal))
    return "events:PutEvents", arn


def _model_package_group(cloud: CallerCloud, principal: str) -> tuple[str, str]:
    sagemaker = cloud.client("sagemaker")
    arn = sagemaker.create_model_package_group(ModelPackageGroupName="churn")["ModelPackageGroupArn"]
    sagemaker.put_model_package_group_policy(
        ModelPackageGroupName="churn",
        ResourcePolicy=policy("sagemaker:DescribeModelPackageGroup", arn, principal),
    )
    return "sagemaker:DescribeModelPackageGroup", arn


def _s3(cloud: CallerCloud, principal: str) -> tuple[str, str]:
    arn = cloud.bucket("acme-data")
    cloud.client("s3").put_bucket_policy(Bucket="acme-data", Policy=policy("s3:GetObject", f"{arn}/*", principal))
    return "s3:GetObject", f"{arn}/k"


def _access_point(cloud: CallerCloud, principal: str) -> tuple[str, str]:
    cloud.bucket("acme-data")
    control = cloud.client("s3control")
    control.create_access_point(AccountId=ACCOUNT, Name="shared", Bucket="acme-data")
    arn = f"arn:aws:s3:{REGION}:{ACCOUNT}:accesspoint/shared/object/k"
    control.put_access_point_policy(AccountId=ACCOUNT, Name="shared", Policy=policy("s3:GetObject", arn, principal))
    return "s3:GetObject", arn


RESOURCES = [_access_point, _ecr, _events, _kms, _logs, _model_package_group, _s3, _secret, _sns, _sqs]


@pytest.mark.parametrize("make", RESOURCES, ids=lambda make: make.__name__[1:])
def test_a_resources_policy_is_found(cloud: CallerCloud, make: Any) -> None:
    """The principal that the policy names may, another may not; and a resource that is not there has no policy."""
    named, other = (cloud.caller(cloud.assume(cloud.role(name))) for name in ("named", "other"))
    action, arn = make(cloud, f"arn:aws:iam::{ACCOUNT}:role/named")
    assert allowed(named, action, arn)
    assert not allowed(other, action, arn)
    if make not in {_logs, _kms}:
        missing = arn.replace("/object/k", "").rsplit("/", 1)[0] + "/none" if "/" in arn else f"{arn}none"
        assert applicable(named, action, missing.replace("acme-data", "no-such-bucket")).resource is None


def test_lambda_permissions_are_a_functions_policy(cloud: CallerCloud) -> None:
    named, other = (cloud.caller(cloud.assume(cloud.role(name))) for name in ("named", "other"))
    arn = f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:score"
    role = f"arn:aws:iam::{ACCOUNT}:role/named"
    made = {"FunctionName": "score", "Code": {"ImageUri": "x"}, "PackageType": "Image", "Role": role}
    lambda_backends[ACCOUNT][REGION].create_function({**made, "Runtime": "python3.12"})
    cloud.client("lambda").add_permission(
        FunctionName="score", StatementId="one", Action="lambda:InvokeFunction", Principal=role
    )
    assert allowed(named, "lambda:InvokeFunction", arn)
    assert not allowed(other, "lambda:InvokeFunction", arn)


def test_grants_of_a_key_and_their_retirement(cloud: CallerCloud) -> None:
    one, two = (cloud.caller(cloud.assume(cloud.role(name))) for name in ("one", "two"))
    _, arn = _kms(cloud, f"arn:aws:iam::{ACCOUNT}:role/two")
    kms = cloud.client("kms")
    assert not allowed(one, "kms:GenerateDataKey", arn)
    grant = kms.create_grant(
        KeyId=arn,
        GranteePrincipal=f"arn:aws:iam::{ACCOUNT}:role/one",
        RetiringPrincipal=f"arn:aws:iam::{ACCOUNT}:role/two",
        Operations=["GenerateDataKey"],
        Constraints={"EncryptionContextSubset": {"tenant": "acme"}},
    )
    acme: dict[str, Any] = {"kms:EncryptionContext:tenant": "acme", "kms:EncryptionContextKeys": ["tenant"]}
    globex: dict[str, Any] = {"kms:EncryptionContext:tenant": "globex", "kms:EncryptionContextKeys": ["tenant"]}
    assert allowed(one, "kms:GenerateDataKey", arn, **acme)
    assert not allowed(one, "kms:GenerateDataKey", arn, **globex)
    assert not allowed(two, "kms:GenerateDataKey", arn, **acme)
    assert allowed(two, "kms:RetireGrant", arn)
    assert not allowed(one, "kms:RetireGrant", arn)
    kms.revoke_grant(KeyId=arn, GrantId=grant["GrantId"])
    assert not allowed(one, "kms:GenerateDataKey", arn, **acme)


def test_a_public_policy_counts_only_where_it_is_not_restricted(cloud: CallerCloud) -> None:
    """RestrictPublicBuckets leaves a public policy to the owner's account; a policy that names whom it is for stays."""
    arn = cloud.bucket("public-data")
    s3 = cloud.client("s3")
    cloud.headers = {"HTTP_X_MOTO_ACCOUNT_ID": OUTSIDER}
    outsider = cloud.caller(cloud.assume(cloud.role("outsider", f"arn:aws:iam::{OUTSIDER}:root")))
    cloud.client("iam").put_role_policy(RoleName="outsider", PolicyName="all", PolicyDocument=S3_ALL)
    cloud.headers = {}
    insider = cloud.caller(cloud.assume(cloud.role("insider")))
    open_to_all = statement(Principal="*", Action="s3:GetObject", Resource=f"{arn}/*")
    s3.put_bucket_policy(Bucket="public-data", Policy=open_to_all)
    key = f"{arn}/k"
    assert allowed(outsider, "s3:GetObject", key)
    assert allowed(insider, "s3:GetObject", key)
    s3.put_public_access_block(
        Bucket="public-data", PublicAccessBlockConfiguration={"RestrictPublicBuckets": True, "IgnorePublicAcls": True}
    )
    assert not allowed(outsider, "s3:GetObject", key)
    assert allowed(insider, "s3:GetObject", key)
    s3.put_bucket_policy(
        Bucket="public-data", Policy=policy("s3:GetObject", f"{arn}/*", f"arn:aws:iam::{OUTSIDER}:role/outsider")
    )
    assert allowed(outsider, "s3:GetObject", key)


def test_a_public_policy_is_refused_where_it_is_blocked(cloud: CallerCloud) -> None:
    """For the bucket and for the account; what names its principals is taken, and so is what denies everybody."""
    arn = cloud.bucket("public-data")
    s3 = cloud.client("s3")
    open_to_all = statement(Principal="*", Action="s3:GetObject", Resource=f"{arn}/*")
    s3.put_bucket_policy(Bucket="public-data", Policy=open_to_all)
    s3.put_public_access_block(
        Bucket="public-data", PublicAccessBlockConfiguration={"BlockPublicPolicy": True, "IgnorePublicAcls": True}
    )
    with pytest.raises(ClientError) as caught:
        s3.put_bucket_policy(Bucket="public-data", Policy=open_to_all)
    assert caught.value.response.get("Error", {}).get("Code") == "AccessDenied"
    for taken in (
        policy("s3:GetObject", f"{arn}/*", f"arn:aws:iam::{OUTSIDER}:root"),
        statement("Deny", Principal="*", Action="s3:GetObject", Resource=f"{arn}/*"),
    ):
        s3.put_bucket_policy(Bucket="public-data", Policy=taken)
    with pytest.raises(ClientError) as caught:
        s3.put_bucket_policy(Bucket="public-data", Policy='{"Version": "2012-10-17", "Statement": []}')
    assert caught.value.response.get("Error", {}).get("Code") == "MalformedPolicy"


@pytest.mark.parametrize(
    ("condition", "public"),
    [
        (None, True),
        ({"StringEquals": {"aws:SourceVpce": "vpce-1"}}, False),
        ({"StringLike": {"aws:SourceVpce": "vpce-*"}}, True),
        ({"StringEqualsIfExists": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"StringNotEquals": {"aws:SourceVpce": "vpce-1"}}, True),
        ({"ArnLike": {"aws:SourceArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:topic"}}, False),
        ({"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, False),
        ({"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}, True),
        ({"StringEquals": {"aws:UserAgent": "me"}}, True),
    ],
)
def test_what_public_means(condition: Any, public: bool) -> None:
    elements = {"Condition": condition} if condition else {}
    document = statement(Principal="*", Action="s3:GetObject", Resource="arn:aws:s3:::b/*", **elements)
    assert is_public(compile_policy(document, PolicyKind.RESOURCE, service="s3")) is public


def test_an_organizations_control_policies_bind_its_members_only(cloud: CallerCloud) -> None:
    organizations = cloud.client("organizations")
    organizations.create_organization(FeatureSet="ALL")
    root = organizations.list_roots()["Roots"][0]["Id"]
    member = organizations.create_account(Email="a@example.com", AccountName="member")["CreateAccountStatus"][
        "AccountId"
    ]
    organizations.enable_policy_type(RootId=root, PolicyType="SERVICE_CONTROL_POLICY")
    denied = organizations.create_policy(
        Content=statement("Deny", Action="s3:DeleteBucket", Resource="*"),
        Description="d",
        Name="keep-buckets",
        Type="SERVICE_CONTROL_POLICY",
    )["Policy"]["PolicySummary"]["Id"]
    organizations.attach_policy(PolicyId=denied, TargetId=root)
    assert allowed(cloud.caller(), "s3:DeleteBucket", "arn:aws:s3:::b")
    cloud.headers = {"HTTP_X_MOTO_ACCOUNT_ID": member}
    caller = cloud.caller()
    assert caller.account == member
    assert not allowed(caller, "s3:DeleteBucket", "arn:aws:s3:::b", member)
    assert allowed(caller, "s3:CreateBucket", "arn:aws:s3:::b", member)
