"""The policies of the deployed stacks, compiled, and which of them decide about a principal and a resource.

Read from the stacks' exports by their resource types alone, beside the layer of the sandbox that reads the same
policies out of the cloud: the live tests compare what the two decide.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

from infra import naming
from infra.evaluator.compiling import compile_policy
from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Applicable
from infra.evaluator.request import Caller, caller_of
from infra.sandbox.enforcement.deployed.endpoints import endpoint_service
from tests.isolation.inventory import Inventory, Resource


@dataclass(frozen=True, eq=False)
class Role:
    """A deployed role.

    Args:
        owner: The tenant's id, or ``platform``.
        kind: ``training`` and so on: what comes after the owner in its name.
        arn: Its ARN.
        tags: Its tags, which its sessions have.
        trust: Its trust policy.
        boundary: Its permissions boundary.
        identity: Its inline and attached policies.
    """

    owner: str
    kind: str
    arn: str
    tags: Mapping[str, str]
    trust: Policy
    boundary: Policy | None
    identity: tuple[Policy, ...]

    @property
    def session(self) -> Caller:
        """A session of it."""
        account, name = self.arn.split(":")[4], self.arn.rpartition("/")[2]
        return caller_of(f"arn:aws:sts::{account}:assumed-role/{name}/attacker", self.arn)


@dataclass(frozen=True, eq=False)
class Endpoint:
    """A deployed VPC endpoint: its owner (``platform`` for a shared one), service, ids and policy."""

    owner: str
    service: str
    id: str
    vpc: str
    policy: Policy


class Deployed:
    """The policies of an inventory.

    Args:
        inventory: What is deployed.
    """

    def __init__(self, inventory: Inventory) -> None:
        self._inventory = inventory
        self.applicable: Callable[[Role, Resource, Endpoint | None], Applicable] = lru_cache(None)(self._applicable)

    @cached_property
    def roles(self) -> tuple[Role, ...]:
        """Every role of every stack."""
        inline, attached = self._by_role("aws:iam/rolePolicy:RolePolicy"), self._attached()
        return tuple(
            self._role(owner, outputs, (*inline[outputs["name"]], *attached[outputs["name"]]))
            for owner, outputs in self._inventory.records("aws:iam/role:Role")
        )

    def role(self, owner: str, kind: str) -> Role:
        """One role."""
        (found,) = (role for role in self.roles if (role.owner, role.kind) == (owner, kind))
        return found

    @cached_property
    def endpoints(self) -> tuple[Endpoint, ...]:
        """Every VPC endpoint."""
        return tuple(
            Endpoint(
                owner,
                outputs["serviceName"].split(".", 3)[3],
                outputs["arn"].rpartition("/")[2],
                outputs["vpcId"],
                compile_policy(outputs["policy"], PolicyKind.ENDPOINT, label=f"policy of {outputs['arn']}"),
            )
            for owner, outputs in self._inventory.records("aws:ec2/vpcEndpoint:VpcEndpoint")
        )

    def endpoint(self, owner: str, service: str) -> Endpoint | None:
        """The endpoint by which a tenant's workloads reach a service (botocore's name): its own, or the cell's."""
        wanted = endpoint_service(service)
        found = [each for each in self.endpoints if each.service == wanted and each.owner in (owner, naming.PLATFORM)]
        own = [each for each in found if each.owner == owner]
        return next(iter(own or found), None)

    @cached_property
    def resource_policies(self) -> Mapping[str, Policy]:
        """Every resource's policy by the resource's ARN."""
        found: dict[str, Policy] = {}
        for token, service, holder, document in _RESOURCE_POLICIES:
            for _, outputs in self._inventory.records(token):
                arn = holder(outputs, self._inventory)
                found[arn] = compile_policy(
                    outputs[document], PolicyKind.RESOURCE, service=service, label=f"policy of {arn}"
                )
        return found

    @property
    def policies(self) -> Iterator[Policy]:
        """Every policy that is deployed."""
        for role in self.roles:
            yield from (role.trust, *role.identity, *([role.boundary] if role.boundary else []))
        yield from self.resource_policies.values()
        yield from (endpoint.policy for endpoint in self.endpoints)

    def _applicable(self, role: Role, resource: Resource, endpoint: Endpoint | None) -> Applicable:
        return Applicable(
            identity=role.identity,
            boundary=role.boundary,
            resource=self.resource_policy(resource),
            endpoint=endpoint.policy if endpoint else None,
        )

    def resource_policy(self, resource: Resource) -> Policy | None:
        """The policy of a resource, or of what it is in."""
        return next(filter(None, map(self.resource_policies.get, _holders(resource.arn))), None)

    def _role(self, owner: str, outputs: Mapping[str, Any], identity: tuple[Policy, ...]) -> Role:
        name, limit = outputs["name"], outputs.get("permissionsBoundary")
        boundary = compile_policy(self._documents[limit], PolicyKind.BOUNDARY, label=limit) if limit else None
        return Role(
            owner=owner,
            kind=name.removeprefix(f"bh-{self._inventory.platform.stage}-{owner}-"),
            arn=outputs["arn"],
            tags=outputs.get("tagsAll") or {},
            trust=compile_policy(outputs["assumeRolePolicy"], PolicyKind.TRUST, label=f"trust policy of {name}"),
            boundary=boundary,
            identity=identity,
        )

    def _by_role(self, token: str) -> Mapping[str, list[Policy]]:
        found: dict[str, list[Policy]] = defaultdict(list)
        for _, outputs in self._inventory.records(token):
            label = f"{outputs['role']}/{outputs['name']}"
            found[outputs["role"]].append(compile_policy(outputs["policy"], PolicyKind.IDENTITY, label=label))
        return found

    def _attached(self) -> Mapping[str, list[Policy]]:
        """Managed policies by role; those of AWS's own are not in any stack."""
        found: dict[str, list[Policy]] = defaultdict(list)
        for _, outputs in self._inventory.records("aws:iam/rolePolicyAttachment:RolePolicyAttachment"):
            arn = outputs["policyArn"]
            if arn in self._documents:
                found[outputs["role"]].append(compile_policy(self._documents[arn], PolicyKind.IDENTITY, label=arn))
        return found

    @cached_property
    def _documents(self) -> Mapping[str, str]:
        """The stacks' managed policies by ARN."""
        return {each["arn"]: each["policy"] for _, each in self._inventory.records("aws:iam/policy:Policy")}


