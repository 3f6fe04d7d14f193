"""The gate on version skew, and where a stack's version is read."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from infra.errors import UserError
from infra.fleet import Release, Window, blueprint_version, skew
from tests.fleet.fleets import tenant

_RELEASES = [
    Release(version="1.0.0", released=date(2026, 1, 1)),
    Release(version="1.1.0", released=date(2026, 3, 1)),
    Release(version="1.2.0", released=date(2026, 3, 20)),
    Release(version="1.3.0", released=date(2026, 4, 1)),
]
_TODAY = date(2026, 4, 10)


@pytest.mark.parametrize(
    ("version", "window", "age", "behind", "days"),
    [
        ("1.3.0", Window(days=0, releases=0), "current", 0, 0),
        ("1.2.0", Window(days=9, releases=1), "behind", 1, 9),
        ("1.2.0", Window(days=8, releases=1), "too old", 1, 9),
        ("1.1.0", Window(days=30, releases=2), "behind", 2, 21),
        ("1.1.0", Window(days=30, releases=1), "too old", 2, 21),
        ("1.0.0", Window(days=30, releases=9), "too old", 3, 40),
        ("1.0.0", Window(days=40, releases=3), "behind", 3, 40),
        ("2.0.0", Window(), "unknown", None, None),
        (None, Window(), "unknown", None, None),
    ],
)
def test_the_window(version: str | None, window: Window, age: str, behind: int | None, days: int | None) -> None:
    """Days count from when the next release was there; the last allowed day passes, the day after it does not."""
    (judged,) = skew([tenant("acme", version=version)], _RELEASES, window, _TODAY).tenants
    assert (judged.age, judged.releases_behind, judged.days_behind) == (age, behind, days)
    assert judged.allowed == (age in ("current", "behind"))


def test_one_tenant_fails_the_gate() -> None:
    """An unknown version among current ones fails it; without that tenant it passes."""
    fleet = [tenant("acme", version="1.3.0"), tenant("globex", version=None)]
    assert not skew(fleet, _RELEASES, Window(), _TODAY).passed
    assert skew(fleet[:1], _RELEASES, Window(), _TODAY).passed


def test_a_release_that_is_not_there_yet_makes_nobody_old() -> None:
    """A release announced for tomorrow puts a tenant no days behind."""
    releases = [*_RELEASES, Release(version="1.4.0", released=_TODAY + timedelta(days=1))]
    (judged,) = skew([tenant("acme", version="1.3.0")], releases, Window(), _TODAY).tenants
    assert (judged.age, judged.days_behind) == ("behind", 0)


@pytest.mark.parametrize("releases", [[], _RELEASES[::-1], [_RELEASES[0], _RELEASES[0]]])
def test_releases_that_are_no_history_are_refused(releases: list[Release]) -> None:
    """None, in the wrong order, or one twice."""
    with pytest.raises(UserError, match="release"):
        skew([], releases, Window(), _TODAY)


_STACK: dict[str, Any] = {"type": "pulumi:pulumi:Stack", "outputs": {"blueprint_version": "1.0.0"}}


_EXPORTS: list[tuple[dict[str, Any], str | None]] = [
    ({"deployment": {"resources": [{"type": "aws:s3/bucket:Bucket", "outputs": {}}, _STACK]}}, "1.0.0"),
    ({"deployment": {"resources": [{**_STACK, "outputs": {}}]}}, None),
    ({"deployment": {"resources": [{**_STACK, "outputs": {"blueprint_version": 1}}]}}, None),
    ({"deployment": {"resources": [{**_STACK, "type": "aws:s3/bucket:Bucket"}]}}, None),
    ({"deployment": {"resources": None}}, None),
    ({"deployment": None}, None),
    ({}, None),
]


@pytest.mark.parametrize(("export", "version"), _EXPORTS)
def test_the_version_of_a_stack(export: dict[str, Any], version: str | None) -> None:
    """It is the stack's own output; everything else is an unknown version."""
    assert blueprint_version(export) == version
