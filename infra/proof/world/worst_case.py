"""What stands for a policy that is not known, or that AWS would refuse: the worst that it could be."""

from __future__ import annotations

from infra.evaluator.document import VARIABLES_SINCE, Policy, PrincipalName, Statement
from infra.evaluator.kinds import Effect, PolicyKind

#: The kinds of policies that say whom they are about.
_NAMING = frozenset({PolicyKind.RESOURCE, PolicyKind.ENDPOINT, PolicyKind.TRUST, PolicyKind.RCP})


def everything(kind: PolicyKind, label: str) -> Policy:
    """A policy that allows everything to everybody, and denies nothing.

    Args:
        kind: Where it is attached.
        label: How verdicts call it.
    """
    statement = Statement(
        index=0,
        sid=None,
        effect=Effect.ALLOW,
        principals=(PrincipalName("AWS", "*"),) if kind in _NAMING else None,
        actions=("*",),
        resources=None if kind is PolicyKind.TRUST else ("*",),
    )
    return Policy(version=VARIABLES_SINCE, statements=(statement,), kind=kind, label=label)
