"""The passphrase that encrypts secrets in local state: made once, kept in a file that only its owner reads."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from infra.engine.errors import EngineError
from infra.engine.private_files import open_private, private_folder

_ENTROPY_BYTES = 32


def ensure_passphrase(path: Path) -> Path:
    """Make sure that there is a passphrase.

    Args:
        path: Its file; a new one gets mode 0600 and 256 random bits.

    Returns:
        The same path.

    Raises:
        EngineError: the file is there but others can read it, or it is empty.
    """
    private_folder(path.parent)
    try:
        descriptor = open_private(path, os.O_WRONLY | os.O_EXCL)
    except FileExistsError:
        check_passphrase(path)
        return path
    with os.fdopen(descriptor, "w") as file:
        file.write(secrets.token_urlsafe(_ENTROPY_BYTES))
    return path


def check_passphrase(path: Path) -> None:
    """Refuse a passphrase file that others can read or that is empty.

    Args:
        path: The file; it exists.

    Raises:
        EngineError: it is one of these.
    """
    state = path.stat()
    if state.st_mode & 0o077:
        raise EngineError(
            f"others can read the passphrase (mode {state.st_mode & 0o777:04o})",
            remedy=f"chmod 600 {path}; if others may have read it, run `pulumi stack change-secrets-provider`",
            where=str(path),
        )
    if state.st_size == 0:
        raise EngineError(
            "the passphrase file is empty",
            remedy="put the passphrase back, or remove the file together with the local state that it encrypts",
            where=str(path),
        )