def _holders(arn: str) -> Iterator[str]:
    """The ARNs under which a resource's policy may be kept: its own, and that of what it is in."""
    yield arn
    if arn.startswith("arn:aws:s3:::"):
        yield arn.partition("/")[0]
    if ":model-package/" in arn:
        yield arn.replace(":model-package/", ":model-package-group/").rpartition("/")[0]
    if ":sns:" in arn:
        yield ":".join(arn.split(":")[:6])


def _sagemaker_group(outputs: Mapping[str, Any], inventory: Inventory) -> str:
    return naming.sagemaker_arn(inventory.platform, "model-package-group", outputs["modelPackageGroupName"])


#: Type, service, whose policy it is, and the output that holds the document.
_RESOURCE_POLICIES: tuple[tuple[str, str, Callable[[Mapping[str, Any], Inventory], str], str], ...] = (
    ("aws:kms/key:Key", "kms", lambda outputs, _: outputs["arn"], "policy"),
    ("aws:s3/bucketPolicy:BucketPolicy", "s3", lambda outputs, _: naming.bucket_arn(outputs["bucket"]), "policy"),
    (
        "aws:ecr/repositoryPolicy:RepositoryPolicy",
        "ecr",
        lambda outputs, inventory: naming.repository_arn(inventory.platform, outputs["repository"]),
        "policy",
    ),
    ("aws:sns/topicPolicy:TopicPolicy", "sns", lambda outputs, _: outputs["arn"], "policy"),
    (
        "aws:sagemaker/modelPackageGroupPolicy:ModelPackageGroupPolicy",
        "sagemaker",
        _sagemaker_group,
        "resourcePolicy",
    ),
)
