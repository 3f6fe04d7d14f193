"""Takes requests out of a question: by a policy that denies them, so that solver and evaluator read them as any other.

An explicit Deny of an identity policy binds every caller and wins over every Allow. What it denies only under one
reading of the documentation stays in the question. Source: IAM User Guide, "Policy evaluation logic".
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

from infra.evaluator.document import Condition, Policy, Statement
from infra.evaluator.kinds import Effect, PolicyKind
from infra.proof.symbolic import Question

#: Without policy variables: what is written stands for itself.
_VERSION = "2008-10-17"


def requests(
    *,
    actions: tuple[str, ...] = ("*",),
    not_actions: tuple[str, ...] | None = None,
    resources: tuple[str, ...] = ("*",),
    not_resources: tuple[str, ...] | None = None,
    conditions: tuple[Condition, ...] = (),
) -> Statement:
    """Requests, as a statement is about them.

    Args:
        actions: Which actions, with wildcards.
        not_actions: If given, instead all actions but these.
        resources: On which ARNs, with wildcards.
        not_resources: If given, instead on all ARNs but these.
        conditions: What holds of each of them.
    """
    return Statement(
        index=0,
        sid=None,
        effect=Effect.DENY,
        actions=_lowered(actions) if not_actions is None else None,
        not_actions=None if not_actions is None else _lowered(not_actions),
        resources=resources if not_resources is None else None,
        not_resources=not_resources,
        conditions=conditions,
    )


def without(question: Question, *excepted: Statement) -> Question:
    """The question about the requests of another one but for some.

    Args:
        question: The other one.
        excepted: Requests, as `requests` makes them.
    """
    if not excepted:
        return question
    policies = question.policies
    return replace(question, policies=replace(policies, identity=(*policies.identity, _denying(excepted))))


def _lowered(actions: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one.lower() for one in actions)


@lru_cache(maxsize=4096)
def _denying(excepted: tuple[Statement, ...]) -> Policy:
    return Policy(_VERSION, excepted, PolicyKind.IDENTITY, "requests that are not asked about")
