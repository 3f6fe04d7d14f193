"""The record of decisions: found by id, bounded, and without secrets."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from infra.errors import UserError
from infra.sandbox.enforcement.decisions import FILE, LAST, Decisions, find, told


def _decision(request_id: str, outcome: str = "Allowed", **more: object) -> dict[str, object]:
    return {"request_id": request_id, "outcome": outcome, **more}


def test_a_decision_is_found_by_its_id(tmp_path: Path) -> None:
    record = Decisions(tmp_path)
    for number in range(5):
        record.record(_decision(f"id-{number}", operation=f"Op{number}"))
    assert find(tmp_path, "id-3")["operation"] == "Op3"


def test_an_id_inside_of_another_value_is_no_id(tmp_path: Path) -> None:
    record = Decisions(tmp_path)
    record.record(_decision("real", note={"request_id": "fake"}))
    with pytest.raises(UserError, match="no decision is recorded for the request 'fake'"):
        find(tmp_path, "fake")


def test_last_is_the_last_one_that_was_refused(tmp_path: Path) -> None:
    record = Decisions(tmp_path)
    record.record(_decision("first", "Denied"))
    record.record(_decision("second", "Denied"))
    record.record(_decision("third"))
    assert find(tmp_path, LAST)["request_id"] == "second"


def test_without_a_refusal_there_is_no_last(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no request of late was refused"):
        find(tmp_path, LAST)
    Decisions(tmp_path).record(_decision("allowed"))
    with pytest.raises(UserError, match="no request of late was refused"):
        find(tmp_path, LAST)


def test_the_record_is_bounded_and_keeps_the_newest(tmp_path: Path) -> None:
    record = Decisions(tmp_path, file_bytes=1000)
    for number in range(200):
        record.record(_decision(f"id-{number}"))
    assert sum(file.stat().st_size for file in tmp_path.iterdir()) <= 2000
    assert find(tmp_path, "id-199")
    assert find(tmp_path, "id-190"), "the file that was put aside is searched too"
    with pytest.raises(UserError):
        find(tmp_path, "id-0")


def test_a_new_process_goes_on_with_the_record(tmp_path: Path) -> None:
    first = Decisions(tmp_path)
    first.record(_decision("before"))
    first.close()
    Decisions(tmp_path).record(_decision("after"))
    assert find(tmp_path, "before")
    assert find(tmp_path, "after")


def test_a_line_that_was_cut_off_is_not_read(tmp_path: Path) -> None:
    Decisions(tmp_path).record(_decision("whole", "Denied"))
    with (tmp_path / FILE).open("ab") as file:
        file.write(b'{"request_id":"half","outcome":"Den')
    assert find(tmp_path, LAST)["request_id"] == "whole"


def test_only_the_owner_reads_it(tmp_path: Path) -> None:
    Decisions(tmp_path).record(_decision("one"))
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600


def test_agreed_secrets_are_not_recorded() -> None:
    context = {"sts:ExternalId": "agreed", "aws:PrincipalArn": "arn", "aws:Referer": "https://x/?token=agreed"}
    assert "agreed" not in str(told(context))
    assert told(context)["aws:PrincipalArn"] == "arn"
