"""The parts of an ARN, and moto's backend that keeps what it names.

Source: IAM User Guide, "Identify AWS resources with Amazon Resource Names (ARNs)".
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from moto import backends
from moto.core.base_backend import BackendDict

_PARTS = 6


@dataclass(frozen=True, slots=True)
class Arn:
    """The parts of an ARN.

    Attributes:
        text: The whole.
        service: The service's prefix.
        region: The Region, empty for global services.
        account: The owner, empty where the ARN does not say.
        resource: The rest.
    """

    text: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def of(cls, text: str) -> Arn | None:
        """The parts of an ARN; None for what is none, such as `*`."""
        parts = text.split(":", _PARTS - 1)
        if len(parts) < _PARTS or parts[0] != "arn":
            return None
        return cls(text, parts[2], parts[3], parts[4], parts[5])

    @property
    def kind(self) -> str:
        """The type of the resource as the ARN has it: ``role`` of ``role/path/name``, empty if there is none."""
        head, slash, _ = self.resource.partition("/")
        kind, colon, _ = head.partition(":")
        return kind if slash or colon else ""

    @property
    def name(self) -> str:
        """What follows the type."""
        return self.resource.removeprefix(self.kind)[1:] if self.kind else self.resource


def backend(service: str, account: str, region: str) -> Any:
    """Moto's backend of a service; None where nothing was made in that account and Region yet.

    Args:
        service: Moto's name of the service, for example ``kms``.
        account: The account.
        region: The Region, or ``aws`` for a global service.
    """
    found = _backends(service)
    return found[account].get(region) if account in found else None


def backends_everywhere(service: str, region: str) -> list[Any]:
    """Moto's backends of a service in a Region, of every account that has one."""
    return [regional[region] for regional in list(_backends(service).values()) if region in regional.keys()]  # noqa: SIM118 - `in` of moto's own asks for possible Regions


@cache
def _backends(service: str) -> BackendDict[Any]:
    return cast("BackendDict[Any]", backends.get_backend(cast("Any", service)))
