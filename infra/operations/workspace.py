"""Workspace: the specs, the cloud and the engine of one checkout, each made when it is first needed."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cached_property
from pathlib import Path

from infra.aws_finder import AwsFinder
from infra.closing import Closing
from infra.engine import Engine, EngineSettings
from infra.engine.settings import inherited_environment
from infra.operations.cloud import CloudAccess, connect
from infra.operations.plugins import prepare_engine, pulumi_home
from infra.operations.projects import PLATFORM, PLATFORM_STACK, TENANTS
from infra.sandbox.account import ensure_roles
from infra.settings import ROOT, Settings
from infra.spec import Estate, PlatformSpec, current_estate, load_platform

#: The policy pack, and what it needs.
POLICY_PACK = ROOT / "infra" / "policy_pack"
POLICY_PACK_MODULES = ("pulumi.policy", "infra.policy_pack.pack", "infra.policy_pack.rules")


def engine_settings(settings: Settings, command: Path, cloud: CloudAccess | None) -> EngineSettings:
    """How the engine runs with these settings; without a cloud it can look at stacks, but not run any."""
    return EngineSettings(
        command=command,
        backend_url=settings.backend_url,
        secrets_provider=settings.secrets_provider,
        passphrase_file=settings.passphrase_file,
        pulumi_home=pulumi_home(settings).path,
        runs=settings.home / "runs",
        environment={
            **(cloud.environment if cloud else {}),
            "BULKHEAD_PROOF_CACHE": str(settings.home / "proof-cache"),
        },
        attach=cloud.attach if cloud else {},
        packs=(POLICY_PACK,) if settings.policy_pack else (),
        preload=(*(cloud.preload if cloud else ()), *(POLICY_PACK_MODULES if settings.policy_pack else ())),
    )


class Workspace(Closing):
    """What an operation works on.

    Args:
        settings: Where state is kept and which cloud is used.
        report: Is told, a line at a time, what takes long (the engine is being built, for example).
        command: The pulumi executable, with its plugins; None: it is found or made.
    """

    def __init__(
        self, settings: Settings, report: Callable[[str], None] = lambda _: None, *, command: Path | None = None
    ) -> None:
        self.settings = settings
        self.report = report
        self._command = command

    @cached_property
    def estate(self) -> Estate:
        """The specs.

        Raises:
            SpecErrors: all that is wrong with them.
        """
        return current_estate(self.settings.platform_spec, self.settings.specs)

    @cached_property
    def platform(self) -> PlatformSpec:
        """The platform's spec, whatever the tenants' say.

        Raises:
            SpecErrors: all that is wrong with it.
        """
        if "estate" in self.__dict__:
            return self.estate.platform
        return load_platform(self.settings.platform_spec)

    @cached_property
    def cloud(self) -> CloudAccess:
        """The cloud that the stacks go to; the embedded one gets the roles that its account would have."""
        cloud = connect(self.settings, self.platform)
        if self.settings.cloud == "sandbox":
            ensure_roles(cloud.client("iam"), self.platform.provisioning.trusted_principals)
        return cloud

    @cached_property
    def engine(self) -> Engine:
        """The Pulumi engine with this workspace's backend, secrets and plugins."""
        cloud = self.cloud
        command = self._command or prepare_engine(self.settings, self.report)
        return Engine(
            engine_settings(self.settings, command, cloud),
            finder=AwsFinder(cloud.session(), cloud.endpoint_url),
            finders={TENANTS.name: AwsFinder(cloud.provisioning_session(), cloud.endpoint_url)},
        )

    def plain_cli_environment(self) -> dict[str, str]:
        """The variables with which plain ``pulumi`` commands in the project folders reach the same stacks."""
        _ = self.engine  # makes the backend's folder and the passphrase, where plain `pulumi` comes first
        command = prepare_engine(self.settings, self.report)
        environment = engine_settings(self.settings, command, self.cloud).cli_environment()
        path = os.pathsep.join([str(command.parent), environment["PATH"]])
        inherited = inherited_environment()
        return {"PATH": path} | {name: value for name, value in environment.items() if inherited.get(name) != value}

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
