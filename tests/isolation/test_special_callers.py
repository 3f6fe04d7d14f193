"""Those who are no ordinary tenant: the platform itself, outsiders, nobody, the suspended, and calls by a wrong way.

Each is tried live, and each denial stands beside a call of the same kind that goes through.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError

from infra import naming
from infra.tags import TENANT_TAG
from tests.isolation.attempts import DENIED, Answer, Attempts
from tests.isolation.calls import call
from tests.isolation.cloud import Credentials
from tests.isolation.conftest import Client
from tests.isolation.estate import SUSPENDED, TENANTS, Estate, ci
from tests.isolation.inventory import Resource
from tests.isolation.sessions import Sessions

#: What the use of a tenant's things is: operation, and the kind of resource.
USES = (
    ("s3", "GetObject", "s3 object"),
    ("s3", "PutObject", "s3 object"),
    ("s3", "DeleteObject", "s3 object"),
    ("s3", "ListObjectsV2", "s3 bucket"),
    ("kms", "Encrypt", "kms key"),
    ("kms", "GenerateDataKey", "kms key"),
    ("kms", "CreateGrant", "kms key"),
    ("sagemaker-runtime", "InvokeEndpoint", "sagemaker endpoint"),
    ("sagemaker", "DescribeModelPackage", "sagemaker model-package"),
    ("ecr", "BatchGetImage", "ecr repository"),
    ("ecr", "PutImage", "ecr repository"),
    ("logs", "FilterLogEvents", "logs log-group"),
    ("logs", "GetLogEvents", "logs log-stream"),
    ("sts", "AssumeRole", "sts role"),
)
by_use = pytest.mark.parametrize(("service", "operation", "kind"), USES, ids=[f"{use[0]}-{use[1]}" for use in USES])

Try = Callable[..., Answer]


@pytest.fixture(scope="module")
def attempt(attempts: Attempts, client: Client) -> Try:
    """Makes a call about a resource with somebody's credentials."""

    def make(
        who: Credentials, service: str, operation: str, resource: Resource, kind: str, endpoint: str | None = None
    ) -> Answer:
        (known,) = (each for each in resource.kinds if str(each) == kind)
        asked = call(service, operation, known, resource, "arn:aws:iam::123456789012:role/none")
        return attempts.make(client(service, who, endpoint), asked)

    return make


def refused(ended: Callable[[], Any]) -> str:
    """The code of the error that a call must end with."""
    with pytest.raises(ClientError) as caught:
        ended()
    return str(caught.value.response.get("Error", {}).get("Code"))


# The platform's own roles


@by_use
@pytest.mark.parametrize("role", ["provisioning", "gateway", "config", "flow-logs"])
def test_the_platform_does_not_use_what_is_a_tenants(
    estate: Estate, sessions: Sessions, attempt: Try, role: str, service: str, operation: str, kind: str
) -> None:
    """No role of the platform sees content, uses a key, calls a model, or becomes a role of a tenant by itself."""
    for resource in estate.inventory.of("acme", kind):
        answer = attempt(sessions.of(naming.PLATFORM, role), service, operation, resource, kind)
        if role == "provisioning" and answer.allows(resource.arn):
            assert _metadata(operation, resource), str(answer)
        else:
            assert answer.denies(resource.arn), str(answer)


def _metadata(operation: str, resource: Resource) -> bool:
    """What provisioning sees of content: which objects there are, and the digest of a model, sealed by the key."""
    return operation == "ListObjectsV2" or (operation == "GetObject" and "-models-" in resource.arn)


def test_provisioning_sees_the_digest_of_a_model_and_not_the_model(
    estate: Estate, sessions: Sessions, client: Client
) -> None:
    """It reads an artifact's metadata; the content is sealed by a key that it cannot use."""
    platform, acme = estate.platform, estate.tenants["acme"]
    s3 = client("s3", sessions.of(naming.PLATFORM, "provisioning"))
    model = {"Bucket": naming.bucket(platform, acme, "models"), "Key": acme.served_models[0].artifact.key}
    assert s3.head_object(**model)["Metadata"]
    with pytest.raises(ClientError, match="kms:Decrypt"):
        s3.get_object(**model)
    people = client("s3", sessions.of("acme", "data-scientist"))
    assert people.get_object(**model)["Body"].read(2) == b"\x1f\x8b"


