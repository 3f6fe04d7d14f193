"""A plan for N tenants: cells before raises, raises before accounts; and nothing in it is more than is needed."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from infra.errors import UserError
from infra.quotas.counting import Place
from infra.quotas.limits import Applied, Limits
from infra.quotas.plan import Plan, plan
from infra.quotas.report import capacity
from tests.quotas.samples import REGION, basis, platform, profile


def _raised(made: Plan) -> dict[str, int]:
    return {each.place.quota: each.wanted for each in made.accounts[0].raises}


def test_what_fits_needs_nothing_but_money() -> None:
    made = plan(basis(), 20, "pool")
    assert (made.fit_now, made.accounts_without_raises) == (20, 1)
    (account,) = made.accounts
    assert (account.accounts, account.new, account.tenants, account.cells, account.raises) == (1, False, 20, 0, ())
    assert made.usd_month == pytest.approx(20 * profile("acme").usd_month)


def test_one_more_needs_a_gateway_endpoint_more() -> None:
    """Twenty gateway endpoints a Region: without a raise the 21st is put into another account."""
    made = plan(basis(), 21, "pool")
    assert _raised(made) == {"gateway_endpoints_per_region": 21}
    assert made.accounts_without_raises == 2


def test_a_full_cell_is_followed_by_another() -> None:
    """A cell holds 22 of 50 interface endpoints: six are shared, and each tenant has two."""
    made = plan(basis(), 45, "pool")
    (account,) = made.accounts
    assert account.cells == 2
    assert made.usd_month == pytest.approx(45 * profile("acme").usd_month + 2 * platform().cell_usd_month)


def test_a_silo_needs_a_vpc_each() -> None:
    made = plan(basis(), 10, "silo")
    assert (made.fit_now, made.accounts[0].cells) == (4, 0)
    assert _raised(made) == {"vpcs_per_region": 11}


def test_beyond_what_aws_raises_other_accounts_are_opened() -> None:
    """5,000 roles at most, of which the platform has four and each tenant five: 999 tenants an account."""
    made = plan(basis(), 2500, "silo")
    assert [(each.accounts, each.new, each.tenants) for each in made.accounts] == [
        (1, False, 999),
        (1, True, 999),
        (1, True, 502),
    ]
    roles = next(each for each in made.accounts[0].raises if each.place == Place("iam_roles"))
    assert (roles.limit, roles.wanted) == (1000, 4999)
    assert roles.request.endswith("--quota-code L-FE177D64 --desired-value 4999 --region us-east-1")
    assert made.usd_month == pytest.approx(2500 * profile("globex").usd_month + 2 * platform().usd_month)


def test_no_account_takes_more_tenants_than_it_is_given() -> None:
    made = plan(basis(), 25, "pool", per_account=10)
    assert [(each.accounts, each.new, each.tenants) for each in made.accounts] == [
        (1, False, 10),
        (1, True, 10),
        (1, True, 5),
    ]
    assert made.accounts_without_raises == 3
    with pytest.raises(UserError, match="--per-account"):
        plan(basis(), 25, "pool", per_account=0)


def test_quotas_that_are_not_known_are_named() -> None:
    made = plan(basis(unread={"kms_keys": "denied"}), 5, "pool")
    assert made.not_known == (
        "endpoint_instances",
        "endpoint_instances_of_type of ml.m5.large",
        "kms_keys",
        "model_package_groups",
    )


def test_a_limit_of_an_instance_type_bounds_where_it_is_known() -> None:
    of_type = Place("endpoint_instances_of_type", "ml.m5.large")
    limits = Limits(region=REGION, applied={of_type: Applied(value=10, code="L-01234567")})
    made = plan(basis(limits=limits), 5, "pool")
    assert (made.fit_now, _raised(made)) == (2, {"endpoint_instances_of_type": 20})


@settings(max_examples=40, deadline=None)
@given(
    st.integers(1, 6000), st.sampled_from(["pool", "silo"]), st.lists(st.sampled_from(["acme", "globex"]), unique=True)
)
def test_every_tenant_is_placed_once_and_nothing_is_needless(tenants: int, tier: str, there: tuple[str, ...]) -> None:
    reckoned = basis(*there)
    made = plan(reckoned, tenants, tier)
    assert sum(each.accounts * each.tenants for each in made.accounts) == tenants
    assert [each.new for each in made.accounts] == [False] + [True] * (len(made.accounts) - 1)
    if made.fit_now is not None and tenants <= made.fit_now:
        assert made.accounts[0].raises == ()
        assert made.accounts[0].cells == 0
    for account in made.accounts:
        for each in account.raises:
            assert each.wanted > each.limit
    accounts = sum(each.accounts for each in made.accounts)
    assert made.accounts_without_raises is not None
    assert accounts <= made.accounts_without_raises


@pytest.mark.parametrize(("tenants", "tier", "said"), [(0, "pool", "--tenants"), (3, "gold", "one of: pool, silo")])
def test_what_makes_no_plan_is_refused_with_the_remedy(tenants: int, tier: str, said: str) -> None:
    with pytest.raises(UserError, match=said):
        plan(basis(), tenants, tier)


def test_the_tightest_quota_comes_first() -> None:
    rows = capacity(basis("acme", "globex")).quotas
    known = [row for row in rows if row.left is not None]
    assert {row.quota for row in rows[: len(rows) - len(known)]} == {
        "endpoint_instances",
        "endpoint_instances_of_type",
        "model_package_groups",
    }
    assert (known[0].quota, known[0].limit, known[0].used, known[0].left) == ("vpcs_per_region", 5, 2, 3)
    assert known[0].by_tier == {"pool": 0, "silo": 1}
