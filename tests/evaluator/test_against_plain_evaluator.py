"""The evaluator decides arbitrary requests as a plain one does that shares nothing with it."""

from __future__ import annotations

from arbitrary_requests import CALLERS, ROOT, SESSION, Json, requests
from hypothesis import given, settings
from plain_evaluator import plainly_decided
from read_cases import answered

#: Only a role's session has a session policy, and the root user has no boundary.
_BARE = tuple(caller for caller in CALLERS if caller != SESSION)


def _possible(request: Json) -> Json:
    impossible = {"session_policy"} if request["principal"] in _BARE else set[str]()
    if request["principal"] == ROOT:
        impossible.add("boundary")
    return {key: value for key, value in request.items() if key not in impossible}


@given(requests().map(_possible))
@settings(deadline=None, max_examples=200)
def test_decision(request: Json) -> None:
    found = answered(request)
    assert found.decision == plainly_decided(request), found.reason


@given(requests(callers=(SESSION,)))
@settings(deadline=None, max_examples=200)
def test_decision_for_a_session(request: Json) -> None:
    found = answered(request)
    assert found.decision == plainly_decided(request), found.reason