def test_provisioning_manages_what_it_may_not_use(estate: Estate, sessions: Sessions, client: Client) -> None:
    """The positive control: it reads how a tenant's bucket, key, endpoint and roles are set up."""
    platform, acme = estate.platform, estate.tenants["acme"]
    who = sessions.of(naming.PLATFORM, "provisioning")
    assert client("s3", who).get_bucket_encryption(Bucket=naming.bucket(platform, acme, "data"))
    assert client("kms", who).get_key_policy(KeyId=estate.inventory.of("acme", "kms key")[0].arn, PolicyName="default")
    assert client("sagemaker", who).describe_endpoint(EndpointName=naming.endpoint(platform, acme, "tumour"))
    assert client("iam", who).get_role(RoleName=naming.role(platform, acme, "training"))


def test_provisioning_makes_bounded_roles_only(estate: Estate, sessions: Sessions, client: Client) -> None:
    """Nor an administrator, nor a change of itself: what it makes for a tenant is bounded as that tenant."""
    platform, acme = estate.platform, estate.tenants["acme"]
    iam = client("iam", sessions.of(naming.PLATFORM, "provisioning"))
    trust = json.dumps({"Version": "2012-10-17", "Statement": []})
    tags = [{"Key": TENANT_TAG, "Value": "acme"}]
    role = {"RoleName": "bh-dev-acme-backdoor", "Path": naming.path(platform, acme), "AssumeRolePolicyDocument": trust}
    boundary = naming.boundary_arn(platform, acme)
    assert refused(lambda: iam.create_role(**role, Tags=tags)) in DENIED
    other = naming.boundary_arn(platform, estate.tenants["globex"])
    assert refused(lambda: iam.create_role(**role, Tags=tags, PermissionsBoundary=other)) in DENIED
    own = naming.platform_role(platform, "provisioning")
    assert refused(lambda: iam.delete_role_permissions_boundary(RoleName=own)) in DENIED
    assert refused(lambda: iam.put_role_policy(RoleName=own, PolicyName="more", PolicyDocument=trust)) in DENIED
    administrator = "arn:aws:iam::aws:policy/AdministratorAccess"
    training = naming.role(platform, acme, "training")
    assert refused(lambda: iam.attach_role_policy(RoleName=training, PolicyArn=administrator)) in DENIED
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Deny", "Principal": "*", "Action": "*"}]})
    made = iam.create_role(**{**role, "AssumeRolePolicyDocument": trust}, Tags=tags, PermissionsBoundary=boundary)
    assert made["Role"]["PermissionsBoundary"]["PermissionsBoundaryArn"] == boundary
    iam.delete_role(RoleName=role["RoleName"])


def test_the_gateway_acts_for_one_tenant_at_a_time(estate: Estate, sessions: Sessions) -> None:
    """It assumes a tenant's invoke role in a session tagged as that tenant, and no other role or tag."""
    door = estate.door
    gateway = sessions.of(naming.PLATFORM, "gateway")

    def invoke(owner: str, role: str = "invoke", **tags: str) -> Credentials:
        arn = estate.deployed.role(owner, role).arn
        return door.assume(gateway, arn, Tags=[{"Key": key, "Value": value} for key, value in tags.items()])

    assert invoke("acme", tenant="acme").key_id
    assert invoke("acme", tenant="acme", caller="batch").key_id
    assert refused(lambda: invoke("acme", tenant="globex")) == "AccessDenied"
    assert refused(lambda: invoke("acmeeu", tenant="acme")) == "AccessDenied"
    assert refused(lambda: invoke("acme")) == "AccessDenied"
    assert refused(lambda: invoke("acme", tenant="acme", stage="prod")) == "AccessDenied"
    assert refused(lambda: invoke("acme", role="training", tenant="acme")) == "AccessDenied"


