"""How the command line explains itself and answers what it does not understand."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from infra.cli.main import app
from tests.acceptance.land import Land


def _commands(command: Any, *path: str) -> Iterator[tuple[str, ...]]:
    yield path
    for name, child in getattr(command, "commands", {}).items():
        yield from _commands(child, *path, name)


@pytest.fixture
def bare(tmp_path: Path) -> Land:
    """A home in which nothing was started."""
    return Land(tmp_path)


@pytest.mark.parametrize("command", _commands(typer.main.get_command(app)), ids=" ".join)
def test_help(bare: Land, command: tuple[str, ...]) -> None:
    """Every command explains itself, with an example unless its own commands have them."""
    shown = bare.succeed(*command, "--help").out
    assert "Usage: bulkhead" in shown
    if command not in ((), ("sandbox",)):
        example = " ".join(shown.split()).partition("Example: ")[2]
        assert f"bulkhead {' '.join(command)}" in example


MISTAKES = {
    "up": ["which stacks?", "--all"],
    "up acme --all": ["which stacks?"],
    "destroy": ["which stacks?"],
    "preview acne": ["'acne'", "did you mean 'acme'"],
    "outputs nobody": ["'nobody'", "platform, acme, globex"],
    "up acme --provider official": ["official AWS plugin", "pulumi plugin install resource aws"],
    "up acme --provider other": ["provider", "'other'", "'official'"],
    "up acme --parallel 0": ["--parallel"],
    "fly": ["No such command", "fly"],
}


@pytest.mark.parametrize("command", MISTAKES)
def test_a_mistake_is_told(land: Land, command: str) -> None:
    """Bad usage ends with 2, says what is wrong and what there is, and shows no stack trace."""
    ended = land.run(*command.split(), PULUMI_HOME=str(land.folder / "pulumi"))
    assert ended.code == 2, ended.said()
    for text in MISTAKES[command]:
        assert text in ended.err
    assert "Traceback" not in ended.said()


def test_doctor(bare: Land, engine_command: Path) -> None:
    """On a machine that has an engine nothing is missing, before anything was made."""
    ended = bare.run("doctor", "--json")
    assert ended.code == 0, ended.said()
    checks = {each["name"]: each for each in ended.document()["checks"]}
    assert str(engine_command) in checks["engine"]["detail"]
    assert "not running" in checks["sandbox"]["detail"]
    assert not bare.home.exists()


def test_doctor_without_an_engine(bare: Land) -> None:
    """What is missing is told with its remedy, and by the exit code."""
    nowhere = str(bare.folder)
    ended = bare.run("doctor", PATH=nowhere, HOME=nowhere, XDG_CACHE_HOME=nowhere)
    assert ended.code == 1, ended.said()
    assert "MISSING" in ended.out
    assert "no `pulumi` on PATH" in ended.out
    assert "install" in ended.out
