"""A copy of a remote repository that a service makes itself, and how it signs in there: no secret in a file of git's.

Where the remote is, and how credentials are asked for, git is told with each call, by its environment. The credentials
are files, as Kubernetes mounts a Secret of the type ``kubernetes.io/basic-auth``: ``username`` and ``password``. They
are read when git asks for them, and only for the remote's own host.

Sources: git documentation, "git-config" (GIT_CONFIG_COUNT), "gitcredentials" (credential contexts, custom helpers),
"git-init"; Kubernetes documentation, "Basic authentication Secret".
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from infra.git import Git

#: The remote's name in the copy.
REMOTE = "origin"
_FOLDER = "BULKHEAD_GIT_CREDENTIALS"
_HELPER = (
    '!f() { test "$1" = get || exit 0; '
    f'printf "username=%s\\npassword=%s\\n" "$(cat "${_FOLDER}/username")" "$(cat "${_FOLDER}/password")"; }}; f'
)


def remote_environment(url: str, credentials: Path | None) -> Mapping[str, str]:
    """The variables by which git knows the remote.

    Args:
        url: Where it is, without credentials.
        credentials: The folder with the files ``username`` and ``password``; None: it asks for none.
    """
    settings = {f"remote.{REMOTE}.url": url}
    found: dict[str, str] = {}
    if credentials is not None:
        parts = urlsplit(url)
        settings[f"credential.{parts.scheme}://{parts.netloc}.helper"] = _HELPER
        found[_FOLDER] = str(credentials)
    found["GIT_CONFIG_COUNT"] = str(len(settings))
    for number, (key, value) in enumerate(settings.items()):
        found |= {f"GIT_CONFIG_KEY_{number}": key, f"GIT_CONFIG_VALUE_{number}": value}
    return found


def make_copy(repository: Path) -> None:
    """Make an empty copy, to be fetched into, where there is none; of several processes one does it.

    Args:
        repository: Its folder, which is there.

    Raises:
        UserError: git is missing, or refuses.
    """
    descriptor = os.open(repository, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if not (repository / "HEAD").exists():
            Git(repository).run("init", "--bare", "--quiet", ".")
    finally:
        os.close(descriptor)
