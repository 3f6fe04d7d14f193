"""The access key with which programs, plugins and boto3 users reach the embedded cloud."""

from __future__ import annotations

import json
import os
import secrets
import string
from dataclasses import asdict, dataclass
from pathlib import Path

from infra.sandbox.errors import HomeUnusable

_KEY_ID_ALPHABET = string.ascii_uppercase + "234567"


@dataclass(frozen=True, kw_only=True)
class AccessKey:
    """A key of the sandbox's account; worth nothing outside of it."""

    access_key_id: str
    secret_access_key: str


def access_key(path: Path) -> AccessKey:
    """The key in the file; a new one is made, readable by its owner only, where there is none yet.

    Raises:
        HomeUnusable: The file holds something else.
    """
    try:
        return AccessKey(**json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError):
        raise HomeUnusable(path, "it holds no access key") from None
    except FileNotFoundError:
        key = AccessKey(
            access_key_id="AKIA" + "".join(secrets.choice(_KEY_ID_ALPHABET) for _ in range(16)),
            secret_access_key=secrets.token_urlsafe(30),
        )
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(key), file)
        return key
