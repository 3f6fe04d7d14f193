"""Which requests of which promises meet a document, and the first of them that a broken document lets go wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import NamedTuple

from infra.evaluator.document import Policy
from infra.evaluator.kinds import PolicyKind
from tests.isolation.broken.attempts import Attempt, open_policy
from tests.isolation.broken.blueprint import PLATFORM, Document
from tests.isolation.broken.layers import Layer
from tests.isolation.broken.promises import PROMISES
from tests.isolation.broken.promises.declared import Promise
from tests.isolation.broken.responsibilities import RESPONSIBLE


class Check(NamedTuple):
    """A request of a promise, in the world of one layer or, for None, with all documents."""

    promise: Promise
    attempt: Attempt
    layer: Layer | None

    def __str__(self) -> str:
        world = "with all documents" if self.layer is None else f"by {self.layer.value} alone"
        return f"{self.promise.name} ({world}): {self.attempt}"


def checks_of(promise: Promise) -> Iterator[Check]:
    """Every request of a promise with all documents, and by each layer that keeps the promise on its own."""
    responsible = RESPONSIBLE.get(promise.name, frozenset())
    for attempt in promise.attempts:
        yield Check(promise, attempt, None)
        for layer in attempt.layers & responsible:
            yield Check(promise, attempt, layer)


@lru_cache(maxsize=1)
def _checks_by_document() -> Mapping[str, Mapping[str, list[Check]]]:
    """Checks by the document that they meet and, in lower case, by their action."""
    found: dict[str, dict[str, list[Check]]] = defaultdict(lambda: defaultdict(list))
    for promise in PROMISES.values():
        for check in checks_of(promise):
            met = check.attempt.documents if check.layer is None else check.attempt.document(check.layer)
            for name in met:
                found[name][check.attempt.action.lower()].append(check)
    return found


def broken_by(name: str, changed: Policy | None, actions: tuple[str, ...] = ("*",)) -> Check | None:
    """The first check that goes wrong with another document in the place of one; None if all promises are kept.

    Args:
        name: The document's name.
        changed: What stands in its place; None if it is taken away.
        actions: Globs of the actions on which the two may differ.
    """
    globs = [glob.lower() for glob in actions]
    for action, checks in _checks_by_document()[name].items():
        if any(fnmatchcase(action, glob) for glob in globs):
            for check in checks:
                if check.attempt.allowed(check.layer, {name: changed}) != check.promise.kept:
                    return check
    return None


def without_document(document: Document) -> Policy | None:
    """What AWS goes by where a document is absent: nothing, an endpoint's full access, a key left to the account."""
    if document.kind in (PolicyKind.BOUNDARY, PolicyKind.RESOURCE) and document.service != "kms":
        return None
    if document.kind is PolicyKind.ENDPOINT:
        return open_policy(PolicyKind.ENDPOINT, "*")
    return open_policy(PolicyKind.RESOURCE, PLATFORM.account)
