"""The command's own checks, before anything is previewed, and which exit code a review has."""

from __future__ import annotations

import dataclasses

import msgspec
import pytest
from typer.testing import CliRunner

from infra.cli.main import app
from infra.cli.review import FORBIDDEN, LEAK, UNKNOWN, exit_code
from infra.errors import UserError
from infra.proof.report import Verdict
from infra.review.model import Isolation, Review
from tests.review.reviews import loud, proved, quiet, stack


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--changed-since", "main", "--all"], "finds the stacks by itself"),
        (["--changed-since", "main", "acme"], "finds the stacks by itself"),
        (["--changed-since", "main", "--comment", "nowhere/at/all.md"], "folder does not exist"),
        (["--changed-since", "main", "--report-url", "javascript:alert(1)"], "no https address"),
        (["--changed-since", "main", "--report-url", "https://example.com/)[x](y"], "no https address"),
        (["acme", "--comment", "c.md"], "of a review"),
    ],
)
def test_bad_options_are_refused(arguments: list[str], said: str) -> None:
    """Each with what to do instead; nothing is started."""
    made = CliRunner().invoke(app, ["preview", *arguments])
    assert isinstance(made.exception, UserError)
    assert said in str(made.exception)
    assert made.exception.remedy


def test_the_help_tells_the_exit_codes() -> None:
    """What a script relies on is written down where it looks."""
    text = " ".join(CliRunner().invoke(app, ["preview", "--help"], env={"COLUMNS": "200"}).output.split())
    for code in (LEAK, UNKNOWN, FORBIDDEN):
        assert str(code) in text
    assert "--changed-since" in text


def _with(verdict: Verdict) -> Review:
    report = msgspec.structs.replace(proved("acme", "globex"), verdict=verdict)
    return dataclasses.replace(quiet(), isolation=Isolation(report=report, before=Verdict.PROVED))


def test_exit_codes() -> None:
    """Nothing forbidden is 0; of several the worst counts: a leak, a failed preview, a finding, what is not known."""
    mandatory = (loud().policy[0],)
    failed = (*quiet().stacks, dataclasses.replace(stack("globex"), outcome="failed"))
    unknown, leaking = _with(Verdict.UNKNOWN), _with(Verdict.LEAK)
    assert exit_code(quiet()) == 0
    assert exit_code(dataclasses.replace(quiet(), policy=loud().policy[1:])) == 0
    assert exit_code(dataclasses.replace(quiet(), stacks=(), isolation=None)) == 0
    assert exit_code(dataclasses.replace(quiet(), isolation=None)) == UNKNOWN
    assert exit_code(unknown) == UNKNOWN
    assert exit_code(dataclasses.replace(unknown, policy=mandatory)) == FORBIDDEN
    assert exit_code(dataclasses.replace(unknown, policy=mandatory, stacks=failed)) == 1
    assert exit_code(dataclasses.replace(leaking, policy=mandatory, stacks=failed)) == LEAK
