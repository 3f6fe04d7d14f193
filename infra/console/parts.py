"""What the console is made of: the parts of the API that it shares, given by whoever puts the service together."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import SecretStr
from sqlalchemy import Engine

from infra.api.actions import Actions
from infra.api.auth.bearer import Authenticator
from infra.api.rollouts import RolloutDesk

Finder = Callable[[], Coroutine[Any, Any, Mapping[str, Any]]]
"""Finds a document of the API; it may give the same one for a while."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleParts:
    """What the console is made of.

    Attributes:
        authenticator: Checks the tokens by which people sign in, and how often each of them asks.
        keys: Secrets of at least 32 characters that sign sessions; the last one signs, all are accepted. Every process
            of one service has the same.
        store: What the service remembers.
        actions: What the buttons do.
        version_of: The version of the blueprint that a tenant runs; None where that is not known.
        fleet: The document of ``GET /v1/fleet``.
        rollouts: The rollouts of the fleet.
        capacity: The document of ``GET /v1/capacity``.
        now: The time, in UTC.
    """

    authenticator: Authenticator
    keys: Sequence[SecretStr]
    store: Engine
    actions: Actions
    version_of: Callable[[str], str | None]
    fleet: Finder
    rollouts: RolloutDesk
    capacity: Finder
    now: Callable[[], datetime]
