"""Who is trusted: principals of the platform's own account, and a SAML metadata file that is there.

Source: IAM User Guide, "AWS JSON policy elements: Principal" and "IAM identifiers" (the form of role and user ARNs).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.spec.draft import Draft
from infra.spec.errors import SpecProblem

_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::(?P<account>\d{12}):(?:role|user)/(?:[\w+=,.@-]+/)*[\w+=,.@-]{1,64}")


def trusted_principals(draft: Draft) -> Iterator[SpecProblem]:
    """Principals that are no roles or users of the account."""
    account = draft.platform.spec.account
    for index, principal in enumerate(draft.platform.spec.provisioning.trusted_principals):
        found = _PRINCIPAL.fullmatch(principal)
        if found is None:
            message = "not the ARN of an IAM role or user (wildcards and whole accounts are not trusted)"
        elif found["account"] != account:
            message = f"a principal of the account {found['account']}, and the platform's is {account}"
        else:
            continue
        yield draft.platform.problem(
            "provisioning",
            "trusted_principals",
            index,
            message=message,
            remedy=f"write arn:aws:iam::{account}:role/<name>",
        )


def service_role(draft: Draft) -> Iterator[SpecProblem]:
    """A service that runs as a role which may not provision tenants."""
    platform = draft.platform.spec
    if platform.service is None or platform.service.role_arn in platform.provisioning.trusted_principals:
        return
    yield draft.platform.problem(
        "service",
        "role_arn",
        message="the service could provision no tenant: the role is none of provisioning.trusted_principals",
        remedy="add it there, or write one that stands there",
    )


def verification_role(draft: Draft) -> Iterator[SpecProblem]:
    """Workers that verify tenants without being trusted with them, or that run as another role than the service."""
    platform = draft.platform.spec
    if platform.verification is None:
        return
    role = platform.verification.worker_role_arn
    if role not in platform.provisioning.trusted_principals:
        message = (
            "who may not provision tenants may not act for them: the role is none of provisioning.trusted_principals"
        )
        remedy = "add it there, or write one that stands there"
    elif platform.service is not None and role != platform.service.role_arn:
        message = f"the service's workers could verify no tenant: they run as {platform.service.role_arn}"
        remedy = "write the same role as in service.role_arn"
    else:
        return
    yield draft.platform.problem("verification", "worker_role_arn", message=message, remedy=remedy)


def saml_metadata(draft: Draft) -> Iterator[SpecProblem]:
    """A SAML metadata file that is not there."""
    name = draft.platform.spec.federation.saml_metadata
    if name is None:
        return
    file = draft.platform.origin.own.file.parent / name
    if not file.is_file():
        yield draft.platform.problem(
            "federation",
            "saml_metadata",
            message=f"there is no file {file}",
            remedy="write the path of the identity provider's metadata file, from the spec's folder",
        )
