"""The principals of a statement.

Sources: IAM User Guide, "AWS JSON policy elements: Principal" and "AWS JSON policy elements: NotPrincipal".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, cast

from infra.evaluator.grammar.elements import entries
from infra.evaluator.grammar.profiles import Need, Profile
from infra.evaluator.grammar.refusal import Refusal, Subject

_PAGE = "IAM User Guide, AWS JSON policy elements: Principal"
_PARTITION = r"arn:aws(?:-[a-z]+)*"
_NAME = r"[\w+=,.@-]+"
_PATH = rf"(?:[!-)+-.0->@-~]+/)*{_NAME}"
#: What may stand as an AWS principal: everyone, an account, a role, a user, a session of a role, a federated user, the
#: unique id that AWS puts in the place of one that was deleted, and an origin access identity of CloudFront.
_AWS = re.compile(
    rf"\*|\d{{12}}|A(?:ROA|IDA)[A-Z0-9]+"
    rf"|{_PARTITION}:iam::\d{{12}}:(?:root|(?:role|user)/{_PATH})"
    rf"|{_PARTITION}:sts::\d{{12}}:(?:assumed-role/[\w+=,.@-]{{1,64}}/[\w+=,.@-]{{2,64}}|federated-user/{_NAME})"
    rf"|{_PARTITION}:iam::cloudfront:user/.+",
    re.ASCII,
)
_SERVICE = re.compile(r"(?:[a-z0-9_-]+\.)+[a-z]+", re.IGNORECASE)
_SERVICE_SUFFIXES = (".amazonaws.com", ".amazonaws.com.cn", ".amazonaws.eu", ".c2s.ic.gov", ".sc2s.sgov.gov")
_FEDERATED = re.compile(
    rf"{_PARTITION}:iam::\d{{12}}:(?:saml|oidc)-provider/[^*?]+|[a-z0-9-]+(?:\.[a-z0-9-]+)+", re.IGNORECASE
)
_CANONICAL_USER = re.compile(r"[0-9a-f]{64}", re.IGNORECASE)


def of_principals(statement: Mapping[str, Any], path: str, profile: Profile) -> Iterator[Refusal]:
    """Everything for which AWS refuses the entries of Principal and NotPrincipal."""
    if profile.principal is Need.PROHIBITED:
        return
    for element in ("Principal", "NotPrincipal") if profile.not_principal else ("Principal",):
        if element in statement:
            place = f"{path}.{element}"
            for where, problem in _of_element(statement[element], place, profile):
                message = profile.dialect.refuse(Subject.PRINCIPAL, problem)
                yield Refusal(where, message, _PAGE, Subject.PRINCIPAL)


def _of_element(value: object, path: str, profile: Profile) -> Iterator[tuple[str, str]]:
    if value == "*":
        return
    if profile.only_everyone:
        yield path, f'{value!r} cannot be a principal here: only "*" can, and a condition says who'
    elif not isinstance(value, Mapping):
        yield path, f'{value!r} is neither "*" nor a map of principals'
    elif not value:
        yield path, "it names nobody"
    else:
        for kind, names in cast("Mapping[str, object]", value).items():
            yield from _of_kind(kind, names, f"{path}.{kind}")


def _of_kind(kind: str, names: object, path: str) -> Iterator[tuple[str, str]]:
    check = _CHECKS.get(kind)
    if check is None:
        yield path, f"{kind!r} is no kind of principal"
        return
    named = list(entries(names, path))
    if not named:
        yield path, "it names nobody"
    for place, name in named:
        problem = check(name) if isinstance(name, str) else f"{name!r} is no text"
        if problem is not None:
            yield place, problem


def _problem_of_aws(name: str) -> str | None:
    if _AWS.fullmatch(name):
        return None
    if name.startswith("arn:") and ("*" in name or "?" in name):
        return f"{name!r} cannot be a principal: a wildcard cannot stand for a part of an ARN"
    return f"{name!r} cannot be a principal: it must name an account, a role, a user or a session that exists"


def _problem_of_service(name: str) -> str | None:
    fits = _SERVICE.fullmatch(name) and name.lower().endswith(_SERVICE_SUFFIXES)
    return None if fits else f"{name!r} is no service principal"


def _problem_of_federated(name: str) -> str | None:
    return None if _FEDERATED.fullmatch(name) else f"{name!r} is no identity provider"


def _problem_of_canonical_user(name: str) -> str | None:
    return None if _CANONICAL_USER.fullmatch(name) else f"{name!r} is no canonical user id"


_CHECKS = {
    "AWS": _problem_of_aws,
    "Service": _problem_of_service,
    "Federated": _problem_of_federated,
    "CanonicalUser": _problem_of_canonical_user,
}
