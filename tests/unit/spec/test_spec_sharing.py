"""Declared sharing: what is taken, what is refused with its place and remedy, and when missing tenants do not count."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from infra.spec import load_platform, load_tenant
from tests.unit.spec.estates import Document, Files, changed, tenant

ENTRY: Document = {
    "from": "acme",
    "to": "beta",
    "actions": ["s3:GetObject", "s3:List*"],
    "resources": ["arn:aws:s3:::beta-reference/*"],
    "reason": "the reference data of the joint study",
    "expires": "2027-03-31",
}


@pytest.fixture(name="sharing")
def _sharing(files: Files) -> Files:
    """Two tenants, one of which shares with the other."""
    files.tenants = [tenant(), tenant("beta", cidr="10.64.1.0/24")]
    files.platform = changed(files.platform, ("sharing", [ENTRY]))
    return files


def test_what_is_shared_is_read(sharing: Files) -> None:
    """The control: a sound entry loads, and a dump of it loads to the same."""
    platform = sharing.load().platform
    (one,) = platform.sharing
    assert (one.from_, one.to, one.expires) == ("acme", "beta", date(2027, 3, 31))
    sharing.platform = platform.model_dump(mode="json")
    assert sharing.platform["sharing"][0]["from"] == "acme"
    assert sharing.load().platform == platform


@pytest.mark.parametrize(
    ("key", "value", "at", "remedy"),
    [
        ("from", "initech", "sharing[0].from", "write one of acme, beta"),
        ("to", "initech", "sharing[0].to", "write one of acme, beta"),
        ("to", "acme", "sharing[0].to", "name the tenant whose resources"),
        ("from", "Acme!", "sharing[0].from", "lower-case"),
        ("actions", ["*"], "sharing[0].actions[0]", "write service:Action"),
        ("actions", [], "sharing[0].actions", "at least 1"),
        ("resources", ["*"], "sharing[0].resources[0]", "write an ARN"),
        ("resources", "arn:aws:s3:::b", "sharing[0].resources", "write a list"),
        ("reason", "", "sharing[0].reason", "at least 1"),
        ("reason", ..., "sharing[0]", "add reason"),
        ("expires", "soon", "sharing[0].expires", "like 2027-03-31"),
        ("expires", "2027-02-30", "sharing[0].expires", "like 2027-03-31"),
        ("expires", 20270331, "sharing[0].expires", "like 2027-03-31"),
        ("expires", ..., "sharing[0]", "add expires"),
        ("until", "2027-03-31", "sharing[0].until", "remove it"),
    ],
)
def test_a_mistake_is_told_with_its_place(sharing: Files, key: str, value: Any, at: str, remedy: str) -> None:
    """Every way to write it wrong names the key in the platform's file and what to write instead."""
    sharing.platform = changed(sharing.platform, (f"sharing.0.{key}", value))
    problem = sharing.problem()
    assert problem.file == sharing.platform_file
    assert problem.key.startswith(at)
    assert remedy in problem.remedy


def test_one_spec_alone_says_nothing_of_the_other_tenants(sharing: Files) -> None:
    """A tenant's program reads its own file only: that the others are not there is no mistake."""
    platform = sharing.load().platform
    assert load_platform(sharing.platform_file) == platform
    assert load_tenant(sharing.platform_file, sharing.specs / "acme.yaml")[0] == platform
