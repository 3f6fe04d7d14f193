"""What a stack is measured by: whose it is, its compliance regimes, and what its specification says of it.

Stacks of this repository have a specification, which says it; for any other stack the configuration of the pack does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from infra.policy_pack.levels import Regime


@dataclass(frozen=True, kw_only=True)
class Expectations:
    """What is expected of a stack.

    Attributes:
        owner: The tenant whose stack it is; None for the platform and for a stack of nobody known.
        regimes: The compliance regimes that it is under.
        regions: Where its data may be; empty where nothing says it.
        shared_vpcs: The ids of VPCs that several tenants share.
        settings: The configuration of the rule that is being checked.
    """

    owner: str | None = None
    regimes: frozenset[Regime] = frozenset()
    regions: frozenset[str] = frozenset()
    shared_vpcs: frozenset[str] = frozenset()
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
