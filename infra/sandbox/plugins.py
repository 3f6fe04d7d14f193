"""The plugin form of our offline provider: a small script that starts `infra.sandbox.aws` with this interpreter.

Packed as an archive, the engine itself installs it (Pulumi documentation, "pulumi plugin install"), under the version
of the installed SDK.
"""

from __future__ import annotations

import shlex
import sys
import tarfile
from io import BytesIO
from pathlib import Path

from infra.sandbox.aws.schema import sdk_version

_ROOT = Path(__file__).resolve().parents[2]
_EXECUTABLE = "pulumi-resource-aws"


def is_installed(home: Path) -> bool:
    """Whether a Pulumi home has this very plugin: ours, with this interpreter and of this checkout."""
    installed = home / "plugins" / f"resource-aws-v{sdk_version()}" / _EXECUTABLE
    return installed.exists() and installed.read_bytes() == _script()


def write_archive(folder: Path) -> Path:
    """Write the archive that ``pulumi plugin install --file`` takes, and return it."""
    archive = folder / "aws.tar.gz"
    script = _script()
    with tarfile.open(archive, "w:gz") as tar:
        entry = tarfile.TarInfo(_EXECUTABLE)
        entry.size, entry.mode = len(script), 0o755
        tar.addfile(entry, BytesIO(script))
    return archive


def _script() -> bytes:
    run = "runpy.run_module('infra.sandbox.aws', run_name='__main__')"
    start = f"import sys, runpy; sys.path.append({str(_ROOT)!r}); {run}"
    # -P keeps the folder of the program that is being deployed off the path.
    return f'#!/bin/sh\nexec {shlex.join([sys.executable, "-P", "-c", start])} "$@"\n'.encode()
