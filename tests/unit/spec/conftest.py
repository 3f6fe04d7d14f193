"""Spec files to be changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.spec.estates import Files


@pytest.fixture
def files(tmp_path: Path) -> Files:
    """A valid estate: one platform and one tenant."""
    return Files(tmp_path)
