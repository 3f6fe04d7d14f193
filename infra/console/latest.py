"""What a page shows of a document that takes long to find: the last one, while a new one is looked for."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from infra.console.parts import Finder
from infra.errors import UserError


class Latest:
    """The last document that was found; only on the event loop.

    Args:
        find: Finds it; it may give the same one for a while.
        patience: How long who asks waits for a new one, in seconds.
    """

    def __init__(self, find: Finder, patience: float) -> None:
        self._find = find
        self._patience = patience
        self._known: Mapping[str, Any] | None = None
        self._looking: asyncio.Task[None] | None = None

    async def __call__(self) -> Mapping[str, Any] | None:
        """The document; None where none was found yet."""
        if self._looking is None:
            self._looking = asyncio.create_task(self._look())
        # A task that is not done by then goes on: who asks next has what it finds.
        await asyncio.wait({self._looking}, timeout=self._patience)
        return self._known

    async def _look(self) -> None:
        try:
            self._known = await self._find()
        except UserError:
            # It cannot be found now: what is known of before is shown, with its times.
            return
        finally:
            self._looking = None
