"""Plain `pulumi` commands with the policy pack, for programs that somebody else wrote."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.settings import ROOT
from tests.acceptance.land import Ended, Land

#: One worker makes the cloud and runs both tests in it.
pytestmark = pytest.mark.xdist_group("policy-pack")

_PACK = ROOT / "infra" / "policy_pack"
_PROGRAM = Path(__file__).with_name("two_owners")


@pytest.fixture(scope="module")
def land(tmp_path_factory: pytest.TempPathFactory, engine_command: Path) -> Iterator[Land]:
    """An empty cloud, and a program of two stacks, one of which is deployed."""
    del engine_command  # made before, if it has to be
    land = Land(tmp_path_factory.mktemp("estate"))
    land.succeed("sandbox", "up")
    try:
        shutil.copytree(_PROGRAM, land.folder / "checkout" / "two owners")
        made = _plain(land, "pulumi stack init globex; pulumi up --yes --skip-preview --stack globex")
        assert made.code == 0, made.said()
        made = _plain(land, "pulumi stack init acme")
        assert made.code == 0, made.said()
        yield land
    finally:
        land.run("sandbox", "down")


def _plain(land: Land, script: str) -> Ended:
    return land.plain(f"cd 'two owners'\n{script}")


def _preview(land: Land, reads: str, *, options: str = "") -> Ended:
    script = f"pulumi preview --stack acme -c two-owners:reads={reads} --policy-pack '{_PACK}' {options}"
    return _plain(land, script)


def test_a_leaking_change_fails_with_the_witness(land: Land) -> None:
    """Acme could read what another stack has deployed for globex: the preview fails and shows the request."""
    ended = _preview(land, "globex")
    assert ended.code != 0
    said = ended.said()
    assert "isolation" in said
    for witness in (
        "acme can do ecr:BatchGetImage on what is globex's",
        "principal: arn:aws:iam::123456789012:role/acme-reader",
        "action: ecr:BatchGetImage",
        "resource: arn:aws:ecr:eu-central-1:123456789012:repository/globex/images",
        "allowed by: ReadImages of urn:pulumi:acme::two-owners::aws:iam/rolePolicy:RolePolicy::reads",
    ):
        assert witness in said


def test_the_same_change_on_what_is_acmes_passes(land: Land) -> None:
    """Positive control: the twin that names acme's own images passes every rule and the proof."""
    ended = _preview(land, "acme")
    assert ended.code == 0, ended.said()
    assert "Leak" not in ended.said()
