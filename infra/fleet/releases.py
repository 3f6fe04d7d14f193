"""The versions that the blueprint had, from the history of its repository: every commit of the main line is a release.

Only commits that changed what the programs are made of count: between them tenants could not have got anything else.

Source: git documentation, "git-log" (--first-parent), "git-ls-tree".
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from infra.blueprint import PROJECT, SOURCES, sdk_pins, version_of
from infra.errors import UserError
from infra.fleet.skew import Release
from infra.git import Git

_VERSION = re.compile(r"[^+]+\+[0-9a-f]{12}")


@dataclass(frozen=True, kw_only=True)
class Code:
    """The blueprint at one commit.

    Args:
        commit: The commit's id.
        version: The version that its programs are.
        committed: When it was committed.
    """

    commit: str
    version: str
    committed: datetime


class History:
    """The blueprint's history.

    Args:
        root: The checkout.
    """

    def __init__(self, root: Path) -> None:
        self._git = Git(root)

    def at(self, ref: str) -> Code:
        """The blueprint at a branch, tag or commit, or at the newest commit of any branch that has a version.

        Args:
            ref: A name that git knows, or a version such as ``0.1.0+3f9c1a2b4d5e``.

        Raises:
            UserError: There is no such commit, or none has that version.
        """
        commit = self._git.commit(ref)
        if commit is not None:
            return self._code(commit)
        if _VERSION.fullmatch(ref):
            for code in self._codes("--all", "HEAD"):
                if code.version == ref:
                    return code
            raise UserError(
                f"no commit of the repository has the version {ref[:100]}",
                remedy="commit what was deployed to a branch, or fetch the whole history (git fetch --unshallow)",
            )
        raise UserError(
            f"there is no branch, tag or commit {ref[:100]!r} in this checkout, and it is no version",
            remedy="fetch it first (git fetch origin), and name it as git does: v1.2.0, origin/main",
        )

    def codes(self, ref: str = "HEAD") -> Iterator[Code]:
        """The blueprint at each commit of the main line that changed its programs, the newest first.

        Args:
            ref: Where the main line ends.

        Raises:
            UserError: There is no such commit.
        """
        tip = self._git.commit(ref)
        if tip is None:
            raise UserError(f"there is no branch, tag or commit {ref[:100]!r}", remedy="name it as git does: main")
        return self._codes("--first-parent", tip)

    def _codes(self, *which: str) -> Iterator[Code]:
        for commit in self._git.text("log", *which, "--format=%H", "--", PROJECT, *SOURCES).split():
            if self._git.listed("ls-tree", commit, "--", PROJECT):  # or the blueprint was not yet begun
                yield self._code(commit)

    def releases(self, ref: str = "HEAD") -> tuple[Release, ...]:
        """Each version once, as of when tenants could first have it, the oldest first.

        A version that came back counts as it was released again: what was released between is older.

        Args:
            ref: Where the main line ends.
        """
        found: dict[str, Release] = {}
        following = ""
        for code in self.codes(ref):
            if code.version in found and code.version != following:
                continue
            # The first commit of several in a row that have a version is when it was released.
            found[code.version] = Release(version=code.version, released=code.committed.date())
            following = code.version
        ordered = list(reversed(found.values()))
        # A commit may be dated before its parent; a release is no earlier than the one before it.
        for index in range(1, len(ordered)):
            if ordered[index].released < ordered[index - 1].released:
                ordered[index] = ordered[index].model_copy(update={"released": ordered[index - 1].released})
        return tuple(ordered)

    def sdk_pins(self, commit: str) -> tuple[str, ...]:
        """The versions of the SDK that a commit is made for."""
        return sdk_pins(self._project(commit))

    def export(self, commit: str) -> bytes:
        """All files of a commit, as a tar archive."""
        return self._git.run("archive", "--format=tar", commit).stdout

    def _code(self, commit: str) -> Code:
        entries = self._git.listed("ls-tree", "-r", commit, "--", *SOURCES)
        # An entry: mode, kind, id, tab, path.
        blobs = {path: about.split(" ")[2] for about, _, path in (entry.partition("\t") for entry in entries)}
        committed = self._git.text("show", "--no-patch", "--format=%cI", commit)
        return Code(
            commit=commit,
            version=version_of(self._project(commit), blobs),
            committed=datetime.fromisoformat(committed),
        )

    def _project(self, commit: str) -> bytes:
        found = self._git.run("cat-file", "blob", f"{commit}:{PROJECT}", accepted=(0, 128))
        if found.returncode != 0:
            raise UserError(
                f"the commit {os.fsdecode(commit[:12])} holds no blueprint: it has no {PROJECT}",
                remedy="name a commit of the blueprint's own history",
            )
        return found.stdout
