"""The review as a JSON document: what `bulkhead preview --changed-since REF --json` prints."""

from __future__ import annotations

import dataclasses
from typing import Any

import msgspec

from infra.review.model import Review, StackReview


def as_document(review: Review) -> dict[str, Any]:
    """Every field of the review, under its own name; the proof as `bulkhead prove --json` has it."""
    isolation = review.isolation
    return {
        "ref": review.ref,
        "base": review.base,
        "head": review.head,
        "verdict": review.verdict.value,
        "usd_month": round(review.usd_month, 2),
        "destroyed": review.destroyed,
        "stacks": [_stack(each) for each in review.stacks],
        "idle": [dataclasses.asdict(each) for each in review.idle],
        "isolation": None
        if isolation is None
        else {
            "before": None if isolation.before is None else isolation.before.value,
            "gained": [dataclasses.asdict(each) for each in isolation.gained],
            "dropped": [dataclasses.asdict(each) for each in isolation.dropped],
            "report": msgspec.to_builtins(isolation.report),
        },
        "isolation_error": review.isolation_error,
        "quotas": [dataclasses.asdict(each) for each in review.quotas],
        "policy": [dataclasses.asdict(each) for each in review.policy],
        "prices": list(review.prices),
        "notes": list(review.notes),
    }


def _stack(stack: StackReview) -> dict[str, Any]:
    return {**dataclasses.asdict(stack), "usd_month": round(stack.usd_month, 2)}
