"""A suspended tenant's data is opened to the role that exports it, to nobody else, and closed as it was."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import get_args

import pytest

from infra import naming
from infra.naming import TenantBucketKind
from infra.policies import export
from infra.policies.boundary import tenant_boundary
from infra.policies.bucket import tenant_bucket
from infra.policies.document import PolicyDocument
from infra.policies.key import tenant_key
from tests.unit.policies.documents import ACME, KEY, PLATFORM, VPCE, values

SUSPENDED = ACME.model_copy(update={"lifecycle": ACME.lifecycle.model_copy(update={"state": "suspended"})})
ROLE = naming.export_role_arn(PLATFORM, ACME)
DOCUMENTS = {
    "boundary": tenant_boundary(PLATFORM, SUSPENDED),
    **{
        kind: tenant_bucket(PLATFORM, SUSPENDED, kind, key_arn=KEY, s3_endpoint_ids=[VPCE])
        for kind in get_args(TenantBucketKind)
    },
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_what_is_opened_excepts_one_more_role_and_is_closed_as_it_was(name: str) -> None:
    before = DOCUMENTS[name].to_json()
    after = export.opened(before, ROLE)
    assert json.dumps(after).count(ROLE) == 1
    assert export.opened(after, ROLE) == after
    assert export.closed(after, ROLE) == before
    assert export.closed(before, ROLE) == before
    assert before == DOCUMENTS[name].to_json(), "nothing is changed in place"


def test_a_tenant_that_is_not_suspended_has_a_boundary_that_shuts_nobody_out() -> None:
    active = tenant_boundary(PLATFORM, ACME).to_json()
    assert export.opened(active, ROLE) == active


def test_the_key_lets_the_role_decrypt_through_buckets_and_nothing_else() -> None:
    before = tenant_key(PLATFORM, SUSPENDED).to_json()
    after = export.opened_key(before, PLATFORM, ROLE)
    (added,) = [each for each in after["Statement"] if each not in before["Statement"]]
    assert (added["Effect"], added["Action"], added["Principal"]) == ("Allow", "kms:Decrypt", {"AWS": ROLE})
    assert added["Condition"] == {"StringEquals": {"kms:ViaService": "s3.eu-central-1.amazonaws.com"}}
    assert export.opened_key(after, PLATFORM, ROLE) == after
    assert export.closed_key(after) == before


def test_the_role_reads_its_tenants_buckets_until_the_clock_says_so() -> None:
    until = datetime(2026, 3, 1, 12, tzinfo=UTC)
    document = export.identity(PLATFORM, ACME, until)
    assert _only_reads(document)
    own = naming.bucket_arns(PLATFORM, ACME)
    for each in document.statements:
        assert {resource.removesuffix("/*") for resource in each.resources} == set(own)
        assert values(each.conditions["DateLessThan"], "aws:CurrentTime") == ("2026-03-01T12:00:00Z",)


def _only_reads(document: PolicyDocument) -> bool:
    return all(action.startswith(("s3:Get", "s3:List")) for each in document.statements for action in each.actions)
