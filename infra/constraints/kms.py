"""Keys: rotation, the waiting period before deletion, and a policy that leaves somebody in charge."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import documents, strings
from infra.constraints.rule import Finding, Rule
from infra.constraints.values import flag, given, number, text

_KEY = frozenset({"aws:kms/key:Key"})


def _deletion_window(resource: PlannedResource) -> Iterator[Finding]:
    days = number(resource.properties, "deletionWindowInDays")
    if days is not None and not 7 <= days <= 30:
        yield Finding(property="deletionWindowInDays", message=f"{days:.0f} days, and AWS takes 7 to 30")


def _rotation(resource: PlannedResource) -> Iterator[Finding]:
    symmetric = text(resource.properties, "customerMasterKeySpec") in (None, "SYMMETRIC_DEFAULT")
    rotates = flag(resource.properties, "enableKeyRotation", default=False)
    if symmetric and rotates is False:
        yield Finding(property="enableKeyRotation", message="the key is never rotated", remedy="set it to true")
    if not symmetric and rotates:
        message = "only symmetric encryption keys rotate by themselves"
        yield Finding(property="enableKeyRotation", message=message, remedy="leave it out")
    days = number(resource.properties, "rotationPeriodInDays")
    if days is not None and not 90 <= days <= 2_560:
        message = f"{days:.0f} days, and AWS takes 90 to 2,560"
        yield Finding(property="rotationPeriodInDays", message=message, remedy="choose a period in that range")


def _lockout(resource: PlannedResource) -> Iterator[Finding]:
    if not given(resource.properties, "policy"):
        message = "without a policy AWS gives the key to every identity policy of the account"
        yield Finding(property="policy", message=message, remedy="give the key a policy of infra.policies")
    for document in documents(resource):
        allowed = [
            action.lower()
            for _, statement in document.statements()
            if statement.get("Effect") == "Allow"
            for action in strings(statement.get("Action"))
        ]
        if not any(fnmatchcase("kms:putkeypolicy", action) for action in allowed):
            yield Finding(
                property=document.property, message="nobody may change the policy: AWS refuses such a lock-out"
            )


RULES = (
    Rule(
        id="kms-deletion-window",
        title="A key waits 7 to 30 days for its deletion.",
        types=_KEY,
        source="AWS KMS API Reference, ScheduleKeyDeletion",
        remedy="choose 7 to 30 days",
        check=_deletion_window,
    ),
    Rule(
        id="kms-rotation",
        title="A symmetric key rotates, every 90 to 2,560 days; another cannot.",
        types=_KEY,
        source="AWS KMS Developer Guide, Rotate AWS KMS keys",
        remedy="set enableKeyRotation",
        check=_rotation,
    ),
    Rule(
        id="kms-lockout",
        title="A key has a policy that lets somebody change it.",
        types=_KEY,
        source="AWS KMS Developer Guide, Default key policy",
        remedy="allow kms:PutKeyPolicy to an administrator that is no tenant",
        check=_lockout,
    ),
)
