"""Whom a caller can become: by assuming roles, by running code as them, by giving itself rights. A naive fixpoint."""

from __future__ import annotations

from collections.abc import Iterator

from infra.evaluator.request import caller_of
from infra.naming import GITHUB_OIDC
from tests.isolation.deployed import Role
from tests.isolation.inventory import Resource
from tests.proof.mutations.variant import (
    ACCOUNT,
    OUTSIDE,
    OUTSIDE_ACCOUNT,
    TENANTS,
    Context,
    Somebody,
    Variant,
    administrator,
    anonymous,
    outsider,
)

_SAGEMAKER = "sagemaker.amazonaws.com"
_REGION = "eu-central-1"
_PROVIDER = f"arn:aws:iam::{ACCOUNT}:oidc-provider/{GITHUB_OIDC}"
_SAML = f"arn:aws:iam::{ACCOUNT}:saml-provider/bh-dev-platform-saml"
#: Who shows tokens of the identity providers: a repository nobody of the tenants has, one that begins like acme's.
_TOKENS = (
    "repo:somebody/else:environment:production",
    "repo:acme-diagnostics/tumour-model:pull_request",
    "repo:acme-diagnostics/tumour-model-fork:environment:production",
)


def everybody(variant: Variant) -> Iterator[Somebody]:
    """The tenants' roles, and all who are none of theirs."""
    yield from (Somebody.of(role) for role in variant.roles if role.owner in TENANTS)
    yield from (outsider(), anonymous())


def reached(variant: Variant, start: Somebody) -> Iterator[Somebody]:
    """The caller itself, and all that it can become, each role once."""
    seen: set[tuple[str, bool, bool]] = set()
    waiting = [start]
    while waiting:
        who = waiting.pop(0)
        state = (who.caller.arn, who.boundary is None, any("itself" in step for step in who.chain))
        if state in seen:
            continue
        seen.add(state)
        yield who
        waiting += _next(variant, who)


def _next(variant: Variant, who: Somebody) -> Iterator[Somebody]:
    for role in variant.roles:
        if who.role is not None and role.arn == who.role.arn:
            yield from _edits(variant, who, role)
        elif role.owner != who.owner:
            if may_assume(variant, who, role):
                yield Somebody.of(role, who.owner, (*who.chain, f"{who.caller.arn} assumes {role.arn}"))
            elif _may_run_as(variant, who, role):
                yield Somebody.of(role, who.owner, (*who.chain, f"{who.caller.arn} runs code as {role.arn}"))


def may_assume(variant: Variant, who: Somebody, role: Role) -> bool:
    """Whether the role's trust and the caller's own policies let it be assumed, whatever the request says."""
    target = _resource(role)
    return any(variant.allowed(who, "sts:AssumeRole", target, context) for context in _assuming(who.owner, role.owner))


def _assuming(attacker: str, victim: str) -> Iterator[Context]:
    yield {}
    for name in (attacker, victim, *TENANTS):
        yield {"aws:RequestTag/tenant": name, "aws:TagKeys": ["tenant"], "sts:ExternalId": name}


def strangers_who_become(variant: Variant, role: Role) -> Iterator[str]:
    """Strangers whom the role's trust lets in: of other accounts, with other tokens, by services for others."""
    target = _resource(role)
    for who in (outsider(), anonymous()):
        if may_assume(variant, who, role):
            yield who.caller.arn
    for subject in _TOKENS:
        claims: Context = {f"{GITHUB_OIDC}:aud": "sts.amazonaws.com", f"{GITHUB_OIDC}:sub": subject}
        if variant.allowed(Somebody(OUTSIDE, caller_of(_PROVIDER)), "sts:AssumeRoleWithWebIdentity", target, claims):
            yield subject
    for groups in (["strangers"], []):
        signed: Context = {"saml:aud": "https://signin.aws.amazon.com/saml", "saml:edupersonentitlement": groups}
        if variant.allowed(Somebody(OUTSIDE, caller_of(_SAML)), "sts:AssumeRoleWithSAML", target, signed):
            yield f"members of {groups}"
    for service in _services(role):
        foreign = f"arn:aws:{service.partition('.')[0]}:{_REGION}:{OUTSIDE_ACCOUNT}:anything/bh-dev-{role.owner}-x"
        source: Context = {"aws:SourceArn": foreign, "aws:SourceAccount": OUTSIDE_ACCOUNT}
        if variant.allowed(Somebody(OUTSIDE, caller_of(service)), "sts:AssumeRole", target, source):
            yield f"{service} for {foreign}"


