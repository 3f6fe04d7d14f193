"""Every condition key in the blueprint's own policies is supplied for the calls that it is meant for."""

from __future__ import annotations

from infra.sandbox.enforcement.requests import Needed
from tests.sandbox.enforcement.requests import test_context, test_dependents
from tests.sandbox.enforcement.requests.calls import checks
from tests.unit.policies.documents import all_documents

#: Keys that depend on the caller or its route alone; the layer adds them to every check.
BY_THE_LAYER = frozenset(
    {
        "aws:principalaccount",
        "aws:principalarn",
        "aws:resourceaccount",
        "aws:sourcevpce",
    }
)
#: Keys of calls that services make for themselves, to deliver logs and events: none passes through the sandbox.
BY_SERVICES = frozenset({"kms:encryptioncontext:aws:cloudtrail:arn", "kms:encryptioncontext:aws:logs:arn"})
#: Claims and attributes of identity providers: `test_context` has one test for each provider.
BY_PROVIDERS = frozenset(
    {
        "saml:aud",
        "saml:edupersonentitlement",
        "token.actions.githubusercontent.com:aud",
        "token.actions.githubusercontent.com:sub",
    }
)


def _base(key: str) -> str:
    return key.lower().split("/")[0]


def _used() -> set[str]:
    """The keys of all conditions in all documents."""
    return {
        _base(key)
        for document in all_documents().values()
        for statement in document.statements
        for keys in statement.conditions.values()
        for key in keys
    }


def _all_checks() -> list[Needed]:
    found: list[Needed] = []
    for service, operation, parameters, _, _ in test_context.CASES:
        found += checks(service, operation, test_context.ESTATE, **parameters)
    for operation, parameters, _ in test_dependents.S3_CASES:
        found += checks("s3", operation, test_dependents.ESTATE, **parameters)
    return found


def test_every_key_of_the_policies_is_supplied() -> None:
    supplied = {_base(key) for one in _all_checks() for key in one.context}
    assert _used() - supplied - BY_THE_LAYER - BY_SERVICES - BY_PROVIDERS == set()


def test_the_exceptions_are_used_and_not_supplied_here() -> None:
    """The twin: a list of exceptions that had every key in it would prove nothing."""
    supplied = {_base(key) for one in _all_checks() for key in one.context if one.principal is None}
    assert not (BY_THE_LAYER | BY_SERVICES | BY_PROVIDERS) & supplied
    assert _used() >= (BY_THE_LAYER | BY_SERVICES | BY_PROVIDERS)
