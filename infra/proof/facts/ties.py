"""What ties a stack to others: names that it looks for and does not have, and what it says about what is not its own.

The facts of a stack that no other one is tied to are the same whether it is read alone or with all the others.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from infra.proof.facts.index import Index
from infra.proof.facts.model import Estate

#: Policies of a whole account: what they are about is in any stack. Source: Amazon CloudWatch Logs User Guide,
#: "Overview of managing access permissions to your CloudWatch Logs resources".
_OF_ACCOUNTS = frozenset({"aws:cloudwatch/logResourcePolicy:LogResourcePolicy"})


@dataclass(frozen=True, slots=True)
class Ties:
    """What another stack may look for in this one, and this one in others.

    Args:
        names: The types and names of its records.
        asked: The types and names that were looked for and not found nearby.
        arns: The ARNs of what it has.
        foreign: The ARNs that it holds policies for, and that it does not have.
        stacks: The stacks that its records are of.
        arn_types: Whether its deployed resources of a type have an ARN.
        rules_accounts: Whether it says something about everything in an account.
    """

    names: frozenset[tuple[str, str]]
    asked: frozenset[tuple[str, str]]
    arns: frozenset[str]
    foreign: frozenset[str]
    stacks: tuple[str, ...]
    arn_types: Mapping[str, bool]
    rules_accounts: bool


def ties(index: Index, estate: Estate, under_policy: frozenset[str]) -> Ties:
    """The ties of a stack.

    Args:
        index: Its records, after the estate was made of them.
        estate: Its facts.
        under_policy: The ARNs that its policies are attached to.
    """
    arns = frozenset(one.arn for one in (*estate.principals, *estate.resources))
    types: dict[str, bool] = {}
    for record in index.records:
        if not record.planned:
            types.setdefault(record.type, record.text("arn") is not None)
    return Ties(
        names=frozenset(index.names()),
        asked=frozenset(index.asked),
        arns=arns,
        foreign=frozenset(under_policy - arns),
        stacks=estate.stacks,
        arn_types=types,
        rules_accounts=any(True for _ in index.of(*_OF_ACCOUNTS)),
    )
