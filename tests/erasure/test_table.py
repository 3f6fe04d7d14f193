"""The table of kinds says what AWS knows: its operations, their members; and nothing is in another's way."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, cast

import pytest
from botocore.loaders import Loader
from botocore.model import ServiceModel

from infra.erasure.kinds import EMBEDDED, TABLE, Kind, in_order
from infra.erasure.kinds.entry import at, filled
from infra.sandbox.enforcement.requests.services import PREFIXES

_LOADER = Loader()


def _model(service: str) -> ServiceModel:
    return ServiceModel(_LOADER.load_service_model(service, "service-2"), service)


def _operation(kind: Kind, name: str) -> Any:
    model = _model(kind.service)
    (found,) = [each for each in model.operation_names if re.sub(r"\W|_", "", name) == each.lower()]
    return model.operation_model(found)


@pytest.mark.parametrize("kind", TABLE, ids=lambda kind: kind.name)
def test_each_call_is_one_of_awss_with_all_that_it_requires(kind: Kind) -> None:
    calls: list[tuple[str, Mapping[str, Any]]] = [(kind.lists, kind.request)]
    calls += [(each.operation, each.request) for each in (*kind.details, *kind.removal)]
    for operation, request in calls:
        shape = _operation(kind, operation).input_shape
        members = set(cast("Mapping[str, Any]", shape.members)) if shape else set[str]()
        assert set(request) <= members, operation
        assert set(cast("list[str]", shape.required_members) if shape else ()) <= set(request), operation
    output = _operation(kind, kind.lists).output_shape
    assert kind.at in cast("Mapping[str, Any]", output.members)


def test_each_kind_has_a_name_of_its_own_and_is_within_one_that_there_is() -> None:
    names = [kind.name for kind in TABLE]
    assert len(set(names)) == len(names)
    assert {kind.within for kind in TABLE if kind.within} <= set(names)


def test_what_is_held_goes_before_what_holds_it_and_keys_go_last() -> None:
    names = [kind.name for kind in in_order(TABLE)]
    assert sorted(names) == sorted(kind.name for kind in TABLE)
    assert all(names.index(kind.name) < names.index(kind.within) for kind in TABLE if kind.within)
    assert names[-3:] == ["kms:alias", "kms:grant", "kms:key"]
    assert names.index("sagemaker:endpoint") < names.index("sagemaker:endpoint-config") < names.index("sagemaker:model")


def test_each_kind_is_removed_or_ends_by_itself() -> None:
    assert {kind.name for kind in TABLE if not kind.removal} == {"cloudwatch:metric"}


def test_the_embedded_cloud_lacks_only_what_is_said_to_be_lacking() -> None:
    """Services that it does not know at all, and two kinds of SageMaker's."""
    lacking = {kind.name for kind in TABLE} - {kind.name for kind in EMBEDDED}
    unknown = {kind.name for kind in TABLE if kind.service not in PREFIXES}
    assert unknown == {"backup:recovery-point", "backup:vault", "ssm:parameter"}
    assert lacking == unknown | {"sagemaker:feature-group", "sagemaker:monitoring-schedule"}


def test_a_lone_field_keeps_its_type() -> None:
    assert filled({"Days": "{Days}", "Name": ["a-{Days}"]}, {"Days": 7}) == {"Days": 7, "Name": ["a-7"]}


def test_a_path_that_leads_nowhere_is_nothing() -> None:
    assert at({"a": {"b": 1}}, "a.b") == 1
    assert at({"a": None}, "a.b") is None
