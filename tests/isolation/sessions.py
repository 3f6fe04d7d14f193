"""A session of each role, obtained as its users obtain it, and of those who have no role at all."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache

from infra import naming
from infra.tags import TENANT_TAG
from tests.isolation.cloud import Credentials
from tests.isolation.estate import Estate, ci

OUTSIDER_ACCOUNT = "999999999999"


class Sessions:
    """The credentials of everybody in and around an estate, each obtained once.

    Args:
        estate: The estate.
    """

    def __init__(self, estate: Estate) -> None:
        self._estate = estate
        self.of = cache(self._of)
        self.outsider = cache(lambda: estate.door.outsider(OUTSIDER_ACCOUNT))

    def _of(self, owner: str, kind: str) -> Credentials:
        """A session of a role.

        Args:
            owner: The tenant's id, or ``platform``.
            kind: The role's kind, for example ``training``.
        """
        role = self._estate.deployed.role(owner, kind).arn
        return _WAYS.get(kind, Sessions.as_a_service)(self, role, owner)

    def training(self, role: str, owner: str) -> Credentials:
        """SageMaker runs a job of the tenant."""
        platform = self._estate.platform
        job = naming.sagemaker_arn(platform, "training-job", f"bh-{platform.stage}-{owner}-nightly")
        return self._estate.door.as_workload(role, job)

    def serving(self, role: str, owner: str) -> Credentials:
        """SageMaker serves a model of the tenant."""
        model = naming.sagemaker_arn(self._estate.platform, "model", f"bh-{self._estate.platform.stage}-{owner}-served")
        return self._estate.door.as_workload(role, model)

    def deploy(self, role: str, owner: str) -> Credentials:
        """The tenant's CI shows the token of its job."""
        del role
        return ci(self._estate.door, self._estate.platform, self._estate.tenants[owner])

    def data_scientist(self, role: str, owner: str) -> Credentials:
        """Somebody of the tenant signs in by SAML."""
        provider = naming.saml_provider_arn(self._estate.platform)
        return self._estate.door.by_side_door(role, f"somebody@{owner}.example", provider)

    def invoke(self, role: str, owner: str) -> Credentials:
        """The gateway acts for the tenant."""
        tags = [{"Key": TENANT_TAG, "Value": owner}]
        return self._estate.door.assume(self.of(naming.PLATFORM, "gateway"), role, Tags=tags)

    def gateway(self, role: str, owner: str) -> Credentials:
        """ECS runs the gateway's task."""
        del owner
        platform = self._estate.platform
        return self._estate.door.as_workload(role, f"arn:aws:ecs:{platform.region}:{platform.account}:task/gateway/1")

    def provisioning(self, role: str, owner: str) -> Credentials:
        """The pipeline that the platform trusts with provisioning."""
        del owner
        door = self._estate.door
        (trusted,) = self._estate.platform.provisioning.trusted_principals
        return door.assume(door.assume(door.root, trusted), role)

    def as_a_service(self, role: str, owner: str) -> Credentials:
        """AWS Config and VPC Flow Logs, in whose place nobody else can call."""
        return self._estate.door.by_side_door(role, owner)


_WAYS: Mapping[str, Callable[[Sessions, str, str], Credentials]] = {
    "training": Sessions.training,
    "serving": Sessions.serving,
    "deploy": Sessions.deploy,
    "data-scientist": Sessions.data_scientist,
    "invoke": Sessions.invoke,
    "gateway": Sessions.gateway,
    "provisioning": Sessions.provisioning,
}
