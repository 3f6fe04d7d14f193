"""Smoke tests by the workers' verification role, on whole tenants in a cloud that enforces."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from infra import naming
from infra.jobs.model import StepFailed
from infra.lifecycle.failures import FailureClass
from infra.operations import access
from infra.operations.smoke import Tried, try_tenant
from infra.operations.tenant_sessions import verification_session
from infra.operations.workspace import Workspace
from infra.provisioning.context import Work
from infra.provisioning.steps.verify import verify
from infra.spec import TenantSpec
from infra.tags import TENANT_TAG
from tests.components.tenant.land import WORKERS, Land
from tests.provisioning.step_calls import call_of

pytestmark = pytest.mark.xdist_group("tenant-stacks")

PLACE = naming.VERIFICATION_PREFIX


class Both:
    """Acme and globex, and the ways in.

    Args:
        land: Where both are up.
    """

    def __init__(self, land: Land) -> None:
        self.land, self.cloud, self.platform = land, land.cloud, land.estate.platform
        self.acme, self.globex = (land.estate.tenants[name] for name in ("acme", "globex"))

    def bucket(self, tenant: TenantSpec, kind: naming.TenantBucketKind = "models") -> str:
        return naming.bucket(self.platform, tenant, kind)

    def verifier(self, tenant: TenantSpec) -> boto3.Session:
        assert self.platform.verification is not None
        return verification_session(self.cloud, self.platform, tenant, self.platform.verification)

    def assume(self, session: boto3.Session, tenant: TenantSpec, tag: str | None) -> None:
        tags = [] if tag is None else [{"Key": TENANT_TAG, "Value": tag}]
        role = naming.role_arn(self.platform, tenant, "verification")
        self.cloud.client("sts", session).assume_role(RoleArn=role, RoleSessionName="somebody", Tags=tags)

    def left(self, tenant: TenantSpec) -> list[str]:
        """Versions and markers of smoke tests, as the role that provisions sees them."""
        s3 = self.cloud.client("s3", self.cloud.provisioning_session())
        listed = s3.list_object_versions(Bucket=self.bucket(tenant), Prefix=PLACE)
        return [each["VersionId"] for kind in ("Versions", "DeleteMarkers") for each in listed.get(kind, [])]


@pytest.fixture(scope="module")
def both(serving: Land) -> Both:
    return Both(serving)


def refused(call: Callable[[], object]) -> bool:
    """Whether AWS denies a call."""
    try:
        call()
    except ClientError as error:
        return error.response.get("Error", {}).get("Code", "").startswith("AccessDenied")
    return False


def tried(both: Both) -> dict[str, Tried]:
    with Workspace(both.land.settings) as workspace:
        return {f"{each.what} of {each.owner}": each for each in try_tenant(workspace, both.acme, both.globex)}


def test_its_own_works_and_a_neighbours_is_denied_and_nothing_is_left(both: Both) -> None:
    found = tried(both)
    # What was uploaded is no model: that the endpoint's container says so shows that it was asked.
    invoked = found.pop("invoke bh-dev-acme-tumour of acme")
    assert "ModelError" in invoked.answer
    assert [*found] == [
        "put with its key of acme",
        "get it of acme",
        "remove it of acme",
        "list the bucket of globex",
        "get an object of globex",
        "use the key of globex",
        "invoke the endpoint of globex",
    ]
    assert [name for name, each in found.items() if not each.good] == []
    assert both.left(both.acme) == []


def test_what_smoke_tests_that_were_killed_left_is_removed_too(both: Both) -> None:
    s3 = both.cloud.client("s3", both.verifier(both.acme))
    for body in (b"one", b"two"):
        s3.put_object(Bucket=both.bucket(both.acme), Key=f"{PLACE}smoke-test", Body=body)
    assert len(both.left(both.acme)) == 2
    assert tried(both)["remove it of acme"].good
    assert both.left(both.acme) == []


def test_the_role_is_held_to_its_place(both: Both) -> None:
    """The positive control of each denial is the same call where it is allowed."""
    s3 = both.cloud.client("s3", both.verifier(both.acme))
    own, data = both.bucket(both.acme), both.bucket(both.acme, "data")
    version = s3.put_object(Bucket=own, Key=f"{PLACE}mine", Body=b"x")["VersionId"]
    assert refused(lambda: s3.put_object(Bucket=own, Key="tumour/1/model.tar.gz", Body=b"x"))
    assert refused(lambda: s3.get_object(Bucket=own, Key="tumour/1/model.tar.gz"))
    assert refused(lambda: s3.put_object(Bucket=data, Key=f"{PLACE}mine", Body=b"x"))
    assert refused(lambda: s3.put_object(Bucket=both.bucket(both.globex), Key=f"{PLACE}mine", Body=b"x"))
    assert refused(lambda: s3.list_object_versions(Bucket=own, Prefix=PLACE))
    s3.delete_object(Bucket=own, Key=f"{PLACE}mine", VersionId=version)
    (model,) = (each["VersionId"] for each in _models(both))
    assert refused(lambda: s3.delete_object(Bucket=own, Key="tumour/1/model.tar.gz", VersionId=model))


def _models(both: Both) -> list[Any]:
    s3 = both.cloud.client("s3", both.cloud.provisioning_session())
    return s3.list_object_versions(Bucket=both.bucket(both.acme), Prefix="tumour/")["Versions"]


def test_only_workers_that_say_for_whom_become_the_role(both: Both) -> None:
    workers = both.cloud.worker_session(WORKERS)
    both.assume(workers, both.acme, "acme")
    assert refused(lambda: both.assume(workers, both.acme, None))
    assert refused(lambda: both.assume(workers, both.acme, "globex"))
    for other in (both.cloud.provisioning_session(), both.verifier(both.globex), both.verifier(both.acme)):
        assert refused(lambda session=other: both.assume(session, both.acme, "acme"))


def use(session: boto3.Session, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a session's credentials into the environment."""
    found = session.get_credentials()
    assert found is not None
    frozen = found.get_frozen_credentials()
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", frozen.access_key or "")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", frozen.secret_key or "")
    monkeypatch.setenv("AWS_SESSION_TOKEN", frozen.token or "")


