"""A session of each role, obtained as its users obtain it, and of those who have no role at all."""

from __future__ import annotations

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
        estate, door = self._estate, self._estate.door
        platform, account, region = estate.platform, estate.platform.account, estate.platform.region
        role = estate.deployed.role(owner, kind).arn
        match kind:
            case "training":
                job = naming.sagemaker_arn(platform, "training-job", f"bh-{platform.stage}-{owner}-nightly")
                return door.as_workload(role, job)
            case "serving":
                return door.as_workload(role, naming.sagemaker_arn(platform, "model", "served"))
            case "deploy":
                return ci(door, platform, estate.tenants[owner])
            case "data-scientist":
                return door.by_side_door(role, f"somebody@{owner}.example", naming.saml_provider_arn(platform))
            case "invoke":
                tags = [{"Key": TENANT_TAG, "Value": owner}]
                return door.assume(self.of(naming.PLATFORM, "gateway"), role, Tags=tags)
            case "gateway":
                return door.as_workload(role, f"arn:aws:ecs:{region}:{account}:task/gateway/0a1b2c3d")
            case "provisioning":
                (trusted,) = platform.provisioning.trusted_principals
                return door.assume(door.assume(door.root, trusted), role)
            case _:  # AWS Config and VPC Flow Logs, of whose calls nobody can be the author
                return door.by_side_door(role, kind)
