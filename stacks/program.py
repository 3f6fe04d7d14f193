"""How a program starts under any language host: where its specs are, and how a user's mistake is shown."""

from __future__ import annotations

import os
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pulumi

from infra.errors import UserError
from infra.spec import PlatformSpec

#: The checkout that the programs are of.
ROOT = Path(__file__).resolve().parent.parent


def platform_file() -> Path:
    """The platform's spec: ``stacks/platform.yaml``, or what ``BULKHEAD_PLATFORM_SPEC`` names."""
    return Path(os.environ.get("BULKHEAD_PLATFORM_SPEC", ROOT / "stacks" / "platform.yaml"))


def specs_folder() -> Path:
    """The folder of the tenants' specs: ``tenant_stacks/specs``, or what ``BULKHEAD_SPECS`` names."""
    return Path(os.environ.get("BULKHEAD_SPECS", ROOT / "tenant_stacks" / "specs"))


def tenants_run_as() -> tuple[str, ...]:
    """The roles that tenants' stacks assume, one by the other: what ``BULKHEAD_TENANTS_RUN_AS`` lists with spaces.

    Nothing is set where the credentials are the provisioning role's, or the configuration says ``aws:assumeRoles``.
    """
    return tuple(os.environ.get("BULKHEAD_TENANTS_RUN_AS", "").split())


def saml_metadata(platform: PlatformSpec) -> str | None:
    """The metadata document that the platform's spec names; None where it names none.

    Raises:
        UserError: the file cannot be read.
    """
    named = platform.federation.saml_metadata
    if named is None:
        return None
    file = platform_file().parent / named
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"the metadata of the SAML identity provider cannot be read: {error}",
            remedy="download it from the identity provider, and name it from the folder of the platform's spec",
            where=f"{platform_file()}, federation.saml_metadata",
        ) from error


@contextmanager
def user_errors() -> Generator[None]:
    """Turn a user's mistake into the error that Pulumi shows without a stack trace.

    Source: Pulumi Python SDK, ``pulumi.RunError``.
    """
    try:
        yield
    except UserError as error:
        if isinstance(error, pulumi.RunError):
            raise
        raise pulumi.RunError(str(error)) from error
