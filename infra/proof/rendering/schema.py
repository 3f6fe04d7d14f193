"""Write the JSON Schema of a report, by which programs read ``bulkhead prove --json``.

``python -m infra.proof.rendering.schema``, from the checkout's root, writes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra import struct_schema
from infra.proof import report
from infra.proof.report import Report

#: The exported file, from the checkout's root.
FILE = Path("docs/schema/proof.schema.json")


def schema() -> dict[str, Any]:
    """The JSON Schema of a report."""
    return struct_schema.schema_of(Report, "What `bulkhead prove --json` prints", vars(report))


if __name__ == "__main__":
    struct_schema.write(FILE, schema())
