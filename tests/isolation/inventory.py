"""What the deployed stacks hold: every resource that has an ARN of its own, by the types of AWS's catalogue.

Read from the stacks' exports, so that a new component is covered without a list to edit. What has no ARN, such as a
bucket's policy, must be a part of something that has one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from infra import naming
from infra.evaluator import catalogue
from infra.sandbox.enforcement.requests.services import PREFIXES
from infra.spec.platform import PlatformSpec
from infra.tags import TENANT_TAG

#: The services in use, by the prefix of their actions.
SERVICES = tuple(sorted(set(PREFIXES.values())))


@dataclass(frozen=True)
class Kind:
    """A type of resource as the actions of a service name it: a role is one to IAM and another to STS."""

    service: str
    name: str

    def __str__(self) -> str:
        return f"{self.service} {self.name}"


@dataclass(frozen=True)
class Resource:
    """One deployed resource, or something that is in one.

    Args:
        owner: The tenant's id, or ``platform``.
        arn: Its ARN.
        kinds: What it is to each service that has actions on it.
        tags: Its tags.
        outputs: What the state knows of it, or of what it is in.
    """

    owner: str
    arn: str
    kinds: tuple[Kind, ...]
    tags: Mapping[str, str]
    outputs: Mapping[str, Any] = field(repr=False, compare=False, hash=False)

    def __hash__(self) -> int:
        return hash(self.arn)

    @property
    def live_kinds(self) -> tuple[Kind, ...]:
        """What it is to the services whose calls can name it: its own, and STS, which makes sessions of IAM's roles."""
        own = self.arn.split(":")[2]
        return tuple(kind for kind in self.kinds if kind.service in (own, "sts"))


@dataclass(frozen=True, eq=False)
class Inventory:
    """The AWS resources of every stack.

    Args:
        platform: The platform's spec.
        stacks: The owner of a stack (a tenant's id, or ``platform``) to the resources in its export.
    """

    platform: PlatformSpec
    stacks: Mapping[str, tuple[Mapping[str, Any], ...]]

    @cached_property
    def resources(self) -> tuple[Resource, ...]:
        """Everything with an ARN of its own, each once, and what is in it."""
        found = {each.arn: each for owner, listed in self.stacks.items() for each in self._of_stack(owner, listed)}
        return tuple(found[arn] for arn in sorted(found))

    def of(self, owner: str, kind: str | None = None) -> tuple[Resource, ...]:
        """The resources of an owner, of one kind (``s3 bucket``) or of all."""
        return tuple(
            each for each in self.resources if each.owner == owner and (kind is None or kind in map(str, each.kinds))
        )

    def records(self, type_token: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The owner and the outputs of each resource of a Pulumi type such as ``aws:kms/key:Key``."""
        for owner, listed in self.stacks.items():
            yield from ((owner, each["outputs"]) for each in listed if each["type"] == type_token)

    def orphans(self) -> list[str]:
        """The URNs of resources that have no ARN of a known type, and are no part of one that has."""
        return [urn for listed in self.stacks.values() for urn in _orphans(listed)]

    def _of_stack(self, owner: str, listed: Iterable[Mapping[str, Any]]) -> Iterator[Resource]:
        for each in listed:
            arn = _arn(each)
            kinds = _kinds(arn)
            if not kinds:
                continue
            tags: Mapping[str, str] = each["outputs"].get("tagsAll") or {}
            whole = Resource(owner, arn, kinds, tags, each["outputs"])
            yield whole
            yield from _contents(whole)
        if owner != naming.PLATFORM:
            yield from self._jobs(owner)

    def _jobs(self, owner: str) -> Iterator[Resource]:
        """Jobs come and go without a stack; their names begin as all names of their tenant do."""
        for kind in ("training-job", "processing-job"):
            name = f"bh-{self.platform.stage}-{owner}-nightly"
            arn = naming.sagemaker_arn(self.platform, kind, name)
            yield Resource(owner, arn, _kinds(arn), {TENANT_TAG: owner}, {"arn": arn, "name": name})


def _contents(whole: Resource) -> Iterator[Resource]:
    """What is in a bucket, a log group and a registry, which no state knows."""

    def inside(suffix: str, kinds: tuple[Kind, ...] = (), arn: str = whole.arn) -> Resource:
        inner = arn + suffix
        return Resource(whole.owner, inner, kinds or _kinds(inner), {}, {**whole.outputs, "content": suffix[1:]})

    match str(whole.kinds[0]):
        case "s3 bucket":
            yield inside("/private/rows.csv")
        case "logs log-group":
            yield inside(":log-stream:primary")
            # How AWS itself writes the group where it denies a call about it.
            yield inside(":log-stream:", whole.kinds)
        case "sagemaker model-package-group":
            yield inside("/1", arn=whole.arn.replace(":model-package-group/", ":model-package/"))
        case _:
            pass


def _arn(record: Mapping[str, Any]) -> str:
    return str(record["outputs"].get("arn") or "")


def _kinds(arn: str) -> tuple[Kind, ...]:
    """What an ARN is; that of its own service first."""
    own = arn.split(":")[2] if arn else ""
    found = [Kind(service, each.name) for service in SERVICES for each in catalogue.resource_types_of_arn(arn, service)]
    return tuple(sorted(found, key=lambda kind: (kind.service != own, str(kind)))) if arn else ()


def _names(record: Mapping[str, Any]) -> Iterator[object]:
    yield record["id"]
    yield from (record["outputs"].get(name) for name in ("arn", "name", "id") if record["outputs"].get(name))


def _orphans(listed: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """What names, in its inputs, neither a resource with an ARN nor a part of one."""
    known = {str(name) for each in listed if _kinds(_arn(each)) for name in _names(each)}
    left = [each for each in listed if not _kinds(_arn(each))]
    while parts := [each for each in left if known & set(map(str, each["inputs"].values()))]:
        known |= {str(name) for each in parts for name in _names(each)}
        left = [each for each in left if each not in parts]
    yield from (str(each["urn"]) for each in left)
