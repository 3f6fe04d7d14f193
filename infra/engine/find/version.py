"""Which engines will do."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from pathlib import Path

from semver import VersionInfo

#: The engine that is installed or built where none is found; the SDK of the same version is in the lock file.
PINNED = VersionInfo(3, 250, 0)

#: The oldest engine whose command line the runs rely on.
OLDEST = VersionInfo(3, 200, 0)

_TIMEOUT_SECONDS = 30.0


def read_version(command: Path, environment: Mapping[str, str]) -> VersionInfo | None:
    """Ask an executable for its version.

    Args:
        command: The executable.
        environment: The whole environment of the call.

    Returns:
        The version; None when it is no engine, does not start or does not answer.
    """
    try:
        printed = subprocess.run(
            [str(command), "version"],
            env={**environment, "PULUMI_SKIP_UPDATE_CHECK": "true"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
            timeout=_TIMEOUT_SECONDS,
        )
        return VersionInfo.parse(printed.stdout.strip().removeprefix("v"))
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def is_recent(version: VersionInfo) -> bool:
    """Whether an engine of this version will do: the SDK's major version, and not too old."""
    return version.major == OLDEST.major and version >= OLDEST
