"""The certificate of an erasure: what was removed, when, by whom; what is kept and until when; before and after.

It is issued only for an erasure that came out empty: an inventory with something left, or with a read that failed,
makes no certificate. Its fields are described, for programs, in docs/schema/erasure-certificate.schema.json.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

import msgspec

from infra.erasure.inventory import Inventory, Item
from infra.erasure.obligations import Kept, kept
from infra.erasure.ownership import Owner
from infra.erasure.removal import Removal
from infra.errors import UserError

VERSION: Literal["bulkhead-erasure-1"] = "bulkhead-erasure-1"


class Thing(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing of an inventory.

    Args:
        kind: What it is, as the table of kinds calls it.
        id: What tells it from others of its kind.
        arn: Its ARN; empty where it has none.
        claimed_by: What made it the tenant's: name, arn, tag, reference (to the tenant's key) or container.
        count: How many there are of it, where it stands for many.
        expires: Why it ends without being removed; empty where it does not.
    """

    kind: str
    id: str
    arn: str
    claimed_by: tuple[str, ...]
    count: int
    expires: str

    @classmethod
    def of(cls, item: Item) -> Thing:
        """A thing of an inventory as a certificate tells it."""
        return cls(item.kind, item.id, item.arn, item.claim.by, item.count, item.expires)


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is certified.

    Args:
        version: The shape of this document.
        tenant: The tenant's id.
        stage: The platform's stage.
        account: The number of the AWS account.
        region: The Region.
        operation: The id of the operation that erased it.
        requested_by: Who asked for the erasure.
        performed_by: Who carried it out, as AWS names the caller.
        started: When it began, in UTC, as ISO 8601.
        finished: When the last inventory came out empty, in UTC, as ISO 8601.
        before: Everything that was the tenant's.
        after: What was still there at the end: nothing but what ends by itself, and why it does.
        removed: What became of each thing, in the order in which it happened.
        kept: What the law obliges to keep, and the export that was asked for; each until when.
    """

    version: Literal["bulkhead-erasure-1"]
    tenant: str
    stage: str
    account: str
    region: str
    operation: str
    requested_by: str
    performed_by: str
    started: str
    finished: str
    before: tuple[Thing, ...]
    after: tuple[Thing, ...]
    removed: tuple[Removal, ...]
    kept: tuple[Kept, ...]


class Signature(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Who vouches for a certificate.

    Args:
        algorithm: Ed25519, or ECDSA-SHA-256 by a key of AWS KMS on the curve P-256.
        key: The SHA-256 of the public key's DER, in hexadecimal.
        value: The signature, in Base64, over the SHA-256 (32 bytes) of the certificate's canonical form (RFC 8785).
    """

    algorithm: Literal["Ed25519", "ECDSA-SHA-256"]
    key: str
    value: str


class SignedCertificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A certificate with its signature: the content of the JSON file.

    Args:
        certificate: What is certified.
        signature: Who vouches for it.
    """

    certificate: Certificate
    signature: Signature


@dataclass(frozen=True, kw_only=True)
class Erasure:
    """Who erased a tenant, and when.

    Args:
        owner: The tenant.
        operation: The id of the operation.
        requested_by: Who asked for it.
        performed_by: Who carried it out.
        started: When it began, with a time zone.
        finished: When the last inventory was taken, with a time zone.
    """

    owner: Owner
    operation: str
    requested_by: str
    performed_by: str
    started: datetime
    finished: datetime


def issue(
    erasure: Erasure,
    *,
    before: Iterable[Thing],
    after: Iterable[Inventory],
    removed: Iterable[Removal],
    more: Iterable[Kept] = (),
) -> Certificate:
    """Certify an erasure.

    Args:
        erasure: Who erased whom, and when.
        before: Everything that was found of the tenant in the account and in the backend, over all runs.
        after: The last inventories of both.
        removed: What became of each thing, over all runs.
        more: What is kept besides what the law obliges to: the export that was asked for.

    Raises:
        UserError: Something is left at the end, or was not to be read.
    """
    at_last = tuple(after)
    _require_empty(erasure.owner, at_last)
    platform = erasure.owner.platform
    return Certificate(
        version=VERSION,
        tenant=erasure.owner.id,
        stage=platform.stage,
        account=platform.account,
        region=platform.region,
        operation=erasure.operation,
        requested_by=erasure.requested_by,
        performed_by=erasure.performed_by,
        started=_utc(erasure.started),
        finished=_utc(erasure.finished),
        before=tuple(before),
        after=tuple(Thing.of(item) for each in at_last for item in each.items),
        removed=tuple(removed),
        kept=(*kept(platform, erasure.finished.astimezone(UTC)), *more),
    )


def _require_empty(owner: Owner, after: Iterable[Inventory]) -> None:
    left = [f"{item.kind} {item.id}" for each in after for item in each.left]
    hidden = [f"{each.kind} {each.resource}".strip() for one in after for each in one.not_read]
    if left or hidden:
        said = [f"{len(left)} things are left ({_few(left)})"] if left else []
        said += [f"{len(hidden)} reads failed ({_few(hidden)})"] if hidden else []
        raise UserError(
            f"the erasure of {owner.id} cannot be certified: {', and '.join(said)}",
            remedy="run the erasure again; what it refuses to remove says why",
        )


def _few(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")
