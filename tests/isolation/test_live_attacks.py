"""boto3 with the credentials of a tenant's roles, against every type of resource of other tenants, live.

The calls are made from the service models, the resources are those of the stacks' state. A call counts if the sandbox's
record says that it was denied because of the very resource: not if its parameters were wrong, or it missed its aim. A
type of resource for which no call does that fails its test.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from infra.evaluator.catalogue import AccessLevel
from infra.evaluator.evaluate import evaluate
from infra.evaluator.request import Request
from tests.isolation.attempts import Answer, Attempts
from tests.isolation.calls import calls, operations
from tests.isolation.conftest import Client
from tests.isolation.deployed import Deployed, Role
from tests.isolation.estate import ROLES, Estate
from tests.isolation.inventory import Kind, Resource
from tests.isolation.sessions import Sessions

#: The calls are made to another process: there is nothing to measure here.
pytestmark = pytest.mark.no_cover

by_role = pytest.mark.parametrize("kind", ROLES)
by_level = pytest.mark.parametrize("level", AccessLevel)

#: What each pair is there for.
PAIRS = [
    pytest.param("acme", "acmeeu", id="acme-against-the-id-that-extends-its-own"),
    pytest.param("acmeeu", "acme", id="acmeeu-against-the-id-that-its-own-extends"),
    pytest.param("globex", "acme", id="silo-against-pool"),
]


class Attacker:
    """Makes calls with the credentials of one role."""

    def __init__(self, estate: Estate, sessions: Sessions, attempts: Attempts, client: Client) -> None:
        self._estate, self._sessions, self._attempts, self._client = estate, sessions, attempts, client

    def answers(self, owner: str, role: str, resource: Resource, kind: Kind, level: AccessLevel) -> Iterator[Answer]:
        """The answers to all calls of a level about a resource."""
        credentials = self._sessions.of(owner, role)
        arn = self._estate.deployed.role(owner, role).arn
        for call in calls(kind, level, resource, arn):
            yield self._attempts.make(self._client(call.service, credentials), call)


@pytest.fixture(scope="module")
def attacker(estate: Estate, sessions: Sessions, attempts: Attempts, client: Client) -> Attacker:
    return Attacker(estate, sessions, attempts, client)


def one_of_each(estate: Estate, owner: str, level: AccessLevel) -> dict[Kind, Resource]:
    """One resource of each type that some operation of the level works on."""
    found: dict[Kind, Resource] = {}
    for resource in estate.inventory.of(owner):
        for kind in resource.live_kinds:
            if operations(kind, level):
                found.setdefault(kind, resource)
    return found


def named(answer: Answer) -> bool:
    """Whether the message says which action was denied; a HEAD has no message."""
    denied = [check["action"] for check in answer.decision["checks"] if check["decision"] != "Allowed"]
    return answer.code == "403" or any(action.lower() in answer.message.lower() for action in denied)


def agrees(deployed: Deployed, role: Role, resource: Resource, answer: Answer) -> bool:
    """Whether the policies in the stacks' state decide as those that the sandbox read out of the cloud."""
    for check in answer.checks(resource.arn):
        asked = Request(role.session, check["action"], check["resource"], check["resource_account"], check["context"])
        verdict = evaluate(asked, deployed.applicable(role, resource, None))
        if (verdict.decision.value, verdict.layer.value) != (check["decision"], check["layer"]):
            return False
    return True


@by_level
@by_role
def test_acme_is_denied_every_call_about_globex(
    estate: Estate, attacker: Attacker, subtests: pytest.Subtests, kind: str, level: AccessLevel
) -> None:
    """Every operation of the services in use that can name a resource of globex, with each of acme's roles."""
    for cell, resource in one_of_each(estate, "globex", level).items():
        with subtests.test(cell=str(cell)):
            answers = list(attacker.answers("acme", kind, resource, cell, level))
            assert [str(each) for each in answers if each.allows(resource.arn)] == []
            denied = [each for each in answers if each.denies(resource.arn)]
            assert denied, "\n".join(map(str, answers))
            assert [str(each) for each in denied if not named(each)] == []
            role = estate.deployed.role("acme", kind)
            assert [str(each) for each in denied if not agrees(estate.deployed, role, resource, each)] == []


@pytest.mark.parametrize(("tenant", "victim"), PAIRS)
@by_level
@by_role
def test_a_tenant_is_denied_a_call_of_each_type_and_level(
    estate: Estate,
    attacker: Attacker,
    subtests: pytest.Subtests,
    kind: str,
    level: AccessLevel,
    tenant: str,
    victim: str,
) -> None:
    """For other pairs one call that aims well, for every type of resource and access level."""
    for cell, resource in one_of_each(estate, victim, level).items():
        with subtests.test(cell=str(cell)):
            tried: list[Answer] = []
            for answer in attacker.answers(tenant, kind, resource, cell, level):
                tried.append(answer)
                assert not answer.allows(resource.arn), str(answer)
                if answer.denies(resource.arn):
                    break
            else:
                pytest.fail("\n".join(map(str, tried)))