# From outside


@by_use
def test_another_account_reaches_nothing(
    estate: Estate, sessions: Sessions, attempt: Try, service: str, operation: str, kind: str
) -> None:
    """An administrator of another account is nobody here."""
    resource = estate.inventory.of("acme", kind)[0]
    answer = attempt(sessions.outsider(), service, operation, resource, kind)
    # A name without an account is one of the caller's own: what it finds there is not acme's.
    elsewhere = {"ecr", "logs", "sagemaker", "sagemaker-runtime"}
    if service in elsewhere and not answer.checks(resource.arn):
        assert all(":999999999999:" in check["resource"] for check in answer.decision["checks"]), str(answer)
        assert answer.code is not None, str(answer)
    else:
        assert answer.denies(resource.arn), str(answer)


def test_another_account_is_an_administrator_at_home(sessions: Sessions, client: Client) -> None:
    """The positive control: the same credentials make and read a bucket of their own."""
    s3 = client("s3", sessions.outsider())
    s3.create_bucket(Bucket="outsiders-own", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="outsiders-own", Key="x", Body=b"x")
    assert s3.get_object(Bucket="outsiders-own", Key="x")["Body"].read() == b"x"


@by_use
def test_nobody_reaches_anything_without_a_signature(
    estate: Estate, attempt: Try, service: str, operation: str, kind: str
) -> None:
    """An anonymous call is denied, by the resource's own policy where services let such calls come that far."""
    resource = estate.inventory.of("acme", kind)[0]
    answer = attempt(Credentials(), service, operation, resource, kind)
    assert answer.code in {*DENIED, "MissingAuthenticationToken", "MissingAuthenticationTokenException"}, str(answer)
    assert answer.decision["outcome"] != "Allowed"


def test_a_forged_key_is_none(sessions: Sessions, client: Client) -> None:
    """A session's key without its token, or with another's secret, is refused before any policy is asked."""
    real, other = sessions.of("acme", "data-scientist"), sessions.of("globex", "data-scientist")
    assert client("sts", real).get_caller_identity()
    for forged in (
        Credentials(real.key_id, real.secret, None),
        Credentials(real.key_id, other.secret, real.token),
        Credentials(real.key_id, real.secret, other.token),
    ):
        code = refused(lambda forged=forged: client("sts", forged).get_caller_identity())
        assert code in {"InvalidClientTokenId", "SignatureDoesNotMatch"}


def test_the_ci_of_a_tenant_is_that_tenants_alone(estate: Estate) -> None:
    """A token of acme's repository opens acme's deploy role, and no other tenant's."""
    tenants, platform = estate.tenants, estate.platform
    assert ci(estate.door, platform, tenants["acme"]).key_id
    for other in TENANTS[1:]:
        code = refused(lambda other=other: ci(estate.door, platform, tenants["acme"], tenants[other]))
        assert code == "AccessDenied"


def test_sagemaker_runs_jobs_as_their_own_tenant(estate: Estate) -> None:
    """SageMaker gets acme's training role for acme's jobs, and not for one of globex, or of another account."""
    role = estate.deployed.role("acme", "training").arn
    platform = estate.platform

    def job(owner: str, account: str = platform.account) -> str:
        return f"arn:aws:sagemaker:{platform.region}:{account}:training-job/bh-{platform.stage}-{owner}-x"

    assert estate.door.as_workload(role, job("acme")).key_id
    for workload in (job("globex"), job("acmeeu"), job("acme", "999999999999")):
        with pytest.raises(OSError, match="403"):
            estate.door.as_workload(role, workload)


# By another way


def ways(estate: Estate, tenant: str) -> Iterator[tuple[str, str]]:
    for service in ("s3", "kms", "sagemaker-runtime"):
        endpoint = estate.deployed.endpoint(tenant, service)
        assert endpoint is not None
        yield service, endpoint.id


