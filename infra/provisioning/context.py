"""What a step works on: specs, cloud, engine and the store of the service, each opened when it is needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from typing import Any

from sqlalchemy import Engine as Store

from infra.closing import Closing
from infra.engine.private_files import private_folder
from infra.gitops import FolderSpecs
from infra.jobs.processes.call import StepCall
from infra.operations.cloud import CloudAccess
from infra.operations.workspace import Workspace
from infra.provisioning.failures import failed
from infra.settings import Settings, load_settings
from infra.spec import PlatformSpec, TenantSpec, load_tenant
from infra.store.database import open_store, sqlite_url

#: What a step returns, as JSON.
Result = dict[str, Any]


class Work(Closing):
    """What one step works on; nothing of it outlives the step.

    Args:
        settings: Where state is kept and which cloud is used.
        database_url: The service's database; None: SQLite below the home.
    """

    def __init__(self, settings: Settings, database_url: str | None = None) -> None:
        self.settings = settings
        self._database_url = database_url or sqlite_url(settings.database_file)

    @cached_property
    def workspace(self) -> Workspace:
        """The estate, its cloud and the engine."""
        return Workspace(self.settings)

    @cached_property
    def specs(self) -> FolderSpecs:
        """The specs that the engine's programs read."""
        return FolderSpecs(self.settings.specs)

    @cached_property
    def store(self) -> Store:
        """The service's database."""
        private_folder(self.settings.database_file.parent)
        return open_store(self._database_url)

    @property
    def platform(self) -> PlatformSpec:
        """The platform's spec, whatever the tenants' say."""
        return self.workspace.platform

    @property
    def cloud(self) -> CloudAccess:
        """The cloud that the stacks go to."""
        return self.workspace.cloud

    def tenant(self, tenant: str) -> TenantSpec:
        """A tenant's spec as its file is now; what is wrong with other tenants' does not count.

        Raises:
            SpecErrors: all that is wrong with it.
        """
        return load_tenant(self.settings.platform_spec, self.settings.specs / f"{tenant}.yaml")[1]

    def close(self) -> None:
        """End what was opened."""
        if "workspace" in self.__dict__:
            self.workspace.close()
        if "store" in self.__dict__:
            self.store.dispose()


def run_step(step: Callable[[Work, StepCall], Result], call: StepCall) -> Result:
    """Run a step with the settings of its environment.

    Args:
        step: The step.
        call: What it is given.

    Raises:
        StepFailed: it failed, with the class, the message and the remedy.
    """
    try:
        with Work(load_settings(), os.environ.get("DATABASE_URL")) as work:
            return step(work, call)
    except Exception as error:
        known = failed(error)
        if known is None or known is error:
            raise
        raise known from error
