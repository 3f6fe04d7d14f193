"""Asks git what a change is: by argument lists, never through a shell, and whatever a branch or a file is called.

Sources: git documentation, "git-diff" (-z, --no-renames), "git-ls-files".
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infra.errors import UserError
from infra.git import MOST_CHARACTERS, Git

Status = Literal["added", "modified", "deleted"]

_STATUS: dict[str, Status] = {"A": "added", "D": "deleted"}


@dataclass(frozen=True, kw_only=True, order=True)
class ChangedFile:
    """A file that differs.

    Args:
        path: From the folder of the checkout, with slashes.
        status: What became of it; a renamed file is deleted under its old name and added under its new one.
    """

    path: str
    status: Status


class Repository:
    """A checkout.

    Args:
        root: A folder of it; what lies outside of that does not count, and paths are from there.
    """

    def __init__(self, root: Path) -> None:
        self._git = Git(root)

    def fork_point(self, ref: str) -> str:
        """The commit at which what is checked out forked off `ref`: the base of what a pull request changes.

        Args:
            ref: A branch, tag or commit, in any way that git lets one name it.

        Returns:
            The id of the commit.

        Raises:
            UserError: `ref` is no name of a commit, is not known here, or shares no history with what is checked out.
        """
        commit = self._commit(_checked(ref))
        found = os.fsdecode(self._git.run("merge-base", commit, "HEAD", accepted=(0, 1)).stdout).strip()
        if not found:
            raise UserError(
                f"{ref} and what is checked out have no commit in common here",
                remedy="fetch the whole history (git fetch --unshallow; fetch-depth: 0 in GitHub Actions)",
                where="--changed-since",
            )
        return found

    def head(self) -> str:
        """The id of the commit that is checked out."""
        return self._commit("HEAD")

    def changed_files(self, commit: str) -> tuple[ChangedFile, ...]:
        """What differs between a commit and the files as they are, those included that git does not know yet.

        Args:
            commit: The id of a commit.
        """
        differing = self._git.listed(
            "diff", "--name-status", "--relative", "--no-renames", "--no-ext-diff", "--no-textconv", commit, "--"
        )
        found = [
            ChangedFile(path=path, status=_STATUS.get(letter[:1], "modified"))
            for letter, path in zip(differing[::2], differing[1::2], strict=True)
        ]
        new = self._git.listed("ls-files", "--others", "--exclude-standard")
        return tuple(sorted({*found, *(ChangedFile(path=path, status="added") for path in new)}))

    def content(self, commit: str, path: str) -> bytes | None:
        """A file as it was in a commit; None where it was not there.

        Args:
            commit: The id of a commit.
            path: From the folder of the checkout, with slashes.
        """
        entry = next(iter(self._git.listed("ls-tree", commit, "--", path)), None)
        if entry is None:
            return None
        mode, kind, blob = entry.partition("\t")[0].split(" ")
        if kind != "blob" or mode == _SYMLINK:
            return None
        return self._git.run("cat-file", "blob", blob).stdout

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        """The files that a folder had in a commit, not those of folders in it.

        Args:
            commit: The id of a commit.
            folder: From the folder of the checkout, with slashes.
        """
        entries = self._git.listed("ls-tree", "--name-only", commit, "--", f"{folder.rstrip('/')}/")
        return tuple(entries)

    def _commit(self, name: str) -> str:
        found = self._git.commit(name)
        if found is None:
            raise UserError(
                f"there is no branch, tag or commit {name!r} in this checkout",
                remedy="fetch it first (git fetch origin), and name it as git does: origin/main",
                where="--changed-since",
            )
        return found


_SYMLINK = "120000"


def _checked(ref: str) -> str:
    """A name that git can be given; that no option can be made of it, ``--end-of-options`` ensures besides."""
    if not ref or len(ref) > MOST_CHARACTERS or ref.startswith("-") or not ref.isprintable():
        raise UserError(
            f"{ref[:MOST_CHARACTERS]!r} is no name of a commit",
            remedy="name a branch, a tag or a commit: --changed-since origin/main",
            where="--changed-since",
        )
    return ref
