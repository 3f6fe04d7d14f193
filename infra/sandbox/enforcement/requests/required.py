"""Everything that AWS would check for a call: its own actions, what it passes and tags, and what services do for it.

The order is the one in which AWS tells the first denial: the call's own actions come first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from infra.sandbox.enforcement.lookup import Lookup, Value
from infra.sandbox.enforcement.requests import (
    ec2,
    iam,
    kms,
    logs,
    messages,
    passing,
    s3,
    s3_context,
    s3_encryption,
    sagemaker,
    sagemaker_services,
    smaller,
    sts,
    tagging,
)
from infra.sandbox.enforcement.requests.context import needed
from infra.sandbox.enforcement.requests.operation import Call, CannotMap, Needed, Operation, Unmapped, Who
from infra.sandbox.enforcement.requests.plans import Target, planned_targets
from infra.sandbox.enforcement.requests.services import PREFIXES

Targets = Callable[[Call], Iterator[Target]]
Keys = Callable[[Call, Target], dict[str, Value]]
Beside = Callable[[Call, tuple[Target, ...]], Iterator[Needed]]


def _no_keys(call: Call, found: Target) -> dict[str, Value]:
    del call, found
    return {}


def _nothing(call: Call, found: tuple[Target, ...]) -> Iterator[Needed]:
    del call, found
    return iter(())


@dataclass(frozen=True, slots=True)
class _Service:
    """How a service differs from the convention: its resources, its keys, and what its calls need beside."""

    targets: Targets = planned_targets
    keys: Keys = _no_keys
    beside: Beside = _nothing


_CONVENTION: Final = _Service()
_SERVICES: Final[Mapping[str, _Service]] = {
    "application-autoscaling": _Service(
        smaller.scaling_targets, smaller.scaling_keys, lambda call, _: smaller.scaling_beside(call)
    ),
    "budgets": _Service(smaller.budgets_targets),
    "cloudwatch": _Service(smaller.cloudwatch_targets, smaller.cloudwatch_keys),
    "config": _Service(smaller.config_targets),
    "ec2": _Service(ec2.targets, ec2.keys, lambda call, _: ec2.beside(call)),
    "ecr": _Service(beside=lambda call, _: smaller.ecr_beside(call)),
    "events": _Service(smaller.events_targets),
    "iam": _Service(iam.targets, iam.keys, lambda call, _: iam.beside(call)),
    "kms": _Service(kms.targets, kms.keys),
    "logs": _Service(logs.targets),
    "resourcegroupstaggingapi": _Service(beside=lambda call, _: smaller.tag_editor_beside(call)),
    "s3": _Service(s3.targets, s3_context.keys, lambda call, _: s3_encryption.beside(call)),
    "sagemaker": _Service(sagemaker.targets, sagemaker.keys, lambda call, _: sagemaker_services.beside(call)),
    "sagemaker-runtime": _Service(sagemaker.targets, sagemaker.keys),
    "secretsmanager": _Service(beside=smaller.secrets_beside),
    "sns": _Service(messages.sns_targets, messages.sns_keys, messages.encryption),
    "sqs": _Service(messages.sqs_targets, beside=messages.encryption),
    "sts": _Service(sts.targets, sts.keys),
}


def required(operation: Operation, lookup: Lookup, caller: Who) -> tuple[Needed, ...] | Unmapped:
    """Everything that must be allowed before a call may pass; empty for a call that needs no permission.

    Args:
        operation: The call.
        lookup: The deployed state.
        caller: Who calls. A request's names are looked up in the caller's account.

    Returns:
        The checks, all of which must pass; or why they cannot be said.
    """
    if operation.service not in PREFIXES:
        return Unmapped(operation.service, operation.name, "the service is none of those in use")
    account = caller.account or ""
    if operation.service == "s3control":
        account = str(operation.parameters.get("AccountId") or account)
    call = Call(operation, lookup, caller, account)
    try:
        return tuple(_required(call))
    except CannotMap as why:
        return Unmapped(operation.service, operation.name, str(why))


def _required(call: Call) -> Iterator[Needed]:
    service = _SERVICES.get(call.operation.service, _CONVENTION)
    found = tuple(dict.fromkeys(service.targets(call)))
    tags = tuple(tagging.targets(call, found))
    for one in (*found, *tags):
        yield needed(call, one, service.keys(call, one))
    yield from passing.beside(call, found)
    yield from service.beside(call, found)
