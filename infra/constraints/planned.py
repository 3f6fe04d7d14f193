"""A resource as it is planned: its type, name and properties in one neutral form, whoever planned it.

A program, a policy pack and an exported deployment all can be brought into this form, so that one set of rules serves
them. Properties are plain JSON under the engine's names (camelCase). A value that is not known yet is `UNKNOWN`, and
rules say nothing about it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infra.planned import UNKNOWN, Unknown

__all__ = ["UNKNOWN", "PlannedResource", "Unknown"]


@dataclass(frozen=True, kw_only=True)
class PlannedResource:
    """One resource of a plan.

    Attributes:
        type: The type token, for example ``aws:kms/key:Key``.
        name: The resource's name in the program.
        properties: Its inputs.
        shared_vpcs: The ids of VPCs that several tenants share, as far as the planner knows them.
    """

    type: str
    name: str
    properties: Mapping[str, Any]
    shared_vpcs: frozenset[str] = frozenset()
