"""A small checkout under git with this repository's programs in it, for changes to be made in."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

from infra.engine.settings import inherited_environment
from infra.settings import ROOT

#: Who commits, and nothing of the configuration of whoever runs the tests.
_GIT = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_AUTHOR_NAME": "Somebody",
    "GIT_AUTHOR_EMAIL": "somebody@example.com",
    "GIT_COMMITTER_NAME": "Somebody",
    "GIT_COMMITTER_EMAIL": "somebody@example.com",
}


class Checkout:
    """A repository whose branch ``main`` holds the specs and what a program reads, as they are.

    Args:
        root: An empty folder.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.platform = root / "stacks" / "platform.yaml"
        self.specs = root / "tenant_stacks" / "specs"
        shutil.copytree(ROOT / "tenant_stacks" / "specs", self.specs)
        self.platform.parent.mkdir()
        shutil.copy(ROOT / "stacks" / "platform.yaml", self.platform)
        shutil.copy(ROOT / "pyproject.toml", root)
        self.git("init", "--quiet", "--initial-branch", "main")
        self.commit("as it is")

    def git(self, *arguments: str) -> str:
        """Run git, which must succeed."""
        environment = {**inherited_environment(), **_GIT}
        command = ["git", *arguments]
        return subprocess.run(
            command, cwd=self.root, env=environment, check=True, capture_output=True, text=True
        ).stdout

    def commit(self, message: str) -> str:
        """Commit everything; the id."""
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "--message", message)
        return self.git("rev-parse", "HEAD").strip()

    def write(self, path: str, text: str) -> None:
        """Write a file, and the folders that it is in."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def edit(self, path: str, old: str, new: str) -> None:
        """Change a file; `old` must be in it."""
        text = (self.root / path).read_text(encoding="utf-8")
        assert old in text, f"{old!r} is not in {path}"
        self.write(path, text.replace(old, new))
