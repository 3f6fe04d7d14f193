"""Which Python runs a project, as its Pulumi.yaml says, and what is installed in it.

Source: Pulumi documentation, "Python", section on the ``virtualenv`` runtime option.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from pulumi.runtime.proto import language_pb2

from infra.errors import UserError

_LIST_PACKAGES = """
import importlib.metadata, json
print(json.dumps(sorted({(d.metadata["Name"], d.version) for d in importlib.metadata.distributions()})))
"""


def virtual_environment(info: language_pb2.ProgramInfo) -> Path | None:
    """The folder of the ``virtualenv`` option, absolute; None where the project leaves the choice to the host."""
    options = info.options.fields
    if "virtualenv" not in options or not options["virtualenv"].string_value:
        return None
    return Path(info.root_directory) / options["virtualenv"].string_value


def interpreter(info: language_pb2.ProgramInfo) -> str:
    """The interpreter of a program: its ``virtualenv``, else the one that runs this host.

    Raises:
        UserError: the project names a virtual environment that does not exist.
    """
    folder = virtual_environment(info)
    if folder is None:
        return sys.executable
    executable = folder / "bin" / "python"
    if not executable.exists():
        raise UserError(
            f"there is no virtual environment at {folder}",
            remedy="run `pulumi install`, or correct runtime.options.virtualenv",
            where=str(Path(info.root_directory) / "Pulumi.yaml"),
        )
    return str(executable)


def installed_packages(python: str) -> list[tuple[str, str]]:
    """Names and versions of what is installed beside an interpreter."""
    listed = subprocess.run([python, "-c", _LIST_PACKAGES], capture_output=True, check=True, text=True)
    return [(name, version) for name, version in json.loads(listed.stdout)]


def install_commands(info: language_pb2.ProgramInfo, directory: Path) -> Iterator[list[str]]:
    """The commands that make a project's environment: none where it names no ``virtualenv`` of its own.

    Args:
        info: The program.
        directory: Where its ``requirements.txt`` is looked for.
    """
    folder = virtual_environment(info)
    if folder is None:
        return
    if not (folder / "bin" / "python").exists():
        yield [sys.executable, "-m", "venv", str(folder)]
    if (directory / "requirements.txt").exists():
        yield [str(folder / "bin" / "python"), "-m", "pip", "install", "-r", str(directory / "requirements.txt")]
