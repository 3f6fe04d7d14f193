"""How much a rule weighs under the compliance regimes that a stack is under.

Pulumi's documentation of policy packs, "Enforcement levels", says what the levels do.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Level(StrEnum):
    """What a violation does: nothing, a warning, or the end of the preview or update."""

    DISABLED = "disabled"
    ADVISORY = "advisory"
    MANDATORY = "mandatory"


_ORDER = tuple(Level)


class Regime(StrEnum):
    """A compliance regime, by the name that it has in a tenant's specification."""

    GDPR = "gdpr"
    HIPAA = "hipaa"
    SOC2 = "soc2"


def level_under(regimes: Iterable[Regime], levels: Mapping[Regime, Level], default: Level) -> Level:
    """The strictest level that one of the regimes asks for; the default where none of them says anything.

    Args:
        regimes: What the stack is under.
        levels: What each regime asks of a rule; one that is left out asks for the default.
        default: The rule's level for a stack that is under no regime.
    """
    asked = [levels.get(regime, default) for regime in regimes]
    return max(asked, key=_ORDER.index) if asked else default
