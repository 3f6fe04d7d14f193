"""Runs git: by argument lists, with an environment of its own, and so that no configuration or hook runs anything.

Sources: git documentation, "git-rev-parse" (--verify, --end-of-options), "git" (environment variables).
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from infra.errors import UserError

#: git itself takes longer names, but no host of repositories does.
MOST_CHARACTERS = 255

_INHERITED = ("PATH", "HOME", "TMPDIR", "SSH_AUTH_SOCK")
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


class Git:
    """One repository.

    Args:
        repository: Its folder, bare or not.
        environment: Further variables of every call, such as ``GIT_SSH_COMMAND`` for a remote's credentials.
    """

    def __init__(self, repository: Path, environment: Mapping[str, str] | None = None) -> None:
        self.repository = repository
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self._environment = {**inherited, **_QUIET, **(environment or {})}
        settings = (f"safe.directory={repository}", "core.fsmonitor=false", f"core.hooksPath={os.devnull}")
        self._command = ["git", *(part for setting in settings for part in ("-c", setting))]

    def run(
        self,
        *arguments: str,
        given: bytes = b"",
        environment: Mapping[str, str] | None = None,
        accepted: tuple[int, ...] = (0,),
    ) -> subprocess.CompletedProcess[bytes]:
        """Run a command of git.

        Args:
            arguments: The command and what follows it; names among them are checked by the caller.
            given: What it reads.
            environment: Further variables of this call.
            accepted: The exit codes that are no error.

        Raises:
            UserError: git is missing, or the command failed.
        """
        try:
            done = subprocess.run(
                [*self._command, *arguments],
                cwd=self.repository,
                env={**self._environment, **(environment or {})},
                input=given,
                capture_output=True,
                check=False,
            )
        except (FileNotFoundError, NotADirectoryError):
            missing = "`git` on PATH" if self.repository.is_dir() else "folder of the repository"
            remedy = "name a folder under git, and install git"
            raise UserError(f"there is no {missing}", remedy=remedy, where=str(self.repository)) from None
        if done.returncode not in accepted:
            raise UserError(
                f"`git {arguments[0]}` failed: {reason(done)}",
                remedy="see that the repository is whole, writable and reachable",
                where=str(self.repository),
            )
        return done

    def text(self, *arguments: str, given: bytes = b"", environment: Mapping[str, str] | None = None) -> str:
        """What a command prints, without the line's end."""
        return os.fsdecode(self.run(*arguments, given=given, environment=environment).stdout).strip()

    def listed(self, command: str, *arguments: str) -> list[str]:
        """What a command prints with -z, entry by entry."""
        return [os.fsdecode(each) for each in self.run(command, "-z", *arguments).stdout.split(b"\0") if each]

    def commit(self, name: str) -> str | None:
        """The id of the commit that a name stands for; None where there is none, or git cannot read that name.

        Args:
            name: A branch, tag or commit, in any way that git lets one name it.
        """
        if not name or len(name) > MOST_CHARACTERS or name.startswith("-") or not name.isprintable():
            return None
        asked = ("rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
        found = self.run(*asked, accepted=(0, 1, 128))
        return os.fsdecode(found.stdout).strip() or None if found.returncode == 0 else None


def reason(done: subprocess.CompletedProcess[bytes]) -> str:
    """The first line of what git said."""
    return next(iter(os.fsdecode(done.stderr).strip().splitlines()), "it gave no reason")
