"""A small erasure, its certificate and a key that signs it."""

from __future__ import annotations

from datetime import UTC, datetime

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from infra.erasure.certificate import Certificate, Erasure, Thing, issue
from infra.erasure.inventory import Inventory, Item
from infra.erasure.ownership import Claim
from infra.erasure.removal import Removal, stamp
from infra.erasure.signing import Signer, own_key
from tests.erasure.populated import ACME

STARTED = datetime(2026, 3, 1, 12, tzinfo=UTC)
FINISHED = datetime(2026, 3, 1, 13, tzinfo=UTC)
ROLE = Item("iam:role", "bh-dev-acme-training", "arn:aws:iam::123456789012:role/x", Claim(("arn", "name")))
KEY = Item("kms:key", "k", "arn:aws:kms:eu-central-1:123456789012:key/k", Claim(("tag",)))
PENDING = Item(KEY.kind, KEY.id, KEY.arn, KEY.claim, expires="AWS deletes the key at 2026-03-31")


def erasure(requested_by: str = "Zoë Müller 🦊 <zoe@acme.example>") -> Erasure:
    return Erasure(
        owner=ACME, operation="op-1", requested_by=requested_by, performed_by="arn:aws:iam::123456789012:role/p",
        started=STARTED, finished=FINISHED,
    )  # fmt: skip


def removals() -> tuple[Removal, ...]:
    scheduled = stamp(KEY, "scheduled", "AWS deletes the key at 2026-03-31", FINISHED)
    return stamp(ROLE, "removed", "", STARTED), scheduled


def certificate(many: int = 1) -> Certificate:
    before = (Thing.of(ROLE), Thing.of(KEY))
    return issue(erasure(), before=before, after=(Inventory((PENDING,)),), removed=removals() * many)


def signer() -> Signer:
    private = Ed25519PrivateKey.generate()
    return own_key(
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
