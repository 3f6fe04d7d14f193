"""Whatever texts a policy has, a question about it is answered, and solver and evaluator never differ."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.evaluator.document import Condition, Policy, Statement
from infra.evaluator.grammar import OPERATORS
from infra.evaluator.kinds import Effect, PolicyKind
from infra.evaluator.policies import Applicable
from infra.evaluator.request import caller_of
from infra.proof.symbolic import Family, Question, Sat, Unknown, Unsat, decide

OWN = "111122223333"
CALLER = caller_of(f"arn:aws:iam::{OWN}:role/acme")
#: A key of every type, and one that AWS does not have.
KEYS = (
    "aws:sourcevpce",
    "aws:tagkeys",
    "aws:securetransport",
    "s3:max-keys",
    "aws:currenttime",
    "aws:sourceip",
    "aws:sourcearn",
    "lambda:codesha256",
    "nobody:knows",
    "aws:calledviafirst",
)
_TEXTS = st.one_of(
    st.text("ab*?:${}'/,.é\n\x00İK", max_size=12),
    st.sampled_from(
        ["1e400", "-0", "0x1", "NaN", "10.0.0.0/33", "::/0", "0.0.0.0/0", "99999999999999", "2026", "YQ=="]
    ),
    st.sampled_from(
        ["${aws:SourceVpce}", "${aws:TagKeys}", "${aws:PrincipalTag/a, 'b'}", "${*}", "true", "arn:*:*:*:*:*"]
    ),
)


@st.composite
def _statements(draw: st.DrawFn, index: int) -> Statement:
    conditions = st.builds(
        "{}{}{}".format,
        st.sampled_from(["", "", "ForAllValues:", "ForAnyValue:"]),
        st.sampled_from([name for name in OPERATORS if name != "Null"]),
        st.sampled_from(["", "IfExists"]),
    )
    values = st.lists(_TEXTS, min_size=1, max_size=3).map(tuple)
    found = st.lists(st.builds(Condition, conditions, st.sampled_from(KEYS), values), max_size=3)
    return Statement(
        index=index,
        sid=None,
        effect=draw(st.sampled_from(Effect)),
        actions=("*",),
        resources=tuple(draw(st.lists(_TEXTS | st.just("*"), min_size=1, max_size=3))),
        conditions=tuple(draw(found)),
    )


def _question(*statements: Statement) -> Question:
    policy = Policy(version="2012-10-17", statements=statements, kind=PolicyKind.IDENTITY, label="any")
    return Question(
        caller=CALLER,
        family=Family.like("*", OWN),
        actions=("s3:GetObject",),
        policies=Applicable(identity=(policy,)),
    )


@given(st.tuples(_statements(0), _statements(1)))
@settings(deadline=None, max_examples=300)
def test_is_answered(statements: tuple[Statement, Statement]) -> None:
    answer = decide(_question(*statements))
    if isinstance(answer, Sat):
        assert answer.verdict.allowed
    elif isinstance(answer, Unknown):
        assert not any("differ" in reason for reason in answer.reasons)


@pytest.mark.parametrize(
    "text",
    ["a" * 10_000, "*a" * 5000, "?" * 10_000, "${aws:SourceVpce}" * 600],
    ids=["letters", "stars", "marks", "variables"],
)
def test_a_long_text_is_answered(text: str) -> None:
    allow = Statement(0, None, Effect.ALLOW, actions=("*",), resources=(text,))
    condition = Condition("StringLike", "aws:userid", (text,))
    deny = Statement(1, None, Effect.DENY, actions=("*",), resources=("*",), conditions=(condition,))
    assert not isinstance(decide(_question(allow, deny)), Unsat)
