"""From the text of a document to its elements: what is no JSON, or says the same element twice, goes no further.

Source: IAM User Guide, "Troubleshoot IAM policies": more than one policy object, statement or element is an error.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, cast

_NAMES = {"NoneType": "null", "bool": "a boolean", "int": "a number", "float": "a number", "str": "a text"}
_BEYOND_LATIN = re.compile(r"[^\x00-\xff]")
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]|[\ud800-\udfff]")
_TOO_DEEP = "it is nested too deeply"


class Unreadable(Exception):
    """The document cannot be read; the message says why."""


@dataclass(frozen=True, slots=True)
class Written:
    """A document as it was written.

    Attributes:
        text: Its text; for a document that came as a mapping, the shortest text of it.
        elements: Its elements.
    """

    text: str
    elements: Mapping[str, Any]


def read(document: object) -> Written:
    """The elements of a document that is JSON text or a mapping.

    Raises:
        Unreadable: It is neither, it is no JSON object, or an object in it has the same key twice.
    """
    if isinstance(document, Mapping):
        text = _text_of(cast("Mapping[object, object]", document))
    elif isinstance(document, str):
        text = document
    else:
        raise Unreadable(f"it is {_a(document)}, and no JSON object")
    elements = _parsed(text)
    if not isinstance(elements, dict):
        raise Unreadable(f"it is {_a(elements)}, and no JSON object")
    return Written(text=text, elements=cast("dict[str, Any]", elements))


def compact(document: Written) -> str:
    """The document without the white space between its tokens, which IAM does not count."""
    return _dumped(document.elements)


def _text_of(document: Mapping[object, object]) -> str:
    try:
        return _dumped(document)
    except RecursionError:
        raise Unreadable(_TOO_DEEP) from None
    except (TypeError, ValueError) as problem:
        raise Unreadable(f"it cannot be written as JSON: {problem}") from None


def _dumped(document: object) -> str:
    """The shortest text that every service takes: the characters that IAM refuses are escaped."""
    text = json.dumps(document, separators=(",", ":"), ensure_ascii=False, default=_as_mapping)
    return _BEYOND_LATIN.sub(lambda found: json.dumps(found[0])[1:-1], text)


def _as_mapping(value: object) -> object:
    """What `json` cannot write by itself: mappings of other classes, and tuples' kin."""
    if isinstance(value, Mapping):
        return dict(cast("Mapping[object, object]", value))
    raise TypeError(f"{value!r} is no JSON value")


def _parsed(text: str) -> object:
    try:
        found = cast("object", json.loads(text, object_pairs_hook=_unique, parse_constant=_no_constant))
        if _SURROGATE.search(text):
            json.dumps(found, ensure_ascii=False).encode()
    except RecursionError:
        raise Unreadable(_TOO_DEEP) from None
    except UnicodeEncodeError:
        raise Unreadable("it has one half of a surrogate pair, which is no character") from None
    except ValueError as problem:
        raise Unreadable(f"it is no JSON: {problem}") from None
    return found


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise Unreadable(f"{twice!r} is there more than once in the same object")
    return found


def _no_constant(name: str) -> object:
    raise Unreadable(f"{name} is no JSON value")


def _a(value: object) -> str:
    return _NAMES.get(type(value).__name__, f"a {type(value).__name__}")
