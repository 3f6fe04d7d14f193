"""Fixtures that several parts of the tests share."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.engine.find import find_engine


@pytest.fixture(scope="session")
def engine_command() -> Path:
    """The Pulumi engine; the first worker that needs one makes it, the others wait for it."""
    return find_engine().path
