"""The audit asks for what its policy allows, and for no more; the policy is read-only and fits into a session."""

from __future__ import annotations

import json

from infra.evaluator import catalogue
from infra.evaluator.catalogue import AccessLevel
from infra.evaluator.compiling import compile_policy
from infra.evaluator.kinds import PolicyKind
from infra.live.kinds import TABLE
from infra.policies.reading import ACTIONS, MAX_SESSION_SIZE, reading

#: Asked beside what the table says: for AWS's own policies that somebody has, and for whatever bears a tenant's tag.
_BESIDE = {"iam:GetPolicy", "iam:GetPolicyVersion", "tag:GetResources"}


def test_it_allows_what_is_asked_and_no_more() -> None:
    asked = {action for kind in TABLE for action in kind.actions()} | _BESIDE
    assert set(ACTIONS) == asked
    assert list(ACTIONS) == sorted(set(ACTIONS))


def test_every_action_exists_and_changes_nothing() -> None:
    for name in ACTIONS:
        found = catalogue.action(*name.split(":"))
        assert found is not None, name
        assert found.access_level in (AccessLevel.LIST, AccessLevel.READ), name


def test_it_is_a_policy_that_fits_into_a_session() -> None:
    rendered = reading().render()
    assert len(rendered) <= MAX_SESSION_SIZE
    assert compile_policy(json.loads(rendered), PolicyKind.SESSION).statements
