"""The grammar of policy documents: everything for which AWS would refuse one, before anybody evaluates it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from infra.evaluator.grammar.document import of_document
from infra.evaluator.grammar.full_access import is_aws_full_access
from infra.evaluator.grammar.idle import is_idle
from infra.evaluator.grammar.operators import OPERATORS, Operator, Quantifier, parse_operator
from infra.evaluator.grammar.organizations import level_refusals
from infra.evaluator.grammar.profiles import Profile, profile_of
from infra.evaluator.grammar.refusal import Refusal, Subject
from infra.evaluator.grammar.sizes import MANAGED_BY_AWS, limit_of, size
from infra.evaluator.grammar.text import Unreadable, Written, read
from infra.evaluator.kinds import PolicyKind

__all__ = [
    "MANAGED_BY_AWS",
    "OPERATORS",
    "Operator",
    "Quantifier",
    "Refusal",
    "Subject",
    "is_idle",
    "level_refusals",
    "parse_operator",
    "refusals",
]

#: What IAM, STS and KMS do not take in the text of a document; inside JSON it can be written as an escape.
_NOT_TAKEN = re.compile(r"[^\t\n\r -\xff]")


def refusals(document: object, kind: PolicyKind, service: str | None = None) -> tuple[Refusal, ...]:
    """Everything for which AWS would refuse a policy document.

    What AWS takes with a warning only, such as a condition key that no service has in an identity's policy, is no
    refusal. What depends on the account, such as whether a principal exists or whether a bucket is the policy's own,
    is taken as given.

    Args:
        document: The document as JSON text, or as the mapping that such a text stands for.
        kind: Where it is attached.
        service: The prefix of the resource's service, for a resource's policy, for example ``s3``; `MANAGED_BY_AWS` for
            a managed policy of AWS's own.

    Returns:
        The refusals in the order of the document; none for a document that AWS takes. Nothing is raised for any input.
    """
    profile = profile_of(kind, service)
    try:
        written = read(document)
    except Unreadable as problem:
        page = "IAM User Guide, Troubleshoot IAM policies"
        return (Refusal("", profile.dialect.refuse(Subject.SYNTAX, str(problem)), page, Subject.SYNTAX),)
    if kind is PolicyKind.RCP and is_aws_full_access(written.elements):
        return ()
    return (
        *_of_characters(written, profile),
        *_of_size(written, kind, service, profile),
        *of_document(written.elements, profile),
    )


def _of_characters(written: Written, profile: Profile) -> Iterator[Refusal]:
    found = _NOT_TAKEN.search(written.text) if profile.latin else None
    if found:
        problem = f"the character {found[0]!r} must be written as an escape, as {json.dumps(found[0])}"
        message = profile.dialect.refuse(Subject.SYNTAX, problem)
        page = "IAM API Reference, CreatePolicy; AWS KMS API Reference, PutKeyPolicy"
        yield Refusal("", message, page, Subject.SYNTAX)


def _of_size(written: Written, kind: PolicyKind, service: str | None, profile: Profile) -> Iterator[Refusal]:
    limit = limit_of(kind, service)
    if limit is None:
        return
    found = size(written, limit.counted)
    if found > limit.most:
        problem = f"{found} {limit.counted}, and AWS takes {limit.most}"
        message = profile.dialect.refuse(Subject.SIZE, problem)
        yield Refusal("", message, limit.source, Subject.SIZE)
