"""Fixtures that several parts of the tests share."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.engine.find import find_engine
from tests.own_postgresql import OwnPostgresql, PostgresqlMissing, running_postgresql


def pytest_configure() -> None:
    """Let Ctrl-C reach what tests start, also where this run is in the background.

    A shell without job control has whatever it starts with ``&`` ignore SIGINT, and children inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def engine_command() -> Path:
    """The Pulumi engine; the first worker that needs one makes it, the others wait for it."""
    return find_engine().path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[OwnPostgresql]:
    """A real server; where its programs are not installed the tests fail, and say what to install."""
    try:
        with running_postgresql() as server:
            yield server
    except PostgresqlMissing as error:
        pytest.fail(str(error), pytrace=False)
