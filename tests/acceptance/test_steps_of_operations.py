"""The steps of operations on the real engine: a tenant is onboarded, suspended, resumed and put back beside two."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from botocore.exceptions import ClientError
from ruamel.yaml import YAML

from infra import naming
from infra.gitops import patched
from infra.jobs.model import StepFailed
from infra.jobs.processes.call import StepCall
from infra.lifecycle.failures import FailureClass
from infra.operations.ci_token import ci_token
from infra.operations.tenant_sessions import deploy_session
from infra.provisioning.context import Result, Work
from infra.provisioning.steps.apply import apply
from infra.provisioning.steps.close_access import close_access
from infra.provisioning.steps.preflight import preflight
from infra.provisioning.steps.put_back import put_back
from infra.provisioning.steps.scale_down import scale_down
from infra.provisioning.steps.validate import validate
from infra.provisioning.steps.verify import verify
from infra.sandbox.token_issuer import issuer_key
from tests.acceptance.land import Land
from tests.provisioning.step_calls import call_of, change_of, failure_of
from tests.provisioning.umbrella import SPEC, TENANT

_Step = Callable[[Work, StepCall], Result]


class Steps:
    """Runs steps one after another as workers do, with one engine that stays warm.

    Args:
        land: The estate.
    """

    def __init__(self, land: Land) -> None:
        self.work = Work(land.settings)
        self.land = land

    def run(
        self, step: Callable[[Work, StepCall], Result], arguments: Mapping[str, Any], tenant: str = TENANT
    ) -> Result:
        self.work.workspace.__dict__.pop("estate", None)  # each step of a worker reads the specs anew
        return step(self.work, call_of(step.__name__.replace("_", " "), tenant, arguments))

    def file(self, tenant: str = TENANT) -> bytes:
        return (self.land.specs / f"{tenant}.yaml").read_bytes()

    def change(self, patch: Mapping[str, Any], tenant: str = TENANT) -> dict[str, Any]:
        """The arguments of a change of a tenant's spec as it is now."""
        return change_of(self.file(tenant), patched(self.land.specs / f"{tenant}.yaml", self.file(tenant), patch))

    def session(self, tenant: str = TENANT) -> Any:
        """S3 as the tenant's CI; the session stays while access is closed."""
        spec = self.work.tenant(tenant)
        token = ci_token(spec, issuer_key(self.land.home / "sandbox"))
        return self.work.cloud.client("s3", deploy_session(self.work.cloud, self.work.platform, spec, token))

    def bucket(self, tenant: str = TENANT) -> str:
        return naming.bucket(self.work.platform, self.work.tenant(tenant), "models")

    def can_list(self, s3: Any) -> bool:
        try:
            s3.list_objects_v2(Bucket=self.bucket())
        except ClientError as error:
            if error.response.get("Error", {}).get("Code") != "AccessDenied":
                raise
            return False
        return True


@pytest.fixture(scope="module")
def spec() -> dict[str, Any]:
    """A tenant in acme's cell, without models: what is served is seen at acme's own."""
    return {**SPEC, "lifecycle": {"state": "active", "prevent_deletion": False}}


@pytest.fixture
def steps(land: Land) -> Iterator[Steps]:
    steps = Steps(land)
    yield steps
    steps.work.close()


@pytest.fixture
def onboarded(steps: Steps, spec: Mapping[str, Any], land: Land) -> Iterator[Mapping[str, Result]]:
    """The results of the steps of an onboarding."""
    asked = {"spec": spec}
    yield {step.__name__: steps.run(step, asked) for step in (validate, preflight, apply, verify)}
    assert land.run("destroy", TENANT, "--yes").code == 0


def test_a_life_of_a_tenant_step_by_step(
    steps: Steps, onboarded: Mapping[str, Result], spec: Mapping[str, Any], land: Land
) -> None:
    """One path, as each step leaves what the next one needs."""
    assert YAML(typ="safe").load(steps.file()) == spec  # pyright: ignore[reportUnknownMemberType]
    assert onboarded["preflight"]["open"] > 0
    assert onboarded["apply"]["changes"]["create"] > 60
    tried = onboarded["verify"]["tried"]
    assert {"put with its key of umbrella", "get it of umbrella"} <= {*tried}
    assert [one for one in tried if one.startswith(("use the key", "invoke the endpoint", "list the bucket"))]
    s3 = steps.session()
    assert "Contents" not in s3.list_objects_v2(Bucket=steps.bucket())

    suspend = steps.change({"lifecycle": {"state": "suspended"}})
    assert steps.run(close_access, suspend)["closed"]
    assert not steps.can_list(s3)  # a session that was there before, with no run of the engine
    assert not steps.run(close_access, suspend)["closed"]
    # Cancelled here, the engine has seen nothing of it: access is open again, and the spec is as before.
    steps.run(put_back, suspend)
    assert steps.can_list(s3)
    assert steps.file().decode() == suspend["former"]

    steps.run(close_access, suspend)
    down = steps.run(scale_down, suspend)
    assert down["changes"].keys() == {"same", "update"}
    assert not steps.can_list(s3)

    resume = steps.change({"lifecycle": {"state": "active"}})
    assert steps.run(preflight, resume)["open"] == 0
    steps.run(apply, resume)
    assert steps.can_list(s3)
    assert steps.run(verify, resume)["notes"] == []

    # Somebody changes the spec and runs the engine by hand: it is shown once, before anything is done over it.
    land.edit(TENANT, "limit_usd: 100", "limit_usd: 150")
    assert land.run("up", TENANT).code == 0
    update = steps.change({"monthly_budget": {"limit_usd": 200}})
    with pytest.raises(StepFailed, match="past the service") as shown:
        steps.run(preflight, update)
    assert shown.value.failure_class is FailureClass.USER
    steps.run(preflight, update)


def test_a_serving_tenant_is_verified_at_its_endpoint(steps: Steps) -> None:
    result = steps.run(verify, {}, "acme")
    assert "invoke bh-dev-acme-tumour of acme" in result["tried"]
    assert any(one.startswith("invoke the endpoint of globex") for one in result["tried"])


def test_a_change_that_does_not_fit_is_refused_before_the_first_resource(
    steps: Steps, spec: Mapping[str, Any], land: Land
) -> None:
    """The Region's VPCs are used up by the spec of the platform: which quota, what is left, who fits, the request."""
    land.platform.write_text(f"{land.platform.read_text()}\nquotas: {{vpcs_per_region: 3}}\n")
    before = land.resources()
    silo = {**spec, "id": "hooli", "tier": "silo", "network": {"cidr": "10.99.0.0/22"}}
    steps.run(validate, {"spec": silo}, "hooli")
    with pytest.raises(StepFailed) as caught:
        steps.run(preflight, {"spec": silo}, "hooli")
    failure = failure_of(caught.value)
    assert failure.failure_class is FailureClass.QUOTA
    assert "VPCs per Region: 1 more are wanted, and 0 are left of 3" in failure.message
    assert "0 of tier silo" in failure.message
    assert "--quota-code L-F678F1CE --desired-value 4" in failure.remedy
    assert land.resources() == before
    # Withdrawn before anything was made, it leaves no spec, and no stack.
    steps.run(put_back, {"spec": silo}, "hooli")
    assert not (land.specs / "hooli.yaml").exists()
    assert "hooli" not in steps.work.workspace.deployed_tenants()
