"""Installs our offline provider plugin into a Pulumi home, where the engine finds it without a warning.

The plugin is a small script that starts `infra.sandbox.aws` with this interpreter; it is packed as an archive and
installed by the engine itself (Pulumi documentation, "pulumi plugin install"), under the version of the installed SDK.
"""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
import tarfile
import tempfile
from io import BytesIO
from pathlib import Path

from filelock import FileLock

from infra.sandbox.aws.invokes import INVOKES
from infra.sandbox.aws.resources import TABLE
from infra.sandbox.aws.schema import cache_folder, load, sdk_version
from infra.sandbox.errors import SandboxError

_ROOT = Path(__file__).resolve().parents[2]
_INHERITED = ("PATH", "HOME", "TMPDIR", "LANG", "LC_ALL")


class PluginRefused(SandboxError):
    """The engine did not accept the archive of a plugin."""


def install_offline_plugins(home: Path, engine: Path) -> None:
    """Install the offline AWS provider, unless this very one is there.

    Args:
        home: The Pulumi home.
        engine: The pulumi executable.

    Raises:
        PluginRefused: The engine did not accept the archive.
    """
    version, script = sdk_version(), executable(sys.executable, _ROOT)
    installed = home / "plugins" / f"resource-aws-v{version}" / "pulumi-resource-aws"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    with FileLock(home / "plugins.lock"), tempfile.TemporaryDirectory() as folder:
        if installed.exists() and installed.read_bytes() == script:
            return
        archive = Path(folder) / "aws.tar.gz"
        pack(archive, script)
        finished = subprocess.run(
            [engine, "plugin", "install", "resource", "aws", version, "--file", archive, "--reinstall"],
            env={
                **{name: os.environ[name] for name in _INHERITED if name in os.environ},
                "PULUMI_HOME": str(home),
                "PULUMI_SKIP_UPDATE_CHECK": "true",
            },
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
    if finished.returncode != 0:
        raise PluginRefused(
            f"the engine refused the offline AWS plugin: {finished.stderr.strip() or finished.stdout.strip()}",
            remedy="check that the engine works (bulkhead doctor) and that the folder can be written",
            where=str(home),
        )
    # What the first start would otherwise take seconds for: reading the types off the SDK.
    load(TABLE, INVOKES, cache_folder({"PULUMI_HOME": str(home)}))


def executable(python: str, root: Path) -> bytes:
    """Return the text of `pulumi-resource-aws`.

    Args:
        python: The interpreter that it runs in.
        root: The folder that holds the `infra` package; it goes to the end of the path.
    """
    run = "runpy.run_module('infra.sandbox.aws', run_name='__main__')"
    start = f"import sys, runpy; sys.path.append({str(root)!r}); {run}"
    # -P keeps the folder of the program that is being deployed off the path.
    return f'#!/bin/sh\nexec {shlex.join([python, "-P", "-c", start])} "$@"\n'.encode()


def pack(archive: Path, script: bytes) -> None:
    """Write the archive that `pulumi plugin install --file` takes: a gzipped tar of the executable."""
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo("pulumi-resource-aws")
        entry.size, entry.mode = len(script), 0o755
        tar.addfile(entry, BytesIO(script))
