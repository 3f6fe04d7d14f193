"""Arbitrary requests of `bulkhead simulate` over a small world, so that policies and requests meet often."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

OWN, OTHER = "111122223333", "444455556666"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/acme/job"
ROOT = f"arn:aws:iam::{OWN}:root"
CALLERS = (SESSION, f"arn:aws:iam::{OWN}:user/dana", ROOT, f"arn:aws:sts::{OTHER}:assumed-role/visitor/visit")
ACTIONS = ("s3:GetObject", "s3:PutObject", "s3:DeleteObject")
OBJECTS = ("arn:aws:s3:::acme-data/a", "arn:aws:s3:::acme-data/b/c", "arn:aws:s3:::globex-data/a")
TAG = "aws:PrincipalTag/tenant"

Json = dict[str, Any]

_ACTION_PATTERNS = (*ACTIONS, "s3:Get*", "s3:?utObject", "s3:*")
_RESOURCE_PATTERNS = (*OBJECTS, "arn:aws:s3:::acme-data/*", "arn:aws:s3:::acme*", f"arn:aws:s3:::${{{TAG}}}-data/*")
_OPERATORS = ("StringEquals", "StringNotEquals", "StringLike", "StringEqualsIfExists", "ForAllValues:StringEquals")

#: Whom the policies of resources, and of endpoints, name. At S3's gateway endpoints an account is its root user only.
_NAMED = (*CALLERS, f"arn:aws:iam::{OWN}:role/acme", OTHER)
RESOURCE_PRINCIPALS = ("*", *({"AWS": one} for one in _NAMED))
ENDPOINT_PRINCIPALS = ("*", *({"AWS": one} for one in _NAMED if one not in (ROOT, OTHER)))
_Principals = tuple[str | dict[str, str], ...]

_tenants = st.sampled_from(["acme", "globex", "ac*"])


@st.composite
def _conditions(draw: st.DrawFn) -> Json:
    if draw(st.booleans()):
        return {}
    operator = draw(st.sampled_from([*_OPERATORS, "Null", "Bool"]))
    if operator == "Null":
        return {"Condition": {"Null": {TAG: draw(st.sampled_from(["true", "false"]))}}}
    if operator == "Bool":
        return {"Condition": {"Bool": {"aws:SecureTransport": draw(st.sampled_from(["true", "false"]))}}}
    return {"Condition": {operator: {TAG: draw(st.lists(_tenants, min_size=1, max_size=2, unique=True))}}}


@st.composite
def _element(draw: st.DrawFn, name: str, patterns: tuple[str, ...], *, negatable: bool) -> Json:
    negated = negatable and draw(st.booleans())
    found = draw(st.lists(st.sampled_from(patterns), min_size=1, max_size=2, unique=True))
    return {f"Not{name}" if negated else name: found}


@st.composite
def statements(draw: st.DrawFn, effect: str | None = None, *, principals: _Principals = (), rcp: bool = False) -> Json:
    """Statements that AWS accepts: with one of the principals, if there are any; or of a resource control policy."""
    statement: Json = {
        "Effect": effect or draw(st.sampled_from(["Allow", "Allow", "Deny"])),
        **draw(_element("Action", _ACTION_PATTERNS, negatable=not rcp)),
        **draw(_element("Resource", _RESOURCE_PATTERNS, negatable=True)),
        **draw(_conditions()),
    }
    if rcp:
        return {**statement, "Principal": "*"}
    return {**statement, "Principal": draw(st.sampled_from(principals))} if principals else statement


def document(*written: Json) -> Json:
    """A policy document of these statements."""
    return {"Version": "2012-10-17", "Statement": list(written)}


@st.composite
def documents(draw: st.DrawFn, effect: str | None = None, *, principals: _Principals = (), rcp: bool = False) -> Json:
    """Documents of one to three statements."""
    return document(*draw(st.lists(statements(effect, principals=principals, rcp=rcp), min_size=1, max_size=3)))


#: What a request may have beside its identity policies, and what it is made of.
LAYERS: dict[str, st.SearchStrategy[Any]] = {
    "boundary": documents(),
    "session_policy": documents(),
    "resource_policy": documents(principals=RESOURCE_PRINCIPALS),
    "vpc_endpoint_policy": documents(principals=ENDPOINT_PRINCIPALS),
    "scps": st.lists(st.lists(documents(), max_size=2), min_size=1, max_size=2),
    "rcps": st.lists(st.lists(documents("Deny", rcp=True), max_size=1), min_size=1, max_size=2),
}


def requests(*, callers: tuple[str, ...] = CALLERS) -> st.SearchStrategy[Json]:
    """Requests with any of the layers."""
    return st.fixed_dictionaries(
        {
            "id": st.just(1),
            "principal": st.sampled_from(callers),
            "action": st.sampled_from(ACTIONS),
            "resource": st.sampled_from(OBJECTS),
            "resource_account": st.just(OWN),
            "context": st.fixed_dictionaries({}, optional={TAG: _tenants, "aws:SecureTransport": st.booleans()}),
            "identity_policies": st.lists(documents(), max_size=2),
        },
        optional=LAYERS,
    )
