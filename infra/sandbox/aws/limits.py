"""The limits that botocore's service models state for a value: enumerations, lengths, ranges and patterns."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Any

from botocore.model import Shape


def violations(shape: Shape, value: Any) -> Iterator[str]:
    """Yield a sentence for each limit of the shape that the scalar value breaks."""
    limits: dict[str, Any] = shape.metadata
    enum: list[str] = limits.get("enum") or []
    if enum and value not in enum:
        yield f"expected one of {', '.join(enum)}; got {value!r}"
    elif isinstance(value, str):
        yield from _length(limits, value)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _range(limits, value)


def _length(limits: dict[str, Any], value: str) -> Iterator[str]:
    low, high = limits.get("min", 0), limits.get("max")
    if len(value) < low or (high is not None and len(value) > high):
        wanted = f"at least {low}" if high is None else f"{low} to {high}"
        yield f"expected {wanted} characters; got {len(value)}"
    pattern = _compiled(limits["pattern"]) if "pattern" in limits else None
    if pattern and not pattern.fullmatch(value):
        shown = "the value" if limits.get("sensitive") else repr(value)
        yield f"{shown} does not match the pattern {limits['pattern']}"


def _range(limits: dict[str, Any], value: float) -> Iterator[str]:
    low, high = limits.get("min"), limits.get("max")
    if (low is not None and value < low) or (high is not None and value > high):
        wanted = (
            f"{low} to {high}" if None not in (low, high) else f"at least {low}" if high is None else f"at most {high}"
        )
        yield f"expected {wanted}; got {value}"


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    # The models are written for Java; what Python cannot read (\\p{L} and its like) is left to AWS itself.
    try:
        return re.compile(pattern, re.DOTALL)
    except re.error:
        return None
