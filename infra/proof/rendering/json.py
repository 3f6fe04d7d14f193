"""A report as the JSON that `docs/schema/proof.schema.json` describes."""

from __future__ import annotations

import msgspec

from infra.proof.report import Report


def as_json(report: Report) -> str:
    """The report as JSON text, indented, with every field of its schema."""
    return msgspec.json.format(msgspec.json.encode(report), indent=2).decode()
