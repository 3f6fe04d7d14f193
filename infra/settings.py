"""Settings: where this checkout keeps its state, which cloud it talks to, and how it reaches its backend.

Read, in this order of precedence, from the environment (``BULKHEAD_CLOUD`` ...), ``bulkhead.yaml`` in the checkout,
and the defaults, which run everything on this machine.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict, YamlConfigSettingsSource

from infra.errors import UserError

#: The checkout: the folder that holds ``Pulumi.yaml``.
ROOT = Path(__file__).resolve().parent.parent

SETTINGS_FILE = "bulkhead.yaml"

Cloud = Literal["sandbox", "aws"]
ProviderChoice = Literal["offline", "official"]


class Settings(BaseSettings):
    """How Bulkhead runs; see `docs/settings.md`."""

    model_config = SettingsConfigDict(
        env_prefix="BULKHEAD_", extra="forbid", frozen=True, yaml_file=ROOT / SETTINGS_FILE
    )

    cloud: Cloud = "sandbox"
    """``sandbox``: the embedded cloud on this machine. ``aws``: the account of the credentials in the environment."""
    provider: ProviderChoice = "offline"
    """The AWS plugin in the sandbox. Against AWS it is always the official one."""
    home: Path = ROOT / ".bulkhead"
    """Holds all local state: the file backend, the passphrase, the sandbox, the locks of runs."""
    backend: str | None = Field(default=None)
    """A Pulumi backend URL (``s3://...``, ``file://...``, ``https://...``); None: a folder below `home`."""
    secrets_provider: str = "passphrase"
    """``passphrase``, or for production ``awskms://<key ARN>?region=<region>``."""
    platform_spec: Path = ROOT / "stacks" / "platform.yaml"
    specs: Path = ROOT / "tenant_stacks" / "specs"
    """The folder with one YAML file a tenant."""
    blueprint: Path = ROOT
    """The repository by git that has the blueprint's history: this checkout, or a clone where it has none."""
    policy_pack: bool = False
    """Whether previews and updates run the policy pack: its rules, and the proof of isolation."""
    certificate_key: str | None = None
    """The ARN or alias of the KMS key that signs certificates of erasures; None: in the sandbox, a key of the home."""
    parallel: int = Field(default_factory=lambda: max(2, os.cpu_count() or 2), ge=1, le=64)
    """How many stacks run at the same time."""
    service: dict[str, Any] = {}
    """What `infra.service.settings` reads: the settings of ``bulkhead serve``."""

    @field_validator("home", "platform_spec", "specs", "blueprint")
    @classmethod
    def _from_the_checkout(cls, path: Path) -> Path:
        return ROOT / path

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment over file over defaults; no dotenv and no secret files."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, YamlConfigSettingsSource(settings_cls)

    @property
    def backend_url(self) -> str:
        """The Pulumi backend, by default a folder below `home`."""
        return self.backend or (self.home / "state").as_uri()

    @property
    def passphrase_file(self) -> Path | None:
        """The file with the passphrase that encrypts secrets in local state; None with any other secrets provider."""
        return self.home / "passphrase" if self.secrets_provider == "passphrase" else None


def load_settings(**overrides: object) -> Settings:
    """Read the settings.

    Args:
        overrides: Values given on the command line; None means not given.

    Raises:
        UserError: a value is not valid; names the key and where it was read from.
    """
    given = {key: value for key, value in overrides.items() if value is not None}
    try:
        return Settings(**given)  # pyright: ignore[reportArgumentType]  pydantic checks them
    except ValidationError as error:
        problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']} (got {e['input']!r})" for e in error.errors())
        raise UserError(
            f"the settings are not valid: {problems}",
            remedy=f"correct the key in {SETTINGS_FILE} or the variable BULKHEAD_<KEY>",
            where=SETTINGS_FILE,
        ) from None
