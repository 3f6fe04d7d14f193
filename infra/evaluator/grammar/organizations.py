"""Control policies as they are attached: how many levels an organisation has, and how many policies each level takes.

Source: AWS Organizations User Guide, "Quotas and service limits for AWS Organizations".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from infra.evaluator.grammar.refusal import Refusal, Subject
from infra.evaluator.kinds import PolicyKind

_PAGE = "AWS Organizations User Guide, Quotas and service limits for AWS Organizations"
#: The root, five levels of organisational units, and the account.
MOST_LEVELS = 7
#: How many policies may be attached to one root, unit or account. AWS's own RCPFullAWSAccess counts among the latter.
MOST_ATTACHED: Mapping[PolicyKind, int] = {PolicyKind.SCP: 10, PolicyKind.RCP: 5}


def level_refusals(levels: Sequence[Sequence[object]], kind: PolicyKind) -> tuple[Refusal, ...]:
    """Everything for which AWS refuses to attach control policies so.

    Args:
        levels: The policies of each level, from the root down to the account.
        kind: SCP or RCP.
    """
    return tuple(_of_levels(levels, kind))


def _of_levels(levels: Sequence[Sequence[object]], kind: PolicyKind) -> Iterator[Refusal]:
    if len(levels) > MOST_LEVELS:
        message = f"{len(levels)} levels, and an organisation has {MOST_LEVELS}: root, five of units, and account"
        yield Refusal("", message, _PAGE, Subject.SIZE)
    for index, policies in enumerate(levels):
        if len(policies) > MOST_ATTACHED[kind]:
            message = f"{len(policies)} policies at one level, and AWS takes {MOST_ATTACHED[kind]}"
            yield Refusal(f"[{index}]", message, _PAGE, Subject.SIZE)
