"""A bench of operations."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest

from tests.provisioning.estate_bench import EstateBench


@pytest.fixture
def estate(tmp_path: Path) -> Generator[EstateBench]:
    bench = EstateBench(tmp_path)
    yield bench
    bench.close()
