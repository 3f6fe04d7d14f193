"""Comparisons of bytes in base64. Source: IAM User Guide, "Condition operators", Binary condition operators."""

from __future__ import annotations

import binascii
from base64 import b64decode
from collections.abc import Sequence

from infra.evaluator.answer import Comparison
from infra.evaluator.conditions.comparing import Compare, unreadable
from infra.evaluator.facts import Facts

_UNREADABLE = unreadable("base64")


def equals(values: Sequence[str], variables: bool) -> Compare:
    """``BinaryEquals``: byte for byte."""
    del variables  # only the operators for text and ARNs take variables
    wanted = frozenset(data for data in map(_bytes, values) if data is not None)

    def compared(value: str, facts: Facts) -> Comparison:
        del facts
        data = _bytes(value)
        return _UNREADABLE if data is None else data in wanted

    return compared


def _bytes(text: str) -> bytes | None:
    try:
        return b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
