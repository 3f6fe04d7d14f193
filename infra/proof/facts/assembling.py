"""Makes an estate of the records of all its stacks: what one stack names may be another's."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from infra.proof.facts.grants import controls, grants
from infra.proof.facts.index import Index
from infra.proof.facts.model import Document, Estate, Unknown
from infra.proof.facts.not_modelled import not_modelled
from infra.proof.facts.owners import Owners
from infra.proof.facts.principals import Principals
from infra.proof.facts.records import Record
from infra.proof.facts.resources import Resources
from infra.proof.facts.routes import routes
from infra.proof.facts.ties import Ties, ties


def assemble(
    records: Iterable[Record],
    *,
    owners: Owners | None = None,
    managed: Mapping[str, str] | None = None,
    arn_types: Mapping[str, bool] | None = None,
) -> Estate:
    """The estate that records make up.

    Policies are not compiled: `Document.compiled` does, and says what AWS would have refused.

    Args:
        records: The resources of all stacks and folders.
        owners: Whose is what; by tags alone where it is None.
        managed: The documents of policies that no record holds, such as AWS's own managed policies, by ARN.
        arn_types: Whether deployed resources of a type have an ARN, by stacks whose records are not given.
    """
    return _assembled(Index(records, arn_types), owners, managed)[0]


def assemble_alone(
    records: Iterable[Record], *, owners: Owners | None = None, managed: Mapping[str, str] | None = None
) -> tuple[Estate, Ties]:
    """The estate of one stack without the others, and what would have to be in one of them to change it.

    Args:
        records: The resources of the stack.
        owners: As for `assemble`.
        managed: As for `assemble`.
    """
    index = Index(records)
    estate, held = _assembled(index, owners, managed)
    return estate, ties(index, estate, held)


def _assembled(index: Index, owners: Owners | None, managed: Mapping[str, str] | None) -> tuple[Estate, frozenset[str]]:
    """The estate, and the ARNs of what it holds policies of."""
    whose = owners or Owners()
    unknown: list[Unknown] = []
    people = Principals(index, whose, managed or {})
    things = Resources(index, whose)
    found_people, found_things = people.read(), things.read()
    found_routes, found_grants = tuple(routes(index, whose, unknown)), tuple(grants(index, unknown))
    documents = [
        *(document for one in found_people for document in (*one.identity, one.boundary, one.trust) if document),
        *(document for one in found_things for document in one.policies),
        *(one.policy for one in found_routes),
    ]
    estate = Estate(
        principals=found_people,
        resources=found_things,
        routes=found_routes,
        grants=found_grants,
        controls=tuple(controls(index)),
        unknown=tuple(dict.fromkeys([*unknown, *people.unknown, *things.unknown, *_not_known(documents)])),
        not_modelled=tuple(not_modelled(index)),
        stacks=tuple(dict.fromkeys(record.source.stack for record in index.records)),
    )
    return estate, things.under_policy()


def _not_known(documents: Iterable[Document]) -> Iterable[Unknown]:
    """The documents whose text is not known; `Document.compiled` says why without compiling anything."""
    for document in documents:
        if document.text is None:
            found = document.compiled()
            if isinstance(found, Unknown):
                yield found
