"""Words: how texts are taken apart so that the names of one tenant can be put in the place of another's.

A text is words and what separates them. A word is a run of ASCII letters and digits, as long as it gets; a UUID is one
word, though it has hyphens, because its parts are too short to be of one tenant alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

import infra.evaluator
import infra.proof
from infra.evaluator import catalogue
from infra.evaluator.catalogue import data

_HEX = "[0-9a-fA-F]"
_UUID = f"{_HEX}{{8}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{4}}-{_HEX}{{12}}(?![A-Za-z0-9])"
_WORD = re.compile(f"({_UUID}|[A-Za-z0-9]+)")
_IS_UUID = re.compile(_UUID)
_QUOTED = re.compile(r"""["'](?=([^"'\s]+)["'])""")
_ACCOUNT = re.compile("[0-9]{12}")
#: Words that AWS gives a meaning in values, and that neither the catalogue nor this program's constants hold.
_OTHERS = frozenset({"com", "cn", "amazonaws", "amazon", "true", "false"})


def split(text: str) -> list[str]:
    """What separates words and the words of a text, in turn; the first and the last are separators."""
    return _WORD.split(text)


def words(text: str) -> list[str]:
    """The words of a text."""
    return _WORD.findall(text)


def is_uuid(word: str) -> bool:
    """Whether a word is a UUID."""
    return "-" in word and _IS_UUID.fullmatch(word) is not None


def is_account(word: str) -> bool:
    """Whether a word has the form of an account's id."""
    return len(word) == 12 and _ACCOUNT.fullmatch(word) is not None


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """The words that mean something to the proof wherever they are, in lower case: they are nobody's names.

    These are the words of the catalogue's services, actions, keys and ARNs, and those of every text without spaces in
    the source of evaluator and proof: whatever the code compares a text with is among them.
    """
    found = set(_OTHERS)
    for service in catalogue.services():
        found.update(words(service))
        for row in data.rows("resourceTypes", service):
            found.update(words(f"{row['key']} {row['arn']}"))
        found.update(row["name"] for row in data.rows("actions", service))
        for row in data.rows("conditionKeys", service):
            found.update(words(row["key"]))
    for text in _constants():
        found.update(words(text))
    return frozenset(word.lower() for word in found)


def sources() -> Iterator[Path]:
    """The source files of evaluator and proof, by name."""
    for package in (infra.evaluator, infra.proof):
        for folder in package.__path__:
            yield from sorted(Path(folder).rglob("*.py"))


def _constants() -> Iterator[str]:
    """Whatever stands between two quotes without a space: every text of the code is among it."""
    for path in sources():
        yield from _QUOTED.findall(path.read_text(encoding="utf-8"))
