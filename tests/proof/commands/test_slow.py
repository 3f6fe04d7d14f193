"""Progress: quick work says nothing, slow work says how far it is, and not too often in a log."""

from __future__ import annotations

import pytest

from infra.cli.slow import SlowProgress


def test_work_speaks_after_two_seconds_and_then_seldom(capsys: pytest.CaptureFixture[str]) -> None:
    now = 100.0
    with SlowProgress(lambda: now) as progress:
        told: dict[float, bool] = {}
        for seconds in (0.0, 1.9, 2.1, 5.0, 12.0, 12.2, 30.0):
            now = 100.0 + seconds
            progress(f"at {seconds}")
            told[seconds] = f"at {seconds}" in capsys.readouterr().err
    assert [seconds for seconds, was_told in told.items() if was_told] == [2.1, 12.2, 30.0]


def test_nothing_goes_to_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    times = iter([0.0, 60.0])
    with SlowProgress(lambda: next(times)) as progress:
        progress("slow")
    written = capsys.readouterr()
    assert (written.out, "slow" in written.err) == ("", True)
