"""Settings of roles and identity providers."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.constraints.planned import PlannedResource
from infra.constraints.rule import Finding, Rule
from infra.constraints.values import count, given, number, text, texts
from infra.naming import PLATFORM

_ROLE = frozenset({"aws:iam/role:Role"})


def _session_duration(resource: PlannedResource) -> Iterator[Finding]:
    seconds = number(resource.properties, "maxSessionDuration")
    if seconds is not None and not 3_600 <= seconds <= 43_200:
        yield Finding(property="maxSessionDuration", message=f"{seconds:.0f} seconds, and AWS takes 3,600 to 43,200")


def _attached(resource: PlannedResource) -> Iterator[Finding]:
    attached = count(resource.properties, "managedPolicyArns") or 0
    if attached > 10:
        yield Finding(property="managedPolicyArns", message=f"{attached} managed policies, and a role takes 10")


def _boundary(resource: PlannedResource) -> Iterator[Finding]:
    path = text(resource.properties, "path") or ""
    _, root, _, owner, *_ = [*path.split("/"), "", "", "", ""]
    of_tenant = root == "bulkhead" and owner not in ("", PLATFORM)
    if of_tenant and not given(resource.properties, "permissionsBoundary"):
        yield Finding(property="permissionsBoundary", message=f"a role of {owner} without a permission boundary")


_THUMBPRINT = re.compile(r"[0-9a-f]{40}", re.IGNORECASE)


def _oidc(resource: PlannedResource) -> Iterator[Finding]:
    url = text(resource.properties, "url")
    if url is not None and (not url.startswith("https://") or "?" in url or len(url) > 255):
        yield Finding(property="url", message=f"{url!r} is not an https:// address of at most 255 characters")
    clients = count(resource.properties, "clientIdLists")
    if clients is not None and not 1 <= clients <= 100:
        yield Finding(property="clientIdLists", message=f"{clients} client ids, and AWS takes 1 to 100")
    for thumbprint in texts(resource.properties, "thumbprintLists"):
        if not _THUMBPRINT.fullmatch(thumbprint):
            yield Finding(property="thumbprintLists", message=f"{thumbprint!r} is not 40 hex digits")


def _saml(resource: PlannedResource) -> Iterator[Finding]:
    metadata = text(resource.properties, "samlMetadataDocument")
    if metadata is None:
        return
    if not 1_000 <= len(metadata) <= 10_000_000:
        message = f"{len(metadata)} characters, and AWS takes 1,000 to 10,000,000"
        yield Finding(property="samlMetadataDocument", message=message)
    elif "EntityDescriptor" not in metadata:
        yield Finding(property="samlMetadataDocument", message="there is no EntityDescriptor in it")


RULES = (
    Rule(
        id="iam-session-duration",
        title="A role's sessions last 1 to 12 hours.",
        types=_ROLE,
        source="IAM API Reference, CreateRole",
        remedy="choose 3600 to 43200 seconds",
        check=_session_duration,
    ),
    Rule(
        id="iam-attached-policies",
        title="A role has at most 10 managed policies.",
        types=_ROLE,
        source="IAM User Guide, IAM and AWS STS quotas",
        remedy="merge policies, or have AWS raise the quota",
        check=_attached,
    ),
    Rule(
        id="iam-boundary",
        title="A tenant's role has a permission boundary: the provisioning role may make no other.",
        types=_ROLE,
        source="IAM User Guide, Permissions boundaries for IAM entities",
        remedy="set it to infra.naming.boundary_arn of the role's owner",
        check=_boundary,
    ),
    Rule(
        id="iam-oidc-provider",
        title="An OIDC provider has an https address, 1 to 100 client ids, and thumbprints of 40 hex digits.",
        types=frozenset({"aws:iam/openIdConnectProvider:OpenIdConnectProvider"}),
        source="IAM API Reference, CreateOpenIDConnectProvider",
        remedy="correct the value",
        check=_oidc,
    ),
    Rule(
        id="iam-saml-metadata",
        title="A SAML provider's metadata is a document of 1,000 characters or more.",
        types=frozenset({"aws:iam/samlProvider:SamlProvider"}),
        source="IAM API Reference, CreateSAMLProvider",
        remedy="write the identity provider's metadata into the file of federation.saml_metadata",
        check=_saml,
    ),
)
