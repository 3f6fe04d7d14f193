"""The code of versions below the home: each commit's files once, never changed, beside the user's checkout."""

from __future__ import annotations

import io
import shutil
import tarfile
import tempfile
from pathlib import Path

from infra.blueprint import PROJECT, sdk_pins
from infra.engine.private_files import private_folder
from infra.errors import UserError
from infra.fleet.releases import Code, History
from infra.settings import ROOT


def code_folder(history: History, code: Code, home: Path) -> Path:
    """The folder with a commit's files; made when it is first asked for.

    It is there as a whole or not at all, also when a process dies or two ask at once.

    Args:
        history: The blueprint's history.
        code: The commit.
        home: The home.

    Raises:
        UserError: The commit is made for another version of the SDK than the one that is installed.
    """
    _require_sdk(history, code)
    versions = home / "versions"
    folder = versions / code.commit
    if folder.is_dir():
        return folder
    private_folder(versions)
    unpacked = Path(tempfile.mkdtemp(prefix=".unpacked-", dir=versions))
    try:
        with tarfile.open(fileobj=io.BytesIO(history.export(code.commit))) as archive:
            archive.extractall(unpacked, filter="data")
        try:
            unpacked.rename(folder)
        except OSError:
            if not folder.is_dir():  # or another process was faster
                raise
    finally:
        shutil.rmtree(unpacked, ignore_errors=True)
    return folder


def _require_sdk(history: History, code: Code) -> None:
    here, there = sdk_pins((ROOT / PROJECT).read_bytes()), history.sdk_pins(code.commit)
    if here != there:
        differing = ", ".join(sorted({*there} - {*here}) or there)
        raise UserError(
            f"version {code.version} is made for {differing}, and this environment is not",
            remedy=f"check out {code.commit[:12]}, make its environment (make env), and run this there",
        )
