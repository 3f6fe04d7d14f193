"""Two documents are the same where AWS would decide alike, and differ wherever it might not."""

from __future__ import annotations

import json
from typing import Any, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.evaluator.kinds import PolicyKind
from infra.live.documents import changed, meaning

Json = dict[str, Any]
_ONE: Json = {
    "Sid": "One",
    "Effect": "Allow",
    "Principal": {"AWS": ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"]},
    "Action": ["s3:GetObject", "s3:PutObject"],
    "Resource": ["arn:aws:s3:::x/*", "arn:aws:s3:::y/*"],
    "Condition": {
        "StringEquals": {"aws:PrincipalTag/tenant": ["acme", "globex"]},
        "Bool": {"aws:SecureTransport": True},
    },
}
_OTHER: Json = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::x"}


def _document(*statements: Json, version: str = "2012-10-17") -> str:
    return json.dumps({"Version": version, "Statement": list(statements)})


def _says(document: object) -> object:
    return meaning(document, PolicyKind.RESOURCE, "s3")


def _shuffled(draw: st.DrawFn, value: Any) -> Any:
    if isinstance(value, list):
        return [_shuffled(draw, each) for each in draw(st.permutations(cast("list[Any]", value)))]
    if isinstance(value, dict):
        members = cast("Json", value)
        return {key: _shuffled(draw, members[key]) for key in draw(st.permutations(list(members)))}
    return value


@st.composite
def _rewritten(draw: st.DrawFn) -> Json:
    """A statement in another order, with other Sids and cases where AWS ignores them."""
    statement = _shuffled(draw, _ONE)
    statement["Sid"] = draw(st.sampled_from(["One", "Another"]))
    statement["Action"] = [draw(st.sampled_from([text, text.lower()])) for text in statement["Action"]]
    statement["Condition"]["Bool"] = {"aws:securetransport": draw(st.sampled_from([True, "true"]))}
    return statement


@given(_rewritten(), st.booleans())
def test_order_case_and_sids_do_not_matter(statement: Json, first: bool) -> None:
    written = [statement, _OTHER] if first else [_OTHER, statement]
    assert _says(_document(*written)) == _says(_document(_ONE, _OTHER))


def test_a_text_and_a_list_of_it_are_the_same() -> None:
    assert _says(_document({**_OTHER, "Action": ["s3:*"]})) == _says(_document(_OTHER))
    assert _says(json.loads(_document(_OTHER))) == _says(_document(_OTHER))


def test_an_account_and_its_root_are_the_same() -> None:
    by_number = {**_OTHER, "Principal": {"AWS": "111122223333"}}
    assert _says(_document(by_number)) == _says(
        _document({**_OTHER, "Principal": {"AWS": "arn:aws:iam::111122223333:root"}})
    )


@pytest.mark.parametrize(
    "twin",
    [
        {**_ONE, "Effect": "Deny"},
        {**_ONE, "Principal": "*"},
        {**_ONE, "Principal": {"AWS": ["arn:aws:iam::111122223333:role/a"]}},
        {**_ONE, "Action": ["s3:GetObject"]},
        {**_ONE, "Resource": ["arn:aws:s3:::X/*", "arn:aws:s3:::y/*"]},
        {**_ONE, "Condition": {"StringEquals": _ONE["Condition"]["StringEquals"]}},
        {**_ONE, "Condition": {"StringLike": _ONE["Condition"]["StringEquals"], "Bool": _ONE["Condition"]["Bool"]}},
        {
            **_ONE,
            "Condition": {
                **_ONE["Condition"],
                "StringEquals": {"aws:PrincipalTag/tenant": ["acme"]},
            },
        },
    ],
)
def test_every_change_that_may_matter_is_one(twin: Json) -> None:
    assert _says(_document(twin, _OTHER)) != _says(_document(_ONE, _OTHER))
    only_old, only_new = changed(_document(_ONE, _OTHER), _document(twin, _OTHER), PolicyKind.RESOURCE, "s3")
    assert [json.loads(each) for each in only_old] == [_ONE]
    assert [json.loads(each) for each in only_new] == [twin]


def test_variables_are_texts_in_the_older_version() -> None:
    assert _says(_document(_OTHER, version="2008-10-17")) != _says(_document(_OTHER))


def test_what_is_no_policy_is_compared_as_it_is() -> None:
    assert _says("{") == _says("{")
    assert _says("{") != _says(_document(_OTHER))
    assert _says(None) != _says(_document(_OTHER))
    assert changed(None, _document(_OTHER), PolicyKind.RESOURCE, "s3")[1] == (json.dumps(_OTHER, sort_keys=True),)
