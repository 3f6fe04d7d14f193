"""The export of a tenant that is erased: where it is, by the journal and then by the certificate, and links to it."""

from __future__ import annotations

import re
import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Engine as Store

from infra.erasure.certificate import SignedCertificate
from infra.erasure.journal import Journal
from infra.erasure.obligations import Kept
from infra.errors import UserError
from infra.operations.workspace import Workspace
from infra.provisioning.erasing import StoredLines
from infra.settings import Settings
from infra.store import erasures
from infra.store.database import reading

#: What the journal remembers it by.
MARK = "export"
#: The file of an export that lists all others.
MANIFEST = "manifest-sha256.txt"
_TAG_FILES = frozenset({MANIFEST, "bagit.txt", "bag-info.txt"})
_WHAT = "the export that the tenant asked for: {objects} objects, {size} bytes"
_KEPT = re.compile(re.escape(_WHAT).replace(r"\{objects\}", r"(\d+)").replace(r"\{size\}", r"(\d+)"))


class ExportMissing(UserError):
    """There is no export, or not any more."""


@dataclass(frozen=True, kw_only=True)
class Exported:
    """An export that is complete.

    Args:
        manifest: The URL of its manifest, ``s3://bucket/key``.
        objects: How many objects it has.
        size: Their size in bytes.
        expires: When the place deletes it, in UTC, as ISO 8601.
    """

    manifest: str
    objects: int
    size: int
    expires: str


def remember(journal: Journal, exported: Exported) -> None:
    """Keep what was exported for the certificate.

    Args:
        journal: The erasure's journal.
        exported: The export.
    """
    journal.mark(MARK, msgspec.json.encode(exported).decode())


def exported_in(journal: Journal) -> Exported | None:
    """What was exported; None where nothing was.

    Args:
        journal: The erasure's journal.
    """
    mark = journal.marked(MARK)
    return None if mark is None else msgspec.json.decode(mark.detail, type=Exported)


def kept_export(journal: Journal) -> Iterator[Kept]:
    """The export as a certificate names it.

    Args:
        journal: The erasure's journal.
    """
    if (exported := exported_in(journal)) is not None:
        yield Kept(
            _WHAT.format(objects=exported.objects, size=exported.size),
            exported.manifest,
            "GDPR article 20: data portability, at the tenant's request",
            exported.expires,
        )


def export_of(store: Store, tenant: str, now: datetime) -> Exported:
    """The export of a tenant: by its certificate, or while it is being erased by the journal.

    Args:
        store: The service's database.
        tenant: The tenant's id.
        now: The time, in UTC.

    Raises:
        ExportMissing: None was asked for, it is not complete yet, or it has expired.
    """
    with reading(store) as connection:
        certificate = erasures.certificate_of(connection, tenant)
    if certificate is not None:
        found = _certified(certificate.json)
    else:
        found = exported_in(Journal(StoredLines(store, tenant)))
    if found is None:
        raise ExportMissing(f"there is no export of {tenant}", "ask for one with its erasure, and wait for that step")
    if now >= datetime.fromisoformat(found.expires):
        raise ExportMissing(f"the export of {tenant} was deleted at {found.expires}", "nothing: it cannot be had again")
    return found


def file_url(exported: Exported, path: str) -> str:
    """The URL of one file of an export.

    Args:
        exported: The export.
        path: The file, as the manifest names it: ``data/...``; or one of the files beside that.

    Raises:
        ExportMissing: That is no file of an export.
    """
    name = urllib.parse.unquote(path)
    parts = name.split("/")
    if (name not in _TAG_FILES and parts[0] != "data") or {"", ".", ".."} & {*parts} or not name.isprintable():
        raise ExportMissing(f"{path[:100]!r} is no file of an export", f"take a path from {MANIFEST}")
    return exported.manifest.removesuffix(MANIFEST) + urllib.parse.quote(name)


def _certified(document: str) -> Exported | None:
    """The export as a certificate names it."""
    signed = msgspec.json.decode(document, type=SignedCertificate)
    for one in signed.certificate.kept:
        if told := _KEPT.fullmatch(one.what):
            return Exported(manifest=one.where, objects=int(told[1]), size=int(told[2]), expires=one.until)
    return None


def link(settings: Settings, url: str, *, seconds: int = 3600) -> str:
    """A link by which whoever has it fetches one file of an export.

    Args:
        settings: Say which cloud.
        url: The file, ``s3://bucket/key``, as the manifest's.
        seconds: How long the link holds; never longer than the credentials that sign it.
    """
    place = urllib.parse.urlsplit(url)
    with Workspace(settings) as workspace:
        asked = {"Bucket": place.netloc, "Key": urllib.parse.unquote(place.path.lstrip("/"))}
        return workspace.cloud.client("s3").generate_presigned_url("get_object", Params=asked, ExpiresIn=seconds)
