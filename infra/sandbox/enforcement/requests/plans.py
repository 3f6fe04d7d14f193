"""What an operation's actions work on: a plan made once from the catalogue and the operation's parameters.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

from moto.core.utils import get_service_model

from infra.evaluator.catalogue import AccessLevel, Action, ResourceType, action, resource_type
from infra.sandbox.enforcement.lookup import NamedKind
from infra.sandbox.enforcement.requests.names import actions_of
from infra.sandbox.enforcement.requests.operation import Call, CannotMap
from infra.sandbox.enforcement.requests.parameters import VARIABLE, members_naming, squash, variables
from infra.sandbox.enforcement.requests.services import PREFIXES

#: Types whose ARN holds more than the name that requests use.
_NAMED: Final[Mapping[tuple[str, str], NamedKind]] = {
    ("iam", "group"): "iam:group",
    ("iam", "instance-profile"): "iam:instance-profile",
    ("iam", "role"): "iam:role",
    ("iam", "server-certificate"): "iam:server-certificate",
    ("iam", "user"): "iam:user",
    ("kms", "key"): "kms:key",
    ("secretsmanager", "Secret"): "secretsmanager:secret",
}
#: Operations that make something, to which AWS gives its id.
_MAKES = re.compile(r"(?:Allocate|Authorize|Copy|Create|Export|Import|Provision|Purchase|Register|Request|Run)")
#: Operations that name none of what they show or change, by which a permission on all of it is asked.
_UNNAMED = frozenset(
    {
        ("budgets", "DescribeBudgetNotificationsForAccount"),
        ("cloudtrail", "StartQuery"),
        ("cloudwatch", "ListAlarmMuteRules"),
        ("config", "DeleteRemediationConfiguration"),
        ("config", "DescribeRemediationConfigurations"),
        ("config", "DescribeRemediationExecutionStatus"),
        ("config", "PutConnector"),
        ("config", "PutStoredQuery"),
        ("iam", "GetHumanReadableSummary"),
        ("iam", "GetRoleTemplateVersion"),
        ("logs", "GetLogRecord"),
        ("logs", "GetQueryResults"),
        ("sqs", "CancelMessageMoveTask"),
    }
)
_SEEN = frozenset({AccessLevel.LIST, AccessLevel.READ})


@dataclass(frozen=True, slots=True)
class Target:
    """An action on a resource: what has to be allowed, before its context is known."""

    action: Action
    resource: str
    kind: str | None = None
    """The resource's type as the action names it; None where there is no resource."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A type of resource of an action, and where the request names it.

    Attributes:
        kind: The type.
        required: Whether every call names one.
        members: For each variable of the type's ARN the parameters that may hold it, in order of preference.
        made: Whether the call makes one, and AWS gives it its id.
        seen: Whether a call that names none is about all of them, as of a list.
    """

    kind: ResourceType
    required: bool
    members: Mapping[str, tuple[str, ...]]
    made: bool
    seen: bool

    @property
    def nameable(self) -> bool:
        """Whether the operation has a parameter that names one. Ids that AWS adds to a name need none.

        A type of which an account has one alone, such as the instance of S3 Access Grants, needs no name.
        """
        return any(self.members.values()) if self.members else self.required


@dataclass(frozen=True, slots=True)
class Plan:
    """The actions of an operation with their resources."""

    actions: tuple[tuple[Action, tuple[Slot, ...]], ...]


@dataclass(frozen=True, slots=True)
class NoPlan:
    """Why there is no plan for an operation."""

    why: str


@lru_cache(maxsize=4096)
def plan_of(service: str, operation: str) -> Plan | NoPlan:
    """The plan of an operation, by the names of its parameters alone."""
    prefix = PREFIXES[service]
    members = _members(service, operation)
    planned: list[tuple[Action, tuple[Slot, ...]]] = []
    for name in actions_of(service, operation):
        known = action(prefix, name)
        if known is None:
            return NoPlan(f"AWS's reference of actions has no {prefix}:{name}")
        slots = tuple(_slots(known, members, operation))
        missing = [slot.kind.name for slot in slots if slot.required and not (slot.nameable or slot.made)]
        if missing:
            return NoPlan(f"no parameter names its {', '.join(missing)}")
        usable = tuple(slot for slot in slots if slot.nameable or slot.required)
        if slots and not usable and known.access_level not in _SEEN and not _MAKES.match(operation):
            return NoPlan(f"no parameter names any of its {len(slots)} types of resources")
        planned.append((known, usable))
    return Plan(tuple(planned))


def _members(service: str, operation: str) -> Mapping[str, str]:
    shape = get_service_model(service).operation_model(operation).input_shape
    members = cast("Mapping[str, object]", getattr(shape, "members", {}) if shape is not None else {})
    return {squash(name): name for name in members}


def _slots(known: Action, members: Mapping[str, str], operation: str) -> Iterator[Slot]:
    makes = _MAKES.match(operation) is not None or (known.service, operation) in _UNNAMED
    for entry in known.resources:
        kind = resource_type(known.service, entry.name)
        if kind is None:
            continue
        own = {variable: members_naming(kind, variable, members, operation) for variable in variables(kind)}
        yield Slot(kind, entry.required, own, made=makes, seen=known.access_level in _SEEN)


def planned_targets(call: Call) -> Iterator[Target]:
    """The actions of a call on the resources that it names.

    Raises:
        CannotMap: There is no plan, or the call names nothing that its actions work on.
    """
    plan = plan_of(call.operation.service, call.operation.name)
    if isinstance(plan, NoPlan):
        raise CannotMap(plan.why)
    for known, slots in plan.actions:
        found = dict.fromkeys(Target(known, arn, slot.kind.name) for slot in slots for arn in _resources(call, slot))
        if found:
            yield from found
        elif known.access_level in _SEEN or not known.resources or _MAKES.match(call.operation.name):
            yield Target(known, "*")
        else:
            raise CannotMap("it names no resource")


def _resources(call: Call, slot: Slot) -> Iterator[str]:
    named = list(_named(call, slot))
    if named:
        yield from named
    elif slot.required:
        if not (slot.made or slot.seen):
            raise CannotMap(f"it names no {slot.kind.name}")
        yield fill(call, slot.kind, dict.fromkeys(variables(slot.kind), "*"))


def _named(call: Call, slot: Slot) -> Iterator[str]:
    """The resources of a type that a call names, by whichever of its parameters."""
    names = variables(slot.kind)
    if len(names) == 1:
        for member in slot.members[names[0]]:
            for value in texts(call.operation.parameters.get(member)):
                arn = _one(call, slot.kind, names[0], member, value)
                if arn is not None:
                    yield arn
    elif names:
        yield from _of_parts(call, slot, names)
    elif slot.required:
        yield fill(call, slot.kind, {})


def _of_parts(call: Call, slot: Slot, names: tuple[str, ...]) -> Iterator[str]:
    """A resource that several parameters name together, or one by its ARN."""
    parts: dict[str, str] = {}
    for variable in names:
        for member in slot.members[variable]:
            given = call.operation.parameters.get(member)
            value = str(given) if isinstance(given, int) else call.text(member)
            if value is not None and value.startswith("arn:"):
                if slot.kind.parts(value) is not None:
                    yield value
                    return
            elif value is not None:
                parts[variable] = value
                break
    if parts:
        yield fill(call, slot.kind, {variable: parts.get(variable, "*") for variable in names})


def _one(call: Call, kind: ResourceType, variable: str, member: str, value: str) -> str | None:
    """The ARN of one value of a parameter; None where the value is of another type."""
    if value.startswith("arn:"):
        return _of_arn(call, kind, value)
    if squash(member) in ("resourcearn", "arn", "resourcearns"):
        raise CannotMap(f"{member} is no ARN")
    named = _NAMED.get((kind.service, kind.name))
    if named is not None:
        region = "" if kind.service == "iam" else call.operation.region
        found = call.lookup.arn(named, call.account, region, value)
        if found is not None:
            return found
    return fill(call, kind, {variable: value})


def _of_arn(call: Call, kind: ResourceType, value: str) -> str | None:
    if kind.service == "kms" and kind.name == "key" and ":alias/" in value:
        return call.lookup.arn("kms:key", call.account, call.operation.region, value)
    service, start = _literals(kind.template)
    parts = value.split(":", 5)
    # A quick look first: the actions that tag have dozens of types.
    if len(parts) < 6 or parts[2] != service or not parts[5].startswith(start):
        return None
    return value if kind.parts(value) is not None else None


@lru_cache(maxsize=1024)
def _literals(template: str) -> tuple[str, str]:
    """The service in a type's ARN, and how its last part begins."""
    parts = template.split(":", 5)
    return parts[2], parts[5].split("$", 1)[0].split("*", 1)[0]


def fill(call: Call, kind: ResourceType, values: Mapping[str, str]) -> str:
    """The ARN of a resource of a type, in the call's Region and account.

    Args:
        call: The call.
        kind: The type.
        values: The variables of its ARN.
    """
    head = {"Partition": "aws", "Region": call.operation.region, "Account": call.account}
    return VARIABLE.sub(lambda found: head.get(found[1]) or values.get(found[1], "*"), kind.template)


def texts(value: object) -> Sequence[str]:
    """A parameter's value as a list of texts; empty where it is something else."""
    if isinstance(value, str):
        return (value,) if value else ()
    if isinstance(value, list):
        return [item for item in cast("list[object]", value) if isinstance(item, str) and item]
    return ()
