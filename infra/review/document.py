"""The review as a JSON document: `bulkhead preview --changed-since REF --json` prints it, others read it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec

from infra.proof.facts.inputs import decoded, read_file
from infra.review.model import Review

_WHAT = "the output of `bulkhead preview --changed-since REF --json`"


def as_document(review: Review) -> dict[str, Any]:
    """Every field of the review under its own name, the proof as `bulkhead prove --json` has it, and what follows."""
    document: dict[str, Any] = msgspec.to_builtins(review)
    for stack, told in zip(review.stacks, document["stacks"], strict=True):
        told["usd_month"] = round(stack.usd_month, 2)
    return {
        "verdict": review.verdict.value,
        "usd_month": round(review.usd_month, 2),
        "destroyed": review.destroyed,
        **document,
    }


def read_review(file: Path) -> Review:
    """The review that a document tells; what follows from its fields is not believed but computed anew.

    Raises:
        Unreadable: the file is not there, too large, or no such document.
    """
    return decoded(read_file(file), Review, str(file), _WHAT)
