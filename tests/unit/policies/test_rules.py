"""Rules that every policy keeps, each with broken twins that the same check must catch."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator

import pytest

from infra.policies import boundary, bucket, key, provisioning, roles, trust
from infra.policies.document import ANYONE, PolicyDocument, Principal, Statement
from tests.unit.policies.documents import (
    ACME,
    LONGEST_PLATFORM,
    LONGEST_SUBNETS,
    LONGEST_TENANT,
    PLATFORM,
    all_documents,
    allows,
    changed,
    platform_documents,
    statement,
    tenant_documents,
    values,
)

Check = Callable[[PolicyDocument], Iterator[str]]

DOCUMENTS = all_documents()
ACCOUNT = PLATFORM.account

every_document = pytest.mark.parametrize("name", DOCUMENTS)


def named(document: PolicyDocument) -> Iterator[str]:
    """Sids are unique and of the characters that managed policies take."""
    for sid, count in Counter(each.sid for each in document.statements).items():
        if count > 1:
            yield f"{sid} stands {count} times"
        if not re.fullmatch(r"[A-Za-z0-9]{5,}", sid):
            yield f"{sid} is no name"


def no_open_principal(document: PolicyDocument) -> Iterator[str]:
    """An Allow names its principals, or a condition does. The account's ARN delegates to all of the account."""
    for each in allows(document):
        principal = each.principal
        if principal is None:
            continue
        open_to_many = any("*" in arn or arn.endswith(":root") for arn in principal.aws)
        names_principals = any("aws:PrincipalArn" in keys for keys in each.conditions.values())
        through_a_service = "kms:ViaService" in each.conditions.get("StringEquals", {})
        if open_to_many and not (names_principals or through_a_service):
            yield f"{each.sid} is open to {principal.aws}"
        if any("*" in name for name in (*principal.service, *principal.federated)):
            yield f"{each.sid} has a wildcard in its principal"


def bounded_services(document: PolicyDocument) -> Iterator[str]:
    """A service acts for this account only: by the source's ARN, the source's account or an ARN in the context."""
    for each in allows(document):
        if each.principal is None or not each.principal.service:
            continue
        flat = {key: value for keys in each.conditions.values() for key, value in keys.items()}
        proofs = [*values(flat, "aws:SourceArn"), *values(flat, "kms:EncryptionContext:aws:logs:arn")]
        account = ACCOUNT in values(flat, "aws:SourceAccount")
        if not account and not (proofs and all(proof.split(":")[4] == ACCOUNT for proof in proofs)):
            yield f"{each.sid} acts for any account"


def no_broad_allow(document: PolicyDocument) -> Iterator[str]:
    """An Allow lists actions, and neither excludes actions nor resources."""
    for each in allows(document):
        if each.not_actions or each.not_resources:
            yield f"{each.sid} allows by exclusion"
        for action in each.actions:
            service, _, verb = action.partition(":")
            if service == "*" or verb == "*":
                yield f"{each.sid} allows {action}"


def passes_roles_to_known_services(document: PolicyDocument) -> Iterator[str]:
    """Roles are passed by name, and only to the service that needs them."""
    for each in allows(document):
        if "iam:PassRole" not in each.actions:
            continue
        if not values(each.conditions.get("StringEquals"), "iam:PassedToService"):
            yield f"{each.sid} passes roles to any service"
        if any(not re.search(r"-(training|serving|flow-logs)$", resource) for resource in each.resources):
            yield f"{each.sid} passes any role"


def no_vacuous_set(document: PolicyDocument) -> Iterator[str]:
    """``ForAllValues`` is true without the key: an Allow with it changes tags, or requires another key."""
    for each in allows(document):
        operators = {operator for operator in each.conditions if operator.startswith("ForAllValues")}
        tags_only = all(re.search(r":(Create|Delete|Un)?[Tt]ag", action) for action in each.actions)
        if operators and not tags_only and "StringEquals" not in each.conditions:
            yield f"{each.sid} holds for a request without the key"


def no_inexact_deny(document: PolicyDocument) -> Iterator[str]:
    """A Deny of what a request says of encryption asks first whether it says anything: a negation is true without."""
    for each in document.statements:
        for operator in ("StringNotEquals", "StringNotEqualsIfExists"):
            for header in each.conditions.get(operator, {}):
                if "server-side-encryption" in header and values(each.conditions.get("Null"), header) != ("false",):
                    yield f"{each.sid} hits requests without {header}"


CHECKS: tuple[Check, ...] = (
    named,
    no_open_principal,
    bounded_services,
    passes_roles_to_known_services,
    no_vacuous_set,
    no_inexact_deny,
)


@every_document
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_every_policy_keeps_the_rule(name: str, check: Check) -> None:
    """No policy of a tenant or of the platform breaks one of the rules."""
    assert list(check(DOCUMENTS[name])) == []


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name != "platform, boundary"])
def test_every_allow_lists_its_actions(name: str) -> None:
    """No policy allows a whole service; the platform's boundary, which grants nothing, names services."""
    assert list(no_broad_allow(DOCUMENTS[name])) == []


