"""The provider's configuration (`aws:region`, `aws.Provider(...)`): check it, and open a session with it."""

import json
from collections.abc import Mapping
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from infra.sandbox.aws.check import Failures, structure
from infra.sandbox.aws.errors import ProviderError, describe
from infra.sandbox.aws.schema import PROVIDER, PropertySchema, Schemas
from infra.sandbox.aws.session import Session
from infra.sandbox.aws.wire import UNKNOWN, Properties

_SUPPORTED = (
    "region",
    "endpoints",
    "s3UsePathStyle",
    "defaultTags",
    "allowedAccountIds",
    "forbiddenAccountIds",
    "accessKey",
    "secretKey",
    "token",
    "profile",
    "assumeRoles",
    "maxRetries",
    "skipCredentialsValidation",
    "skipMetadataApiCheck",
    "skipRegionValidation",
    "skipRequestingAccountId",
)

# What the engine itself adds to a provider's inputs.
_ENGINE = ("version", "pluginDownloadURL", "pluginChecksums", "__internal")


def decode(schemas: Schemas, given: Properties) -> Properties:
    """Return the configuration with its structured values decoded; the engine passes them as JSON text."""
    fields = schemas[PROVIDER]["inputs"]
    return {key: _decoded(fields.get(key), value) for key, value in given.items() if key not in _ENGINE}


def _decoded(schema: PropertySchema | None, value: Any) -> Any:
    if schema is None or schema["kind"] == "string" or not isinstance(value, str) or value == UNKNOWN:
        return value
    try:
        return json.loads(value)
    except ValueError:
        return value


def check_configuration(schemas: Schemas, settings: Properties) -> Failures:
    """Return what is wrong with a decoded configuration, as (key, reason)."""
    failures = list(structure(schemas[PROVIDER]["inputs"], settings))
    return failures + [
        (key, "the offline provider does not support this setting")
        for key in settings
        if key in schemas[PROVIDER]["inputs"] and key not in _SUPPORTED
    ]


def open_session(settings: Properties, environment: Mapping[str, str]) -> Session:
    """Return a session for a checked configuration, after checking whom AWS takes us for.

    Raises `ProviderError` if there is no region, the credentials are not accepted or the account is not an allowed one.
    """
    region = settings.get("region") or environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
    if not region:
        raise ProviderError("no region: set the configuration value aws:region or the environment variable AWS_REGION")
    session = Session(settings, region)
    if settings.get("skipCredentialsValidation") and not _account_rules(settings):
        return session
    try:
        account = session.identity["Account"]
    except (BotoCoreError, ClientError) as error:
        raise ProviderError(f"AWS does not accept the credentials: {describe(error)}") from error
    allowed, forbidden = settings.get("allowedAccountIds"), settings.get("forbiddenAccountIds")
    if (allowed and account not in allowed) or account in (forbidden or ()):
        wanted = f"allowed: {', '.join(allowed)}" if allowed else "it is forbidden"
        raise ProviderError(f"AWS account ID not allowed: {account} ({wanted}); use credentials of another account")
    return session


def _account_rules(settings: Properties) -> bool:
    return bool(settings.get("allowedAccountIds") or settings.get("forbiddenAccountIds"))