def services_for_others(variant: Variant, resource: Resource) -> Iterator[Somebody]:
    """The services that a resource's policy names, when they act for other accounts, and for other tenants.

    A tenant makes a service act by what it may write: the groups that its roles may log to.
    """
    own = variant.own_policy(resource)
    listed = [name for one in own.statements for name in one.principals or ()] if own else []
    for service in sorted({name.value for name in listed if name.type == "Service"}):
        prefix = service.partition(".")[0]
        foreign = f"arn:aws:{prefix}:{_REGION}:{OUTSIDE_ACCOUNT}:anything/bh-dev-{resource.owner}-x"
        yield Somebody(OUTSIDE, caller_of(service), context=_acting(prefix, foreign, OUTSIDE_ACCOUNT))
        for role in variant.roles:
            for other in variant.resources if role.owner in TENANTS and role.owner != resource.owner else ():
                logs = prefix == "logs" and other.owner == role.owner and other.arn.endswith(":log-stream:primary")
                if logs and variant.allowed(Somebody.of(role), "logs:PutLogEvents", other, {}):
                    group = other.arn.removesuffix(":log-stream:primary")
                    yield Somebody(role.owner, caller_of(service), context=_acting(prefix, group, ACCOUNT))


def _acting(prefix: str, source: str, account: str) -> Context:
    """What a service says of whom it acts for."""
    return {
        "aws:SourceArn": source,
        "aws:SourceAccount": account,
        f"kms:EncryptionContext:aws:{prefix}:arn": source,
    }


def _services(role: Role) -> frozenset[str]:
    """The services that the role's trust names."""
    listed = (name for one in role.trust.statements for name in one.principals or ())
    return frozenset(name.value for name in listed if name.type == "Service")


def _may_run_as(variant: Variant, who: Somebody, role: Role) -> bool:
    """Whether the caller may pass the role to SageMaker, start a job of its own, and the role trusts that job."""
    if who.owner not in TENANTS:
        return False
    passing: Context = {"iam:PassedToService": _SAGEMAKER}
    if not variant.allowed(who, "iam:PassRole", _resource(role), passing):
        return False
    for kind, action in (("training-job", "CreateTrainingJob"), ("processing-job", "CreateProcessingJob")):
        arn = f"arn:aws:sagemaker:{_REGION}:{ACCOUNT}:{kind}/bh-dev-{who.owner}-x"
        job = Resource(who.owner, arn, (), {}, {})
        starts = any(
            variant.allowed(who, f"sagemaker:{action}", job, {"aws:SecureTransport": True, **wish})
            for wish in variant.wishes(who.owner, who.owner).values()
        )
        source: Context = {"aws:SourceArn": arn, "aws:SourceAccount": ACCOUNT}
        service = Somebody(who.owner, caller_of(_SAGEMAKER))
        if starts and variant.allowed(service, "sts:AssumeRole", _resource(role), source):
            return True
    return False


def _edits(variant: Variant, who: Somebody, role: Role) -> Iterator[Somebody]:
    """What a role can make of itself."""
    own = _resource(role)
    if any(variant.allowed(who, f"iam:{name}", own, {}) for name in ("PutRolePolicy", "AttachRolePolicy")):
        yield administrator(who, f"{role.arn} gives itself all rights")
    if who.boundary is not None and variant.allowed(who, "iam:DeleteRolePermissionsBoundary", own, {}):
        yield administrator(who, f"{role.arn} frees itself", bounded=False)


def _resource(role: Role) -> Resource:
    return Resource(role.owner, role.arn, (), role.tags, {})
