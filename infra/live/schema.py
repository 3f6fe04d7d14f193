"""Write the JSON Schema of an audit, by which programs read ``bulkhead audit --json``.

``python -m infra.live.schema``, from the checkout's root, writes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from infra.live import differences, report
from infra.live.report import Audit
from infra.proof import report as proof_report
from infra.proof.rendering.schema import describe

#: The exported file, from the checkout's root.
FILE = Path("docs/schema/audit.schema.json")


def schema() -> dict[str, Any]:
    """The JSON Schema of an audit: every field is always there, and its description is that of the code."""
    (root,), definitions = msgspec.json.schema_components([Audit], ref_template="#/$defs/{name}")
    for name, definition in definitions.items():
        describe(definition, next(getattr(module, name) for module in _MODULES if hasattr(module, name)))
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "What `bulkhead audit --json` prints",
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


_MODULES = (report, differences, proof_report)

if __name__ == "__main__":
    main()
