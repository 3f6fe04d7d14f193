"""The API of the tests, with an issuer of its own."""

from __future__ import annotations

import pytest
from api_service import Clock, Issuer, Service, make_key
from joserfc.jwk import RSAKey


@pytest.fixture(scope="session")
def signing_keys() -> tuple[RSAKey, RSAKey]:
    """Two keys, made once: it takes a while."""
    return make_key(), make_key()


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture
def service(signing_keys: tuple[RSAKey, RSAKey]) -> Service:
    clock = Clock()
    return Service(clock, Issuer(clock, [signing_keys[0]]))
