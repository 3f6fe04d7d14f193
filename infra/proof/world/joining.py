"""Several documents of one resource as one policy: a few services keep more than one, and all of them count."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from infra.evaluator.document import VARIABLES_SINCE, Condition, Policy, Statement

#: How a document of the newer version writes what is plain text in the older one: ``${$}`` is a dollar sign.
#: Source: IAM User Guide, "IAM policy elements: Variables and tags", Special characters.
_PLAIN = ("${", "${$}{")


def joined(policies: Sequence[Policy]) -> Policy:
    """One policy with the statements of several, numbered through; its label is theirs with ``+`` between.

    Args:
        policies: At least one, all of one kind.
    """
    statements = [one for policy in policies for one in _in_newer_version(policy)]
    return Policy(
        version=VARIABLES_SINCE,
        statements=tuple(replace(one, index=index) for index, one in enumerate(statements)),
        kind=policies[0].kind,
        label=" + ".join(policy.label for policy in policies),
    )


def _in_newer_version(policy: Policy) -> tuple[Statement, ...]:
    return policy.statements if policy.has_variables else tuple(map(_escaped, policy.statements))


def _escaped(statement: Statement) -> Statement:
    return replace(
        statement,
        resources=_texts(statement.resources),
        not_resources=_texts(statement.not_resources),
        conditions=tuple(_condition(one) for one in statement.conditions),
    )


def _condition(condition: Condition) -> Condition:
    return replace(condition, values=_texts(condition.values) or ())


def _texts(texts: tuple[str, ...] | None) -> tuple[str, ...] | None:
    return None if texts is None else tuple(text.replace(*_PLAIN) for text in texts)
