"""Workspace: the specs, the cloud and the engine of one checkout, each made when it is first needed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property
from types import TracebackType
from typing import Self

from infra.aws_finder import AwsFinder
from infra.engine import Engine, EngineSettings, find_engine
from infra.operations.cloud import CloudAccess, connect
from infra.operations.projects import PLATFORM, PLATFORM_STACK, TENANTS
from infra.operations.provider import pulumi_home
from infra.settings import Settings
from infra.spec import Estate, load_estate


class Workspace:
    """What an operation works on.

    Args:
        settings: Where state is kept and which cloud is used.
        report: Is told, a line at a time, what takes long (the engine is being built, for example).
    """

    def __init__(self, settings: Settings, report: Callable[[str], None] = lambda _: None) -> None:
        self.settings = settings
        self._report = report

    @cached_property
    def estate(self) -> Estate:
        """The specs.

        Raises:
            SpecErrors: all that is wrong with them.
        """
        return load_estate(self.settings.platform_spec, self.settings.specs)

    @cached_property
    def cloud(self) -> CloudAccess:
        """The cloud that the stacks go to."""
        return connect(self.settings, self.estate.platform.region)

    @cached_property
    def engine(self) -> Engine:
        """The Pulumi engine with this workspace's backend, secrets and plugins."""
        settings, cloud = self.settings, self.cloud
        found = find_engine(progress=self._report)
        return Engine(
            EngineSettings(
                command=found.path,
                backend_url=settings.backend_url,
                secrets_provider=settings.secrets_provider,
                passphrase_file=settings.passphrase_file,
                pulumi_home=pulumi_home(settings, found.path),
                runs=settings.home / "runs",
                environment=cloud.environment,
                stack_config=cloud.stack_config,
                attach=cloud.attach,
            ),
            finder=AwsFinder(cloud.session(), cloud.endpoint_url),
        )

    def deployed_tenants(self) -> list[str]:
        """The tenants that have a stack."""
        return self.engine.stacks(TENANTS)

    def platform_deployed(self) -> bool:
        """Whether the platform has a stack."""
        return PLATFORM_STACK.stack in self.engine.stacks(PLATFORM)

    def close(self) -> None:
        """End the engine's warm processes, if it was used."""
        if "engine" in self.__dict__:
            self.engine.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
