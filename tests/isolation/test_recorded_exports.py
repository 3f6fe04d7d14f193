"""The recorded exports, which the tests of the proof break, say what is deployed today."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from infra.policy_documents import DOCUMENTS
from tests.isolation.estate import Estate
from tests.proof.recorded.exports import OWNERS, recorded

_AGAIN = "they are out of date: python -m tests.proof.recorded.record"
#: What the cloud makes up: UUIDs, and the ids of EC2.
_MADE_UP = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\b[a-z]+-[0-9a-f]{17}\b")

#: Types whose policy is their own.
_HOLDERS = frozenset({"aws:kms/key:Key", "aws:ec2/vpcEndpoint:VpcEndpoint"})

Records = Iterable[Mapping[str, Any]]


def documents(stacks: Mapping[str, Records]) -> Mapping[tuple[str, str], object]:
    """Every policy document by URN and property, with the URNs of resources in place of ids that were made up."""
    urns = {found: str(each["urn"]) for records in stacks.values() for each in records for found in _ids(each)}
    return {
        (str(each["urn"]), key): json.loads(_MADE_UP.sub(lambda found: urns.get(found[0], found[0]), text))
        for records in stacks.values()
        for each in records
        for key in DOCUMENTS.get(each["type"], {})
        if (text := each["outputs"].get(key))
    }


def _ids(record: Mapping[str, Any]) -> Iterator[str]:
    """What was made up for a resource: its id; what is attached to a resource has that of the resource."""
    if _MADE_UP.fullmatch(str(record["id"])) and record["type"] not in DOCUMENTS.keys() - _HOLDERS:
        yield str(record["id"])


def test_the_recorded_policies_are_those_that_are_deployed(estate: Estate) -> None:
    old = {
        owner: [each for each in recorded()[owner]["deployment"]["resources"] if each["type"].startswith("aws:")]
        for owner in OWNERS
    }
    found, kept = documents(estate.inventory.stacks), documents(old)
    assert sorted(found) == sorted(kept), _AGAIN
    assert {place for place, document in found.items() if document != kept[place]} == set(), _AGAIN


def test_a_policy_that_changed_is_noticed(estate: Estate) -> None:
    before = estate.inventory.stacks
    after = {
        owner: [json.loads(json.dumps(each).replace("aws:SecureTransport", "aws:ViaAWSService")) for each in records]
        for owner, records in before.items()
    }
    changed = documents(after)
    assert any(document != changed[place] for place, document in documents(before).items())
