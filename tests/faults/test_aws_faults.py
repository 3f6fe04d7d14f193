"""AWS fails in the middle of operations: it is tried again, or fails with its class and a remedy, and goes on later."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from infra import naming
from infra.engine import Operation
from infra.gitops import patched
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.operations import run
from infra.operations.projects import PLATFORM_STACK
from infra.provisioning.context import Result, Work
from infra.provisioning.steps.apply import apply
from infra.provisioning.steps.close_access import close_access
from infra.provisioning.steps.validate import validate
from infra.provisioning.steps.verify import verify
from tests.acceptance.land import Land
from tests.faults.faulty_cloud import Cloud, Fault
from tests.provisioning.step_calls import call_of, change_of, failure_of
from tests.provisioning.umbrella import SPEC, TENANT

_PROVISIONING = "bh-dev-platform-provisioning"
_DENIED = (
    f"User: arn:aws:sts::123456789012:assumed-role/{_PROVISIONING}/bulkhead is not authorized to perform: "
    "iam:CreatePolicy on resource: policy x because no identity-based policy allows the iam:CreatePolicy action"
)
_NOBODY = '{"Version": "2012-10-17", "Statement": []}'
_UNSEEN = "Invalid principal in policy"

#: One attempt after the other at one onboarding: what fails, which class it is of, and a word of the remedy. Each needs
#: what the one before was to make: the boundary, the roles, the key, the buckets.
ATTEMPTS: tuple[tuple[tuple[Fault, ...], FailureClass, str], ...] = (
    (
        (
            Fault(operation="CreateSecurityGroup", code="SecurityGroupLimitExceeded", status=400),
            Fault(operation="CreatePolicy", code="LimitExceeded", status=409),
        ),
        FailureClass.QUOTA,
        "bulkhead capacity",
    ),
    (
        (Fault(operation="CreatePolicy", code="AccessDenied", status=403, message=_DENIED),),
        FailureClass.INTERNAL,
        f"let role {_PROVISIONING} perform iam:CreatePolicy",
    ),
    (
        (Fault(operation="CreateRole", code="MalformedPolicyDocument", status=400, message=_UNSEEN),),
        FailureClass.TRANSIENT,
        "does not show everywhere at once",
    ),
    (
        (
            Fault(operation="CreateKey", code="ThrottlingException", status=400),
            Fault(operation="CreateRole", done=True, times=1),
        ),
        FailureClass.TRANSIENT,
        "tried again",
    ),
    ((Fault(operation="CreateBucket", code="ServiceUnavailable", status=503),), FailureClass.TRANSIENT, "Health"),
)


@dataclass
class World:
    """A platform in a cloud that fails when it is told to.

    Args:
        land: Its home and specs.
        cloud: Its cloud.
    """

    land: Land
    cloud: Cloud
    work: Work = field(init=False)

    def __post_init__(self) -> None:
        self.work = Work(self.land.settings)

    def run(self, step: Callable[[Work, StepCall], Result], arguments: dict[str, Any]) -> Result:
        """Run a step with the engine that stays warm."""
        self.work.workspace.__dict__.pop("estate", None)
        return step(self.work, call_of(step.__name__.replace("_", " "), TENANT, arguments))

    def fail(self, step: Callable[[Work, StepCall], Result], arguments: dict[str, Any], *faults: Fault) -> StepFailed:
        """Run a step that must fail by a fault; how it did."""
        with self.cloud.failing(*faults), pytest.raises(Exception) as caught:  # noqa: PT011 - `failure_of` judges it
            self.run(step, arguments)
        assert self.cloud.failed()
        assert all(self.cloud.failed(each.operation) for each in faults if each.done)
        return failure_of(caught.value)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Iterator[World]:
    """The platform alone is up."""
    del engine_command  # made before, if it has to be
    land = Land(tmp_path_factory.mktemp("faults"))
    for name in ("acme", "globex"):
        (land.specs / f"{name}.yaml").unlink()
    cloud = Cloud(land.home / "sandbox")
    world = World(land, cloud)
    try:
        for result in run.apply(world.work.workspace, [PLATFORM_STACK], Operation.UP):
            assert result.outcome == "succeeded", result.error
        yield world
    finally:
        world.work.close()
        cloud.sandbox.down()


def test_an_onboarding_ends_in_order_through_every_kind_of_fault(world: World) -> None:
    """Attempt by attempt it fails as it must; the last makes what is missing, and nothing is there twice."""
    asked = {"spec": SPEC}
    world.run(validate, asked)
    for faults, failure_class, remedy in ATTEMPTS:
        failure = world.fail(apply, asked, *faults)
        assert failure.failure_class is failure_class, failure
        assert remedy in failure.remedy
    # What fails once only is tried again by the SDK, and nobody hears of it.
    once = [
        Fault(operation=name, code="ThrottlingException", status=400, times=1)
        for name in ("PutBucketPolicy", "PutBucketVersioning", "PutLifecycleConfiguration")
    ]
    # So is what was done and not answered, which then is in use already: it is adopted, for it was made just now.
    with world.cloud.failing(*once, Fault(operation="CreateBucket", done=True, times=1)):
        world.run(apply, asked)
        assert (world.cloud.failed("CreateBucket"), world.cloud.failed("PutBucketPolicy")) == (1, 1)
    kms = world.work.cloud.client("kms")
    keys = [each["KeyId"] for each in kms.list_keys()["Keys"]]
    tags = [tag for key in keys for tag in kms.list_resource_tags(KeyId=key)["Tags"]]
    assert [tag["TagValue"] for tag in tags if tag["TagKey"] == "tenant"].count(TENANT) == 1
    assert world.run(apply, asked)["changes"].keys() == {"same"}

    # A role that was made seconds ago may not be known everywhere yet.
    denied = Fault(operation="PutObject", code="AccessDenied", status=403)
    assert world.fail(verify, asked, denied).failure_class is FailureClass.TRANSIENT
    assert world.run(verify, asked)["tried"] == [f"put with its key of {TENANT}", f"get it of {TENANT}"]

    file = world.land.specs / f"{TENANT}.yaml"
    suspend = change_of(file.read_bytes(), patched(file, file.read_bytes(), {"lifecycle": {"state": "suspended"}}))
    refused = Fault(operation="CreatePolicyVersion", code="AccessDenied", status=403, message=_DENIED)
    failure = world.fail(close_access, suspend, refused)
    assert failure.failure_class is FailureClass.INTERNAL
    assert world.run(close_access, suspend)["closed"]
    iam = world.work.cloud.client("iam")
    arn = naming.boundary_arn(world.work.platform, world.work.tenant(TENANT))
    version = iam.get_policy(PolicyArn=arn)["Policy"]["DefaultVersionId"]
    document = iam.get_policy_version(PolicyArn=arn, VersionId=version)["PolicyVersion"]["Document"]
    assert document["Statement"][-1]["Sid"] == "Suspended"


def test_what_a_lost_answer_leaves_is_as_the_sdk_asks_again(world: World) -> None:
    """The SDK hears that a name is in use. A key has no name: there are two, with the same tags, which an erasure
    finds by these; AWS KMS has no token by which it would know the second request for the first."""
    s3, iam, kms = (world.work.cloud.client(each) for each in ("s3", "iam", "kms"))
    lost = [Fault(operation=name, done=True, times=1) for name in ("CreateBucket", "CreateRole", "CreateKey")]
    before = len(kms.list_keys()["Keys"])
    with world.cloud.failing(*lost):
        with pytest.raises(s3.exceptions.BucketAlreadyOwnedByYou):
            s3.create_bucket(Bucket="unanswered", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
        with pytest.raises(iam.exceptions.EntityAlreadyExistsException):
            iam.create_role(
                RoleName="unanswered", AssumeRolePolicyDocument='{"Version": "2012-10-17", "Statement": []}'
            )
        kms.create_key()
    assert len(kms.list_keys()["Keys"]) == before + 2


def test_the_layer_does_nothing_for_who_does_not_know_its_secret(world: World) -> None:
    """A positive control is in every other test."""
    secret = world.land.home / "sandbox" / "fault-injection"
    kept = secret.read_text()
    secret.write_text("guessed")
    try:
        with pytest.raises(Exception, match="403"):
            world.cloud.failed()
    finally:
        secret.write_text(kept)
