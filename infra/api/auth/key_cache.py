"""Keeps an issuer's public keys, and follows their rotation without letting a caller drive requests to the issuer.

A key that the cache does not know makes it fetch anew, at most once in a pause, however many tokens name unknown keys.
While the issuer does not answer, known keys go on working for a while; then tokens cannot be checked.
Source: OpenID Connect Core 1.0, section 10.1.1 "Rotation of Asymmetric Signing Keys".
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Protocol

import anyio

from infra.api.auth.key_fetch import FetchedKeys, KeysUnreachable, PublicKey

_log = logging.getLogger(__name__)


class KeySource(Protocol):
    """Where the keys that check tokens come from."""

    async def find(self, kid: str) -> PublicKey | None:
        """The key of an id; None where the issuer has none such now.

        Raises:
            KeysUnreachable: The issuer's keys are not known.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class CacheTimes:
    """How long keys are kept, in seconds.

    Attributes:
        fresh: Kept so long where the issuer does not say.
        min_fresh: The least, whatever the issuer says.
        max_fresh: The most, whatever the issuer says: a withdrawn key works at most so long.
        stale: Used so long after they were fetched while the issuer does not answer.
        pause: The least time between two requests that a caller or a failure caused.
    """

    fresh: float = 600
    min_fresh: float = 60
    max_fresh: float = 3600
    stale: float = 14_400
    pause: float = 10


@dataclass
class KeyCache:
    """The keys of one issuer.

    Attributes:
        fetch: Fetches them.
        clock: Seconds on a clock that never goes back.
        times: How long they are kept.
    """

    fetch: Callable[[], Awaitable[FetchedKeys]]
    clock: Callable[[], float]
    times: CacheTimes = field(default_factory=CacheTimes)
    _keys: dict[str, PublicKey] = field(default_factory=dict[str, PublicKey], init=False)
    _fetched: float | None = field(default=None, init=False)
    _fresh_until: float = field(default=0.0, init=False)
    _tried: float | None = field(default=None, init=False)
    _lock: anyio.Lock = field(default_factory=anyio.Lock, init=False)

    async def find(self, kid: str) -> PublicKey | None:
        """The key of an id, as `KeySource.find` says."""
        if not self._usable(kid):
            async with self._lock:
                if not self._usable(kid) and self._may_try():
                    await self._renew()
        if self._fetched is None or self.clock() >= self._fetched + self.times.stale:
            raise KeysUnreachable("the issuer's keys are not known")
        return self._keys.get(kid)

    def _usable(self, kid: str) -> bool:
        return kid in self._keys and self.clock() < self._fresh_until

    def _may_try(self) -> bool:
        return self._tried is None or self.clock() >= self._tried + self.times.pause

    async def _renew(self) -> None:
        self._tried = self.clock()
        try:
            fetched = await self.fetch()
        except KeysUnreachable as error:
            _log.warning("the issuer's keys could not be fetched: %s", error)
            return
        asked = self.times.fresh if fetched.max_age_seconds is None else fetched.max_age_seconds
        self._keys = fetched.keys
        self._fetched = self.clock()
        self._fresh_until = self._fetched + min(max(asked, self.times.min_fresh), self.times.max_fresh)
