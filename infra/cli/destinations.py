"""Files that commands write because an option names them: refused before the work begins, written at its end."""

from __future__ import annotations

from pathlib import Path

from infra.errors import UserError


def require_folders(*files: Path | None) -> None:
    """Refuse files that could not be written at the end, before anything is done.

    Args:
        files: What the options name; None where one was not given.

    Raises:
        UserError: the folder of one is not there, or it is a folder itself.
    """
    for file in files:
        if file is None:
            continue
        if not file.absolute().parent.is_dir():
            raise UserError(
                "its folder does not exist", remedy="make the folder, or name another file", where=str(file)
            )
        if file.is_dir():
            raise UserError("it is a folder", "name a file", str(file))


def write_file(file: Path, content: str | bytes) -> None:
    """Write a file; text in UTF-8.

    Raises:
        UserError: it cannot be written.
    """
    try:
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    except OSError as error:
        raise UserError(
            f"it cannot be written: {error.strerror}", remedy="name another file", where=str(file)
        ) from None
