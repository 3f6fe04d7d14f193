"""Settings: where this checkout keeps its state, which cloud it talks to, and how it reaches its backend.

Read, in this order of precedence, from the environment (``BULKHEAD_CLOUD`` ...), ``bulkhead.yaml`` in the checkout,
and the defaults, which run everything on this machine.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Literal

from pydantic import Field, field_validator
from pydantic_settings import SettingsConfigDict

from infra.settings_file import ROOT, FileSettings

Cloud = Literal["sandbox", "aws"]
ProviderChoice = Literal["offline", "official"]


class Settings(FileSettings):
    """How Bulkhead runs; see `docs/settings.md`."""

    model_config = SettingsConfigDict(env_prefix="BULKHEAD_")

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

    @property
    def backend_url(self) -> str:
        """The Pulumi backend, by default a folder below `home`."""
        return self.backend or (self.home / "state").as_uri()

    @property
    def passphrase_file(self) -> Path | None:
        """The file with the passphrase that encrypts secrets in local state; None with any other secrets provider."""
        return self.home / "passphrase" if self.secrets_provider == "passphrase" else None

    @property
    def service_folder(self) -> Path:
        """Holds what the service keeps on this machine."""
        return self.home / "service"

    @property
    def database_file(self) -> Path:
        """The service's database where ``DATABASE_URL`` names no other one: an SQLite file."""
        return self.service_folder / "service.sqlite"


def load_settings(**overrides: object) -> Settings:
    """Read the settings.

    Args:
        overrides: Values given on the command line; None means not given.

    Raises:
        UserError: a value is not valid; names the key and where it was read from.
    """
    return Settings.read("the settings", overrides, show_values=True)
