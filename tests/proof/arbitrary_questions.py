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
from infra.evaluator.policies import Applicable, Grant
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
TAG = "aws:PrincipalTag/tenant"

_PRINCIPALS = (
    PrincipalName("AWS", "*"),
    PrincipalName("AWS", ROLE),
    PrincipalName("AWS", OWN),
    PrincipalName("AWS", SESSION),
    PrincipalName("AWS", CALLERS[2]),
    PrincipalName("Service", "sagemaker.amazonaws.com"),
)


def _conditions(key: str, values: Sequence[tuple[str, ...]], operators: Sequence[str]) -> list[Condition]:
    found = [Condition(operator, key, written) for operator in operators for written in values]
    return [*found, Condition("Null", key, ("true",)), Condition("Null", key, ("false",))]


_TEXT = ("StringEquals", "StringNotEquals", "StringLike", "StringNotLike", "StringEqualsIgnoreCase")


@dataclass(frozen=True)
class Service:
    """The actions and resources of a world, and the patterns of them in policies."""

    actions: tuple[str, ...]
    family: str
    arns: tuple[str, ...]
    action_lists: Sequence[tuple[str, ...]]
    resource_lists: Sequence[tuple[str, ...]]
    grants: Sequence[Grant] = ()
    trust: bool = False


_S3 = Service(
    actions=("s3:GetObject", "s3:PutObject"),
    family="arn:aws:s3:::d/*",
    arns=tuple(f"arn:aws:s3:::d/{key}" for key in ("a", "b", "ab", "acme/b", "a:b", "a:b/b", "")),
    action_lists=(("s3:*",), ("s3:getobject",), ("s3:put*",), ("s3:?etobject", "ec2:*")),
    resource_lists=(
        ("*",),
        ("arn:aws:s3:::d/*",),
        ("arn:aws:s3:::d/a*",),
        ("arn:aws:s3:::d/?",),
        ("arn:aws:s3:::d/*b", "arn:aws:s3:::d/a"),
        (f"arn:aws:s3:::d/${{{TAG}}}/*",),
        ("arn:aws:s3:::*/b*",),
        ("arn:aws:s3:*:*:d/b",),
        ("arn:aws:s*:::d/*",),
        ("arn:aws:s3:::d/${aws:PrincipalTag/unset, 'ab'}", "arn:aws:s3:::d/${aws:PrincipalTag/unset}"),
    ),
)
_KEYS = f"arn:aws:kms:eu-west-1:{OWN}:"
_KMS = Service(
    actions=("kms:Decrypt", "kms:CreateGrant", "kms:RetireGrant"),
    family=f"{_KEYS}*/?",
    arns=tuple(f"{_KEYS}{name}" for name in ("key/k", "key/j", "alias/k")),
    action_lists=(("kms:*",), ("kms:decrypt",), ("kms:*grant",)),
    resource_lists=(("*",), (f"{_KEYS}key/*",), (f"{_KEYS}key/k",), (f"{_KEYS}*/k",), (f"{_KEYS}k*",)),
    grants=(
        Grant(ROLE, frozenset({"Decrypt"}), f"{_KEYS}key/k", context_equals={"Tenant": "acme"}),
        Grant(ROLE, frozenset({"Decrypt", "CreateGrant"}), context_subset={"Tenant": "acme", "use": "a"}),
        Grant(OWN, frozenset({"RetireGrant", "Decrypt"}), f"{_KEYS}key/j"),
        Grant("sagemaker.amazonaws.com", frozenset({"Decrypt"}), context_equals={}),
    ),
)
_STS = Service(
    actions=("sts:AssumeRole", "sts:TagSession"),
    family=f"arn:aws:iam::{OWN}:role/t",
    arns=(f"arn:aws:iam::{OWN}:role/t",),
    action_lists=(("sts:*",), ("sts:assumerole",), ("sts:tag*",)),
    resource_lists=(("*",), (f"arn:aws:iam::{OWN}:role/?",), (f"arn:aws:iam::{OWN}:role/u*",)),
    trust=True,
)


