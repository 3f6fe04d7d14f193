"""As many tenants fit as do fit: one more breaks a quota, and cells are opened only as they are needed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from infra.quotas.counting import Place
from infra.quotas.space import NewCell, Space

_PLACES = [Place("iam_roles"), Place("vpcs_per_region"), Place("endpoint_instances_of_type", "ml.m5.large")]
_COUNTS = st.dictionaries(st.sampled_from(_PLACES), st.integers(1, 12))
_LEFT = st.dictionaries(st.sampled_from(_PLACES), st.integers(0, 5000))
_CELLS = st.one_of(st.none(), st.builds(NewCell, takes=_COUNTS, holds=st.integers(1, 40)))
_SPACES = st.builds(
    Space, left=_LEFT, takes=_COUNTS, in_cells=st.one_of(st.none(), st.integers(0, 60)), new_cell=_CELLS
)


def _by_hand(space: Space, tenants: int) -> bool:
    """Whether they fit, tenant by tenant: a cell is opened when those that are there are full."""
    used = dict.fromkeys(_PLACES, 0)
    room = space.in_cells
    for _ in range(tenants):
        if room == 0:
            if space.new_cell is None:
                return False
            for place, count in space.new_cell.takes.items():
                used[place] += count
            room = space.new_cell.holds
        room = None if room is None else room - 1
        for place, count in space.takes.items():
            used[place] += count
    return all(used[place] <= left for place, left in space.left.items())


@given(_SPACES, st.integers(0, 200))
def test_fitting_is_what_counting_tenant_by_tenant_finds(space: Space, tenants: int) -> None:
    assert space.holds(tenants) == _by_hand(space, tenants)


@given(_SPACES)
def test_as_many_fit_as_do(space: Space) -> None:
    fit = space.fit()
    if fit is None:
        assert space.tightest() == ""
    else:
        assert space.holds(fit)
        assert not space.holds(fit + 1)
        assert space.tightest()


@given(_SPACES, st.integers(0, 200))
def test_one_more_tenant_never_takes_less(space: Space, tenants: int) -> None:
    few, many = space.needed(tenants), space.needed(tenants + 1)
    assert all(many[place] >= count for place, count in few.items())
    assert 0 <= space.cells_for(tenants + 1) - space.cells_for(tenants) <= 1


@given(_SPACES)
def test_more_that_is_left_never_makes_fewer_fit(space: Space) -> None:
    wider = Space(
        left={place: count + 1 for place, count in space.left.items()},
        takes=space.takes,
        in_cells=space.in_cells,
        new_cell=space.new_cell,
    )
    before, after = space.fit(), wider.fit()
    assert after is None or (before is not None and after >= before)


def test_the_cells_bound_where_no_more_may_be_opened() -> None:
    space = Space(left={}, takes={Place("iam_roles"): 5}, in_cells=22)
    assert (space.fit(), space.tightest()) == (22, "the cells")


def test_no_more_cells_are_opened_than_may_be() -> None:
    cell = NewCell(takes={Place("vpcs_per_region"): 1}, holds=20, at_most=2)
    space = Space(left={Place("vpcs_per_region"): 5}, takes={Place("iam_roles"): 5}, in_cells=3, new_cell=cell)
    assert (space.fit(), space.tightest()) == (43, "the cells")
    fewer = Space(left={Place("vpcs_per_region"): 1}, takes={}, in_cells=3, new_cell=cell)
    assert (fewer.fit(), fewer.tightest()) == (23, "vpcs_per_region")


def test_opening_a_cell_takes_of_the_quotas_too() -> None:
    """Five VPCs are left, of which a cell is one; each holds 20: 100 fit beside the 3 that find room now."""
    cell = NewCell(takes={Place("vpcs_per_region"): 1}, holds=20)
    space = Space(left={Place("vpcs_per_region"): 5}, takes={Place("iam_roles"): 5}, in_cells=3, new_cell=cell)
    assert (space.fit(), space.cells_for(3), space.cells_for(4), space.cells_for(103)) == (103, 0, 1, 5)
    assert space.tightest() == "vpcs_per_region"
