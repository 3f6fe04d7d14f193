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
#: The schema of the proof, beside it.
PROOF = "proof.schema.json"


def schema() -> dict[str, Any]:
    """The JSON Schema of an audit: every field is always there, and its description is that of the code.

    The proof in it has the shape of ``proof.schema.json``, which it refers to.
    """
    (root,), components = msgspec.json.schema_components([Audit], ref_template="#/$defs/{name}")
    own = {name: definition for name, definition in components.items() if not hasattr(proof_report, name)}
    for name, definition in own.items():
        describe(definition, getattr(report, name, None) or getattr(differences, name))
    written = json.dumps(
        {
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "title": "What `bulkhead audit --json` prints",
            **root,
            "$defs": own,
        }
    )
    for name in components.keys() - own.keys():
        written = written.replace(f'"#/$defs/{name}"', f'"{PROOF}#/$defs/{name}"')
    return json.loads(written)


def render() -> str:
    """The schema as its file holds it."""
    return json.dumps(schema(), indent=2) + "\n"


def main() -> None:
    """Write the schema below the current folder."""
    FILE.parent.mkdir(parents=True, exist_ok=True)
    FILE.write_text(render(), encoding="utf-8")


if __name__ == "__main__":
    main()
