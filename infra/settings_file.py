"""Settings from the environment and from ``bulkhead.yaml``: where they are read, and how mistakes are told."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Self

from pydantic import ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    YamlConfigSettingsSource,
)

from infra.errors import UserError

#: The checkout: the folder that holds ``Pulumi.yaml``.
ROOT = Path(__file__).resolve().parent.parent

_FILE = "bulkhead.yaml"


class FileSettings(BaseSettings):
    """The base of settings: what is given in code, over the environment, over the file, over the defaults.

    A kind of settings says its ``env_prefix``.
    """

    model_config = SettingsConfigDict(extra="forbid", frozen=True, yaml_file=ROOT / _FILE)

    section: ClassVar[str | None] = None
    """The key of the file below which they are; None: the whole file is theirs."""

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """No dotenv and no secret files."""
        del dotenv_settings, file_secret_settings
        return init_settings, env_settings, _File(settings_cls, cls.section)

    @classmethod
    def read(cls, what: str, overrides: Mapping[str, object], *, show_values: bool) -> Self:
        """Read the settings.

        Args:
            what: What they are called in an error.
            overrides: Values given on the command line; None means not given.
            show_values: Whether an error shows what was given: none of it may be a secret.

        Raises:
            UserError: a value is not valid; names the key and where it was read from.
        """
        given = {key: value for key, value in overrides.items() if value is not None}
        try:
            return cls(**given)  # pyright: ignore[reportArgumentType]  pydantic checks them
        except ValidationError as error:
            problems = "; ".join(
                f"{'.'.join(map(str, each['loc']))}: {each['msg']}"
                + (f" (got {each['input']!r})" if show_values else "")
                for each in error.errors()
            )
            key = f"the key below {cls.section}:" if cls.section else "the key"
            raise UserError(
                f"{what} are not valid: {problems}",
                remedy=f"correct {key} in {_FILE}, or the variable {cls.model_config.get('env_prefix')}<KEY>",
                where=_FILE,
            ) from None


class _File(YamlConfigSettingsSource):
    """The file, or one section of it; pydantic-settings' own refuses a file that has none."""

    def __init__(self, settings_cls: type[BaseSettings], section: str | None) -> None:
        super().__init__(settings_cls)
        if section is not None:
            InitSettingsSource.__init__(self, settings_cls, self.yaml_data.get(section) or {})
