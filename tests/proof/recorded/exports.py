"""The recorded exports of our own stacks: the platform and four tenants.

The id of ``acmeeu`` extends acme's; ``globex`` is a silo, the others are in the pool; ``initech`` is suspended.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent
OWNERS = ("platform", "acme", "acmeeu", "globex", "initech")

#: The owner of a stack to its export.
Exports = Mapping[str, Mapping[str, Any]]


@cache
def recorded() -> Exports:
    """The exports by owner; shared, so not to be changed."""
    return {owner: json.loads(gzip.decompress((FOLDER / f"{owner}.json.gz").read_bytes())) for owner in OWNERS}
