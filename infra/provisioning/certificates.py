"""The key that signs certificates of erasures: one of the home in the embedded cloud, one that AWS KMS holds on AWS."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.engine.private_files import private_folder
from infra.erasure.account import ErasableAccount
from infra.erasure.signing import Signer, kms_key, own_key, public_pem
from infra.errors import UserError
from infra.operations.erasing import own_account
from infra.operations.workspace import Workspace
from infra.settings import Settings

_FILE = "certificate-key.pem"


def signer(settings: Settings, account: Callable[[], ErasableAccount]) -> Signer:
    """What signs the certificates.

    Args:
        settings: Say which cloud, and on AWS which key.
        account: Gives the account by which KMS is asked, where it is.

    Raises:
        UserError: On AWS no key is named, or it is of another spec.
        Unread: KMS refuses.
    """
    if settings.certificate_key is not None:
        return kms_key(account(), settings.certificate_key)
    if settings.cloud == "aws":
        raise UserError(
            "no key signs the certificates of erasures",
            remedy="make a KMS key of the spec ECC_NIST_P256 with the usage SIGN_VERIFY, and name its ARN there",
            where="BULKHEAD_CERTIFICATE_KEY",
        )
    file = settings.home / "service" / _FILE
    _make_once(file)
    return own_key(file.read_bytes())


def public_key(settings: Settings) -> str:
    """The public key that verifies the certificates, in PEM; who verifies takes it from here, not from a certificate.

    Args:
        settings: As for `signer`.

    Raises:
        UserError: As for `signer`.
        Unread: KMS refuses.
    """
    with Workspace(settings) as workspace:
        return public_pem(signer(settings, lambda: own_account(workspace.cloud)).public)


def _make_once(file: Path) -> None:
    """A key is made as a whole or not at all, and the first of several that are made at once stays."""
    if file.exists():
        return
    private_folder(file.parent)
    pem = Ed25519PrivateKey.generate().private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    descriptor, name = tempfile.mkstemp(dir=file.parent)
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(pem)
            stream.flush()
            os.fsync(stream.fileno())
        with contextlib.suppress(FileExistsError):
            file.hardlink_to(name)
    finally:
        Path(name).unlink()