IDENTITY = roles.identity(PLATFORM, ACME, "data-scientist")
TRUST = trust.trust(PLATFORM, ACME, "training")
KEY_POLICY = key.tenant_key(PLATFORM, ACME)
BUCKET = DOCUMENTS["acme, bucket of data"]
TWINS: dict[str, tuple[Check, PolicyDocument]] = {
    "two statements of one name": (named, PolicyDocument((*TRUST.statements, *TRUST.statements))),
    "a name with a space": (named, changed(TRUST, "SageMakerRunsOwnJobs", sid="Runs own jobs")),
    "anybody": (no_open_principal, changed(KEY_POLICY, "WorkersUse", principal=ANYONE)),
    "the account": (no_open_principal, changed(KEY_POLICY, "RootUserAdministers", conditions={})),
    "anybody through a service": (
        # The published hole: any principal of the account, through S3.
        no_open_principal,
        changed(
            KEY_POLICY,
            "UseInOwnBuckets",
            principal=ANYONE,
            conditions={"StringEquals": {"kms:CallerAccount": ACCOUNT}},
        ),
    ),
    "any service": (no_open_principal, changed(TRUST, "SageMakerRunsOwnJobs", principal=Principal(service=("*",)))),
    "a service for any account": (bounded_services, changed(TRUST, "SageMakerRunsOwnJobs", conditions={})),
    "a source without an account": (
        bounded_services,
        changed(
            TRUST,
            "SageMakerRunsOwnJobs",
            conditions={"ArnLike": {"aws:SourceArn": "arn:aws:sagemaker:*:*:training-job/*"}},
        ),
    ),
    "all actions": (no_broad_allow, changed(IDENTITY, "FollowOwnJobs", actions=("*",))),
    "all of a service": (no_broad_allow, changed(IDENTITY, "FollowOwnJobs", actions=("sagemaker:*",))),
    "all but some": (no_broad_allow, changed(IDENTITY, "FollowOwnJobs", actions=(), not_actions=("iam:*",))),
    "a role to any service": (passes_roles_to_known_services, changed(IDENTITY, "PassOwnTrainingRole", conditions={})),
    "any role": (passes_roles_to_known_services, changed(IDENTITY, "PassOwnTrainingRole", resources=("*",))),
    "a set that may be empty": (
        no_vacuous_set,
        changed(IDENTITY, "FollowOwnJobs", conditions={"ForAllValues:StringEquals": {"dynamodb:LeadingKeys": "acme"}}),
    ),
    "a denial that hits the default encryption": (
        no_inexact_deny,
        changed(
            BUCKET,
            "OwnKeyOnly",
            conditions={
                "StringNotEqualsIfExists": {"s3:x-amz-server-side-encryption-aws-kms-key-id": "arn:of:the:key"}
            },
        ),
    ),
}


@pytest.mark.parametrize("twin", TWINS)
def test_the_checks_catch_broken_twins(twin: str) -> None:
    """Each rule is known to be able to fail."""
    check, document = TWINS[twin]
    assert list(check(document))


def test_policies_fit_into_the_limits_of_aws() -> None:
    """The longest ids, stage, Region and identities that a spec takes stay below every limit of size."""
    documents = tenant_documents(LONGEST_PLATFORM, LONGEST_TENANT, LONGEST_SUBNETS)
    sizes = {name: len(document.render()) for name, document in documents.items()}
    for name, size in sizes.items():
        kind = name.split(" ")[0]
        limits = {
            "trust": trust.MAX_SIZE,
            "boundary": boundary.MAX_SIZE,
            "key": key.MAX_SIZE,
            "bucket": bucket.MAX_SIZE,
        }
        assert size <= limits.get(kind, roles.MAX_SIZE), name
    for kind in ("training", "serving"):
        assert sizes[f"identity of {kind}"] + sizes["interfaces"] <= roles.MAX_SIZE

    of_platform = {name: len(document.render()) for name, document in platform_documents(LONGEST_PLATFORM).items()}
    managed = [name for name in of_platform if name.startswith("provisioning of ")]
    assert 0 < len(managed) <= provisioning.MAX_POLICIES
    assert all(of_platform[name] <= provisioning.MAX_SIZE for name in (*managed, "boundary"))
    assert of_platform["key"] <= key.MAX_SIZE


def test_a_policy_that_is_too_long_is_seen() -> None:
    """The broken twin of the limit: the tenant's identity policies in one do not fit into a managed policy."""
    documents = tenant_documents(LONGEST_PLATFORM, LONGEST_TENANT)
    everything = tuple(
        each for name, document in documents.items() if name.startswith("identity") for each in document.statements
    )
    assert len(PolicyDocument(everything).render()) > boundary.MAX_SIZE


def test_statements_are_found_by_their_name() -> None:
    """The helper that breaks documents refuses a name that is not there, so that no twin is whole by a slip."""
    with pytest.raises(ValueError, match="not enough values"):
        statement(TRUST, "Nothing")
    assert isinstance(statement(TRUST, "SageMakerRunsOwnJobs"), Statement)
