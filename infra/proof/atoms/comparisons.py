"""The values of a condition key that the conditions on it tell apart, by the family of their operators.

Source: IAM User Guide, "IAM JSON policy elements: Condition operators".
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from infra.evaluator.catalogue import ValueType
from infra.evaluator.glob import Template
from infra.proof.atoms.errors import NotModelled
from infra.proof.atoms.ordered import address_atoms, moment_atoms, number_atoms
from infra.proof.atoms.shapes import ANYTHING, ARN, Shape, by_parts, ignoring_case, widely
from infra.proof.atoms.texts import text_atoms

#: A value that no operator but those for text can read.
_UNREADABLE = "?"
_EMPTY: Shape = ()


class Family(Enum):
    """Operators whose comparisons the same values tell apart."""

    TEXT = auto()
    NUMBER = auto()
    DATE = auto()
    ADDRESS = auto()
    BINARY = auto()


_TYPES = {
    Family.NUMBER: ValueType.NUMERIC,
    Family.DATE: ValueType.DATE,
    Family.ADDRESS: ValueType.IP_ADDRESS,
    Family.BINARY: ValueType.BINARY,
}


@dataclass(frozen=True, slots=True)
class Comparison:
    """What one condition compares a key's values with.

    Args:
        operator: The operator's name without quantifier and ``IfExists``.
        values: Its values as written.
        variables: Whether ``${...}`` is a variable in them.
    """

    operator: str
    values: tuple[str, ...]
    variables: bool

    def templates(self) -> tuple[Template, ...]:
        """Its values as patterns; empty where the operator takes no variables."""
        if not self.operator.startswith(("String", "Arn")):
            return ()
        wildcards = self.operator.startswith("Arn") or self.operator.endswith("Like")
        return tuple(Template.parse(text, variables=self.variables, wildcards=wildcards) for text in self.values)


def value_atoms(
    kind: ValueType | None, comparisons: Sequence[Comparison], value_of: Callable[[str], str | None]
) -> tuple[str | bool, ...]:
    """One value of a key for every way in which the comparisons can come out.

    Args:
        kind: The kind of the key's values; None for a key that AWS does not have.
        comparisons: Everything that the key is compared with.
        value_of: The value of a context key that policy variables take, by its name in lower case.

    Raises:
        NotModelled: no bounded number of values tells the comparisons apart.
    """
    if kind is ValueType.BOOL:
        return (True, False)
    families = {_family(comparison.operator) for comparison in comparisons}
    if len(families) > 1:
        raise NotModelled("a comparison of the same key as text and as another kind of value")
    family = next(iter(families), Family.TEXT)
    if family is Family.TEXT:
        shapes = (shape for comparison in comparisons for shape in _shapes(comparison, value_of))
        # the empty text is told apart, and comes last: a request that has another value reads better
        found = text_atoms(ARN if kind is ValueType.ARN else ANYTHING, (_EMPTY, *shapes))
        return tuple(sorted(found, key=lambda text: text == ""))
    atoms = _ATOMS[family]([value for comparison in comparisons for value in comparison.values])
    return atoms if kind is _TYPES[family] else (*atoms, _UNREADABLE)


def _family(operator: str) -> Family:
    if operator.startswith("Numeric"):
        return Family.NUMBER
    if operator.startswith("Date"):
        return Family.DATE
    if operator.endswith("IpAddress"):
        return Family.ADDRESS
    return Family.BINARY if operator.startswith("Binary") else Family.TEXT


def _shapes(comparison: Comparison, value_of: Callable[[str], str | None]) -> Iterable[Shape]:
    if comparison.operator == "Bool":
        # its comparisons ignore case, and tell all other texts from these two
        yield from (ignoring_case((text,)) for text in ("true", "false"))
    read = _READINGS.get(comparison.operator, widely)
    for template in comparison.templates():
        pattern = template.resolve(value_of)
        if pattern is not None:
            yield read(pattern)


_READINGS = {
    "StringEqualsIgnoreCase": ignoring_case,
    "StringNotEqualsIgnoreCase": ignoring_case,
    **dict.fromkeys(("ArnEquals", "ArnNotEquals", "ArnLike", "ArnNotLike"), by_parts),
}


def _binary_atoms(values: Sequence[str]) -> tuple[str, ...]:
    known = list(dict.fromkeys(values))
    other = bytes(1 + max((len(value) for value in known), default=0))
    return (*(value for value in known if _is_base64(value)), b64encode(other).decode())


def _is_base64(text: str) -> bool:
    try:
        b64decode(text, validate=True)
    except ValueError:
        return False
    return True


_ATOMS: dict[Family, Callable[[Sequence[str]], tuple[str, ...]]] = {
    Family.NUMBER: number_atoms,
    Family.DATE: moment_atoms,
    Family.ADDRESS: address_atoms,
    Family.BINARY: _binary_atoms,
}
