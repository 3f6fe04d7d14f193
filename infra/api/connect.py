"""Makes what authenticates requests, from the settings: the issuer's keys over the network, the clocks, the limits."""

from __future__ import annotations

import time

import httpx

from infra.api.auth.bearer import Authenticator
from infra.api.auth.key_cache import KeyCache, KeySource
from infra.api.auth.key_fetch import FetchedKeys, discover, fetch_keys
from infra.api.auth.tokens import TokenVerifier
from infra.api.rate_limit import RateLimiter
from infra.api.settings import ApiSettings


def published_keys(settings: ApiSettings, client: httpx.AsyncClient) -> KeyCache:
    """The keys that the issuer publishes, where the settings or its own document say.

    Args:
        settings: Say where.
        client: Sends the requests; whoever made it closes it. Made with ``trust_env=False``, no variable of the
            environment puts a proxy between the service and the issuer.
    """

    async def fetch() -> FetchedKeys:
        tokens = settings.tokens
        # Asked anew each time: an issuer may move its keys.
        return await fetch_keys(client, tokens.jwks_uri or await discover(client, tokens.issuer))

    return KeyCache(fetch, time.monotonic)


def make_authenticator(settings: ApiSettings, keys: KeySource) -> Authenticator:
    """What authenticates requests.

    Args:
        settings: Whose tokens are accepted, and the limits.
        keys: The issuer's keys.
    """
    return Authenticator(
        verifier=TokenVerifier(settings=settings.tokens, keys=keys, now=time.time),
        rate=RateLimiter(settings=settings.rate, clock=time.monotonic),
        failure_rate=RateLimiter(settings=settings.failure_rate, clock=time.monotonic),
    )
