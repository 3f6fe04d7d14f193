"""What is left out because two patterns cannot meet: never anything that both match."""

from __future__ import annotations

import os
from itertools import product
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from infra.evaluator.glob import glob
from infra.evaluator.request import caller_of
from infra.proof.atoms.shapes import may_overlap, widely
from infra.proof.reach.sources import Source, acting_for
from infra.proof.symbolic import Family, Unsat
from infra.proof.world import Actor, World, ask, candidates, meeting, questions
from infra.proof.world.overlap import Ends, ends_of, may_meet
from tests.proof.found_out import found_out
from tests.proof.world.estates import ACCOUNT, Statement, thing, world

CASES = int(os.environ.get("BULKHEAD_PROOF_CASES", "2000")) // 10
_QUICKLY = settings(deadline=None, max_examples=CASES, suppress_health_check=[HealthCheck.too_slow])
_PATTERNS = st.text(alphabet="ab*?", max_size=4)
_TEXTS = ["".join(letters) for length in range(5) for letters in product("ab", repeat=length)]


@given(_PATTERNS, _PATTERNS)
@settings(_QUICKLY, max_examples=CASES * 5)
def test_patterns_that_match_one_text_may_meet(one: str, other: str) -> None:
    if any(glob(one)(text) and glob(other)(text) for text in _TEXTS):
        assert may_meet(ends_of(one), ends_of(other))
        assert may_overlap(*(widely(Family.like(text, ACCOUNT).pattern) for text in (one, other)))


def test_patterns_that_begin_or_end_differently_do_not_meet() -> None:
    for one, other in (("a*", "b*"), ("*a", "*b"), ("a", "ab"), ("ab", "a"), ("ab*", "a")):
        assert not may_meet(ends_of(one), ends_of(other))
        assert not may_overlap(*(widely(Family.like(text, ACCOUNT).pattern) for text in (one, other)))


_SERVICE = "logs.amazonaws.com"
_KEY = f"arn:aws:kms:eu-central-1:{ACCOUNT}:key/b"
_GROUPS = f"arn:aws:logs:eu-central-1:{ACCOUNT}:log-group:"
_SOURCES = (f"{_GROUPS}/a/x", f"{_GROUPS}/a/*", f"{_GROUPS}*", f"{_GROUPS}/b/x", "*", "arn:aws:s3:::a", "${aws:x}")
_KEYS = ("aws:SourceArn", "kms:EncryptionContext:aws:logs:arn", "aws:SourceAccount")
_OPERATORS = (
    "ArnLike",
    "ArnNotLike",
    "StringEquals",
    "StringLike",
    "StringLikeIfExists",
    "ForAllValues:StringLike",
    "ForAnyValue:StringEquals",
    "Null",
)


@st.composite
def _statement(draw: st.DrawFn) -> Statement:
    conditions: dict[str, Any] = {}
    for _ in range(draw(st.integers(0, 2))):
        operator, key = draw(st.sampled_from(_OPERATORS)), draw(st.sampled_from(_KEYS))
        value = draw(st.sampled_from(("true", "false") if operator == "Null" else (*_SOURCES, ACCOUNT)))
        conditions.setdefault(operator, {})[key] = value
    who = draw(st.sampled_from(({"Service": _SERVICE}, {"Service": "sns.amazonaws.com"}, "*", {"AWS": ACCOUNT})))
    return {"Effect": "Allow", "Principal": who, "Action": "kms:Decrypt", "Resource": "*", "Condition": conditions}


@st.composite
def _deputies(draw: st.DrawFn) -> tuple[World, Actor]:
    """A key, and a service that acts for some log groups."""
    globs = st.lists(st.sampled_from(_SOURCES[:5]), min_size=1, max_size=2).map(tuple)
    forms = st.sampled_from(((f"arn:*:logs:*:{ACCOUNT}:log-group:*",), ("arn:*:*:*:*:*",)))
    sources = draw(st.lists(st.builds(Source, globs, forms), min_size=1, max_size=2).map(tuple))
    fixed = (("aws:SourceAccount", ACCOUNT),)
    actor = Actor(caller=caller_of(_SERVICE), fixed=fixed, within=acting_for(sources))
    return world(thing(_KEY, "b", *draw(st.lists(_statement(), min_size=1, max_size=2)))), actor


def _missed(asked: tuple[World, Actor]) -> bool:
    """Whether the service may use the key, which is no candidate."""
    estate, actor = asked
    key = estate.resources[_KEY]
    allowed = any(not isinstance(ask(estate, question), Unsat) for question in questions(estate, actor, key))
    return allowed and key not in candidates(estate, actor)


@given(_deputies())
@_QUICKLY
def test_what_a_service_may_use_is_a_candidate(asked: tuple[World, Actor]) -> None:
    assert not _missed(asked)


def _never(one: Ends, other: Ends) -> bool:
    del one, other
    return False


def test_what_is_left_out_by_mistake_is_found(monkeypatch: Any) -> None:
    monkeypatch.setattr(meeting, "may_meet", _never)
    found_out(_deputies(), _missed)
