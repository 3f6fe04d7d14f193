"""Asks git what a change is: by argument lists, never through a shell, and whatever a branch or a file is called.

Sources: git documentation, "git-rev-parse" (--verify, --end-of-options), "git-diff" (-z, --no-renames), "git-ls-files".
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from infra.errors import UserError

Status = Literal["added", "modified", "deleted"]

#: git itself takes longer names, but no host of repositories does.
MOST_CHARACTERS = 255

#: What git needs of the caller's environment. Its configuration is not read: an alias, a hook or an external diff
#: would run a program.
_INHERITED = ("PATH", "HOME", "TMPDIR")
_QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_LITERAL_PATHSPECS": "1",
    "LC_ALL": "C",
}
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
        self._root = root

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
        found = self._run("merge-base", commit, "HEAD", accepted=(0, 1)).strip()
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
        differing = self._listed(
            "diff", "--name-status", "--relative", "--no-renames", "--no-ext-diff", "--no-textconv", commit, "--"
        )
        found = [
            ChangedFile(path=path, status=_STATUS.get(letter[:1], "modified"))
            for letter, path in zip(differing[::2], differing[1::2], strict=True)
        ]
        new = self._listed("ls-files", "--others", "--exclude-standard")
        return tuple(sorted({*found, *(ChangedFile(path=path, status="added") for path in new)}))

    def content(self, commit: str, path: str) -> bytes | None:
        """A file as it was in a commit; None where it was not there.

        Args:
            commit: The id of a commit.
            path: From the folder of the checkout, with slashes.
        """
        entry = next(iter(self._listed("ls-tree", commit, "--", path)), None)
        if entry is None:
            return None
        mode, kind, blob = entry.partition("\t")[0].split(" ")
        if kind != "blob" or mode == _SYMLINK:
            return None
        return self._run_bytes("cat-file", "blob", blob)

    def files(self, commit: str, folder: str) -> tuple[str, ...]:
        """The files that a folder had in a commit, not those of folders in it.

        Args:
            commit: The id of a commit.
            folder: From the folder of the checkout, with slashes.
        """
        entries = self._listed("ls-tree", "--name-only", commit, "--", f"{folder.rstrip('/')}/")
        return tuple(entries)

    def _commit(self, name: str) -> str:
        found = self._run(
            "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}", accepted=(0, 1, 128)
        )
        if not found.strip():
            raise UserError(
                f"there is no branch, tag or commit {name!r} in this checkout",
                remedy="fetch it first (git fetch origin), and name it as git does: origin/main",
                where="--changed-since",
            )
        return found.strip()

    def _listed(self, *arguments: str) -> list[str]:
        """What a command prints with -z, entry by entry."""
        command, *rest = arguments
        return list(_entries(self._run_bytes(command, "-z", *rest)))

    def _run(self, *arguments: str, accepted: tuple[int, ...] = (0,)) -> str:
        return os.fsdecode(self._run_bytes(*arguments, accepted=accepted))

    def _run_bytes(self, *arguments: str, accepted: tuple[int, ...] = (0,)) -> bytes:
        environment = {name: os.environ[name] for name in _INHERITED if name in os.environ} | _QUIET
        # Whoever owns the checkout: in a container it is often not the user who runs this.
        command = ["git", "-c", f"safe.directory={self._root}", "-c", "core.fsmonitor=false", *arguments]
        try:
            done = subprocess.run(
                command, cwd=self._root, env=environment, stdin=subprocess.DEVNULL, capture_output=True, check=False
            )
        except FileNotFoundError:
            raise UserError("there is no `git` on PATH", remedy="install git", where="--changed-since") from None
        if done.returncode not in accepted:
            said = os.fsdecode(done.stderr).strip().splitlines() or ["it gave no reason"]
            raise UserError(
                f"`git {arguments[0]}` failed: {said[0]}",
                remedy="run this in a checkout of the repository by git",
                where=str(self._root),
            )
        return done.stdout if done.returncode == 0 else b""


_SYMLINK = "120000"


def _entries(printed: bytes) -> Iterator[str]:
    for entry in printed.split(b"\0"):
        if entry:
            yield os.fsdecode(entry)


def _checked(ref: str) -> str:
    """A name that git can be given; that no option can be made of it, ``--end-of-options`` ensures besides."""
    if not ref or len(ref) > MOST_CHARACTERS or ref.startswith("-") or not ref.isprintable():
        raise UserError(
            f"{ref[:MOST_CHARACTERS]!r} is no name of a commit",
            remedy="name a branch, a tag or a commit: --changed-since origin/main",
            where="--changed-since",
        )
    return ref
