"""Which AWS plugin runs, and in which Pulumi home: the offline one in our own, or the official one in the user's."""

from __future__ import annotations

import os
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from tempfile import TemporaryDirectory

from infra.engine.find import EngineProgress, find_engine
from infra.engine.pulumi_home import PulumiHome
from infra.errors import UserError
from infra.sandbox.plugins import is_installed, write_archive
from infra.settings import Settings


def uses_offline_plugin(settings: Settings) -> bool:
    """Whether the stacks go through our offline plugin; against AWS they never do."""
    return settings.cloud == "sandbox" and settings.provider == "offline"


def pulumi_home(settings: Settings) -> PulumiHome:
    """The Pulumi home of the plugin that the settings ask for."""
    if uses_offline_plugin(settings):
        return PulumiHome(settings.home / "pulumi")
    return PulumiHome(Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi"))


def prepare_engine(settings: Settings, report: Callable[[str], None]) -> Path:
    """Find or make the engine and the plugins that the settings ask for.

    Args:
        settings: Say which plugin.
        report: Is told what takes long, a line at a time.

    Returns:
        The pulumi executable to use.

    Raises:
        EngineMissing: there is no engine and none can be made.
        UserError: the official plugin is asked for and not installed.
    """
    home = pulumi_home(settings)
    command = home.adopt_engine(find_engine(on_progress=_lines(report)).path)
    if uses_offline_plugin(settings):
        install_offline_plugin(home, command)
        return command
    wanted = version("pulumi-aws")
    if not home.has_plugin("resource", "aws", wanted):
        raise UserError(
            f"the official AWS plugin {wanted} is not installed",
            remedy=f"install it with: pulumi plugin install resource aws {wanted}",
            where=str(home.path / "plugins"),
        )
    return command


def install_offline_plugin(home: PulumiHome, command: Path) -> None:
    """Install the offline AWS provider into a Pulumi home, unless this very one is there.

    Raises:
        PluginInstallFailed: the engine refused the archive.
    """
    if is_installed(home.path):
        return
    with TemporaryDirectory() as folder:
        home.install_plugin(command, "aws", version("pulumi-aws"), write_archive(Path(folder)), replace=True)


def _lines(report: Callable[[str], None]) -> Callable[[EngineProgress], None]:
    """Turn steps into lines: one a step, and one whenever another tenth of it is done."""
    last = ("", -1)

    def on_progress(progress: EngineProgress) -> None:
        nonlocal last
        tenth = -1 if progress.fraction is None else int(progress.fraction * 10)
        if (progress.step, tenth) != last:
            last = (progress.step, tenth)
            share = "" if tenth < 0 else f" {tenth * 10} %"
            report(f"{progress.step}{share} ({progress.elapsed:.0f} s)")

    return on_progress
