"""Checks that a service makes on the caller's behalf: forward access sessions, mostly for KMS keys.

Sources: IAM User Guide, "Forward access sessions", "AWS global condition context keys" (``aws:ViaAWSService``,
``aws:CalledVia``); KMS Developer Guide, "AWS KMS condition keys" (``kms:ViaService``).
"""

from __future__ import annotations

from collections.abc import Mapping

from infra.evaluator.catalogue import action
from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests import kms_keys
from infra.sandbox.enforcement.requests.context import needed
from infra.sandbox.enforcement.requests.operation import Call, CannotMap, Needed
from infra.sandbox.enforcement.requests.plans import Target


def target(full_name: str, resource: str, kind: str | None = None) -> Target:
    """An action by its full name on a resource.

    Raises:
        CannotMap: AWS's reference has no such action.
    """
    service, _, name = full_name.partition(":")
    known = action(service, name)
    if known is None:
        raise CannotMap(f"AWS's reference of actions has no {full_name}")
    return Target(known, resource, kind)


def through_key(
    call: Call,
    name: str,
    key: str,
    *,
    service: str,
    encryption_context: Mapping[str, str] | None = None,
    grant: bool = False,
    principal: str | None = None,
) -> Needed:
    """A use of a KMS key that a service asks for on somebody's behalf.

    Args:
        call: The call.
        name: The action of KMS, for example ``Decrypt``.
        key: The key's ARN.
        service: The service that asks, for example ``s3``.
        encryption_context: What the service binds the ciphertext to.
        grant: Whether it is a grant for a resource of the service.
        principal: On whose behalf, where that is not the caller.
    """
    caller = call.account if principal is None else principal.split(":")[4]
    own: dict[str, Value] = {
        "kms:ViaService": f"{service}.{call.operation.region}.amazonaws.com",
        "kms:CallerAccount": caller,
        **kms_keys.encryption_context(encryption_context or {}),
        **call.lookup.properties(key),
    }
    if grant:
        own["kms:GrantIsForAWSResource"] = True
    found = needed(call, target(f"kms:{name}", key, "key"), own)
    return on_behalf(found, service, principal)


def on_behalf(found: Needed, service: str, principal: str | None = None) -> Needed:
    """The same check as made by a service on somebody's behalf."""
    via = f"{service}.amazonaws.com"
    return Needed(
        action=found.action,
        resource=found.resource,
        resource_account=found.resource_account,
        context={
            **found.context,
            "aws:ViaAWSService": True,
            "aws:CalledVia": [via],
            "aws:CalledViaFirst": via,
            "aws:CalledViaLast": via,
        },
        principal=principal,
        via=via,
    )
