"""Secrets in files: the keys of page tokens, made once in the home; webhooks' secrets, which an operator gives."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path

from pydantic import SecretStr

from infra.engine.private_files import open_private
from infra.errors import UserError
from infra.service.settings import ServiceSettings, service_folder
from infra.settings import Settings

PAGE_TOKEN_KEYS_FILE = "page-token-keys"  # noqa: S105 - a file's name
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def page_token_keys(service: ServiceSettings, settings: Settings) -> tuple[SecretStr, ...]:
    """The secrets that sign page tokens; in the home one is made, readable by its owner only, where there is none yet.

    Args:
        service: Names the file that all machines share, if there are several.
        settings: Of the checkout.

    Raises:
        UserError: the file cannot be read, is open to others, or is empty.
    """
    path = service.page_token_keys_file
    if path is None:
        path = service_folder(settings) / PAGE_TOKEN_KEYS_FILE
        _make_once(path)
    return tuple(SecretStr(line.strip()) for line in read_secret(path).splitlines() if line.strip())


def read_secret(path: Path) -> str:
    """What is in a file that only its owner may read; a group may where it belongs to root, as Kubernetes mounts it.

    Args:
        path: The file.

    Raises:
        UserError: it cannot be read, is open to others, or is empty.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it holds other than ASCII characters"
        raise UserError(f"the secret cannot be read: {reason}", "name a file with a secret", str(path)) from None
    open_to = stat.S_IRWXO | stat.S_IWGRP if path.stat().st_uid == 0 else _OTHERS
    if mode & open_to:
        raise UserError("others may read the secret", f"close it to them: chmod 600 {path.name}", str(path))
    if not text:
        raise UserError("the file of the secret is empty", "write the secret into it", str(path))
    return text


def _make_once(path: Path) -> None:
    """Make a secret as a whole or not at all; of several processes, one does."""
    if path.exists():
        return
    draft = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    with os.fdopen(open_private(draft, os.O_WRONLY | os.O_TRUNC), "w", encoding="ascii") as file:
        file.write(secrets.token_urlsafe(48) + "\n")
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
