"""Patterns: wildcards, variables, and the two readings of a wildcard beside a colon."""

from __future__ import annotations

import fnmatch
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra.evaluator.glob import Template, Variable, Wildcard, matcher, may_cross_segments


def pattern(text: str, **values: str) -> tuple[str | Wildcard, ...]:
    found = Template.parse(text, variables=True).resolve({key.lower(): value for key, value in values.items()}.get)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("text", "tokens"),
    [
        ("plain", ("plain",)),
        ("a*b?", ("a", Wildcard.MANY, "b", Wildcard.ONE)),
        ("x/${aws:PrincipalTag/Tenant}/*", ("x/", Variable("aws:principaltag/tenant"), "/", Wildcard.MANY)),
        ("${aws:username, 'nobody'}", (Variable("aws:username", "nobody"),)),
        ("${*}${?}${$}", ("*", "?", "$")),
        ("${aws:username", ("${aws:username",)),
    ],
)
def test_a_text_is_read_into_tokens(text: str, tokens: tuple[object, ...]) -> None:
    assert Template.parse(text, variables=True).tokens == tokens


def test_without_variables_a_dollar_is_text() -> None:
    assert Template.parse("${aws:username}", variables=False).tokens == ("${aws:username}",)


def test_without_wildcards_a_star_is_text() -> None:
    assert Template.parse("a*", variables=True, wildcards=False).tokens == ("a*",)


def test_a_wildcard_in_a_value_is_literal() -> None:
    template = Template.parse("data/${tenant}/*", variables=True)
    resolved = template.resolve({"tenant": "*"}.get)
    assert resolved is not None
    assert matcher(resolved)("data/*/x")
    assert not matcher(resolved)("data/globex/x")


def test_a_variable_without_value_or_default_resolves_to_nothing() -> None:
    template = Template.parse("data/${tenant}/${team, 'none'}", variables=True)
    assert template.resolve({"team": "a"}.get) is None
    assert template.resolve({"tenant": "acme"}.get) == ("data/", "acme", "/", "none")


@pytest.mark.parametrize(
    ("text", "matched", "missed"),
    [
        ("*", "", None),
        ("a*", "a:b/c\nd", "b"),
        ("a?c", "a/c", "ac"),
        ("?", ":", ""),
        ("*:*", "s3:GetObject", "s3"),
        ("a*b*c", "aXbYbZc", "aXcYb"),
        ("a**c", "ac", "a"),
        ("a.c", "a.c", "abc"),
        ("a*a", "aa", "a"),
    ],
)
def test_wildcards_match_whole_texts(text: str, matched: str, missed: str | None) -> None:
    fits = matcher(pattern(text))
    assert fits(matched)
    assert missed is None or not fits(missed)


@given(st.text(alphabet="ab:*?", max_size=8), st.text(alphabet="ab:", max_size=12))
def test_wildcards_match_as_in_file_names(text: str, subject: str) -> None:
    assert matcher(pattern(text))(subject) == fnmatch.fnmatchcase(subject, text)


@given(st.text(alphabet="ab:*?", max_size=8), st.text(alphabet="ab:", max_size=12))
def test_the_narrow_reading_keeps_wildcards_in_segments_but_for_a_star_that_ends_one(text: str, subject: str) -> None:
    tokens = re.findall(r"\*+(?=:|$)|\*+|\?|.", text, re.DOTALL)
    ends = [match.end() for match in re.finditer(r"\*+(?=:|$)|\*+|\?|.", text, re.DOTALL)]
    expression = "".join(
        (".*" if end == len(text) or text[end] == ":" else "[^:]*")
        if token.startswith("*")
        else "[^:]"
        if token == "?"
        else re.escape(token)
        for token, end in zip(tokens, ends, strict=True)
    )
    narrow = matcher(pattern(text), within_segments=True)(subject)
    assert narrow == (re.fullmatch(expression, subject, re.DOTALL) is not None)
    assert matcher(pattern(text))(subject) or not narrow


@pytest.mark.parametrize(
    ("text", "differs"),
    [
        ("arn:aws:s3:::acme-*", False),
        ("arn:aws:iam::*:role/acme", False),
        ("arn:aws:s3:::acme/${*}x", False),
        ("arn:aws:s3:::acme-*/x", True),
        ("arn:aws:s3:::acme-?", True),
    ],
)
def test_the_readings_differ_only_for_wildcards_within_a_segment(text: str, differs: bool) -> None:
    assert may_cross_segments(pattern(text)) is differs


def test_many_stars_take_no_time() -> None:
    many = pattern("a*" * 200 + "b")
    text = "a" * 5_000
    assert not matcher(many)(text)
    assert not matcher(pattern("*a*" * 100 + "b"), within_segments=True)(text[:300])
