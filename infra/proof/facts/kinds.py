"""Tells what a JSON file is: a stack's export, a preview, a state of the file backend, an answer of the AWS CLI."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from infra.proof.facts.folder import ANSWERS
from infra.proof.facts.inputs import Unreadable, decoded

WHAT = "the output of `pulumi stack export` or `pulumi preview --json`, events of a preview, or answers of the AWS CLI"
#: The keys of a preview's digest, and those that every event has. Source: the engine's packages
#: ``sdk/go/common/display`` (PreviewDigest) and ``sdk/go/common/apitype`` (EngineEvent).
_OF_PREVIEWS = frozenset({"steps", "changeSummary", "sequence", "summaryEvent"})


class InputKind(StrEnum):
    """What a file is."""

    #: What `pulumi stack export` writes.
    EXPORT = "export"
    #: What `pulumi preview --json` writes, or the engine's events.
    PREVIEW = "preview"
    #: What the AWS CLI writes about IAM, S3, KMS or EC2.
    ANSWER = "answer"


class _Latest(msgspec.Struct):
    latest: msgspec.Raw = msgspec.Raw(b"{}")


class _Checkpoint(msgspec.Struct):
    checkpoint: _Latest
    version: int


def told(content: bytes, where: str) -> tuple[InputKind, bytes]:
    """What a file is, and its content as that; a state of the file backend becomes the export that it would be.

    Args:
        content: The file.
        where: Its name, for messages.

    Raises:
        Unreadable: It is nothing that is known.
    """
    text = content.lstrip()
    if text.startswith(b"["):
        return InputKind.PREVIEW, content
    line = text.partition(b"\n")[0].strip()
    # an object on a line of its own is the first event of several, or all that there is
    whole = line if line.startswith(b"{") and line.endswith(b"}") else content
    keys = decoded(whole, dict[str, msgspec.Raw], where, WHAT).keys()
    if "deployment" in keys:
        return InputKind.EXPORT, content
    if "checkpoint" in keys:
        return InputKind.EXPORT, export_of_state(content, where)
    if keys & _OF_PREVIEWS:
        return InputKind.PREVIEW, content
    if keys & {*ANSWERS}:
        return InputKind.ANSWER, content
    raise Unreadable("it is none of what can be read", f"give {WHAT}; leave other files out", where=where)


def export_of_state(content: bytes, where: str) -> bytes:
    """The export of a stack that the file backend keeps in a file.

    Args:
        content: The file; not compressed.
        where: Its name, for messages.

    Raises:
        Unreadable: It is no such file.

    Source: Pulumi documentation, "State and backends"; the shape is that of the engine's package
    ``sdk/go/common/apitype`` (VersionedCheckpoint, CheckpointV3).
    """
    state = decoded(content, _Checkpoint, where, "a stack's file of Pulumi's file backend")
    latest = bytes(state.checkpoint.latest)
    return b'{"version":%d,"deployment":%b}' % (state.version, b"{}" if latest == b"null" else latest)