@dataclass(frozen=True)
class World:
    """Two condition keys, what policies compare them with, and the values that requests try."""

    values: Mapping[str, Sequence[ContextValue]]
    conditions: Sequence[Condition]
    service: Service = _S3


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
_CONTEXTS = World(
    {
        "kms:EncryptionContext:Tenant": (None, "acme", "x"),
        "kms:EncryptionContext:use": (None, "a", "b"),
        "aws:calledvia": (None, ("s3.amazonaws.com",), ("x", "s3.amazonaws.com")),
    },
    [
        *_conditions("kms:encryptioncontext:tenant", [("acme",), (f"${{{TAG}}}",)], ["StringEquals", "StringNotLike"]),
        *_conditions("kms:encryptioncontext:use", [("a",)], ["StringEquals", "StringNotEqualsIfExists"]),
        *_conditions(
            "aws:calledvia",
            [("s3.amazonaws.com",)],
            ["ForAnyValue:StringEquals", "ForAllValues:StringNotEquals", "StringEquals"],
        ),
        *_conditions("aws:viaawsservice", [("true",), ("false",)], ["Bool"]),
    ],
    _KMS,
)
_TRUST = World(
    {"sts:externalid": (None, "a", "b", "ab"), "sts:transitivetagkeys": (None, ("t",), ("u",), ("t", "u"))},
    [
        *_conditions("sts:externalid", [("a",), ("?", "a*")], ["StringEquals", "StringLike", "StringNotLike"]),
        *_conditions(
            "sts:transitivetagkeys",
            [("t",)],
            ["ForAnyValue:StringEquals", "ForAllValues:StringEquals", "ForAnyValue:StringNotEquals"],
        ),
    ],
    _STS,
)
WORLDS = (_VPCE, _SETS, _ORDERED, _ADDRESSES, _CONTEXTS, _TRUST)
NAMES = ("endpoints", "sets", "ordered", "addresses", "keys", "trusts")
_KINDS = (
    PolicyKind.IDENTITY,
    PolicyKind.RESOURCE,
    PolicyKind.BOUNDARY,
    PolicyKind.SESSION,
    PolicyKind.SCP,
    PolicyKind.ENDPOINT,
    PolicyKind.RCP,
)
_NAMING = frozenset({PolicyKind.RESOURCE, PolicyKind.ENDPOINT, PolicyKind.RCP})
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
    trusts = kind is PolicyKind.RESOURCE and world.service.trust
    effect = choices.one((Effect.ALLOW, Effect.ALLOW, Effect.DENY))
    actions = choices.one(world.service.action_lists)
    not_actions = choices.one((False, False, False, True))
    resources = choices.one(world.service.resource_lists)
    not_resources = choices.one((False, False, False, True))
    conditions = tuple(choices.one(world.conditions) for _ in range(choices.one((1, 1, 0, 2))))
    principals = (choices.one(_PRINCIPALS),) if kind in _NAMING else None
    not_principals = kind in _NAMING and effect is Effect.DENY and choices.one((False, False, True))
    return Statement(
        index=index,
        sid=None,
        effect=effect,
        principals=None if not_principals else principals,
        not_principals=principals if not_principals else None,
        actions=None if not_actions else actions,
        not_actions=actions if not_actions else None,
        resources=None if not_resources or trusts else resources,
        not_resources=resources if not_resources and not trusts else None,
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
def questions(draw: st.DrawFn, worlds: Sequence[World] = WORLDS) -> tuple[World, Question]:
    """A world and a question over it: one to six statements in up to five kinds of policies."""
    numbers = draw(_NUMBERS)
    choices = _Choices(draw(st.integers(0, _LARGEST)))
    world = choices.one(worlds)
    caller = choices.one(CALLERS)
    version = choices.one(("2012-10-17", "2012-10-17", "2008-10-17"))
    of_kind: dict[PolicyKind, list[int]] = {}
    for number in numbers:
        of_kind.setdefault(choices.one(_KINDS), []).append(number)
    made = {kind: _policy(found, world, kind, version) for kind, found in of_kind.items()}
    service = world.service
    policies = Applicable(
        identity=_tuple(made.get(PolicyKind.IDENTITY)),
        boundary=made.get(PolicyKind.BOUNDARY),
        session=_tuple(made.get(PolicyKind.SESSION)) or None,
        resource=made.get(PolicyKind.RESOURCE),
        trust=service.trust,
        endpoint=made.get(PolicyKind.ENDPOINT),
        scps=tuple(map(_tuple, _tuple(made.get(PolicyKind.SCP)))),
        rcps=tuple(map(_tuple, _tuple(made.get(PolicyKind.RCP)))),
        grants=tuple(grant for grant in service.grants if choices.one((False, True))),
    )
    whole = choices.one((True, False))
    family = Family.like(service.family, OWN) if whole else Family.exactly(choices.one(service.arns), OWN)
    tag = choices.one(("acme", None, "*"))
    return world, Question(
        caller=_caller(caller), family=family, actions=service.actions, policies=policies, fixed={TAG: tag}
    )


def _tuple(policy: Policy | None) -> tuple[Policy, ...]:
    return () if policy is None else (policy,)


def all_requests(world: World, question: Question) -> Iterator[Request]:
    """Every request of a world that is one of a question's."""
    pattern = question.family.pattern
    arns = world.service.arns if len(pattern) > 1 else tuple(str(token) for token in pattern)
    for action, arn in product(question.actions, arns):
        for values in product(*world.values.values()):
            yield question.request(action, arn, dict(zip(world.values, values, strict=True)))
