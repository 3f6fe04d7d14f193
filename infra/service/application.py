"""The application that the service answers HTTP with, made from its settings: the wiring, and nothing else."""

from __future__ import annotations

import os
from collections.abc import Generator, Sequence
from contextlib import ExitStack, contextmanager

import httpx
from starlette.types import ASGIApp

from infra.api.auth.key_cache import KeySource
from infra.api.build import ServiceParts, build_app
from infra.api.connect import published_keys
from infra.api.environment import load_api_settings
from infra.api.rollouts import RolloutDesk
from infra.api.settings import ApiSettings
from infra.console.mount import mount_console
from infra.operations.fleet_rollouts import Rollouts
from infra.provisioning.background import Background
from infra.provisioning.gitops import spec_place
from infra.service.local_tokens import local_issuer, local_token_settings
from infra.service.readiness import process_checks, surrounding_checks
from infra.service.secret_files import page_token_keys
from infra.service.settings import ServiceSettings, has_issuer, service_folder
from infra.settings import Settings
from infra.store.database import open_store

_CONNECTIONS = 10


@contextmanager
def application(settings: Settings, service: ServiceSettings, processes: Sequence[str]) -> Generator[ASGIApp]:
    """The API and the console; what was opened for them is closed at the end.

    Args:
        settings: Of the checkout.
        service: Of the service.
        processes: The names of the other processes of this machine, whose state is part of the readiness.

    Raises:
        UserError: a setting is wrong, or the database does not answer.
    """
    api = api_settings(settings, service)
    with ExitStack() as opened:
        store = open_store(service.store_url(settings), pool_size=_CONNECTIONS)
        opened.callback(store.dispose)
        background = Background(dict(os.environ))
        opened.callback(background.close)
        background.warm()
        parts = ServiceParts(
            store=store,
            specs=spec_place(settings, service.gitops),
            platform_file=settings.platform_spec,
            keys=_keys(settings, api),
            preview=background.preview,
            check=background.check,
            capacity=background.capacity,
            fleet=background.fleet,
            rollouts=RolloutDesk(rollouts=Rollouts(settings.home), planner=background.rollout),
            certificate_key=background.certificate_key,
            version_of=background.version_of,
            export_link=background.export_link,
            merged=service.gitops is not None and service.gitops.proposals is not None,
            checks={
                **surrounding_checks(settings, store),
                **process_checks(service_folder(settings), processes),
            },
        )
        app = build_app(api, parts)
        mount_console(app, api.page_token_keys)
        yield app


def api_settings(settings: Settings, service: ServiceSettings) -> ApiSettings:
    """The API's settings: of the environment; without an issuer there, the one of this machine.

    Args:
        settings: Of the checkout.
        service: Of the service.

    Raises:
        UserError: one is wrong.
    """
    tokens = None if has_issuer() else local_token_settings()
    return load_api_settings(tokens=tokens, page_token_keys=page_token_keys(service, settings))


def _keys(settings: Settings, api: ApiSettings) -> KeySource:
    if not has_issuer():
        return local_issuer(settings)
    return published_keys(api, httpx.AsyncClient(trust_env=False))
