"""Every supported resource type lives a whole life through the real engine, as it would with the official provider.

The cases of a lane share one stack and one run (`aws_contract.py`); each test below states one claim about one type.
"""

from __future__ import annotations

import pytest
from aws_contract import Change, Contract, Engine, Phase
from cases import LANES
from cases.case import Case
from sandbox_clients import Clients

from infra.sandbox.aws.resources import TABLE
from infra.sandbox.aws.schema import derive

MOTO_LACKS = {
    "aws:iam/samlProvider:SamlProvider": {"samlProviderUuid"},
    "aws:kms/key:Key": {"multiRegion"},
    "aws:cloudwatch/logGroup:LogGroup": {"deletionProtectionEnabled"},
}
"""Members of answers that AWS always gives and moto 5.2 never does, as the outputs that lack them."""

CASES = [
    pytest.param(lane, case, id=case.type, marks=pytest.mark.xdist_group(f"aws-contract-{lane}"))
    for lane, cases in LANES.items()
    for case in cases
]


each = pytest.mark.parametrize(("lane", "case"), CASES)


class Runs:
    """The finished runs of this worker, by lane; a lane runs when its first test asks, with the selected cases."""

    def __init__(self) -> None:
        self._finished: dict[str, Contract | AssertionError] = {}

    def of(self, lane: str, cases: tuple[Case, ...], engine: Engine, boto: Clients) -> Contract:
        if lane not in self._finished:
            try:
                self._finished[lane] = Contract(engine, boto, lane, cases).run()
            except AssertionError as error:
                self._finished[lane] = error
        found = self._finished[lane]
        if isinstance(found, AssertionError):
            pytest.fail(str(found), pytrace=False)
        return found


@pytest.fixture(scope="module")
def runs() -> Runs:
    return Runs()


@pytest.fixture
def run(runs: Runs, engine: Engine, aws: Clients, lane: str, request: pytest.FixtureRequest) -> Contract:
    calls = (vars(item).get("callspec") for item in request.session.items if item.path == request.path)
    selected = {call.params["case"].type for call in calls if call is not None}
    return runs.of(lane, tuple(case for case in LANES[lane] if case.type in selected), engine, aws)


@pytest.fixture(scope="module")
def outputs_of() -> dict[str, set[str]]:
    """What the SDK promises as outputs of each type, without what its entry justifies leaving out."""
    schemas = derive(TABLE, ())
    return {
        token: {
            name
            for name, schema in schemas[token]["outputs"].items()
            if schema.get("required") and not schema.get("deprecated") and name not in entry.absent
        }
        for token, entry in TABLE.items()
    }


def changes(run: Contract, phase: Phase, case: Case) -> list[Change]:
    return run.changes[phase].get(case.name, [])


def ops(run: Contract, phase: Phase, case: Case) -> set[str]:
    return {change.op for change in changes(run, phase, case)}


@each
def test_is_created(run: Contract, case: Case) -> None:
    """A preview says that it will be created, and then it is."""
    assert ops(run, Phase.PREVIEW, case) == {"create"}
    assert ops(run, Phase.CREATE, case) == {"create"}


@each
def test_has_every_output(run: Contract, case: Case, outputs_of: dict[str, set[str]]) -> None:
    """Each output that the SDK promises has a value, but for what its entry justifies or moto does not answer."""
    missing = outputs_of[case.type] - run.states[Phase.CREATE][case.name].keys()
    assert missing == MOTO_LACKS.get(case.type, set())


@each
def test_is_left_alone_without_a_change(run: Contract, case: Case) -> None:
    """The same program again changes nothing."""
    assert changes(run, Phase.UNCHANGED, case) == []


@each
def test_is_updated(run: Contract, case: Case) -> None:
    """A change of what can change is an update in place."""
    assert ops(run, Phase.UPDATE, case) == ({"update"} if case.update else set())


@each
def test_is_replaced(run: Contract, case: Case) -> None:
    """A change of what cannot change makes a new one and removes the old."""
    found = ops(run, Phase.REPLACE, case)
    assert "replace" in found
    assert found & {"create-replacement", "create"}
    assert found & {"delete-replaced", "delete"}


@each
def test_refresh_shows_an_outside_change(run: Contract, case: Case) -> None:
    """What boto3 changed behind the engine's back is seen by a refresh, and put right next: replaced, if need be."""
    tampered = changes(run, Phase.TAMPERED, case)
    if not case.tamper:
        assert tampered == []
        return
    paths = {path.partition(".")[0].partition("[")[0] for change in tampered for path in change.diffs}
    assert case.tampered in paths
    repaired = ops(run, Phase.REPAIR, case)
    assert repaired == {"update"} if case.update else "replace" in repaired
    assert changes(run, Phase.SETTLED, case) == []


@each
def test_is_imported(run: Contract, case: Case) -> None:
    """Its id and the same inputs in another stack import it without a difference."""
    assert "import" in ops(run, Phase.IMPORT, case)


@each
def test_leaves_nothing(run: Contract, case: Case) -> None:
    """After the destroy the cloud holds what it held before."""
    assert "delete" in ops(run, Phase.DESTROY, case)
    assert run.left[case.name] == set()


def test_every_type_has_a_case() -> None:
    """The table and the cases name the same types, each once."""
    cases = [case.type for cases in LANES.values() for case in cases]
    assert sorted(cases) == sorted(TABLE)
