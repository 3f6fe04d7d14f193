"""Nothing is left out: every function that makes a policy is under test, and a test falls on every statement."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator, Mapping

import infra.policies
from infra.policies.document import Statement
from tests.isolation.broken.blueprint import broken_documents, documents
from tests.isolation.broken.guards import without_each_guard

_RESULTS = ("PolicyDocument", "Mapping[str, PolicyDocument]")


def makers() -> Iterator[Callable[..., object]]:
    """The public functions of `infra.policies` that make documents."""
    for module in pkgutil.iter_modules(infra.policies.__path__, "infra.policies."):
        loaded = importlib.import_module(module.name)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            own = function.__module__ == module.name and not name.startswith("_")
            if own and function.__annotations__.get("return") in _RESULTS:
                yield function


def test_every_function_that_makes_a_policy_is_under_test() -> None:
    """A new kind of policy must be one of the blueprint's documents, and its guards are then removed too."""
    found = set(makers())
    assert len(found) > 20, "the functions are found by their results"
    assert found <= {document.made_by for document in documents().values()}
    assert found <= {document.made_by for document in broken_documents()}


def _says_everything(statement: Statement) -> bool:
    """Whether an Allow has nothing that could be wider: no condition, no principal, and every resource."""
    return (
        statement.effect == "Allow"
        and statement.principal is None
        and not statement.conditions
        and statement.resources == ("*",)
    )


def test_every_statement_has_guards() -> None:
    """But Allows of actions that have no resource and need no condition."""
    bare: Mapping[str, list[str]] = {
        document.name: [
            statement.sid
            for statement in document.policy.statements
            if not any(broken.guard.startswith(f"{statement.sid}:") for broken in without_each_guard(document.policy))
            and not _says_everything(statement)
        ]
        for document in broken_documents()
    }
    assert {name: sids for name, sids in bare.items() if sids} == {}


def test_every_guard_has_a_name_of_its_own() -> None:
    """Tests are called by them, and of two with one name one would be lost."""
    for document in broken_documents():
        sids = [statement.sid for statement in document.policy.statements]
        assert len(sids) == len(set(sids)), document.name
        names = [broken.guard for broken in without_each_guard(document.policy)]
        assert len(names) == len(set(names)), document.name
