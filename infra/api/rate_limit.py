"""Limits how many requests a caller sends: a token bucket a caller, in the memory of one process.

N processes let a caller send N times as much; what must hold over all of them, such as how many operations of a caller
run, is a matter of the queue of operations.
Sources: RFC 6585 "Additional HTTP Status Codes", section 4 (429); RFC 9110 "HTTP Semantics", section 10.2.3
(Retry-After).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from infra.api.problems.kinds import Kind
from infra.api.problems.problem import ProblemError
from infra.api.settings import RateSettings


@dataclass(slots=True)
class _Bucket:
    tokens: float
    filled_at: float


@dataclass(frozen=True, slots=True, kw_only=True)
class RateLimiter:
    """The buckets of all callers; those longest unused are forgotten, which fills them.

    Attributes:
        settings: The limits.
        clock: Seconds on a clock that never goes back.
    """

    settings: RateSettings
    clock: Callable[[], float]
    _buckets: OrderedDict[str, _Bucket] = field(default_factory=OrderedDict[str, _Bucket], init=False)

    def take(self, caller: str) -> float:
        """Takes one token from a caller's bucket.

        Args:
            caller: Whose bucket.

        Returns:
            Zero where there was one; else the seconds until there is one, and none is taken.
        """
        now = self.clock()
        bucket = self._buckets.setdefault(caller, _Bucket(self.settings.burst, now))
        self._buckets.move_to_end(caller)
        if len(self._buckets) > self.settings.max_callers:
            self._buckets.popitem(last=False)
        refilled = bucket.tokens + (now - bucket.filled_at) * self.settings.per_second
        bucket.tokens, bucket.filled_at = min(refilled, self.settings.burst), now
        if bucket.tokens < 1:
            return (1 - bucket.tokens) / self.settings.per_second
        bucket.tokens -= 1
        return 0.0


def require_token(limiter: RateLimiter, caller: str) -> None:
    """Takes one token from a caller's bucket.

    Raises:
        ProblemError: 429; there is none.
    """
    wait = limiter.take(caller)
    if wait:
        settings = limiter.settings
        detail = f"More than {settings.burst} requests at once, or {settings.per_second:g} a second."
        raise ProblemError(Kind.TOO_MANY, detail, retry_after=wait)
