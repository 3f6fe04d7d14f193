"""A next release of the blueprint to upgrade the demo's fleet to: a commit whose only change is its number.

It is made beside what is checked out, which stays as it is, and kept from git's cleaning by a name of its own.
Source: git documentation, "Git Internals - Git Objects" (trees and commits).
"""

from __future__ import annotations

import re
import tempfile
from pathlib import Path

from infra.blueprint import PROJECT
from infra.git import Git

REF = "refs/bulkhead/demo"
_NUMBER = re.compile(rb'^(version = "\d+\.\d+\.)(\d+)(")', re.MULTILINE)
_AUTHOR = {f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (
    ("NAME", "Bulkhead demo"), ("EMAIL", "demo@bulkhead.example"), ("DATE", "2026-01-01T00:00:00Z"))}  # fmt: skip


def make_next_release(root: Path) -> str:
    """The name of the commit.

    Args:
        root: The checkout.

    Raises:
        UserError: it is no git repository.
    """
    git = Git(root)
    head = git.text("rev-parse", "--verify", "HEAD^{commit}")
    project = _NUMBER.sub(_next, git.run("cat-file", "blob", f"{head}:{PROJECT}").stdout)
    blob = git.text("hash-object", "-w", "--stdin", given=project)
    with tempfile.TemporaryDirectory(prefix="bulkhead-demo-") as folder:
        index = {"GIT_INDEX_FILE": str(Path(folder) / "index")}
        git.run("read-tree", head, environment=index)
        git.run("update-index", "--cacheinfo", f"100644,{blob},{PROJECT}", environment=index)
        tree = git.text("write-tree", environment=index)
    commit = git.text("commit-tree", tree, "-p", head, given=b"The next release\n", environment=_AUTHOR)
    git.run("update-ref", REF, commit)
    return REF


def _next(number: re.Match[bytes]) -> bytes:
    return number[1] + str(int(number[2]) + 1).encode() + number[3]
