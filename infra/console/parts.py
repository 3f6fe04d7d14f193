"""What the console is made of, and what its buttons do: given by whoever puts the service together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import SecretStr
from sqlalchemy import Engine

from infra.api.auth.bearer import Authenticator
from infra.api.auth.caller import Caller
from infra.console.fleet_picture import FleetPicture
from infra.quotas.report import Capacity


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasure:
    """How a tenant is to be erased.

    Attributes:
        export: Whether its data is exported to it first.
        grace_seconds: How long it can still be taken back, in seconds.
        window_days: How long its key can still be saved after that, in days: AWS takes 7 to 30.
    """

    export: bool
    grace_seconds: int
    window_days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    """What became of a command.

    Attributes:
        operation: The operation that does it; None where it waits for a merge.
        branch: The branch that holds the change of the spec until it is merged; empty where nothing waits.
    """

    operation: str | None
    branch: str = ""


class Commands(Protocol):
    """What the buttons do. Each is repeated with the same operation's id where a form is sent twice, and done once.

    Each blocks, and raises `UserError` where it is refused, with what to do about it.
    """

    def suspend(self, caller: Caller, tenant: str, operation: str) -> Accepted:
        """Close all access to a tenant, and keep its data."""
        ...

    def resume(self, caller: Caller, tenant: str, operation: str) -> Accepted:
        """Open it again."""
        ...

    def upgrade(self, caller: Caller, tenant: str, operation: str, to: str) -> Accepted:
        """Bring a tenant to another version of the blueprint."""
        ...

    def erase(self, caller: Caller, tenant: str, operation: str, how: Erasure) -> Accepted:
        """Remove a tenant with all that it has."""
        ...

    def cancel(self, caller: Caller, operation: str) -> None:
        """Take an operation back."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsoleParts:
    """What the console is made of.

    Attributes:
        authenticator: Checks the tokens by which people sign in, and how often each of them asks.
        keys: Secrets of at least 32 characters that sign sessions; the last one signs, all are accepted.
        store: What the service remembers.
        commands: What the buttons do.
        fleet: Tells the fleet; blocks.
        capacity: Tells the account's capacity; blocks.
        now: The time, in UTC.
    """

    authenticator: Authenticator
    keys: Sequence[SecretStr]
    store: Engine
    commands: Commands
    fleet: Callable[[], FleetPicture]
    capacity: Callable[[], Capacity]
    now: Callable[[], datetime]
