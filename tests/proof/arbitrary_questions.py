"""Arbitrary questions over small worlds, one number a statement, and all requests of a world to try them by force."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product
from typing import TypeVar

from hypothesis import strategies as st

from infra.evaluator.document import Condition, Policy, PrincipalName, Statement
from infra.evaluator.kinds import Effect, PolicyKind
from infra.evaluator.policies import Applicable
from infra.evaluator.request import Caller, ContextValue, Request, caller_of
from infra.proof.symbolic import Family, Question

Item = TypeVar("Item")

OWN, OTHER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{OWN}:role/acme"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/acme/job"
CALLERS = (
    SESSION,
    f"arn:aws:iam::{OWN}:user/dana",
    f"arn:aws:sts::{OTHER}:assumed-role/visitor/visit",
    f"arn:aws:iam::{OWN}:root",
    "sagemaker.amazonaws.com",
    "*",
)
FAMILY = "arn:aws:s3:::d/*"
ACTIONS = ("s3:GetObject", "s3:PutObject")
ARNS = tuple(f"arn:aws:s3:::d/{key}" for key in ("a", "b", "ab", "acme/b", "a:b", ""))
TAG = "aws:PrincipalTag/tenant"

_PRINCIPALS = (
    PrincipalName("AWS", "*"),
    PrincipalName("AWS", ROLE),
    PrincipalName("AWS", OWN),
    PrincipalName("AWS", SESSION),
    PrincipalName("AWS", CALLERS[2]),
    PrincipalName("Service", "sagemaker.amazonaws.com"),
)
_ACTION_LISTS = (("s3:*",), ("s3:getobject",), ("s3:put*",), ("s3:?etobject", "ec2:*"))
_RESOURCE_LISTS = (
    ("*",),
    ("arn:aws:s3:::d/*",),
    ("arn:aws:s3:::d/a*",),
    ("arn:aws:s3:::d/?",),
    ("arn:aws:s3:::d/*b", "arn:aws:s3:::d/a"),
    (f"arn:aws:s3:::d/${{{TAG}}}/*",),
    ("arn:aws:s3:::*/b*",),
    ("arn:aws:s3:*:*:d/b",),
    ("arn:aws:s3:::d/${aws:PrincipalTag/unset, 'ab'}", "arn:aws:s3:::d/${aws:PrincipalTag/unset}"),
)


def _conditions(key: str, values: Sequence[tuple[str, ...]], operators: Sequence[str]) -> list[Condition]:
    found = [Condition(operator, key, written) for operator in operators for written in values]
    return [*found, Condition("Null", key, ("true",)), Condition("Null", key, ("false",))]


_TEXT = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase")


@dataclass(frozen=True)
class World:
    """Two condition keys, what policies compare them with, and the values that requests try."""

    values: Mapping[str, Sequence[ContextValue]]
    conditions: Sequence[Condition]


_VPCE = World(
    {"aws:sourcevpce": (None, "v", "V", "va", "x", ""), "aws:securetransport": (None, True, False)},
    [
        *_conditions(
            "aws:sourcevpce",
            [("v",), ("v*", "X"), (f"${{{TAG}}}",)],
            [*_TEXT, "StringEqualsIfExists", "ForAllValues:StringLike", "ForAnyValue:StringEqualsIfExists"],
        ),
        *_conditions("aws:securetransport", [("true",), ("false",)], ["Bool", "BoolIfExists", "StringEquals"]),
    ],
)
_SETS = World(
    {"aws:tagkeys": (None, ("a",), ("b",), ("a", "b"), ("c", "c"), ("ab", "c", "b")), "custom:k": (None, "a", ("a",))},
    [
        *_conditions(
            "aws:tagkeys",
            [("a",), ("a*", "b"), ("*b",)],
            [
                *(f"{quantifier}:{operator}" for quantifier in ("ForAllValues", "ForAnyValue") for operator in _TEXT),
                "StringEquals",
                "StringNotEquals",
                "ForAllValues:StringEqualsIfExists",
                "ForAnyValue:StringLikeIfExists",
            ],
        ),
        *_conditions("custom:k", [("a",), ("?",)], ["StringLike", "StringNotLike", "ForAllValues:StringEquals"]),
    ],
)
_ORDERED = World(
    {
        "s3:max-keys": (None, "0", "1", "1.5", "2", "10"),
        "aws:currenttime": (None, "2026-01-01T00:00:00Z", "2026-01-02T00:00:00Z", "2027-01-01T00:00:00Z"),
    },
    [
        *_conditions(
            "s3:max-keys",
            [("1",), ("2", "x"), ("2",)],
            ["NumericEquals", "NumericNotEquals", "NumericLessThan", "NumericGreaterThanEqualsIfExists"],
        ),
        *_conditions(
            "aws:currenttime",
            [("2026-01-02T00:00:00Z",), ("1767225600",)],
            ["DateLessThan", "DateGreaterThanEquals", "DateEquals", "DateNotEquals"],
        ),
    ],
)
_ADDRESSES = World(
    {
        "aws:sourceip": (None, "10.0.0.1", "10.0.1.1", "11.0.0.0", "::1"),
        "aws:sourcearn": (None, "arn:aws:s3:::d", "arn:aws:s3:::e:f", f"arn:aws:sns:eu-west-1:{OWN}:d"),
    },
    [
        *_conditions("aws:sourceip", [("10.0.0.0/8",), ("10.0.0.0/24", "::/0")], ["IpAddress", "NotIpAddress"]),
        *_conditions(
            "aws:sourcearn",
            [("arn:aws:s3:::d",), ("arn:*:*:*:*:d",), ("arn:aws:s3:::*", "arn:aws:sns:*")],
            ["ArnLike", "ArnNotEquals", "StringLike", "ArnEqualsIfExists"],
        ),
    ],
)
WORLDS = (_VPCE, _SETS, _ORDERED, _ADDRESSES)
#: Kinds with the most statements that one of their policies gets; a policy that cannot be absent gets at least one.
_KINDS = (PolicyKind.IDENTITY, PolicyKind.RESOURCE, PolicyKind.BOUNDARY, PolicyKind.SESSION, PolicyKind.SCP)
_LARGEST = 1 << 40


class _Choices:
    """Choices read off one number."""

    def __init__(self, number: int) -> None:
        self._rest = number

    def one(self, items: Sequence[Item]) -> Item:
        self._rest, place = divmod(self._rest, len(items))
        return items[place]


def _statement(index: int, number: int, world: World, kind: PolicyKind) -> Statement:
    choices = _Choices(number)
    effect = choices.one((Effect.ALLOW, Effect.ALLOW, Effect.DENY))
    actions = choices.one(_ACTION_LISTS)
    not_actions = choices.one((False, False, False, True))
    resources = choices.one(_RESOURCE_LISTS)
    not_resources = choices.one((False, False, False, True))
    conditions = tuple(choices.one(world.conditions) for _ in range(choices.one((1, 1, 0, 2))))
    principals = (choices.one(_PRINCIPALS),) if kind is PolicyKind.RESOURCE else None
    not_principals = kind is PolicyKind.RESOURCE and effect is Effect.DENY and choices.one((False, False, True))
    return Statement(
        index=index,
        sid=None,
        effect=effect,
        principals=None if not_principals else principals,
        not_principals=principals if not_principals else None,
        actions=None if not_actions else actions,
        not_actions=actions if not_actions else None,
        resources=None if not_resources else resources,
        not_resources=resources if not_resources else None,
        conditions=conditions,
    )


def _policy(numbers: Sequence[int], world: World, kind: PolicyKind, version: str) -> Policy:
    statements = tuple(_statement(index, number, world, kind) for index, number in enumerate(numbers))
    return Policy(version=version, statements=statements, kind=kind, label=kind.value)


@lru_cache(maxsize=16)
def _caller(arn: str) -> Caller:
    return caller_of(arn)


_NUMBERS = st.lists(st.integers(0, _LARGEST), min_size=1, max_size=6)


@st.composite
def questions(draw: st.DrawFn) -> tuple[World, Question]:
    """A world and a question over it: one to six statements in up to five kinds of policies."""
    numbers = draw(_NUMBERS)
    choices = _Choices(draw(st.integers(0, _LARGEST)))
    world = choices.one(WORLDS)
    caller = choices.one(CALLERS)
    version = choices.one(("2012-10-17", "2012-10-17", "2008-10-17"))
    of_kind: dict[PolicyKind, list[int]] = {}
    for number in numbers:
        of_kind.setdefault(choices.one(_KINDS), []).append(number)
    made = {kind: _policy(found, world, kind, version) for kind, found in of_kind.items()}
    session = made.get(PolicyKind.SESSION)
    scp = made.get(PolicyKind.SCP)
    identity = made.get(PolicyKind.IDENTITY)
    policies = Applicable(
        identity=(identity,) if identity else (),
        boundary=made.get(PolicyKind.BOUNDARY),
        session=(session,) if session else None,
        resource=made.get(PolicyKind.RESOURCE),
        scps=((scp,),) if scp else (),
    )
    tag = choices.one(("acme", None, "*"))
    family = Family.like(FAMILY, OWN) if choices.one((True, False)) else Family.exactly(choices.one(ARNS), OWN)
    return world, Question(caller=_caller(caller), family=family, actions=ACTIONS, policies=policies, fixed={TAG: tag})


def all_requests(world: World, question: Question) -> Iterator[Request]:
    """Every request of a world that is one of a question's."""
    pattern = question.family.pattern
    arns = ARNS if len(pattern) > 1 else tuple(str(token) for token in pattern)
    for action, arn in product(question.actions, arns):
        for values in product(*world.values.values()):
            yield question.request(action, arn, dict(zip(world.values, values, strict=True)))
