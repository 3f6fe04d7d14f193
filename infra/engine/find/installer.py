"""Gets the engine by Pulumi's own installer, where its site can be reached.

Source: Pulumi documentation, "Automation API", `PulumiCommand.install`.
"""

from __future__ import annotations

import subprocess
import sys
import threading
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from semver import VersionInfo

from infra.engine.find.progress import Reporter

_SITE = "https://get.pulumi.com/install.sh"
_REACH_SECONDS = 8.0
_INSTALL_SECONDS = 900.0

#: In a process of its own: the SDK's function has no time limit, and reads and passes on the caller's environment.
_INSTALL = """
import sys
from semver import VersionInfo
from pulumi.automation import PulumiCommand
PulumiCommand.install(root=sys.argv[1], version=VersionInfo.parse(sys.argv[2]))
"""


class CannotInstall(Exception):
    """The installer did not leave an engine; the message says why."""


def install(version: VersionInfo, root: Path, environment: Mapping[str, str], reporter: Reporter) -> None:
    """Install the engine and its language hosts.

    Args:
        version: Which.
        root: The folder that gets ``bin/pulumi``.
        environment: The whole environment of the installer.
        reporter: Gets the steps.

    Raises:
        CannotInstall: the site is out of reach or the installer failed.
    """
    reporter.report("asking for the official installer")
    _reach()
    reporter.report("installing by the official installer")
    try:
        finished = subprocess.run(
            [sys.executable, "-c", _INSTALL, str(root), str(version)],
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=_INSTALL_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise CannotInstall(f"the installer did not end within {_INSTALL_SECONDS:.0f} s") from None
    if finished.returncode != 0 or not (root / "bin" / "pulumi").exists():
        last = (finished.stderr.strip().splitlines() or ["it gave no reason"])[-1]
        raise CannotInstall(f"the installer failed: {last}")


def _reach() -> None:
    """Ask for the site, in a thread of its own: the look-up of its name has no time limit otherwise."""
    failures: list[str] = []
    answered = threading.Event()

    def ask() -> None:
        try:
            with urllib.request.urlopen(_SITE, timeout=_REACH_SECONDS):
                pass
        except (OSError, ValueError) as error:
            failures.append(str(error))
        answered.set()

    threading.Thread(target=ask, daemon=True).start()
    if not answered.wait(_REACH_SECONDS):
        raise CannotInstall(f"{_SITE} did not answer within {_REACH_SECONDS:.0f} s")
    if failures:
        raise CannotInstall(f"{_SITE} is out of reach ({failures[0]})")
