"""What is wrong with what the evaluator was given."""

from __future__ import annotations

from collections.abc import Iterable

from infra.errors import UserError


class UnknownPrincipal(UserError):
    """A request's principal is nothing that AWS would call a principal."""

    def __init__(self, principal: str) -> None:
        super().__init__(
            f"{principal!r} is no principal",
            "give the ARN of a role, session (arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION), user or root user, "
            'the name of a service (sagemaker.amazonaws.com) or provider, or "*" for an anonymous caller',
            where="principal",
        )


class AmbiguousContext(UserError):
    """A request's context has one key twice, in different case."""

    def __init__(self, keys: Iterable[str]) -> None:
        super().__init__(
            f"one key is there twice in different case: {', '.join(sorted(keys, key=str.lower))}",
            "AWS ignores the case of context keys: give each once",
            where="context",
        )
