"""Write the JSON Schema of a signed certificate, by which programs read it.

``python -m infra.erasure.schema``, from the checkout's root, writes it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import msgspec

from infra.erasure import certificate, obligations, removal
from infra.erasure.certificate import SignedCertificate
from infra.proof.rendering.schema import describe

#: The exported file, from the checkout's root.
FILE = Path("docs/schema/erasure-certificate.schema.json")


def schema() -> dict[str, Any]:
    """The JSON Schema of a certificate: every field is always there, and its description is that of the code."""
    (root,), definitions = msgspec.json.schema_components([SignedCertificate], ref_template="#/$defs/{name}")
    for name, definition in definitions.items():
        kind = next(vars(module)[name] for module in (certificate, obligations, removal) if name in vars(module))
        describe(definition, kind)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "The certificate of a tenant's erasure, which `bulkhead certificate verify` reads",
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


if __name__ == "__main__":
    main()
