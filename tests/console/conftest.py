"""Consoles over estates of tenants; those that a test changes are its own."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path

import pytest
from console_estate import Console, console_over
from joserfc.jwk import RSAKey


@pytest.fixture(scope="session")
def issuer_key() -> RSAKey:
    """A key, made once: it takes a while."""
    return RSAKey.generate_key(2048)


@pytest.fixture(scope="module")
def console(tmp_path_factory: pytest.TempPathFactory, issuer_key: RSAKey) -> Generator[Console]:
    """A console over tenants in every state, for tests that only read."""
    with console_over(tmp_path_factory.mktemp("console"), issuer_key) as made:
        yield made


@pytest.fixture
def own(tmp_path: Path, issuer_key: RSAKey) -> Generator[Console]:
    """A console over two tenants, which a test may change."""
    with console_over(tmp_path, issuer_key, full=False) as made:
        yield made
