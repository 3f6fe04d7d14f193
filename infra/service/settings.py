"""Settings of the service: where it listens, how many workers it has, who is told of events.

Read, in this order of precedence, from the command line, the environment (``BULKHEAD_SERVICE_WORKERS`` ..., and
``DATABASE_URL``), the key ``service:`` of ``bulkhead.yaml``, and the defaults, which run everything on this machine.
Whose tokens the API accepts, and its limits, are settings of `infra.api`.
"""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import SettingsConfigDict

from infra.api.environment import PREFIX
from infra.engine.private_files import private_folder
from infra.errors import UserError
from infra.provisioning.gitops import GitOps
from infra.settings import ROOT, Settings
from infra.settings_file import FileSettings
from infra.store.database import sqlite_url

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
ReceiverName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9-]{0,62}$")]
_BUS = re.compile(r"(arn:aws:events:[a-z0-9-]+:\d{12}:event-bus/)?[A-Za-z0-9._/-]{1,256}", re.ASCII)


class Webhook(BaseModel, frozen=True, extra="forbid"):
    """A receiver that is told events by HTTP.

    Attributes:
        name: Tells it from others; under another name it is told everything anew.
        url: Where requests go: https, or http on 127.0.0.1.
        secret_file: A file with the secret that signs requests, ``whsec_`` and base64 of 24 to 64 bytes.
        private: Whether it may have an address of a private network.
    """

    name: ReceiverName
    url: str
    secret_file: Path
    private: bool = False

    @field_validator("url")
    @classmethod
    def _safe_address(cls, value: str) -> str:
        parts = urlsplit(value)
        local = parts.scheme == "http" and parts.hostname == "127.0.0.1"
        if not parts.hostname or parts.username or parts.fragment or not (parts.scheme == "https" or local):
            raise ValueError("must be an https address without credentials and fragment (http only on 127.0.0.1)")
        return value

    @field_validator("secret_file")
    @classmethod
    def _from_the_checkout(cls, path: Path) -> Path:
        return ROOT / path


class ServiceSettings(FileSettings):
    """How the service runs; see `docs/service.md`."""

    model_config = SettingsConfigDict(env_prefix="BULKHEAD_SERVICE_", env_nested_delimiter="__", populate_by_name=True)
    section = "service"

    database_url: SecretStr | None = Field(default=None, validation_alias="DATABASE_URL")
    """``postgresql://...``, shared by all processes on all machines; None: an SQLite file in the home."""
    host: str = "127.0.0.1"
    """The address that the API listens on. Another than that of this machine needs an issuer of tokens."""
    port: Annotated[int, Field(ge=0, le=65535)] = 8420
    """The port; 0 takes any free one."""
    workers: Annotated[int, Field(ge=1, le=32)] = 2
    """How many worker processes this machine runs."""
    operations: Annotated[int, Field(ge=1, le=256)] = 4
    """How many operations run at a time, over all workers of all machines; the same for all of them."""
    operations_a_worker: Annotated[int, Field(ge=1, le=64)] = 2
    """How many of them one worker process runs."""
    page_token_keys_file: Path | None = None
    """Secrets of at least 32 characters, one a line, that sign page tokens; the last signs. The same file on every
    machine. None: one that is made in the home."""
    webhooks: tuple[Webhook, ...] = ()
    """Receivers of events by HTTP."""
    event_bus: str | None = None
    """Name or ARN of an EventBridge bus that is told all events."""
    gitops: GitOps | None = None
    """GitOps mode: changes of specs are commits on a branch; None: they are written to the folder of the specs."""
    drift_hours: Annotated[float, Field(ge=0, le=24 * 31)] = 6.0
    """How often the cloud is compared with what was deployed, in hours; 0: never."""
    logs: Literal["files", "stderr"] = "files"
    """Where the processes log to: files in the home, or this process's standard error, as containers want it."""

    @field_validator("event_bus")
    @classmethod
    def _is_a_bus(cls, value: str | None) -> str | None:
        if value is not None and not _BUS.fullmatch(value):
            raise ValueError("must be the name or the ARN of an event bus")
        return value

    @field_validator("page_token_keys_file")
    @classmethod
    def _keys_from_the_checkout(cls, path: Path | None) -> Path | None:
        return None if path is None else ROOT / path

    @model_validator(mode="after")
    def _names_differ(self) -> Self:
        names = [webhook.name for webhook in self.webhooks]
        if len(names) != len(set(names)):
            raise ValueError("webhooks: two of them have the same name")
        return self

    @property
    def has_receivers(self) -> bool:
        """Whether anybody outside is told of events."""
        return bool(self.webhooks) or self.event_bus is not None

    def store_url(self, settings: Settings) -> str:
        """The database of the service; without ``DATABASE_URL`` a file, whose folder is made.

        Args:
            settings: Of the checkout.
        """
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        private_folder(settings.database_file.parent)
        return sqlite_url(settings.database_file)


def service_folder(settings: Settings) -> Path:
    """The folder of the service, for its owner only; it is made where there is none."""
    return private_folder(settings.service_folder)


def load_service_settings(**overrides: object) -> ServiceSettings:
    """Read the settings.

    Args:
        overrides: Values given on the command line; None means not given.

    Raises:
        UserError: a value is not valid; names the key, and never a value, which may be a secret.
    """
    return ServiceSettings.read("the settings of the service", overrides, show_values=False)


def has_issuer() -> bool:
    """Whether the environment names an issuer of tokens; else this machine makes them itself."""
    return f"{PREFIX}TOKENS__ISSUER" in os.environ


def require_issuer(settings: Settings, service: ServiceSettings) -> None:
    """Refuse a service that others can reach with tokens that this machine makes itself.

    Args:
        settings: Of the checkout.
        service: Of the service.

    Raises:
        UserError: there is none, and the cloud is AWS or the address is not one of this machine.
    """
    if has_issuer():
        return
    where = "BULKHEAD_API_TOKENS__ISSUER"
    remedy = "set BULKHEAD_API_TOKENS__ISSUER, BULKHEAD_API_TOKENS__AUDIENCE and BULKHEAD_API_TOKENS__JWKS_URI"
    if settings.cloud == "aws":
        raise UserError("against AWS, tokens of an OpenID Connect issuer are required", remedy, where)
    if service.host not in LOOPBACK:
        raise UserError(
            f"tokens that are made on this machine are accepted at 127.0.0.1 only, not at {service.host}", remedy, where
        )
