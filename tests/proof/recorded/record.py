"""Records the exports of our own stacks, so that tests can prove and break what is deployed without deploying it.

Usage: ``python -m tests.proof.recorded.record`` brings the estate of ``tests.isolation`` up in an embedded cloud and
writes the exports beside this file; `test_recorded_exports` says when that is due.
"""

from __future__ import annotations

import gzip
import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from infra import naming
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.operations.workspace import Workspace
from infra.sandbox import Sandbox
from infra.settings import Settings
from tests.isolation.estate import TENANTS, settle
from tests.proof.recorded.exports import FOLDER

#: What the readers read of a resource; its inputs are in its outputs again.
_KEPT = ("urn", "type", "custom", "external", "id", "outputs", "provider", "sourcePosition", "propertyDependencies")


def main() -> None:
    """Bring everything up, and write what the engine exports."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        try:
            settle(folder)
            settings = Settings(home=folder / "home", specs=folder / "specs", platform_spec=folder / "platform.yaml")
            with Workspace(settings) as workspace:
                stacks = {naming.PLATFORM: PLATFORM_STACK, **{tenant: tenant_stack(tenant) for tenant in TENANTS}}
                for owner, stack in stacks.items():
                    _write(owner, workspace.engine.export(stack), name)
        finally:
            Sandbox(folder / "home" / "sandbox").down()


def _write(owner: str, export: Mapping[str, Any], folder: str) -> None:
    resources = [
        {key: each[key] for key in _KEPT if each.get(key)}
        | ({"inputs": each["inputs"]} if each["type"].startswith("pulumi:") and "inputs" in each else {})
        for each in export["deployment"]["resources"]
    ]
    text = json.dumps({"version": export["version"], "deployment": {"resources": resources}}, separators=(",", ":"))
    # What a program read from a file is there by the file's path.
    content = text.replace(folder, "specs").encode()
    (FOLDER / f"{owner}.json.gz").write_bytes(gzip.compress(content, mtime=0))


if __name__ == "__main__":
    main()
