"""Writes the facts of a tenant down for its form: every field of every fact that the proof reads.

The order of facts is that of their URNs without what differs from tenant to tenant: engines register in any order.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Protocol, TypeVar

from infra.evaluator.policies import Grant
from infra.proof.facts import Document, KeyGrant, NotModelled, Principal, Resource, Route, Source, Unknown
from infra.proof.template.forms import Form, Read, Writer
from infra.proof.template.units import Unit
from infra.proof.template.words import words
from infra.proof.theorem.inputs import Control

_GENERATED = re.compile("[A-Za-z0-9]*[0-9][A-Za-z0-9]*")


class _Sourced(Protocol):
    @property
    def source(self) -> Source: ...


_Fact = TypeVar("_Fact", bound=_Sourced)


def form_of(owner: str, unit: Unit, known: dict[bytes, Read] | None = None) -> Form:
    """The form of a tenant.

    Args:
        owner: The tenant.
        unit: Its facts.
        known: What was found in documents of other tenants; documents of this one are added.
    """
    return _Facts(owner, Writer(known)).written(unit)


def with_controls(owner: str, form: Form, controls: Iterable[Control]) -> Form:
    """The form of a tenant with what it must be able to do.

    Args:
        owner: The tenant.
        form: The form of its facts.
        controls: The controls, whatever their order.
    """
    return _Facts(owner, Writer(before=form)).with_controls(controls)


def form_of_texts(texts: Iterable[str]) -> Form:
    """The form of texts whose words are all in use."""
    to = Writer()
    for text in texts:
        to.name(text)
        to.meaning(text)
    return to.form()


class _Facts:
    """Writes facts to a writer; a helper so that every kind of fact is one short method."""

    def __init__(self, owner: str, to: Writer) -> None:
        self._to = to
        own = [*map(re.escape, sorted(set(words(owner)), key=len, reverse=True))]
        self._owner = re.compile("|".join(own or [r"(?!)"]))
        self._own = re.compile("|".join([*own, _GENERATED.pattern]))
        self._order: dict[str, str] = {}

    def written(self, unit: Unit) -> Form:
        to = self._to
        for kind, facts, write in (
            ("principals", unit.principals, self._principal),
            ("resources", unit.resources, self._resource),
            ("routes", unit.routes, self._route),
            ("grants", unit.grants, self._grant),
            ("unknown", unit.unknown, self._unknown),
            ("not modelled", unit.not_modelled, self._not_modelled),
        ):
            to.meaning(kind)
            to.meaning(len(facts))
            for fact in self._sorted(facts):
                write(fact)  # pyright: ignore[reportArgumentType] - each kind goes with its own method
        return to.form()

    def with_controls(self, controls: Iterable[Control]) -> Form:
        ordered = sorted(controls, key=lambda one: self._masked(f"{one.principal_arn} {one.action} {one.resource}"))
        for control in ordered:
            self._control(control)
        return self._to.form()

    def _sorted(self, facts: Iterable[_Fact]) -> list[_Fact]:
        """In order of their URNs; what differs in words with digits only, as ``zone-1a`` and ``zone-1b``, by these."""
        return sorted(facts, key=lambda one: (self._masked(one.source.urn), self._owner.sub("", one.source.urn)))

    def _masked(self, text: str) -> str:
        """A text without the words that differ from tenant to tenant."""
        found = self._order.get(text)
        if found is None:
            found = self._order[text] = self._own.sub("", text)
        return found

    def _principal(self, one: Principal) -> None:
        to = self._to
        to.name(one.arn)
        to.meaning(one.kind)
        to.name(one.owner)
        to.meaning(one.account)
        to.meaning(len(one.identity))
        for document in self._sorted(one.identity):
            self._document(document)
        for place in (one.boundary, one.trust):
            to.meaning(place is not None)
            if place is not None:
                self._document(place)
        self._tags(one.tags)
        self._source(one.source)
        to.meaning(one.complete)

    def _resource(self, one: Resource) -> None:
        to = self._to
        to.name(one.arn)
        to.meaning(one.token)
        to.meaning(len(one.families))
        for family in one.families:
            to.name(family.pattern)
            to.meaning(family.service)
            to.meaning(family.type)
        to.name(one.owner)
        to.meaning(one.account)
        to.meaning(len(one.policies))
        for document in one.policies:
            self._document(document)
        self._tags(one.tags)
        to.names(one.runs_as)
        to.names(one.keys)
        to.meaning(len(one.settings))
        for key, value in sorted(one.settings.items()):
            to.meaning(key)
            to.meaning(value)
        self._source(one.source)

    def _route(self, one: Route) -> None:
        to = self._to
        to.name(one.id)
        to.meaning(one.kind)
        to.meaning(one.service)
        self._document(one.policy)
        to.name(one.vpc)
        to.name(one.owner)
        to.meaning(one.account)
        to.names(one.tables)
        to.names(one.subnets)
        to.names(one.groups)
        to.meaning(one.private_names)
        self._source(one.source)

    def _grant(self, one: KeyGrant) -> None:
        to = self._to
        self._granted(one.grant)
        to.name(one.retiring)
        self._source(one.source)

    def _granted(self, one: Grant) -> None:
        to = self._to
        if one.grantee.startswith("arn:"):
            to.name(one.grantee)
        else:
            to.meaning(one.grantee)
        to.meaning(len(one.operations))
        for operation in sorted(one.operations):
            to.meaning(operation)
        to.name(one.key)
        for constraint in (one.context_equals, one.context_subset):
            to.meaning(constraint is not None)
            self._tags(constraint or {})
        to.name(one.label)

    def _unknown(self, one: Unknown) -> None:
        self._source(one.source)
        self._to.meaning(one.property)
        self._to.name(one.why)

    def _not_modelled(self, one: NotModelled) -> None:
        self._to.meaning(one.type)
        self._source(one.source)
        self._to.meaning(one.could_matter)
        self._to.name(one.why)

    def _control(self, one: Control) -> None:
        to = self._to
        to.name(one.owner)
        to.name(one.principal_arn)
        to.meaning(one.action)
        to.name(one.resource)
        to.meaning(len(one.context))
        for key, value in sorted(one.context.items()):
            to.meaning(key)
            values = value if isinstance(value, tuple) else (value,)
            to.meaning(len(values) if isinstance(value, tuple) else None)
            for text in values:
                self._value(text)

    def _value(self, value: object) -> None:
        if isinstance(value, str):
            self._to.name(value)
        else:
            self._to.meaning(repr(value))

    def _document(self, one: Document) -> None:
        self._to.document(one)
        self._to.meaning(one.kind)
        self._source(one.source)
        self._to.meaning(one.property)
        self._to.meaning(one.service)
        self._to.name(one.arn)

    def _tags(self, tags: Mapping[str, str]) -> None:
        self._to.meaning(len(tags))
        for key, value in sorted(tags.items()):
            self._to.meaning(key)
            self._to.name(value)

    def _source(self, one: Source) -> None:
        self._to.name(one.stack)
        self._to.name(one.urn)
        self._to.name(one.file)
        self._to.meaning(one.line)
