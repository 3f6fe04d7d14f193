"""Fixtures of the engine's tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from infra.engine import Engine
from tests.engine.notes_bench import Bench, make_bench


@pytest.fixture
def bench(tmp_path: Path, engine_command: Path) -> Bench:
    folder = tmp_path / "a bench"
    folder.mkdir()
    return make_bench(folder, engine_command)


@pytest.fixture
def engine(bench: Bench) -> Iterator[Engine]:
    with bench.engine() as running:
        yield running
