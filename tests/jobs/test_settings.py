"""Settings that cannot work are refused with what to do about it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from infra.errors import UserError
from infra.jobs import JobSettings
from infra.store.database import sqlite_url


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"database_url": "mysql://root@db/jobs"}, "mysql is not supported"),
        ({"global_limit": 0}, "global_limit is 0"),
        ({"worker_limit": -1}, "worker_limit is -1"),
    ],
)
def test_refused(tmp_path: Path, fields: dict[str, Any], text: str) -> None:
    given: dict[str, Any] = {"database_url": sqlite_url(tmp_path / "service.sqlite"), **fields}
    with pytest.raises(UserError, match=text):
        JobSettings(tmp_path, **given)


def test_urls(tmp_path: Path) -> None:
    settings = JobSettings(tmp_path / "jobs", sqlite_url(tmp_path / "service.sqlite"))
    assert settings.libpq_url is None
    assert settings.steps_url() == f"sqlite:///{tmp_path}/jobs/steps.sqlite"
    made = tmp_path / "jobs" / "steps.sqlite"
    assert (made.stat().st_mode & 0o777, made.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    settings = JobSettings(tmp_path, "postgres://u:p@h/d")
    assert settings.steps_url() == "postgresql+psycopg://u:p@h/d"
    assert settings.libpq_url == "postgresql://u:p@h/d"
