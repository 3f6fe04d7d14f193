"""A repository with two versions of the blueprint: what this checkout has, and one with another log of each tenant."""

from __future__ import annotations

import shutil
from pathlib import Path

from infra.blueprint import SOURCES
from infra.settings import ROOT
from tests.gitops.repositories import git

#: What the second version adds to each tenant, as it is named for globex.
ADDED = "/bulkhead/dev/globex/decisions"
_PACKAGES = ("infra", "components", "stacks", "tenant_stacks")
_CHANGED, _OLD, _NEW = "components/observability/logs.py", '("workloads",)', '("workloads", "decisions")'


def two_versions(repository: Path) -> Path:
    """Make the repository: ``main~1`` is this checkout as it is, ``main`` the other version."""
    for name in _PACKAGES:
        shutil.copytree(ROOT / name, repository / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", *(source for source in SOURCES if source == "Pulumi.yaml")):
        shutil.copy(ROOT / name, repository / name)
    git(repository, "init", "--quiet", "--initial-branch", "main")
    _commit(repository, "one")
    file = repository / _CHANGED
    text = file.read_text()
    assert _OLD in text
    file.write_text(text.replace(_OLD, _NEW))
    _commit(repository, "two")
    return repository


def _commit(repository: Path, message: str) -> None:
    git(repository, "add", "--all")
    git(repository, "commit", "--quiet", "--message", message)
