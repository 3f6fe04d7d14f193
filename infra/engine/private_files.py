"""Folders and files that only their owner may read."""

from __future__ import annotations

import os
from pathlib import Path

from infra.engine.errors import EngineError


def private_folder(path: Path) -> Path:
    """Make a folder with mode 0700 where there is none.

    Args:
        path: The folder; parents that are missing are made in the same way.

    Raises:
        EngineError: it cannot be made.
    """
    try:
        for folder in reversed([path, *path.parents]):
            if not folder.is_dir():
                folder.mkdir(mode=0o700, exist_ok=True)
    except OSError as error:
        raise EngineError(
            f"cannot make the folder: {error.strerror}",
            remedy="free the path, or set BULKHEAD_HOME to a folder that you may write",
            where=str(path),
        ) from None
    return path


def open_private(path: Path, flags: int) -> int:
    """Open a file for its owner only.

    Args:
        path: The file; it is created with mode 0600.
        flags: As `os.open`, without O_CREAT.

    Returns:
        A descriptor.
    """
    return os.open(path, flags | os.O_CREAT, 0o600)


def write_private(path: Path, text: str) -> None:
    """Write a file for its owner only, as a whole or not at all.

    Args:
        path: The file.
        text: Its content.
    """
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    with os.fdopen(open_private(temporary, os.O_WRONLY | os.O_TRUNC), "w") as file:
        file.write(text)
    temporary.replace(path)
