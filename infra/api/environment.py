"""The API's settings as the environment has them: ``BULKHEAD_API_TOKENS__ISSUER`` and so on; see docs/api.md.

Source: pydantic-settings documentation, "Parsing environment variable values" (nested models).
"""

from __future__ import annotations

from typing import Annotated, Any, ClassVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from infra.api.settings import ApiSettings, RateSettings, TokenSettings
from infra.errors import UserError

PREFIX = "BULKHEAD_API_"


class _Environment(BaseSettings):
    """The variables; what they leave out has the default of `ApiSettings`."""

    model_config: ClassVar[SettingsConfigDict] = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter="__", extra="forbid", frozen=True
    )

    tokens: TokenSettings
    page_token_keys: Annotated[tuple[SecretStr, ...], Field(min_length=1)]
    rate: RateSettings | None = None
    failure_rate: RateSettings | None = None
    max_body_bytes: int | None = None
    max_streams: int | None = None
    stream_seconds: float | None = None
    heartbeat_seconds: float | None = None
    preview_seconds: float | None = None
    report_seconds: float | None = None

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment over what is given; no file, as secrets in the checkout would be committed some day."""
        del settings_cls, dotenv_settings, file_secret_settings
        return env_settings, init_settings


def load_api_settings(
    *, tokens: TokenSettings | None = None, page_token_keys: tuple[SecretStr, ...] | None = None
) -> ApiSettings:
    """The settings in the environment.

    Args:
        tokens: Whose tokens are accepted where the environment does not say.
        page_token_keys: What signs page tokens where the environment does not say.

    Raises:
        UserError: One is missing or not valid; names its variable, never its value.
    """
    otherwise: dict[str, Any] = {} if tokens is None else {"tokens": tokens.model_dump()}
    if page_token_keys is not None:
        otherwise["page_token_keys"] = page_token_keys
    try:
        given = _Environment(**otherwise)
        return ApiSettings(**{name: value for name, value in given if value is not None})
    except ValidationError as error:
        wrong = "; ".join(
            f"{_variable(each['loc'])}: {each['msg']}" for each in error.errors(include_input=False, include_url=False)
        )
        raise UserError(
            f"the API's settings are not valid: {wrong}",
            remedy=f"set these variables as docs/api.md says, for example {PREFIX}TOKENS__ISSUER",
            where="the environment",
        ) from None


def _variable(location: tuple[int | str, ...]) -> str:
    return PREFIX + "__".join(str(each).upper() for each in location)
