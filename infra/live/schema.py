"""Write the JSON Schema of an audit, by which programs read ``bulkhead audit --json``.

``python -m infra.live.schema``, from the checkout's root, writes it. The proof in it has the shape of
``proof.schema.json``, which it refers to.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra import struct_schema
from infra.live import differences, report
from infra.live.report import Audit
from infra.proof import report as proof_report

#: The exported file, from the checkout's root.
FILE = Path("docs/schema/audit.schema.json")
#: The schema of the proof, beside it.
PROOF = "proof.schema.json"


def schema() -> dict[str, Any]:
    """The JSON Schema of an audit."""
    known = vars(differences) | vars(report)
    own = {name: kind for name, kind in known.items() if not hasattr(proof_report, name)}
    return struct_schema.schema_of(Audit, "What `bulkhead audit --json` prints", own, others=PROOF)


if __name__ == "__main__":
    struct_schema.write(FILE, schema())
