"""Which tenants' stacks are being made for the first time, of which nothing is used yet: a lock a tenant.

The lock is an ``flock``, which the kernel lets go of when its holder is dead, so that no mark outlives what it tells.
It is seen on this machine only; where several share a backend, a stack that another makes counts as it is just then.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from infra.engine.private_files import open_private, private_folder
from infra.gitops.place import require_tenant_id
from infra.operations.exports import export_of
from infra.operations.projects import tenant_stack
from infra.operations.workspace import Workspace

_SUFFIX = ".lock"


@contextmanager
def being_made(workspace: Workspace, tenant: str) -> Generator[None]:
    """Show others that a tenant's stack is being made, while the block lasts; nothing where it is there already.

    Args:
        workspace: The home and the state.
        tenant: The tenant; whoever made its stack proves what is deployed after it.
    """
    if export_of(workspace, tenant_stack(tenant)) is not None:
        yield
        return
    folder = private_folder(_folder(workspace))
    file = folder / f"{require_tenant_id(tenant)}{_SUFFIX}"
    lock = open_private(file, os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        file.unlink(missing_ok=True)
        os.close(lock)


def in_the_making(workspace: Workspace) -> frozenset[str]:
    """The tenants whose stacks are being made now."""
    return frozenset(file.stem for file in _folder(workspace).glob(f"*{_SUFFIX}") if _is_held(file))


def _folder(workspace: Workspace) -> Path:
    return workspace.settings.home / "fleet" / "making"


def _is_held(file: Path) -> bool:
    try:
        lock = os.open(file, os.O_RDONLY)
    except FileNotFoundError:  # it was made since
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False
