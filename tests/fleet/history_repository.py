"""A small repository that looks like the blueprint's, with a history that tests write."""

from __future__ import annotations

import subprocess
from pathlib import Path

from infra.blueprint import SOURCES, version_of_checkout
from infra.engine.settings import inherited_environment

PINS = '"pulumi==3.250.0", "pulumi-aws==7.51.1", "pulumi-policy==1.21.0"'


class Blueprint:
    """The repository, with one commit.

    Args:
        root: Its folder, which is made.

    Attributes:
        first: For tests: the version that the first commit had.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.first = ""
        root.mkdir()
        for source in SOURCES:
            file = root / source if "." in source else root / source / "__init__.py"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"# {source}\n")
        (root / "pyproject.toml").write_text(f'[project]\nversion = "1.0.0"\ndependencies = [{PINS}]\n')
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("2026-01-01")

    def git(self, *arguments: str, day: str = "2026-01-01") -> str:
        """Run git at a day."""
        who = {f"GIT_{role}_{what}": "a@example.com" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        when = {f"GIT_{role}_DATE": f"{day}T12:00:00Z" for role in ("AUTHOR", "COMMITTER")}
        environment = {**inherited_environment(), "GIT_CONFIG_GLOBAL": "/dev/null", **who, **when}
        done = subprocess.run(
            ["git", *arguments], cwd=self.root, env=environment, check=True, capture_output=True, text=True
        )
        return done.stdout.strip()

    def commit(self, day: str, **files: str) -> str:
        """Commit files (``components_a`` is ``components/a.py``); the commit's id."""
        for name, text in files.items():
            path = self.root / f"{name.replace('_', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        self.git("add", "--all")
        self.git("commit", "--quiet", "--message", day, day=day)
        return self.git("rev-parse", "HEAD")

    @property
    def version(self) -> str:
        """The version of its files as they are."""
        version_of_checkout.cache_clear()
        return version_of_checkout(self.root)
