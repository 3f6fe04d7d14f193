"""What a tenant had before an upgrade, so that a rollback may remove what the upgrade has made, and nothing else.

Stateful resources are protected from deletion, those too that a new version has just added: of these a rollback lifts
the protection, as they hold nothing from before.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import msgspec

from infra.engine.private_files import private_folder, write_private
from infra.gitops.place import require_tenant_id


class _Before(msgspec.Struct, frozen=True, kw_only=True):
    """A tenant's resources before it was upgraded to a version."""

    to: str
    urns: tuple[str, ...]


class StatesBefore:
    """The resources of tenants before their upgrades, a file a tenant.

    Args:
        home: The home.
    """

    def __init__(self, home: Path) -> None:
        self._folder = home / "fleet" / "before"

    def keep(self, tenant: str, to: str, export: Mapping[str, Any]) -> None:
        """Keep what a tenant has; an upgrade that is begun again, after a crash, keeps what the first try found.

        Args:
            tenant: The tenant.
            to: The version that it is going to get.
            export: The stack as ``pulumi stack export`` prints it.
        """
        known = self._read(tenant)
        if known is None or known.to != to:
            private_folder(self._folder)
            urns = tuple(str(each["urn"]) for each in _resources(export))
            write_private(self._file(tenant), msgspec.json.encode(_Before(to=to, urns=urns)).decode())

    def protected_since(self, tenant: str, export: Mapping[str, Any]) -> list[str]:
        """The URNs of protected resources that the upgrade has made; none where nothing was kept.

        Args:
            tenant: The tenant.
            export: The stack as it is now.
        """
        known = self._read(tenant)
        if known is None:
            return []
        before = {*known.urns}
        return [str(each["urn"]) for each in _resources(export) if each.get("protect") and each["urn"] not in before]

    def forget(self, tenant: str) -> None:
        """The upgrade is over, this way or that."""
        self._file(tenant).unlink(missing_ok=True)

    def _read(self, tenant: str) -> _Before | None:
        try:
            return msgspec.json.decode(self._file(tenant).read_bytes(), type=_Before)
        except FileNotFoundError:
            return None

    def _file(self, tenant: str) -> Path:
        return self._folder / f"{require_tenant_id(tenant)}.json"


def _resources(export: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return cast("list[Mapping[str, Any]]", export["deployment"].get("resources") or [])