@pytest.fixture
def at_aws(both: Both, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The cloud as AWS is reached: by the credentials of the workers' role in the environment, and nothing else."""
    use(both.cloud.worker_session(WORKERS), monkeypatch)
    monkeypatch.setenv("AWS_ENDPOINT_URL", both.cloud.endpoint_url or "")
    with Workspace(both.land.settings.model_copy(update={"cloud": "aws"})) as workspace:
        yield workspace


def test_at_aws_the_workers_own_credentials_do_it(both: Both, at_aws: Workspace) -> None:
    """Nothing that only the embedded cloud hands out is needed, and tenants' stacks run as the provisioning role."""
    assert at_aws.cloud.sandbox is None
    found = {f"{each.what} of {each.owner}": each for each in try_tenant(at_aws, both.acme, both.globex)}
    assert {name for name, each in found.items() if not each.good} == {"invoke bh-dev-acme-tumour of acme"}
    assert {"remove it of acme", "use the key of globex"} < found.keys()
    provisioning = naming.platform_role_arn(both.platform, "provisioning")
    assert at_aws.cloud.environment["BULKHEAD_TENANTS_RUN_AS"] == provisioning
    who = at_aws.cloud.client("sts", at_aws.cloud.provisioning_session()).get_caller_identity()["Arn"]
    assert f"assumed-role/{provisioning.rpartition('/')[2]}/" in who


def test_at_aws_other_credentials_are_taken_as_they_are_and_verify_nobody(
    both: Both, at_aws: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Those of the provisioning role itself, which assumes no tenant's role: it is told, and no denial counts."""
    use(both.cloud.provisioning_session(), monkeypatch)
    assert at_aws.cloud.tenants_run_as == ()
    (only,) = try_tenant(at_aws, both.acme, both.globex)
    assert (only.what, only.good, only.transient) == ("act for it", False, True)
    assert "sts:AssumeRole" in only.answer


@pytest.fixture
def hole(both: Both) -> Iterator[None]:
    """A neighbour's bucket that lets acme's verification sessions list it; put right again at the end."""
    s3 = both.cloud.client("s3", both.cloud.provisioning_session())
    bucket = both.bucket(both.globex)
    before = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    role = naming.role_arn(both.platform, both.acme, "verification")
    session = f"arn:aws:sts::{both.platform.account}:assumed-role/{role.rpartition('/')[2]}/bulkhead-acme"
    after = json.loads(before)
    (nobody_else,) = (each for each in after["Statement"] if each["Sid"] == "NobodyElse")
    nobody_else["Condition"]["ArnNotEquals"]["aws:PrincipalArn"].append(role)
    grant = {"Effect": "Allow", "Principal": {"AWS": session}, "Action": "s3:ListBucket"}
    after["Statement"].append({"Sid": "Hole", **grant, "Resource": naming.bucket_arn(bucket)})
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(after))
    yield
    s3.put_bucket_policy(Bucket=bucket, Policy=before)
    access.agree(both.cloud, both.platform, both.acme)


@pytest.fixture
def work(both: Both) -> Iterator[Work]:
    """The step's work, by a spec of acme without its model, as what was uploaded is none."""
    spec = both.land.spec("acme")
    text = spec.read_text()
    spec.write_text(text[: text.index("models:")] + text[text.index("lifecycle:") :])
    with Work(both.land.settings) as work:
        yield work
    spec.write_text(text)


def test_the_step_verify_tries_and_proves(work: Work) -> None:
    result = verify(work, call_of("verify", "acme", {}))
    assert {"remove it of acme", "list the bucket of globex"} <= {*result["tried"]}
    assert not [note for note in result["notes"] if "smoke" in note]


@pytest.mark.usefixtures("hole")
def test_a_neighbour_that_lets_it_read_makes_the_step_fail_and_closes_access(both: Both, work: Work) -> None:
    """The broken twin: a neighbour's policy that somebody changed past the engine."""
    with pytest.raises(StepFailed, match="list the bucket of globex: it was allowed") as caught:
        verify(work, call_of("verify", "acme", {}))
    assert caught.value.failure_class is FailureClass.INTERNAL
    s3 = both.cloud.client("s3", both.verifier(both.acme))
    put: dict[str, Any] = {"Bucket": both.bucket(both.acme), "Key": f"{PLACE}closed", "Body": b"x"}
    assert refused(lambda: s3.put_object(**put))
