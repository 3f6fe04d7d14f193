"""The export of a tenant that is erased: where it is, and what the journal and the certificate say of it."""

from __future__ import annotations

import urllib.parse
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec

from infra.erasure.journal import Journal
from infra.erasure.obligations import Kept
from infra.operations.workspace import Workspace
from infra.settings import Settings

#: What the journal remembers it by.
MARK = "export"


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
            f"the export that the tenant asked for: {exported.objects} objects, {exported.size} bytes",
            exported.manifest,
            "GDPR article 20: data portability, at the tenant's request",
            exported.expires,
        )


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