@pytest.mark.parametrize(
    ("service", "operation", "kind"),
    [
        ("s3", "GetObject", "s3 object"),
        ("kms", "GenerateDataKey", "kms key"),
        ("sagemaker-runtime", "InvokeEndpoint", "sagemaker endpoint"),
    ],
)
def test_a_tenants_endpoint_lets_only_that_tenant_pass(
    estate: Estate, sessions: Sessions, attempt: Try, service: str, operation: str, kind: str
) -> None:
    """Through globex's endpoint acme reaches neither globex's things nor its own, which it reaches from elsewhere."""
    who = sessions.of("acme", "data-scientist")
    own, others = estate.inventory.of("acme", kind)[0], estate.inventory.of("globex", kind)[0]
    foreign = dict(ways(estate, "globex"))[service]
    through_own = dict(ways(estate, "acme"))[service]
    assert attempt(who, service, operation, own, kind, through_own).allows(own.arn)
    for resource in (own, others):
        answer = attempt(who, service, operation, resource, kind, foreign)
        assert answer.denies(resource.arn), str(answer)
    assert "VPC endpoint policy" in attempt(who, service, operation, own, kind, foreign).message


def test_a_job_reads_data_from_its_own_subnets_only(estate: Estate, sessions: Sessions, attempt: Try) -> None:
    """The training role's session is worth nothing outside of the tenant's endpoint."""
    who = sessions.of("acme", "training")
    resource = next(each for each in estate.inventory.of("acme", "s3 object") if "-data-" in each.arn)
    assert attempt(who, "s3", "PutObject", resource, "s3 object", dict(ways(estate, "acme"))["s3"]).code is None
    assert attempt(who, "s3", "GetObject", resource, "s3 object", dict(ways(estate, "acme"))["s3"]).code is None
    for elsewhere in (None, dict(ways(estate, "globex"))["s3"], dict(ways(estate, "acmeeu"))["s3"]):
        assert attempt(who, "s3", "GetObject", resource, "s3 object", elsewhere).denies(resource.arn)


def test_an_endpoint_that_leads_elsewhere_is_no_way(estate: Estate, sessions: Sessions, attempt: Try) -> None:
    """A call of S3 does not come through the endpoint of KMS, or one that there is not."""
    who = sessions.of("acme", "data-scientist")
    resource = estate.inventory.of("acme", "s3 object")[0]
    for endpoint in (dict(ways(estate, "acme"))["kms"], "vpce-0000000000000000f"):
        answer = attempt(who, "s3", "GetObject", resource, "s3 object", endpoint)
        assert answer.decision["outcome"] == "CredentialsRefused"


# Suspended


@by_use
@pytest.mark.parametrize("role", ["training", "invoke", "data-scientist", "deploy"])
def test_nobody_of_a_suspended_tenant_uses_anything(
    estate: Estate, sessions: Sessions, attempt: Try, role: str, service: str, operation: str, kind: str
) -> None:
    """Whoever signs in now is denied everything of the own tenant too, by the boundary or before."""
    for resource in estate.inventory.of(SUSPENDED, kind)[:1]:
        answer = attempt(sessions.of(SUSPENDED, role), service, operation, resource, kind)
        assert answer.denies(resource.arn), str(answer)


def test_a_session_from_before_the_suspension_is_worth_nothing(estate: Estate, attempt: Try, client: Client) -> None:
    """The CI of initech signed in while it was active: policies bind its session as they are now, not as they were."""
    resource = next(each for each in estate.inventory.of(SUSPENDED, "s3 object") if "-models-" in each.arn)
    assert SUSPENDED in client("sts", estate.stale).get_caller_identity()["Arn"]
    answer = attempt(estate.stale, "s3", "GetObject", resource, "s3 object")
    assert answer.denies(resource.arn), str(answer)
    assert "explicit deny in a permissions boundary" in answer.message
    (check,) = (each for each in answer.checks(resource.arn) if each["decision"] != "Allowed")
    assert "(Suspended)" in check["statements"][0]["ref"]
