"""Which kind of operation a changed spec asks for."""

from __future__ import annotations

from typing import Any

import pytest

from infra.errors import UserError
from infra.lifecycle.states import OperationKind
from infra.provisioning.kinds import kind_of_change, require_move_alone
from infra.settings import ROOT
from infra.spec import TenantSpec, load_tenant

_, ACME = load_tenant(ROOT / "stacks" / "platform.yaml", ROOT / "tenant_stacks" / "specs" / "acme.yaml")
SUSPENDED = ACME.lifecycle.model_copy(update={"state": "suspended"})
MOVED = ACME.network.model_copy(update={"cell": None})


def _with(**changed: Any) -> TenantSpec:
    return ACME.model_copy(update=changed)


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        (ACME, _with(lifecycle=SUSPENDED), OperationKind.SUSPEND),
        (_with(lifecycle=SUSPENDED), ACME, OperationKind.RESUME),
        (ACME, _with(tier="silo", network=MOVED), OperationKind.MOVE),
        (ACME, _with(owner="other@acme.example"), OperationKind.UPDATE),
        (ACME, ACME, OperationKind.UPDATE),
        (
            _with(lifecycle=SUSPENDED),
            _with(lifecycle=SUSPENDED, owner="other@acme.example"),
            OperationKind.UPDATE,
        ),
    ],
)
def test_kinds(before: TenantSpec, after: TenantSpec, kind: OperationKind) -> None:
    """State, then tier, then all else."""
    assert kind_of_change(before, after) is kind


@pytest.mark.parametrize(
    ("after", "named"),
    [
        (_with(id="other"), "id"),
        (_with(lifecycle=SUSPENDED, owner="other@acme.example"), "together"),
        (_with(lifecycle=SUSPENDED.model_copy(update={"prevent_deletion": False})), "together"),
    ],
)
def test_what_is_two_changes(after: TenantSpec, named: str) -> None:
    """It is refused, with the way to do it."""
    with pytest.raises(UserError, match=named) as raised:
        kind_of_change(ACME, after)
    assert raised.value.remedy


def test_a_move_is_a_change_of_its_own() -> None:
    """Tier and network, and no other key of the file."""
    require_move_alone([("tier",), ("network", "cell"), ("network", "cidr")])
    with pytest.raises(UserError, match="together with owner, quotas"):
        require_move_alone([("tier",), ("quotas", "max_models"), ("owner",)])
