"""The blueprint's history: which commit is which version, when it was released, and what code it is."""

from __future__ import annotations

import io
import tarfile
from datetime import date
from pathlib import Path

import pytest

from infra.errors import UserError
from infra.fleet.releases import History
from infra.operations.versions.folders import code_folder
from infra.settings import ROOT
from tests.fleet.history_repository import PINS, Blueprint


@pytest.fixture
def blueprint(tmp_path: Path) -> Blueprint:
    return Blueprint(tmp_path / "blueprint")


def test_a_commit_has_the_version_of_its_files(blueprint: Blueprint) -> None:
    """The version that is told from a commit's tree is that of the checkout; by it the commit is found again."""
    first, old = blueprint.git("rev-parse", "HEAD"), blueprint.version
    second = blueprint.commit("2026-01-05", components_a="1")
    history = History(blueprint.root)
    assert (history.at("main").version, history.at("main").commit) == (blueprint.version, second)
    assert (history.at("main~1").version, history.at(old).commit) == (old, first)


def test_releases_are_what_changed_programs(blueprint: Blueprint) -> None:
    """A commit of documentation is no release; a version that comes back is as new as its return."""
    one = blueprint.version
    blueprint.commit("2026-01-05", components_a="1")
    two = blueprint.version
    blueprint.commit("2026-01-06", docs_readme="1")
    assert blueprint.version == two
    blueprint.commit("2026-01-07", components_a="2")
    three = blueprint.version
    releases = History(blueprint.root).releases()
    assert [(each.version, each.released) for each in releases] == [
        (one, date(2026, 1, 1)),
        (two, date(2026, 1, 5)),
        (three, date(2026, 1, 7)),
    ]
    blueprint.commit("2026-01-09", components_a="1")
    again = History(blueprint.root).releases()
    assert [each.version for each in again] == [one, three, two]
    assert again[-1].released == date(2026, 1, 9)


def test_commits_that_are_dated_backwards_are_in_order(blueprint: Blueprint) -> None:
    """A release is no earlier than the one before it, whatever a committer's clock says."""
    blueprint.commit("2026-02-01", components_a="1")
    blueprint.commit("2026-01-15", components_a="2")
    days = [each.released for each in History(blueprint.root).releases()]
    assert days == sorted(days)


def test_a_version_of_another_branch_is_found(blueprint: Blueprint) -> None:
    """A version that was deployed from a branch can be rolled back to, and is no release of the main line."""
    blueprint.git("switch", "--quiet", "--create", "fix")
    commit, fixed = blueprint.commit("2026-01-05", components_a="fix"), ""
    fixed = blueprint.version
    blueprint.git("switch", "--quiet", "main")
    history = History(blueprint.root)
    assert history.at(fixed).commit == commit
    assert fixed not in [each.version for each in history.releases()]


@pytest.mark.parametrize("ref", ["nowhere", "--output=x", "", "1.0.0+000000000000", "main..fix", "a\nb"])
def test_what_is_no_version_is_refused(blueprint: Blueprint, ref: str) -> None:
    """Names of nothing are refused with a remedy, and none is taken for an option."""
    with pytest.raises(UserError) as refused:
        History(blueprint.root).at(ref)
    assert refused.value.remedy


def test_its_code_is_written_once_beside_the_checkout(blueprint: Blueprint, tmp_path: Path) -> None:
    """The folder holds the commit's files; the checkout and its git folder stay as they are."""
    blueprint.commit("2026-01-05", components_a="committed")
    (blueprint.root / "components/a.py").write_text("edited")
    history = History(blueprint.root)
    before = blueprint.git("status", "--porcelain"), blueprint.git("worktree", "list")
    folder = code_folder(history, history.at("main"), tmp_path / "home")
    assert (folder / "components/a.py").read_text() == "committed"
    assert (blueprint.git("status", "--porcelain"), blueprint.git("worktree", "list")) == before
    (folder / "mark").touch()
    assert code_folder(history, history.at("main"), tmp_path / "home") == folder
    assert (folder / "mark").exists()
    with tarfile.open(fileobj=io.BytesIO(history.export(history.at("main").commit))) as archive:
        assert "components/a.py" in archive.getnames()


def test_code_for_another_sdk_is_refused(blueprint: Blueprint, tmp_path: Path) -> None:
    """What this environment cannot run is refused, with what to do; and nothing is written."""
    project = blueprint.root / "pyproject.toml"
    project.write_text(project.read_text().replace("7.51.1", "6.0.0"))
    blueprint.commit("2026-01-05")
    history = History(blueprint.root)
    with pytest.raises(UserError, match=r"pulumi-aws==6\.0\.0"):
        code_folder(history, history.at("main"), tmp_path / "home")
    assert not (tmp_path / "home").exists()


def test_the_pins_of_these_tests_are_those_of_the_project() -> None:
    """Or what is refused above would be refused for another reason."""
    assert all(pin.strip(' "') in (ROOT / "pyproject.toml").read_text() for pin in PINS.split(","))
