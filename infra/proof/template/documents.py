"""Which words of a policy document are names, which have a meaning, and how its patterns cut words.

Names stand in the ARNs of Resource and Principal and in the values of conditions that compare texts; every other word
of a document has a meaning. Source: IAM User Guide, "IAM JSON policy element reference".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import cast

import msgspec

from infra.evaluator.grammar import parse_operator
from infra.proof.template.boundaries import Cuts
from infra.proof.template.words import words

_PATTERNS = frozenset({"Resource", "NotResource"})
_PRINCIPALS = frozenset({"Principal", "NotPrincipal"})
#: Keys of AWS's own whose values are names; those of its other keys have a meaning.
_NAMES = re.compile(
    r"aws:(principalarn|sourcearn|sourceaccount|principalaccount|resourceaccount|sourcevpce?|userid|username|"
    r"sourceidentity|(principal|resource|request)tag/.*)"
)
#: Keys of services whose values are services or operations.
_MEANINGS = frozenset({"kms:viaservice", "iam:passedtoservice", "iam:awsservicename", "kms:grantoperations"})
_TAG = "tag/"


@dataclass(slots=True)
class Reading:
    """What was found in one document or in many.

    Args:
        cuts: How patterns cut words; its ``fixed`` are the words that have a meaning.
        ignores_case: Whether some condition compares texts without their case.
        reads_tags: Whether some condition reads the value of a tag as a number, time or address.
    """

    cuts: Cuts = field(default_factory=Cuts)
    ignores_case: bool = False
    reads_tags: bool = False

    def document(self, text: str) -> None:
        """Take in a document; every word has a meaning of what is no JSON, or writes characters as escapes."""
        try:
            read: object = msgspec.json.decode(text)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            read = None
        if not isinstance(read, dict) or "\\" in text:
            self.meaning(text)
            self._meanings(cast("object", read))
        if not isinstance(read, dict):
            return
        for key, value in cast("dict[str, object]", read).items():
            self.meaning(key)
            if key == "Statement":
                for statement in _listed(value):
                    self._statement(statement)
            else:
                self._meanings(value)

    def _statement(self, statement: object) -> None:
        if not isinstance(statement, dict):
            self._meanings(statement)
            return
        for key, value in cast("dict[str, object]", statement).items():
            self.meaning(key)
            if key in _PATTERNS:
                self._names(value)
            elif key in _PRINCIPALS and isinstance(value, dict):
                self._principals(cast("dict[str, object]", value))
            elif key == "Condition" and isinstance(value, dict):
                self._conditions(cast("dict[str, object]", value))
            elif key != "Sid":
                self._meanings(value)

    def _principals(self, named: dict[str, object]) -> None:
        for kind, value in named.items():
            self.meaning(kind)
            for text in _texts(value):
                if kind == "AWS" and ":iam:" in text:
                    self.pattern(text)
                else:
                    self.meaning(text)

    def _conditions(self, conditions: dict[str, object]) -> None:
        for written, block in conditions.items():
            self.meaning(written)
            operator = parse_operator(written)
            name = operator.name if operator is not None else ""
            compares_texts = name.startswith(("String", "Arn"))
            self.ignores_case |= "IgnoreCase" in name
            if not isinstance(block, dict):
                self._meanings(block)
                continue
            for key, value in cast("dict[str, object]", block).items():
                self.meaning(key)
                lowered = key.lower()
                self.reads_tags |= not compares_texts and name != "Null" and _TAG in lowered
                if compares_texts and _holds_names(lowered):
                    self._names(value)
                else:
                    self._meanings(value)

    def _names(self, value: object) -> None:
        for text in _texts(value):
            self.pattern(text)

    def pattern(self, text: str) -> None:
        """Take in a text that names something, with or without wildcards."""
        if text.startswith("arn:"):
            # Partition, service, Region and account of an ARN have a meaning.
            for part in text.split(":", 5)[1:5]:
                self.meaning(part)
        if "*" in text or "?" in text or "${" in text:
            self.cuts.add(text)

    def _meanings(self, value: object) -> None:
        for text in _texts(value):
            self.meaning(text)

    def meaning(self, text: str) -> None:
        """Take in a text whose words all have a meaning."""
        self.cuts.fixed.update(words(text))


def _holds_names(key: str) -> bool:
    if key.startswith("aws:"):
        return _NAMES.fullmatch(key) is not None
    return key not in _MEANINGS


def _listed(value: object) -> list[object]:
    return cast("list[object]", value) if isinstance(value, list) else [value]


def _texts(value: object) -> Iterator[str]:
    """Every text in a value, and its numbers and flags as texts."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, str):
            yield one
        elif isinstance(one, list):
            waiting += cast("list[object]", one)
        elif isinstance(one, dict):
            for key, inner in cast("dict[str, object]", one).items():
                yield key
                waiting.append(inner)
        elif one is not None:
            yield str(one)
