"""The key of the embedded cloud's issuer of OpenID Connect tokens.

On AWS, STS fetches an identity provider's keys from its address. The sandbox has no network: it stands for the issuers
of all providers itself, with one key, which only the owner of its folder has.
Source: IAM User Guide, "Create an OpenID Connect (OIDC) identity provider in IAM".
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import cast

from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from infra.sandbox.errors import HomeUnusable

ALGORITHM = "RS256"
FILE = "token-issuer.json"
_BITS = 2048


def issuer_key(home: Path) -> RSAKey:
    """The private key in a sandbox's folder; a new one is made, readable by its owner only, where there is none yet.

    Args:
        home: The sandbox's folder.

    Raises:
        HomeUnusable: The file holds something else.
    """
    path = home / FILE
    try:
        return RSAKey.import_key(cast("dict[str, str | list[str]]", json.loads(path.read_text(encoding="utf-8"))))
    except FileNotFoundError:
        pass
    except (ValueError, TypeError, KeyError, JoseError):
        raise HomeUnusable(path, "it holds no key of a token issuer") from None
    key = RSAKey.generate_key(_BITS)
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            json.dump(key.as_dict(private=True), file)
    except FileExistsError:
        return issuer_key(home)
    return key
