"""A run past the service is seen, and the service's own is not taken for one."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from infra.errors import UserError
from infra.gitops.by_hand import changed_by_hand, stack_mark

Export = dict[str, Any]
_SECRET = {"4dabf18193072939515e22adb298388d": "1b47061264138c4ac30d75fd1eb44270", "ciphertext": "v1:abc"}


def _export() -> Export:
    bucket = {
        "urn": "urn:pulumi:acme::bulkhead-tenants::aws:s3/bucket:Bucket::data",
        "type": "aws:s3/bucket:Bucket",
        "inputs": {"bucket": "acme-data", "password": dict(_SECRET), "rules": [dict(_SECRET), 1]},
        "modified": "2026-01-01T00:00:00Z",
        "dependencies": ["urn:a", "urn:b"],
        "propertyDependencies": {"bucket": ["urn:a", "urn:b"], "rules": None},
        "sourcePosition": "project:///tenant.py#66",
        "stackTrace": [{"sourcePosition": "project:///tenant.py#66"}],
    }
    stack = {"urn": "urn:pulumi:acme::bulkhead-tenants::pulumi:pulumi:Stack::acme", "type": "pulumi:pulumi:Stack"}
    return {
        "version": 3,
        "deployment": {
            "manifest": {"time": "2026-01-01T00:00:00Z", "magic": "1", "version": "v3.250.0"},
            "secrets_providers": {"type": "passphrase", "state": {"salt": "v1:a"}},
            "resources": [stack, bucket],
        },
    }


def _resources(export: Export) -> list[dict[str, Any]]:
    return export["deployment"]["resources"]


def _time(export: Export) -> None:
    export["deployment"]["manifest"]["time"] = "2026-02-02T00:00:00Z"


def _setting(export: Export) -> None:
    _time(export)
    _resources(export)[1]["inputs"]["bucket"] = "acme-other"


def _only_a_secret(export: Export) -> None:
    _time(export)
    _resources(export)[1]["inputs"]["password"]["ciphertext"] = "v1:def"
    _resources(export)[1]["modified"] = "2026-02-02T00:00:00Z"


def _one_less(export: Export) -> None:
    _time(export)
    _resources(export).pop()


def _pending(export: Export) -> None:
    _time(export)
    export["deployment"]["pending_operations"] = [{"type": "creating"}]


def _encrypted_anew(export: Export) -> None:
    _time(export)
    _resources(export)[1]["inputs"]["password"]["ciphertext"] = "v1:def"
    _resources(export)[1]["inputs"]["rules"][0]["ciphertext"] = "v1:ghi"
    export["deployment"]["secrets_providers"]["state"]["salt"] = "v1:b"


def _other_order(export: Export) -> None:
    _time(export)
    _resources(export).reverse()


def _dependencies_in_other_order(export: Export) -> None:
    _time(export)
    bucket = _resources(export)[1]
    bucket["dependencies"].reverse()
    bucket["propertyDependencies"]["bucket"].reverse()


def _another_dependency(export: Export) -> None:
    _time(export)
    _resources(export)[1]["dependencies"].append("urn:c")


def _another_dependency_of_a_property(export: Export) -> None:
    _time(export)
    _resources(export)[1]["propertyDependencies"]["bucket"].append("urn:c")


def _from_another_checkout(export: Export) -> None:
    _time(export)
    place = "project:///../../elsewhere/tenant.py#67"
    _resources(export)[1] |= {"sourcePosition": place, "stackTrace": [{"sourcePosition": place}]}


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (_setting, "changed"),
        (_only_a_secret, "changed"),
        (_one_less, "changed"),
        (_pending, "changed"),
        (_another_dependency, "changed"),
        (_another_dependency_of_a_property, "changed"),
        (_time, "written"),
        (_encrypted_anew, "written"),
        (_other_order, "written"),
        (_dependencies_in_other_order, "written"),
        (_from_another_checkout, "written"),
    ],
)
def test_a_run_by_hand(change: Callable[[Export], None], kind: str) -> None:
    """What differs tells whether it changed the stack or only wrote it; the same state tells nothing."""
    before, after = _export(), copy.deepcopy(_export())
    change(after)
    assert changed_by_hand(stack_mark(before), stack_mark(copy.deepcopy(before))) is None
    found = changed_by_hand(stack_mark(before), stack_mark(after))
    assert found is not None
    assert found.kind == kind
    assert "2026-02-02" in found.note


def test_a_stack_that_came_or_went() -> None:
    """One that the service did not make, and one that is gone, are told; where there was and is none, nothing is."""
    mark = stack_mark(_export())
    unexpected, gone = changed_by_hand(None, mark), changed_by_hand(mark, None)
    assert unexpected is not None
    assert gone is not None
    assert (unexpected.kind, gone.kind) == ("unexpected", "gone")
    assert changed_by_hand(None, None) is None


@pytest.mark.parametrize("export", [{}, {"deployment": None}, {"deployment": []}])
def test_what_is_no_export_is_refused(export: Export) -> None:
    """A mark is made of a stack's export only."""
    with pytest.raises(UserError, match="no export"):
        stack_mark(export)


def test_a_stack_without_anything_has_a_mark() -> None:
    """A stack whose state holds nothing yet differs from one that holds something."""
    assert stack_mark({"deployment": {}}).written == ""
    assert stack_mark({"deployment": {}}) != stack_mark(_export())
