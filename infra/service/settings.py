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

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from infra.api.environment import PREFIX
from infra.engine.private_files import private_folder
from infra.errors import UserError
from infra.provisioning.gitops import GitOps
from infra.settings import ROOT, SETTINGS_FILE, Settings
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


class ServiceSettings(BaseSettings):
    """How the service runs; see `docs/service.md`."""

    model_config = SettingsConfigDict(
        env_prefix="BULKHEAD_SERVICE_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        populate_by_name=True,
        yaml_file=ROOT / SETTINGS_FILE,
    )

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

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line over environment over file over defaults; no dotenv and no secret files."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _Section(settings_cls)

    @property
    def has_receivers(self) -> bool:
        """Whether anybody outside is told of events."""
        return bool(self.webhooks) or self.event_bus is not None

    def store_url(self, home: Path) -> str:
        """The database of the service; without ``DATABASE_URL`` a file, whose folder is made.

        Args:
            home: `infra.settings.Settings.home`.
        """
        if self.database_url is not None:
            return self.database_url.get_secret_value()
        return sqlite_url(service_folder(home) / "service.sqlite")


def service_folder(home: Path) -> Path:
    """The folder of the service in a home, for its owner only; it is made where there is none."""
    return private_folder(home / "service")


def load_service_settings(**overrides: object) -> ServiceSettings:
    """Read the settings.

    Args:
        overrides: Values given on the command line; None means not given.

    Raises:
        UserError: a value is not valid; names the key, and never a value, which may be a secret.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return ServiceSettings(**given)  # pyright: ignore[reportArgumentType]  pydantic checks them
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in error.errors())
        raise UserError(
            f"the settings of the service are not valid: {problems}",
            remedy=f"correct the key below service: in {SETTINGS_FILE}, or the variable BULKHEAD_SERVICE_<KEY>",
            where=SETTINGS_FILE,
        ) from None


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


class _Section(YamlConfigSettingsSource):
    """The section ``service:`` of the file; pydantic-settings' own refuses a file that has none."""

    def __init__(self, settings_cls: type[BaseSettings]) -> None:
        super().__init__(settings_cls)
        InitSettingsSource.__init__(self, settings_cls, self.yaml_data.get("service") or {})
