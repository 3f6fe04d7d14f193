"""The reset of an embedded cloud together with what the service knows of its tenants."""

from __future__ import annotations

import shutil

from infra.operations.embedded import reset_sandbox
from infra.service.settings import service_folder
from infra.service.sole import LOCK_FILE, sole_service
from infra.settings import Settings


def reset_home(settings: Settings) -> None:
    """Empty the cloud; forget the local state of its stacks, and the service's tenants, operations and rollouts.

    Raises:
        ServiceRuns: a service of this home runs.
        UserError: the settings name AWS or a backend of their own, whose state is not ours to forget.
    """
    folder = service_folder(settings)
    with sole_service(folder):
        reset_sandbox(settings)
        for path in (*(each for each in folder.iterdir() if each.name != LOCK_FILE), settings.home / "fleet"):
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)
