"""The sandbox of a checkout, and its reset together with the state of the stacks that were made in it."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from typing import Any

from infra.errors import UserError
from infra.operations.cloud import INSTANCE_FILE
from infra.sandbox import Sandbox
from infra.sandbox.enforcement import decisions
from infra.settings import Settings


def sandbox(settings: Settings) -> Sandbox:
    """The sandbox of this checkout."""
    return Sandbox(settings.home / "sandbox")


def decision(settings: Settings, which: str) -> Mapping[str, Any]:
    """What the sandbox decided about a request, and why.

    Args:
        settings: Of this checkout.
        which: The request's id, or ``LAST`` for the last request that was refused.

    Raises:
        UserError: there is no such decision on record.
    """
    return decisions.find(settings.home / "sandbox", which)


def reset_sandbox(settings: Settings) -> None:
    """Empty the cloud and forget the local state of its stacks.

    Raises:
        UserError: the settings name AWS or a backend of their own, whose state is not ours to forget.
    """
    if settings.cloud != "sandbox" or settings.backend is not None:
        raise UserError(
            "the reset is for the embedded cloud with its local state only",
            remedy="set cloud to sandbox and leave backend unset, or remove the state there yourself",
            where="bulkhead.yaml",
        )
    sandbox(settings).reset()
    for folder in ("state", "runs"):
        shutil.rmtree(settings.home / folder, ignore_errors=True)
    (settings.home / INSTANCE_FILE).unlink(missing_ok=True)
