"""What calls of STS need: the role, tagging the session, and what an identity provider's token says.

Whether a token is genuine is decided where callers are resolved; here its claims become condition keys.

Sources: IAM User Guide, "IAM and AWS STS condition context keys", "Pass session tags in AWS STS", "Monitor and control
actions taken with assumed roles" (source identity), "Permissions for GetSessionToken"; AWS STS API Reference.
"""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, urlsafe_b64decode
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast
from xml.etree import ElementTree as ET

from infra.sandbox.enforcement.lookup import Value
from infra.sandbox.enforcement.requests.forward import target
from infra.sandbox.enforcement.requests.operation import Call, CannotMap
from infra.sandbox.enforcement.requests.plans import Target, planned_targets
from infra.sandbox.enforcement.requests.tags import requested_tags

_ASSUMING: Final = frozenset({"AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"})
_TAGS_CLAIM: Final = "https://aws.amazon.com/tags"
_SAML: Final = "{urn:oasis:names:tc:SAML:2.0:assertion}"
#: Attributes of SAML assertions -> condition keys.
#: Source: IAM User Guide, "Available keys for SAML-based AWS STS federation".
_SAML_ATTRIBUTES: Final[Mapping[str, str]] = {
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.1": "saml:edupersonaffiliation",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.5": "saml:edupersonprimaryaffiliation",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.6": "saml:edupersonprincipalname",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.7": "saml:edupersonentitlement",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.9": "saml:edupersonscopedaffiliation",
    "urn:oid:1.3.6.1.4.1.5923.1.1.1.11": "saml:edupersonassurance",
    "urn:oid:2.5.4.3": "saml:cn",
    "urn:oid:0.9.2342.19200300.100.1.1": "saml:uid",
    "urn:oid:0.9.2342.19200300.100.1.3": "saml:mail",
}
_SAML_MANY: Final = frozenset(
    {"saml:cn", "saml:edupersonaffiliation", "saml:edupersonassurance", "saml:edupersonentitlement"}
)
_SAML_TAG: Final = "https://aws.amazon.com/SAML/Attributes/PrincipalTag:"
_SAML_TRANSITIVE: Final = "https://aws.amazon.com/SAML/Attributes/TransitiveTagKeys"
_SAML_SESSION: Final = "https://aws.amazon.com/SAML/Attributes/RoleSessionName"


def targets(call: Call) -> Iterator[Target]:
    """The actions of a call. ``GetCallerIdentity`` has none: it works even where a policy denies it."""
    operation = call.operation.name
    if operation == "GetCallerIdentity":
        return
    if operation == "GetFederationToken":
        name = call.text("Name") or "*"
        yield target("sts:GetFederationToken", f"arn:aws:sts::{call.account}:federated-user/{name}", "federated-user")
        return
    if operation not in _ASSUMING:
        yield from planned_targets(call)
        return
    role = call.text("RoleArn")
    if role is None or ":role/" not in role:
        raise CannotMap("it names no role")
    yield target(f"sts:{operation}", role, "role")
    if tags_of(call):
        yield target("sts:TagSession", role, "role")
    if call.text("SourceIdentity") is not None:
        yield target("sts:SetSourceIdentity", role, "role")


def keys(call: Call, found: Target) -> dict[str, Value]:
    """The condition keys of one check; all actions on the same role see the same request."""
    del found
    own: dict[str, Value] = {}
    for parameter in ("RoleSessionName", "SourceIdentity", "ExternalId", "DurationSeconds"):
        value = call.operation.parameters.get(parameter)
        if value is not None:
            own[f"sts:{parameter}"] = value
    transitive = call.operation.parameters.get("TransitiveTagKeys")
    if transitive:
        own["sts:TransitiveTagKeys"] = list(transitive)
    if call.operation.name == "AssumeRoleWithWebIdentity":
        own.update(_web_identity(call))
    elif call.operation.name == "AssumeRoleWithSAML":
        own.update(_saml(call))
    for name, value in tags_of(call).items():
        own[f"aws:RequestTag/{name}"] = value
    if tags_of(call):
        own["aws:TagKeys"] = list(tags_of(call))
    return own


