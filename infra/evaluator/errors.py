"""What is wrong with what the evaluator was given."""

from __future__ import annotations

from infra.errors import UserError


class UnknownPrincipal(UserError):
    """A request's principal is nothing that AWS would call a principal."""

    def __init__(self, principal: str) -> None:
        super().__init__(
            f"{principal!r} is no principal",
            "give the ARN of a role, a session (arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION), a user or a root user, "
            'the name of a service (sagemaker.amazonaws.com) or provider, or "*" for an anonymous caller',
            where="principal",
        )
