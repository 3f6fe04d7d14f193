"""The conditions of a statement: operators, keys and the form of values.

Source: IAM User Guide, "IAM JSON policy elements: Condition" and "IAM JSON policy elements: Condition operators". IAM
asks of a key that it has a prefix, and not that it exists; S3 knows its own keys, and takes every key of ``aws:``.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_network
from typing import cast

from infra.evaluator import catalogue
from infra.evaluator.grammar.elements import entries
from infra.evaluator.grammar.operators import Operator, parse_operator
from infra.evaluator.grammar.profiles import Profile
from infra.evaluator.grammar.refusal import Refusal, Subject

_PAGE = "IAM User Guide, IAM JSON policy elements: Condition"
_OPERATORS_PAGE = "IAM User Guide, IAM JSON policy elements: Condition operators"
_DATE = re.compile(
    r"\d{1,19}"
    r"|-?\d{1,9}(?:-(?:0?[1-9]|1[0-2])(?:-(?:0?[1-9]|[12]\d|3[01]))?)?"
    r"(?:T(?:[01]?\d|2[0-3])(?::[0-5]?\d(?::[0-5]?\d(?:\.\d{1,9})?)?)?(?:Z|[+-](?:[01]\d|2[0-3]):?(?:[0-5]\d)?)?)?",
    re.IGNORECASE | re.ASCII,
)


def of_conditions(value: object, path: str, profile: Profile) -> Iterator[Refusal]:
    """Everything for which AWS refuses a Condition element."""
    if not isinstance(value, Mapping):
        message = profile.dialect.refuse(Subject.SYNTAX, f"{value!r} is no map of operators")
        yield Refusal(path, message, _PAGE, Subject.CONDITION)
        return
    for written, block in cast("Mapping[str, object]", value).items():
        place = f"{path}.{written}"
        operator = parse_operator(written)
        if operator is None:
            message = profile.dialect.refuse(Subject.SYNTAX, f"{written!r} is no condition operator")
            yield Refusal(place, message, _OPERATORS_PAGE, Subject.CONDITION)
        if not isinstance(block, Mapping):
            message = profile.dialect.refuse(Subject.SYNTAX, f"{block!r} is no map of condition keys")
            yield Refusal(place, message, _PAGE, Subject.CONDITION)
            continue
        for key, values in cast("Mapping[str, object]", block).items():
            yield from _of_key(key, place, profile)
            yield from _of_values(operator, values, f"{place}.{key}", profile)


def _of_key(key: str, path: str, profile: Profile) -> Iterator[Refusal]:
    prefix, colon, name = key.partition(":")
    if not colon or not prefix or not name:
        message = f"Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc. {key!r} is no key"
        yield Refusal(f"{path}.{key}", message, _PAGE, Subject.CONDITION)
    elif profile.known_keys and prefix.lower() != "aws" and catalogue.condition_key(key) is None:
        message = profile.dialect.refuse(Subject.CONDITION, f"there is no key {key!r}")
        yield Refusal(f"{path}.{key}", message, profile.source, Subject.CONDITION)


def _of_values(operator: Operator | None, values: object, path: str, profile: Profile) -> Iterator[Refusal]:
    for place, value in entries(values, path):
        if not isinstance(value, (str, bool, int, float)):
            message = profile.dialect.refuse(Subject.SYNTAX, f"{value!r} is neither text, number nor boolean")
            yield Refusal(place, message, _PAGE, Subject.CONDITION)
        elif operator is not None:
            yield from _of_value(operator, value, place, profile)


def _of_value(operator: Operator, value: str | float, place: str, profile: Profile) -> Iterator[Refusal]:
    """A value of the operator's type; one with a policy variable in it is known only when a request is made."""
    text = str(value)
    if "${" in text:
        return
    if profile.legacy_values and operator.type is catalogue.ValueType.DATE and not _DATE.fullmatch(text):
        message = f"The policy failed legacy parsing. {value!r} is no date"
        yield Refusal(place, message, _OPERATORS_PAGE, Subject.CONDITION)
    if profile.addresses and operator.type is catalogue.ValueType.IP_ADDRESS and not _is_address(text):
        message = f"Invalid IP address in Conditions. {value!r} is no range of addresses"
        yield Refusal(place, message, _OPERATORS_PAGE, Subject.CONDITION)


def _is_address(text: str) -> bool:
    try:
        ip_network(text, strict=False)
    except ValueError:
        return False
    return True
