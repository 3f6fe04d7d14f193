"""Write the JSON Schema of a signed certificate, by which programs read it.

``python -m infra.erasure.schema``, from the checkout's root, writes it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from infra import struct_schema
from infra.erasure import certificate, obligations, removal
from infra.erasure.certificate import SignedCertificate

#: The exported file, from the checkout's root.
FILE = Path("docs/schema/erasure-certificate.schema.json")
_TITLE = "The certificate of a tenant's erasure, which `bulkhead certificate verify` reads"


def schema() -> dict[str, Any]:
    """The JSON Schema of a certificate."""
    return struct_schema.schema_of(SignedCertificate, _TITLE, vars(certificate) | vars(obligations) | vars(removal))


if __name__ == "__main__":
    struct_schema.write(FILE, schema())
