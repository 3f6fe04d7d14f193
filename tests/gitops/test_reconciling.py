"""What becomes of a tenant when merged specs and what was applied are compared: nothing by hand is overwritten."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import pytest

from infra.gitops.reconciling import Applied, Data, Hold, Start, compare_folder, reconcile

_OLD, _NEW = {"id": "acme", "tier": "pool"}, {"id": "acme", "tier": "silo"}
_APPLIED = Applied(state="active", spec=_OLD)


@pytest.mark.parametrize(
    ("effective", "folder", "applied", "becomes"),
    [
        (_OLD, _OLD, _APPLIED, None),
        ({"tier": "pool", "id": "acme"}, _OLD, _APPLIED, None),
        (_NEW, _OLD, _APPLIED, "change"),
        (_NEW, None, None, "onboard"),
        (_NEW, _NEW, None, "onboard"),
        (_NEW, _OLD, None, "edited"),
        (None, _OLD, None, "unknown"),
        (None, _OLD, _APPLIED, "vanished"),
        (None, _OLD, replace(_APPLIED, busy="1"), "busy"),
        (_NEW, _OLD, replace(_APPLIED, busy="1"), "busy"),
        (_NEW, _OLD, replace(_APPLIED, asked="1 failed: no"), "failed"),
        (_OLD, _OLD, replace(_APPLIED, asked="1 succeeded"), None),
        (_NEW, _NEW, _APPLIED, "edited"),
        (_OLD, None, _APPLIED, "edited"),
        (_OLD, _NEW, _APPLIED, "edited"),
        (_OLD, _OLD, replace(_APPLIED, by_hand="pulumi up"), "by hand"),
        (_NEW, _OLD, replace(_APPLIED, by_hand="pulumi up"), "by hand"),
        (_OLD, _OLD, replace(_APPLIED, state="failed", asked="1 failed: no"), "failed"),
        (_OLD, _OLD, replace(_APPLIED, state="failed"), "change"),
        (_NEW, None, replace(_APPLIED, state="failed", onboarded=False), "onboard"),
        (_NEW, None, replace(_APPLIED, state="failed", onboarded=False, asked="1 failed: no"), "failed"),
        (None, None, Applied(state="erased", spec={"id": "acme"}), None),
        (_NEW, None, Applied(state="erased", spec={"id": "acme"}), "erased"),
    ],
)
def test_gitops(effective: Data | None, folder: Data | None, applied: Applied | None, becomes: str | None) -> None:
    """Each situation comes to one answer."""
    found = reconcile("acme", effective, folder, applied)
    if isinstance(found, Start):
        assert becomes == ("onboard" if found.new else "change")
    else:
        assert (found.kind if found else None) == becomes
        assert found is None or found.note


@pytest.mark.parametrize(
    ("folder", "applied", "becomes"),
    [
        (_OLD, _APPLIED, None),
        (_NEW, _APPLIED, "edited"),
        (None, _APPLIED, "vanished"),
        (_OLD, None, "unknown"),
        (_OLD, replace(_APPLIED, by_hand="pulumi up"), "by hand"),
        (_NEW, replace(_APPLIED, busy="1"), None),
        (None, Applied(state="erased", spec={"id": "acme"}), None),
        (None, replace(_APPLIED, state="failed", onboarded=False), None),
    ],
)
def test_direct(folder: Data | None, applied: Applied | None, becomes: str | None) -> None:
    """What was done by hand is shown, and what the service does itself is not."""
    found = compare_folder("acme", folder, applied)
    assert (found.kind if found else None) == becomes


def test_an_operation_is_asked_for_only_where_nobody_else_has_a_hand_in_it() -> None:
    """Never beside another operation, over an edit or run by hand, twice, or because a spec is gone."""
    specs = (None, _OLD, _NEW)
    for effective, folder, spec in product(specs, specs, (_OLD, _NEW)):
        for state, busy, asked, by_hand, onboarded in product(
            ("active", "suspended", "failed", "erased"), ("", "1"), ("", "1 failed"), ("", "up"), (True, False)
        ):
            applied = Applied(state=state, spec=spec, busy=busy, asked=asked, by_hand=by_hand, onboarded=onboarded)
            found = reconcile("acme", effective, folder, applied)
            if not isinstance(found, Start):
                assert found is None or isinstance(found, Hold)
                continue
            assert effective is not None
            assert not busy
            assert not asked
            assert state != "erased"
            assert found.new is not onboarded
            assert not onboarded or (folder == spec and not by_hand)
