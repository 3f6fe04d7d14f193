"""Settings that cannot work are refused with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from infra.errors import UserError
from infra.jobs import JobSettings


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"database_url": "mysql://root@db/jobs"}, "mysql:// is no database"),
        ({"global_limit": 0}, "global_limit is 0"),
        ({"worker_limit": -1}, "worker_limit is -1"),
    ],
)
def test_refused(tmp_path: Path, fields: dict[str, object], text: str) -> None:
    with pytest.raises(UserError, match=text):
        JobSettings(tmp_path, **fields)  # pyright: ignore[reportArgumentType]


def test_urls(tmp_path: Path) -> None:
    assert JobSettings(tmp_path).url == f"sqlite:///{tmp_path}/jobs.sqlite"
    assert JobSettings(tmp_path, database_url="postgres://u@h/d").url == "postgresql+psycopg://u@h/d"
