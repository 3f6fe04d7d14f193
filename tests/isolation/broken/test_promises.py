"""The blueprint keeps its promises, all documents together and each responsible layer on its own."""

from __future__ import annotations

import pytest

from tests.isolation.broken.layers import Layer
from tests.isolation.broken.promises import PROMISES
from tests.isolation.broken.responsibilities import RESPONSIBLE

NEVER = [name for name, promise in PROMISES.items() if not promise.kept]


@pytest.mark.parametrize("name", PROMISES)
def test_promise(name: str) -> None:
    """With all documents in place, what must never go through does not, and what must always does."""
    promise = PROMISES[name]
    assert promise.attempts
    wrong = [str(attempt) for attempt in promise.attempts if attempt.allowed() != promise.kept]
    assert not wrong, f"{len(wrong)} of {len(promise.attempts)}: {wrong[:5]}"


@pytest.mark.parametrize("name", NEVER)
def test_layers_that_keep_it_alone(name: str) -> None:
    """The table of responsibilities is exact: the layers listed refuse everything on their own, the others do not."""
    attempts = PROMISES[name].attempts
    asked = frozenset[Layer]().union(*(attempt.layers for attempt in attempts))
    leaking = {
        layer for layer in asked if any(layer in attempt.layers and attempt.allowed(layer) for attempt in attempts)
    }
    assert RESPONSIBLE[name] == asked - leaking


def test_every_denial_has_its_layers() -> None:
    """No promise is left out of the table, and none is kept by luck: some layer keeps it alone."""
    assert set(RESPONSIBLE) == set(NEVER)
    assert [name for name, layers in RESPONSIBLE.items() if not layers] == []
