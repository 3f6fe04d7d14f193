"""Branches as a writer needs them: their tips, and a change of one that fails when somebody else was faster.

Sources: git documentation, "git-update-ref" (<old-oid>), "git-push" (--force-with-lease, --porcelain), "git-fetch".
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
from collections.abc import Generator
from typing import Protocol

from infra.errors import UserError
from infra.git import Git, reason

_BRANCH = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*(?:/[A-Za-z0-9][A-Za-z0-9._-]*)*")
_REMOTE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,99}")
_MOST_CHARACTERS = 200


class Branches(Protocol):
    """The branches of a repository, by their names."""

    def update(self) -> None:
        """Learn what others have written."""
        ...

    def tip(self, branch: str) -> str | None:
        """The commit that a branch is at; None where there is no such branch."""
        ...

    def names(self, prefix: str) -> list[str]:
        """The branches whose names begin so, in the order of the alphabet."""
        ...

    def move(self, branch: str, commit: str, before: str | None) -> str:
        """Set a branch to a commit if it is still where it was.

        Args:
            branch: The branch.
            commit: The commit.
            before: Where it was; None: it was not there.

        Returns:
            Why it was not moved, in git's words; empty where it was.
        """
        ...

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Held while the branches are updated and moved."""
        ...


class LocalBranches:
    """The branches of the repository itself.

    Args:
        git: The repository.
    """

    def __init__(self, git: Git) -> None:
        self._git = git

    def update(self) -> None:
        """Nothing: they are here."""

    def lock(self) -> contextlib.AbstractContextManager[None]:
        """Nothing: git locks a branch itself while it is moved."""
        return contextlib.nullcontext()

    def tip(self, branch: str) -> str | None:
        """The commit that a branch is at; None where there is no such branch."""
        return self._git.commit(f"refs/heads/{branch}")

    def names(self, prefix: str) -> list[str]:
        """The branches whose names begin so, in the order of the alphabet."""
        return _names(self._git, "refs/heads/", prefix)

    def move(self, branch: str, commit: str, before: str | None) -> str:
        """Set a branch to a commit if it is still where it was; why not, otherwise.

        Raises:
            UserError: The branch is checked out, and its files would not follow.
        """
        self._require_not_checked_out(branch)
        none = "0" * len(commit)
        done = self._git.run("update-ref", f"refs/heads/{branch}", commit, before or none, accepted=(0, 1, 128))
        return "" if done.returncode == 0 else reason(done)

    def _require_not_checked_out(self, branch: str) -> None:
        trees = self._git.text("worktree", "list", "--porcelain").splitlines()
        if f"branch refs/heads/{branch}" in trees:
            raise UserError(
                f"the branch {branch} is checked out here, and a commit would leave its files behind",
                remedy="use a bare repository, or give the remote that the checkout has",
                where=str(self._git.repository),
            )


class RemoteBranches:
    """The branches of a remote of the repository, which is a copy that nobody else writes to.

    Args:
        git: The copy.
        remote: The remote's name in it.

    Raises:
        UserError: That is no remote's name.
    """

    def __init__(self, git: Git, remote: str) -> None:
        if not _REMOTE.fullmatch(remote):
            raise UserError(f"{remote[:40]!r} is no name of a remote", remedy="give its name in the copy: origin")
        self._git = git
        self._remote = remote

    def update(self) -> None:
        """Fetch."""
        quiet = ("--quiet", "--no-tags", "--prune", "--no-recurse-submodules", "--no-auto-maintenance")
        refs = f"+refs/heads/*:refs/remotes/{self._remote}/*"
        self._git.run("fetch", *quiet, "--no-write-fetch-head", self._remote, refs)

    @contextlib.contextmanager
    def lock(self) -> Generator[None]:
        """Held by one process at a time: two fetches at once fail on each other's locks."""
        descriptor = os.open(self._git.repository, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def tip(self, branch: str) -> str | None:
        """The commit that a branch was at when it was fetched; None where there was no such branch."""
        return self._git.commit(f"refs/remotes/{self._remote}/{branch}")

    def names(self, prefix: str) -> list[str]:
        """The branches that were fetched whose names begin so, in the order of the alphabet."""
        return _names(self._git, f"refs/remotes/{self._remote}/", prefix)

    def move(self, branch: str, commit: str, before: str | None) -> str:
        """Push, if the branch is still where it was; why not, otherwise."""
        name = f"refs/heads/{branch}"
        lease = f"--force-with-lease={name}:{before or ''}"
        done = self._git.run("push", "--porcelain", lease, self._remote, f"{commit}:{name}", accepted=(0, 1))
        refused = [line for line in os.fsdecode(done.stdout).splitlines() if line.startswith("!")]
        if done.returncode != 0 and not refused:
            raise UserError(
                f"`git push` failed: {reason(done)}",
                remedy="see that the remote can be reached and takes the credentials",
                where=f"{self._git.repository}, remote {self._remote}",
            )
        return "" if done.returncode == 0 else " ".join(refused[0].split())


def _names(git: Git, refs: str, prefix: str) -> list[str]:
    found = git.text("for-each-ref", "--format=%(refname)", refs).splitlines()
    return sorted(name.removeprefix(refs) for name in found if name.startswith(f"{refs}{prefix}"))


def require_branch(branch: str) -> str:
    """The name, if a branch may have it here: letters, digits, and ``. _ - /`` inside.

    Raises:
        UserError: It may not.
    """
    parts = branch.split("/")
    wrong = ".." in branch or any(part.endswith((".lock", ".")) for part in parts)
    if not _BRANCH.fullmatch(branch) or len(branch) > _MOST_CHARACTERS or wrong:
        raise UserError(f"{branch[:40]!r} is no name of a branch", remedy="give one such as main or bulkhead/acme")
    return branch
