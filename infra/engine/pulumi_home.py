"""Our own Pulumi home: the engine with a language host beside it, and the plugins; the user's home is never touched.

The engine looks for a language host beside its own executable, on PATH (with a warning in each run) and among the
plugins. Where the official host is not beside the engine, the home gets a hard link of the engine with ours beside it.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock

from infra.engine.errors import PluginInstallFailed
from infra.engine.language_host import bootstrap
from infra.engine.private_files import private_folder
from infra.engine.settings import inherited_environment

LANGUAGE_HOST = "pulumi-language-python"


@dataclass(frozen=True)
class PulumiHome:
    """A Pulumi home.

    Args:
        path: Its folder; made with mode 0700 when it is first used.
    """

    path: Path

    def adopt_engine(self, command: Path) -> Path:
        """Make sure that an engine finds a language host for Python, without a warning.

        Args:
            command: The engine that was found.

        Returns:
            The executable to use: ``command`` itself if the official host is beside it, else our link to it.
        """
        real = command.resolve()
        if (real.parent / LANGUAGE_HOST).exists():
            return command
        folder = private_folder(self.path / "engine")
        with FileLock(self.path / "engine.lock"):
            linked = folder / "pulumi"
            if not _same_file(linked, real):
                _place(linked, real)
            _write_executable(folder / LANGUAGE_HOST, _wrapper(sys.executable))
        return linked

    def has_plugin(self, kind: str, name: str, version: str) -> bool:
        """Whether a plugin is installed in this home."""
        return (self.path / "plugins" / f"{kind}-{name}-v{version}").is_dir()

    def install_plugin(self, command: Path, name: str, version: str, archive: Path, *, replace: bool = False) -> None:
        """Install a resource plugin from an archive.

        Args:
            command: The engine.
            name: The provider's name, as ``aws``.
            version: Its exact version, as ``7.51.1``.
            archive: A gzipped tar that holds the executable ``pulumi-resource-NAME``.
            replace: Install even where that version is there.

        Raises:
            PluginInstallFailed: the engine refused the archive.
        """
        private_folder(self.path)
        arguments = ["plugin", "install", "resource", name, version, "--file", str(archive), "--non-interactive"]
        with FileLock(self.path / "plugins.lock"):
            if self.has_plugin("resource", name, version) and not replace:
                return
            finished = subprocess.run(
                [str(command), *arguments, *(["--reinstall"] if replace else [])],
                env={**inherited_environment(), **self.environment()},
                capture_output=True,
                text=True,
                check=False,
                stdin=subprocess.DEVNULL,
            )
        if finished.returncode != 0:
            raise PluginInstallFailed(
                f"the engine refused the plugin {name} {version}: {finished.stderr.strip() or finished.stdout.strip()}",
                remedy="check that the archive is a .tar.gz with the executable at its top",
                where=str(archive),
            )

    def environment(self) -> Mapping[str, str]:
        """The variables that make an engine use this home."""
        return {"PULUMI_HOME": str(self.path), "PULUMI_SKIP_UPDATE_CHECK": "true"}


def _wrapper(python: str) -> str:
    command = bootstrap.command(python, "infra.engine.language_host")
    return f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n'


def _same_file(link: Path, real: Path) -> bool:
    """A copy is told by size and time, which `shutil.copy2` keeps."""
    if not link.exists():
        return False
    ours, theirs = link.stat(), real.stat()
    return os.path.samestat(ours, theirs) or (ours.st_size, ours.st_mtime) == (theirs.st_size, theirs.st_mtime)


def _place(link: Path, real: Path) -> None:
    temporary = link.with_suffix(".new")
    temporary.unlink(missing_ok=True)
    try:
        temporary.hardlink_to(real)
    except OSError:  # another file system
        shutil.copy2(real, temporary)
    temporary.replace(link)


def _write_executable(path: Path, text: str) -> None:
    if path.exists() and path.read_text() == text:
        return
    temporary = path.with_suffix(".new")
    temporary.write_text(text)
    temporary.chmod(0o755)
    temporary.replace(path)
