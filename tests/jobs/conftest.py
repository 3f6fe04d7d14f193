"""A bench on each kind of database."""

from __future__ import annotations

import uuid
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.jobs.job_bench import Bench
from tests.own_postgresql import OwnPostgresql


@pytest.fixture
def postgres_bench(postgresql: OwnPostgresql, tmp_path: Path) -> Generator[Bench]:
    bench = Bench(tmp_path, postgresql.new_database(f"jobs{uuid.uuid4().hex[:8]}"))
    yield bench
    bench.close()


@pytest.fixture
def sqlite_bench(tmp_path: Path) -> Generator[Bench]:
    bench = Bench(tmp_path, None)
    yield bench
    bench.close()


@pytest.fixture(params=["sqlite", "postgres"])
def bench(request: pytest.FixtureRequest) -> Bench:
    return request.getfixturevalue(f"{request.param}_bench")
