"""The condition operators, with their quantifiers and ``IfExists``.

Sources: IAM User Guide, "IAM JSON policy elements: Condition operators" and "Set operators for multivalued context
keys".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from infra.evaluator.catalogue import ValueType


class Quantifier(StrEnum):
    """How many of a request's values must match; without one, the single value must."""

    ANY = "ForAnyValue"
    ALL = "ForAllValues"


#: Operator to the type of the values that it compares.
OPERATORS: Mapping[str, ValueType] = {
    "StringEquals": ValueType.STRING,
    "StringNotEquals": ValueType.STRING,
    "StringEqualsIgnoreCase": ValueType.STRING,
    "StringNotEqualsIgnoreCase": ValueType.STRING,
    "StringLike": ValueType.STRING,
    "StringNotLike": ValueType.STRING,
    "NumericEquals": ValueType.NUMERIC,
    "NumericNotEquals": ValueType.NUMERIC,
    "NumericLessThan": ValueType.NUMERIC,
    "NumericLessThanEquals": ValueType.NUMERIC,
    "NumericGreaterThan": ValueType.NUMERIC,
    "NumericGreaterThanEquals": ValueType.NUMERIC,
    "DateEquals": ValueType.DATE,
    "DateNotEquals": ValueType.DATE,
    "DateLessThan": ValueType.DATE,
    "DateLessThanEquals": ValueType.DATE,
    "DateGreaterThan": ValueType.DATE,
    "DateGreaterThanEquals": ValueType.DATE,
    "Bool": ValueType.BOOL,
    "BinaryEquals": ValueType.BINARY,
    "IpAddress": ValueType.IP_ADDRESS,
    "NotIpAddress": ValueType.IP_ADDRESS,
    "ArnEquals": ValueType.ARN,
    "ArnLike": ValueType.ARN,
    "ArnNotEquals": ValueType.ARN,
    "ArnNotLike": ValueType.ARN,
    "Null": ValueType.BOOL,
}


_BY_LOWER_NAME = {name.lower(): name for name in OPERATORS}
_QUANTIFIERS = {quantifier.lower(): quantifier for quantifier in Quantifier}


@dataclass(frozen=True, slots=True)
class Operator:
    """A condition operator as a policy writes it.

    Attributes:
        name: The operator without quantifier and ``IfExists``.
        quantifier: How many values must match, if the policy says so.
        if_exists: Whether a request without the key matches.
    """

    name: str
    quantifier: Quantifier | None
    if_exists: bool

    @property
    def type(self) -> ValueType:
        """The type of the values that it compares."""
        return OPERATORS[self.name]


@lru_cache(maxsize=512)
def parse_operator(written: str) -> Operator | None:
    """The operator of that name, for example ``ForAnyValue:StringLikeIfExists``; None where AWS has none.

    Case is ignored: policies that write ``bool`` or ``null`` are found in use. ``Null`` asks whether the key is there,
    and so takes no ``IfExists``.
    """
    before, colon, after = written.lower().partition(":")
    quantifier = _QUANTIFIERS.get(before) if colon else None
    if colon and quantifier is None:
        return None
    base = after if colon else before
    name = _BY_LOWER_NAME.get(base.removesuffix("ifexists"))
    if_exists = base.endswith("ifexists")
    if name is None or (name == "Null" and if_exists):
        return None
    return Operator(name=name, quantifier=quantifier, if_exists=if_exists)