def tags_of(call: Call) -> Mapping[str, str]:
    """The session's tags, as the request or the provider's token gives them."""
    if call.operation.name == "AssumeRoleWithWebIdentity":
        claim = cast("Mapping[str, Any]", claims(call).get(_TAGS_CLAIM) or {})
        tags = cast("Mapping[str, list[str]]", claim.get("principal_tags") or {})
        return {name: values[0] for name, values in tags.items() if values}
    if call.operation.name == "AssumeRoleWithSAML":
        return {
            name.removeprefix(_SAML_TAG): values[0]
            for name, values in saml_attributes(call).items()
            if name.startswith(_SAML_TAG) and values
        }
    return {name: value or "" for name, value in requested_tags(call.operation.parameters).items()}


def claims(call: Call) -> Mapping[str, Any]:
    """The claims of a web identity token.

    Raises:
        CannotMap: It is no token.
    """
    parts = (call.text("WebIdentityToken") or "").split(".")
    try:
        found = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (IndexError, ValueError, binascii.Error) as error:
        raise CannotMap("its web identity token cannot be read") from error
    if not isinstance(found, dict):
        raise CannotMap("its web identity token cannot be read")
    return cast("Mapping[str, Any]", found)


def _web_identity(call: Call) -> Iterator[tuple[str, Value]]:
    """A key is the provider's address and the claim; the audience is ``azp`` where a token has that."""
    found = claims(call)
    provider = str(found.get("iss", "")).removeprefix("https://").rstrip("/")
    for name, value in found.items():
        if isinstance(value, (str, bool, int)):
            yield f"{provider}:{name}", str(value)
        elif isinstance(value, list):
            yield f"{provider}:{name}", [str(item) for item in cast("list[object]", value)]
    audience = found.get("aud")
    if "azp" in found:
        yield f"{provider}:aud", str(found["azp"])
        yield f"{provider}:oaud", str(audience)
    elif isinstance(audience, list) and len(cast("list[object]", audience)) == 1:
        yield f"{provider}:aud", str(cast("list[object]", audience)[0])
    claim = cast("Mapping[str, Any]", found.get(_TAGS_CLAIM) or {})
    if claim.get("transitive_tag_keys"):
        yield "sts:TransitiveTagKeys", list(claim["transitive_tag_keys"])


def _assertion(call: Call) -> ET.Element:
    written = call.text("SAMLAssertion") or ""
    try:
        text = b64decode(written, validate=True)
        # A declaration of entities has no place in an assertion, and can make a small text a large one.
        if b"<!" in text:
            raise CannotMap("its SAML assertion declares a document type")
        return ET.fromstring(text)  # noqa: S314 - without a document type there are no entities
    except (ValueError, binascii.Error, ET.ParseError) as error:
        raise CannotMap("its SAML assertion cannot be read") from error


def saml_attributes(call: Call) -> Mapping[str, list[str]]:
    """The attributes of a SAML assertion.

    Raises:
        CannotMap: It is no assertion.
    """
    found: dict[str, list[str]] = {}
    for attribute in _assertion(call).iter(f"{_SAML}Attribute"):
        values = [value.text or "" for value in attribute.iter(f"{_SAML}AttributeValue")]
        found.setdefault(attribute.get("Name", ""), []).extend(values)
    return found


def _saml(call: Call) -> Iterator[tuple[str, Value]]:
    root = _assertion(call)
    for element, attribute, key in (
        ("SubjectConfirmationData", "Recipient", "saml:aud"),
        ("NameID", "", "saml:sub"),
        ("Issuer", "", "saml:iss"),
    ):
        found = next(root.iter(f"{_SAML}{element}"), None)
        value = None if found is None else (found.get(attribute) if attribute else found.text)
        if value:
            yield key, value.strip()
    attributes = saml_attributes(call)
    for name, key in _SAML_ATTRIBUTES.items():
        if name in attributes:
            yield key, attributes[name] if key in _SAML_MANY else attributes[name][0]
    if attributes.get(_SAML_TRANSITIVE):
        yield "sts:TransitiveTagKeys", attributes[_SAML_TRANSITIVE]
    if attributes.get(_SAML_SESSION):
        yield "sts:RoleSessionName", attributes[_SAML_SESSION][0]
