"""Write the JSON Schema of a report, by which programs read ``bulkhead prove --json``.

``python -m infra.proof.rendering.schema``, from the checkout's root, writes it.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any, cast

import msgspec

from infra.proof import report
from infra.proof.report import Report

#: The exported file, from the checkout's root.
FILE = Path("docs/schema/proof.schema.json")
_FIELD = re.compile(r"^    (?P<name>\w+): (?P<text>.+(?:\n        .+)*)$", re.MULTILINE)


def schema() -> dict[str, Any]:
    """The JSON Schema of a report: every field is always there, and its description is that of the code."""
    (root,), definitions = msgspec.json.schema_components([Report], ref_template="#/$defs/{name}")
    for name, definition in definitions.items():
        describe(definition, getattr(report, name))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What `bulkhead prove --json` prints",
        **root,
        "$defs": definitions,
    }


def render() -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(), indent=2) + "\n"


def main() -> None:
    """Write the schema below the current folder."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(render(), encoding="utf-8")


def describe(definition: dict[str, Any], kind: type) -> None:
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


if __name__ == "__main__":
    main()
