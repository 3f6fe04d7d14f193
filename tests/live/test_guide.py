"""The guide names every type that is read, the exit codes, and options that there are."""

from __future__ import annotations

import re

import typer

from infra.cli.main import app
from infra.live.kinds import TABLE
from infra.live.report import ExitCode
from infra.settings import ROOT

_GUIDE = (ROOT / "docs" / "audit.md").read_text(encoding="utf-8")


def test_every_type_that_is_read_is_named_with_its_service() -> None:
    rows = dict(re.findall(r"^\| ([a-z0-9]+) \| (.+) \|$", _GUIDE, re.MULTILINE))
    read: dict[str, set[str]] = {}
    for kind in TABLE:
        read.setdefault(kind.service, set()).update(token.rpartition(":")[2] for token in kind.tokens())
    assert {service: set(rows[service].split(", ")) for service in read} == read


def test_every_exit_code_is_explained() -> None:
    assert re.findall(r"^\| (\d) \|", _GUIDE, re.MULTILINE) == [
        str(code.value) for code in sorted(ExitCode, key=lambda code: code.value)
    ]


def test_its_options_are_the_commands() -> None:
    command = typer.main.get_command(app)
    audit = getattr(command, "commands")["audit"]  # noqa: B009 - click's groups are not typed so
    options = {name for parameter in audit.params for name in parameter.opts}
    named = set(re.findall(r"--[a-z][a-z-]*", _GUIDE))
    assert named
    assert named <= options
