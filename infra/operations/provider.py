"""Which AWS plugin runs: the offline one in a Pulumi home of our own, or the official one in the user's."""

from __future__ import annotations

import os
from importlib.metadata import version
from pathlib import Path

from infra.engine import prepare_pulumi_home
from infra.errors import UserError
from infra.sandbox.plugins import install_offline_plugins
from infra.settings import Settings


def pulumi_home(settings: Settings, engine: Path) -> Path:
    """The Pulumi home that has the AWS plugin which the settings ask for; the offline plugin is installed if needed.

    Args:
        settings: Says which plugin.
        engine: The pulumi executable.

    Raises:
        UserError: the official plugin is asked for and not installed.
    """
    if settings.cloud == "sandbox" and settings.provider == "offline":
        home = settings.home / "pulumi"
        prepare_pulumi_home(home, engine)
        install_offline_plugins(home, engine)
        return home
    home = Path(os.environ.get("PULUMI_HOME") or Path.home() / ".pulumi")
    wanted = version("pulumi-aws")
    if not (home / "plugins" / f"resource-aws-v{wanted}").is_dir():
        raise UserError(
            f"the official AWS plugin {wanted} is not installed",
            remedy=f"install it with: pulumi plugin install resource aws {wanted}",
            where=str(home / "plugins"),
        )
    prepare_pulumi_home(home, engine)
    return home
