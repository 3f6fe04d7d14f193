"""Whatever is given as a document, the grammar answers: it raises nothing, and says the same of text and mapping."""

from __future__ import annotations

import json
from typing import Any, cast

from hypothesis import given, settings
from hypothesis import strategies as st

from infra.evaluator.grammar import refusals
from infra.evaluator.grammar.operators import OPERATORS
from infra.evaluator.kinds import PolicyKind
from tests.evaluator.grammar_documents import ROLE

_SERVICES = st.sampled_from([None, "", "s3", "kms", "sns", "sqs", "ecr", "no-such-service", "../s3"])
_KINDS = st.sampled_from(list(PolicyKind))
_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
_ANYTHING = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=12
)
_WORDS = st.sampled_from(
    [
        "*", "Allow", "Deny", "s3:GetObject", "s3:*", "sts:AssumeRole", "arn:aws:s3:::b/*", "arn:aws:iam::*:role/*",
        ROLE, "arn:", "arn:aws:", "${aws:username}", "aws:PrincipalTag/tenant", "s3:prefix", "2012-10-17",
        "10.0.0.0/8", "",
    ]
)  # fmt: skip
_VALUES = _WORDS | st.lists(_WORDS, max_size=3) | _ANYTHING
_CONDITIONS = st.dictionaries(
    st.sampled_from([*OPERATORS, "ForAnyValue:StringLikeIfExists", "Null:"]) | st.text(max_size=8),
    st.dictionaries(_WORDS, _VALUES, max_size=2) | _VALUES,
    max_size=2,
)
_PRINCIPALS = st.dictionaries(
    st.sampled_from(["AWS", "Service", "Federated", "CanonicalUser", "X"]), _VALUES, max_size=2
)
_STATEMENTS = st.fixed_dictionaries(
    {},
    optional={
        "Sid": _VALUES, "Effect": _VALUES, "Principal": _PRINCIPALS | _VALUES, "NotPrincipal": _PRINCIPALS,
        "Action": _VALUES, "NotAction": _VALUES, "Resource": _VALUES, "NotResource": _VALUES,
        "Condition": _CONDITIONS | _VALUES, "Else": _VALUES,
    },
)  # fmt: skip
_DOCUMENTS = st.fixed_dictionaries(
    {},
    optional={
        "Version": _VALUES, "Id": _VALUES, "Statement": _STATEMENTS | st.lists(_STATEMENTS | _ANYTHING, max_size=3),
    },
)  # fmt: skip


@settings(deadline=None, max_examples=300)
@given(document=_DOCUMENTS | _ANYTHING, kind=_KINDS, service=_SERVICES)
def test_any_json_is_answered(document: Any, kind: PolicyKind, service: str | None) -> None:
    of_text = refusals(json.dumps(document), kind, service)
    assert all(one.message and one.source for one in of_text)
    if isinstance(document, dict):
        of_mapping = refusals(cast("dict[str, Any]", document), kind, service)
        assert [(one.path, one.subject) for one in of_mapping] == [(one.path, one.subject) for one in of_text]


@settings(deadline=None, max_examples=200)
@given(text=st.text() | st.text(alphabet='{}[]":, *sAR\\u0'), kind=_KINDS, service=_SERVICES)
def test_any_text_is_answered(text: str, kind: PolicyKind, service: str | None) -> None:
    assert refusals(text, kind, service)
