"""Serves the console in the process of the API, with the API's own parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from fastapi import FastAPI
from pydantic import SecretStr

from infra.api.routes.service import Service
from infra.console.app import console_app
from infra.console.parts import ConsoleParts
from infra.console.visit import PREFIX


def mount_console(app: FastAPI, keys: Sequence[SecretStr]) -> None:
    """Put the console under ``/console``.

    Args:
        app: The API, as `infra.api.build.build_app` made it.
        keys: Secrets of at least 32 characters that sign sessions, such as those of page tokens; the last one signs,
            all are accepted. Every process of one service has the same.
    """
    service = cast("Service", app.state.service)
    parts = ConsoleParts(
        authenticator=app.state.authenticator,
        keys=keys,
        store=service.reads.store,
        actions=service.actions,
        version_of=service.version_of,
        fleet=service.fleet,
        rollouts=service.rollouts,
        capacity=service.capacity,
        now=service.now,
    )
    app.mount(PREFIX, console_app(parts))
