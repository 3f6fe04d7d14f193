"""What compares for each operator. Source: IAM User Guide, "IAM JSON policy elements: Condition operators"."""

from __future__ import annotations

from collections.abc import Mapping

from infra.evaluator.conditions import arn, binary, boolean, date, ip, numeric, string
from infra.evaluator.conditions.comparing import Family

#: The operator that asks whether a key is there; it compares nothing.
NULL = "Null"
#: Name, without quantifier and ``IfExists``, to what compares, and whether the operator is the negation of that.
COMPARISONS: Mapping[str, tuple[Family, bool]] = {
    "StringEquals": (string.equals, False),
    "StringNotEquals": (string.equals, True),
    "StringEqualsIgnoreCase": (string.equals_ignore_case, False),
    "StringNotEqualsIgnoreCase": (string.equals_ignore_case, True),
    "StringLike": (string.like, False),
    "StringNotLike": (string.like, True),
    "NumericEquals": (numeric.equals, False),
    "NumericNotEquals": (numeric.equals, True),
    "NumericLessThan": (numeric.less_than, False),
    "NumericLessThanEquals": (numeric.less_than_equals, False),
    "NumericGreaterThan": (numeric.greater_than, False),
    "NumericGreaterThanEquals": (numeric.greater_than_equals, False),
    "DateEquals": (date.equals, False),
    "DateNotEquals": (date.equals, True),
    "DateLessThan": (date.less_than, False),
    "DateLessThanEquals": (date.less_than_equals, False),
    "DateGreaterThan": (date.greater_than, False),
    "DateGreaterThanEquals": (date.greater_than_equals, False),
    "Bool": (boolean.equals, False),
    "BinaryEquals": (binary.equals, False),
    "IpAddress": (ip.within, False),
    "NotIpAddress": (ip.within, True),
    "ArnEquals": (arn.like, False),
    "ArnNotEquals": (arn.like, True),
    "ArnLike": (arn.like, False),
    "ArnNotLike": (arn.like, True),
}
