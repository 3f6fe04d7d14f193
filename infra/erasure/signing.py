"""Signs a certificate and verifies it, by a key of one's own (Ed25519) or one that AWS KMS holds (ECDSA on P-256).

What is signed is the SHA-256 of the certificate's canonical bytes: members sorted, no spaces, UTF-8, as RFC 8785 has
them for a document without fractions. KMS takes 4,096 bytes at most, and a certificate has more. So a file may be
printed in another way, and nothing in it may be changed. Who verifies says which public key is trusted: a file cannot
vouch for itself.
Sources: RFC 8032 (Ed25519); AWS KMS API Reference, "Sign" (SigningAlgorithm, MessageType).
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Literal, NamedTuple, cast

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from infra.erasure.account import ErasableAccount
from infra.erasure.certificate import Certificate, Signature, SignedCertificate
from infra.errors import UserError

PublicKey = Ed25519PublicKey | EllipticCurvePublicKey
#: A file of more bytes is no certificate.
_LONGEST = 64 * 1024 * 1024
_P256 = "secp256r1"


class Signer(NamedTuple):
    """What signs.

    Args:
        algorithm: How.
        public: The public key, for whoever verifies.
        sign: Makes the signature of some bytes.
    """

    algorithm: Literal["Ed25519", "ECDSA-SHA-256"]
    public: PublicKey
    sign: Callable[[bytes], bytes]


def own_key(pem: bytes) -> Signer:
    """A signer by a private key of one's own.

    Args:
        pem: The Ed25519 key, PKCS #8 in PEM, unencrypted; it is kept in memory only.

    Raises:
        UserError: It is no such key.
    """
    try:
        key = serialization.load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise UserError("the signing key is no Ed25519 key", "make one: openssl genpkey -algorithm ed25519")
    return Signer("Ed25519", key.public_key(), key.sign)


def kms_key(account: ErasableAccount, key: str) -> Signer:
    """A signer by a key that AWS KMS holds.

    Args:
        account: The account.
        key: The key's ARN or alias; it is of the spec ECC_NIST_P256 and signs.

    Raises:
        UserError: The key is of another spec.
        Unread: KMS refuses.
    """
    answer = account.read("kms", "get_public_key", KeyId=key)
    public = serialization.load_der_public_key(answer["PublicKey"])
    if not isinstance(public, EllipticCurvePublicKey) or public.curve.name != _P256:
        raise UserError("the key is not on the curve P-256", "name a KMS key of the spec ECC_NIST_P256 that signs", key)

    def sign(message: bytes) -> bytes:
        answer = account.change(
            "kms", "sign", KeyId=key, Message=message, MessageType="RAW", SigningAlgorithm="ECDSA_SHA_256"
        )
        return bytes(answer["Signature"])

    return Signer("ECDSA-SHA-256", public, sign)


def signed(certificate: Certificate, signer: Signer) -> SignedCertificate:
    """Sign a certificate.

    Args:
        certificate: What is certified.
        signer: Who vouches for it.
    """
    message = digest(json.loads(msgspec.json.encode(certificate)))
    value = base64.b64encode(signer.sign(message)).decode()
    return SignedCertificate(certificate, Signature(signer.algorithm, fingerprint(signer.public), value))


def render(certificate: SignedCertificate) -> str:
    """The JSON file."""
    return msgspec.json.format(msgspec.json.encode(certificate), indent=2).decode() + "\n"


def public_pem(key: PublicKey) -> str:
    """The public key, for whoever verifies."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_bytes(serialization.Encoding.PEM, form).decode()


def fingerprint(key: PublicKey) -> str:
    """The SHA-256 of a public key's DER, in hexadecimal."""
    form = serialization.PublicFormat.SubjectPublicKeyInfo
    return hashlib.sha256(key.public_bytes(serialization.Encoding.DER, form)).hexdigest()


def digest(document: object) -> bytes:
    """The 32 bytes that are signed of a document: the SHA-256 of its canonical form."""
    canonical = json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(canonical.encode()).digest()


def read_key(file: Path) -> PublicKey:
    """Read a public key that is trusted.

    Args:
        file: PEM.

    Raises:
        UserError: There is none in it.
    """
    try:
        key = serialization.load_pem_public_key(file.read_bytes())
    except OSError as problem:
        raise _unreadable(file, problem) from None
    except (ValueError, UnsupportedAlgorithm):
        key = None
    if isinstance(key, Ed25519PublicKey) or (isinstance(key, EllipticCurvePublicKey) and key.curve.name == _P256):
        return key
    raise UserError("it is no public key of Ed25519 or P-256 in PEM", "name the platform's public key", str(file))


def verify(file: Path, trusted: PublicKey) -> Certificate:
    """Verify a file, and read what it certifies.

    Args:
        file: The JSON file.
        trusted: The public key of the platform.

    Raises:
        UserError: It is no certificate, is signed by another key, or was changed since.
    """
    try:
        with file.open("rb") as opened:
            content = opened.read(_LONGEST + 1)
    except OSError as problem:
        raise _unreadable(file, problem) from None
    if len(content) > _LONGEST:
        raise UserError(f"it has more than {_LONGEST} bytes", "name a certificate of an erasure", str(file))
    raw, read = _parsed(content, file)
    if read.signature.key != fingerprint(trusted):
        raise UserError(
            f"it is signed by the key {read.signature.key}, and the trusted key is {fingerprint(trusted)}",
            "name the public key of the platform that erased the tenant, from a source that you trust",
            str(file),
        )
    if not _holds(trusted, read.signature, digest(raw["certificate"])):
        raise UserError(
            "its signature does not hold: it was changed since it was signed",
            "take the file anew from who issued it",
            str(file),
        )
    return read.certificate


def _parsed(content: bytes, file: Path) -> tuple[dict[str, Any], SignedCertificate]:
    try:
        raw = json.loads(content, object_pairs_hook=_once)
        return cast("dict[str, Any]", raw), msgspec.convert(raw, SignedCertificate)
    except (ValueError, RecursionError, msgspec.ValidationError) as problem:
        raise UserError(
            f"it is no certificate of an erasure: {problem}", "name the JSON file, not the PDF", str(file)
        ) from None


def _once(members: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    """Two members of one name would let a reader see another one than was signed."""
    found: dict[str, Any] = {}
    for name, value in members:
        if name in found:
            raise ValueError(f"the member {name!r} is there twice")
        found[name] = value
    return found


def _holds(trusted: PublicKey, signature: Signature, message: bytes) -> bool:
    try:
        value = base64.b64decode(signature.value, validate=True)
        if isinstance(trusted, Ed25519PublicKey):
            trusted.verify(value, message)
        else:
            trusted.verify(value, message, ECDSA(hashes.SHA256()))
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return signature.algorithm == ("Ed25519" if isinstance(trusted, Ed25519PublicKey) else "ECDSA-SHA-256")


def _unreadable(file: Path, problem: OSError) -> UserError:
    return UserError(f"it cannot be read: {problem.strerror}", "name a file that is there", str(file))
