"""The outermost elements of a policy document: Version, Id and Statement."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.evaluator.grammar.elements import entries
from infra.evaluator.grammar.profiles import Profile
from infra.evaluator.grammar.refusal import Refusal, Subject
from infra.evaluator.grammar.statements import of_sids, of_statement

_ELEMENTS = ("Version", "Id", "Statement")
_VERSIONS = ("2012-10-17", "2008-10-17")
_ID_PAGE = "IAM User Guide, IAM JSON policy elements: Id"
_VERSION_PAGE = "IAM User Guide, IAM JSON policy elements: Version"
_STATEMENT_PAGE = "IAM User Guide, IAM JSON policy elements: Statement"


def of_document(elements: Mapping[str, Any], profile: Profile) -> Iterator[Refusal]:
    """Everything for which AWS refuses the elements of a document."""
    for name in elements:
        if name not in _ELEMENTS:
            yield Refusal(name, profile.dialect.unknown_element(name), profile.source, Subject.SYNTAX)
    if "Id" in elements and not isinstance(elements["Id"], str):
        yield _refused("Id", profile, Subject.SYNTAX, f"Id is {elements['Id']!r}, and must be a text", _ID_PAGE)
    yield from _of_version(elements, profile)
    yield from _of_statements(elements, profile)


def _of_version(elements: Mapping[str, Any], profile: Profile) -> Iterator[Refusal]:
    """The version.

    IAM takes no new identity policy of version 2008-10-17 or without a version, and keeps evaluating the old ones: a
    document that is attached may have it, and then has no variables.
    """
    version = elements.get("Version")
    if profile.version is not None and version != profile.version:
        problem = f"Version is {version!r}, and must be {profile.version}"
        yield _refused("Version", profile, Subject.VERSION, problem, profile.source)
    elif "Version" in elements and version not in _VERSIONS:
        problem = f"Version is {version!r}, and must be {' or '.join(_VERSIONS)}"
        yield _refused("Version", profile, Subject.VERSION, problem, _VERSION_PAGE)


def _of_statements(elements: Mapping[str, Any], profile: Profile) -> Iterator[Refusal]:
    if "Statement" not in elements:
        yield _refused("Statement", profile, Subject.SYNTAX, "there is no Statement", _STATEMENT_PAGE)
        return
    alone = isinstance(elements["Statement"], Mapping)
    written = list(entries([elements["Statement"]] if alone else elements["Statement"], "Statement"))
    if not written:
        problem = "there is no statement in the policy"
        yield _refused("Statement", profile, Subject.SYNTAX, problem, _STATEMENT_PAGE)
    statements: list[tuple[str, Mapping[str, Any]]] = []
    for path, statement in written:
        if isinstance(statement, Mapping):
            statements.append((path, cast("Mapping[str, Any]", statement)))
        else:
            yield _refused(path, profile, Subject.SYNTAX, f"{statement!r} is no statement", _STATEMENT_PAGE)
    for path, statement in statements:
        yield from of_statement(statement, path, profile)
    yield from of_sids(statements, profile)


def _refused(path: str, profile: Profile, subject: Subject, problem: str, page: str) -> Refusal:
    return Refusal(path, profile.dialect.refuse(subject, problem), page, subject)
