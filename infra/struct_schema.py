"""JSON Schemas of documents that are structs: every field is always there, and its description is that of the code."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

_FIELD = re.compile(r"^    (?P<name>\w+): (?P<text>.+(?:\n        .+)*)$", re.MULTILINE)


def schema_of(root: type, title: str, kinds: Mapping[str, Any], *, others: str | None = None) -> dict[str, Any]:
    """The JSON Schema of a document.

    Args:
        root: The struct that the document is.
        title: What it is called.
        kinds: The structs and enumerations in it, by name, among whatever else.
        others: The file, beside this schema's, that describes those which are not among `kinds`.
    """
    (reference,), components = msgspec.json.schema_components([root], ref_template="#/$defs/{name}")
    own = {name: definition for name, definition in components.items() if others is None or name in kinds}
    for name, definition in own.items():
        _describe(definition, kinds[name])
    schema = json.dumps(
        {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": title, **reference, "$defs": own}
    )
    for name in components.keys() - own.keys():
        schema = schema.replace(f'"#/$defs/{name}"', f'"{others}#/$defs/{name}"')
    return json.loads(schema)


def render(schema: Mapping[str, Any]) -> str:
    """A schema as its file holds it."""
    return json.dumps(schema, indent=2) + "\n"


def write(file: Path, schema: Mapping[str, Any]) -> None:
    """Write a schema.

    Args:
        file: From the current folder, which is the checkout's root.
        schema: The schema.
    """
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(render(schema), encoding="utf-8")


def _describe(definition: dict[str, Any], kind: type) -> None:
    """Put the words of a struct's docstring into its definition, and say that all of its fields are always there.

    Args:
        definition: The definition of a JSON Schema; it is changed.
        kind: The struct or enumeration.
    """
    words = inspect.getdoc(kind) or ""
    definition["description"] = _plain(words.partition("\n\n")[0])
    properties = cast("dict[str, dict[str, Any]]", definition.get("properties", {}))
    if not properties:
        return
    definition["required"] = list(properties)
    told = {found["name"].removesuffix("_"): _plain(found["text"]) for found in _FIELD.finditer(words)}
    for name, described in properties.items():
        described.pop("default", None)
        described["description"] = told[name]


def _plain(text: str) -> str:
    """Text of a docstring on one line, without its markup."""
    return re.sub(r"\s+", " ", text).replace("``", "`").strip()
