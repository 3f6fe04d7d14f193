"""Nothing of what was removed is lost when an erasure is cut off at any place."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.erasure.inventory import Inventory, Item
from infra.erasure.journal import Journal
from infra.erasure.ownership import Claim
from infra.erasure.removal import stamp
from infra.errors import UserError
from tests.erasure import issued

_MODEL = Item("sagemaker:model", "bh-dev-acme-m", "", Claim(("name",)))


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal", now=lambda: issued.STARTED)


def test_several_runs_are_one_story(journal: Journal) -> None:
    """The first run removed the model and failed at the role; the second found the role and removed it."""
    journal.begin(Inventory((_MODEL, issued.ROLE)))
    journal.done(stamp(_MODEL, "removed", "", issued.STARTED))
    journal.done(stamp(issued.ROLE, "failed", "DeleteConflict", issued.STARTED))
    journal.begin(Inventory((issued.ROLE,)))
    journal.done(stamp(issued.ROLE, "removed", "", issued.FINISHED))
    assert [(thing.kind, thing.id) for thing in journal.before()] == [
        (_MODEL.kind, _MODEL.id), (issued.ROLE.kind, issued.ROLE.id)
    ]  # fmt: skip
    told = journal.removed((Inventory(()),))
    assert [(one.kind, one.outcome) for one in told] == [("sagemaker:model", "removed"), ("iam:role", "removed")]


@pytest.mark.parametrize("cut", range(1, 40, 3))
def test_a_line_that_was_cut_off_loses_nothing(journal: Journal, tmp_path: Path, cut: int) -> None:
    journal.begin(Inventory((_MODEL, issued.ROLE)))
    journal.done(stamp(_MODEL, "removed", "", issued.STARTED))
    file = tmp_path / "journal"
    file.write_bytes(file.read_bytes()[:-cut])
    journal.begin(Inventory((issued.ROLE,)))
    journal.done(stamp(issued.ROLE, "removed", "", issued.FINISHED))
    told = {one.kind: one for one in journal.removed((Inventory(()),))}
    assert {kind: one.outcome for kind, one in told.items()} == {"sagemaker:model": "removed", "iam:role": "removed"}
    assert ("interruption" in told["sagemaker:model"].detail) is (cut > 1)


def test_what_was_gone_at_the_second_look_was_removed_at_the_first(journal: Journal) -> None:
    journal.begin(Inventory((_MODEL,)))
    journal.done(stamp(_MODEL, "removed", "", issued.STARTED))
    journal.done(stamp(_MODEL, "gone", "", issued.FINISHED))
    assert [one.outcome for one in journal.removed((Inventory(()),))] == ["removed"]


def test_what_is_still_there_is_not_said_to_be_removed(journal: Journal) -> None:
    journal.begin(Inventory((_MODEL, issued.PENDING)))
    journal.done(stamp(_MODEL, "removed", "", issued.STARTED))
    assert [one.kind for one in journal.removed((Inventory((issued.PENDING,)),))] == ["sagemaker:model"]


def test_the_file_is_its_owners_and_another_file_is_refused(journal: Journal, tmp_path: Path) -> None:
    journal.begin(Inventory(()))
    file = tmp_path / "journal"
    assert file.stat().st_mode & 0o777 == 0o600
    file.write_text('{"type": "other"}\n')
    with pytest.raises(UserError, match="line 1 is no entry of a journal"):
        journal.before()
