"""Who may assume a role: what AWS refuses in a trust policy, and what it takes and then lets too many in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import conditions, documents, strings
from infra.constraints.rule import Check, Finding, Rule
from infra.evaluator.kinds import PolicyKind

_GITHUB = "token.actions.githubusercontent.com"


def _trusts(resource: PlannedResource) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for document in documents(resource):
        if document.kind is PolicyKind.TRUST:
            for path, statement in document.statements():
                if statement.get("Effect") == "Allow":
                    yield path, statement


def _principals(statement: Mapping[str, Any], kind: str) -> list[str]:
    principal: Any = statement.get("Principal")
    return strings(cast("Mapping[str, Any]", principal).get(kind)) if isinstance(principal, Mapping) else []


def _github_subject(resource: PlannedResource) -> Iterator[Finding]:
    """AWS refuses a trust of GitHub's provider that does not say which repository."""
    for path, statement in _trusts(resource):
        if not any(_GITHUB in provider for provider in _principals(statement, "Federated")):
            continue
        subjects = [values for operator, key, values in conditions(statement) if _says_who(operator, key, "sub")]
        if not subjects:
            yield Finding(property=path, message=f"no condition on {_GITHUB}:sub, so every repository is trusted")
        elif any(value in ("*", "repo:*") for values in subjects for value in values):
            yield Finding(property=path, message=f"the condition on {_GITHUB}:sub lets every repository in")


def _says_who(operator: str, key: str, claim: str) -> bool:
    return key == f"{_GITHUB}:{claim}" and operator in ("StringEquals", "StringLike", "StringEqualsIgnoreCase")


def _oidc_audience(resource: PlannedResource) -> Iterator[Finding]:
    """A token that was made for somebody else must not be taken."""
    for path, statement in _trusts(resource):
        for provider in _principals(statement, "Federated"):
            issuer = provider.partition(":oidc-provider/")[2]
            keys = {key for operator, key, _ in conditions(statement) if operator.startswith("StringEquals")}
            if issuer and f"{issuer.lower()}:aud" not in keys:
                yield Finding(property=path, message=f"no condition on {issuer}:aud, so tokens for others are taken")


def _session_tags(resource: PlannedResource) -> Iterator[Finding]:
    """A condition on a session tag can be true only where the caller may pass tags."""
    for path, statement in _trusts(resource):
        tagged = any(key.startswith(("aws:requesttag/", "aws:tagkeys")) for _, key, _ in conditions(statement))
        if tagged and "sts:tagsession" not in {action.lower() for action in strings(statement.get("Action"))}:
            yield Finding(
                property=path, message="the condition asks for a session tag, and sts:TagSession is not allowed"
            )


def _service_source(resource: PlannedResource) -> Iterator[Finding]:
    """A service that acts for somebody else's resource is a confused deputy."""
    for path, statement in _trusts(resource):
        services = _principals(statement, "Service")
        keys = {key for _, key, _ in conditions(statement)}
        if services and not keys & {"aws:sourceaccount", "aws:sourcearn"}:
            yield Finding(property=path, message=f"{services[0]} may assume the role for any account's resources")


def _rule(name: str, title: str, source: str, remedy: str, check: Check) -> Rule:
    return Rule(id=name, title=title, types=frozenset({"aws:iam/role:Role"}), source=source, remedy=remedy, check=check)


RULES = (
    _rule(
        "trust-github-subject",
        "A trust of GitHub's OIDC provider says which repository.",
        "IAM User Guide, Configuring a role for GitHub OIDC identity provider",
        f"add StringEquals on {_GITHUB}:sub with repo:<owner>/<name>:environment:<environment>",
        _github_subject,
    ),
    _rule(
        "trust-oidc-audience",
        "A trust of an OIDC provider says for whom the token is.",
        "IAM User Guide, Create a role for OpenID Connect federation (console)",
        "add StringEquals on the provider's aud",
        _oidc_audience,
    ),
    _rule(
        "trust-session-tags",
        "A trust policy that asks for session tags allows sts:TagSession.",
        "IAM User Guide, Pass session tags in AWS STS",
        "allow sts:TagSession beside sts:AssumeRole",
        _session_tags,
    ),
    _rule(
        "trust-service-source",
        "A trust of a service says for whose resources.",
        "IAM User Guide, The confused deputy problem",
        "add a condition on aws:SourceAccount or aws:SourceArn",
        _service_source,
    ),
)
