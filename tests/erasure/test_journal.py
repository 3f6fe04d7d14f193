"""Nothing of what was removed is lost when an erasure is cut off at any place."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from infra.erasure.inventory import Inventory, Item
from infra.erasure.journal import Journal
from infra.erasure.ownership import Claim
from infra.erasure.removal import stamp
from infra.errors import UserError
from tests.erasure import issued

_MODEL = Item("sagemaker:model", "bh-dev-acme-m", "", Claim(("name",)))


class Kept:
    """Lines that a test sees, and cuts off."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def add(self, line: str) -> None:
        self.lines.append(line)

    def all(self) -> Sequence[str]:
        return self.lines


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def journal(kept: Kept) -> Journal:
    return Journal(kept, now=lambda: issued.STARTED)


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


@pytest.mark.parametrize("lost", [True, False])
def test_a_line_that_was_never_written_loses_nothing(journal: Journal, kept: Kept, lost: bool) -> None:
    """The run died after the model was gone, before it could say so."""
    journal.begin(Inventory((_MODEL, issued.ROLE)))
    journal.done(stamp(_MODEL, "removed", "", issued.STARTED))
    if lost:
        kept.lines.pop()
    journal.begin(Inventory((issued.ROLE,)))
    journal.done(stamp(issued.ROLE, "removed", "", issued.FINISHED))
    told = {one.kind: one for one in journal.removed((Inventory(()),))}
    assert {kind: one.outcome for kind, one in told.items()} == {"sagemaker:model": "removed", "iam:role": "removed"}
    assert ("interruption" in told["sagemaker:model"].detail) is lost


def test_what_was_gone_at_the_second_look_was_removed_at_the_first(journal: Journal) -> None:
    journal.begin(Inventory((_MODEL,)))
    journal.done(stamp(_MODEL, "removed", "", issued.STARTED))
    journal.done(stamp(_MODEL, "gone", "", issued.FINISHED))
    assert [one.outcome for one in journal.removed((Inventory(()),))] == ["removed"]


def test_what_is_still_there_is_not_said_to_be_removed(journal: Journal) -> None:
    journal.begin(Inventory((_MODEL, issued.PENDING)))
    journal.done(stamp(_MODEL, "removed", "", issued.STARTED))
    assert [one.kind for one in journal.removed((Inventory((issued.PENDING,)),))] == ["sagemaker:model"]


def test_what_happened_is_remembered_as_it_was_the_first_time(kept: Kept) -> None:
    first = Journal(kept, now=lambda: issued.STARTED).mark("export", "s3://x")
    again = Journal(kept, now=lambda: issued.FINISHED).mark("export", "s3://y")
    assert first == again
    assert Journal(kept).marked("grace") is None


def test_what_is_no_journal_is_refused(journal: Journal, kept: Kept) -> None:
    journal.begin(Inventory(()))
    assert journal.before() == ()
    kept.add('{"type": "other"}')
    with pytest.raises(UserError, match="line 2 is no entry of an erasure's journal"):
        journal.before()
