"""Guards that no promise shows: each is there for a reason that the evaluator's worlds cannot see.

A guard listed here that does break a promise fails the tests too, so the list cannot outlive its reasons.
"""

from __future__ import annotations

from fnmatch import fnmatchcase

#: The document, the guard, and why it is kept. ``*`` stands for any text.
REVIEWED: tuple[tuple[str, str, str], ...] = (
    (
        "acme.boundary",
        "LeaveNoAccount: without Null aws:ResourceAccount",
        "AWS leaves the key out of some requests, which the negated operator alone would deny.",
    ),
    (
        "acme.boundary",
        "SmokeTests: resources * as everything",
        "Versions of everything else are denied by KeepVersions; the statement says what is meant.",
    ),
    (
        "acme.bucket.models",
        "VersionsGoByLifecycleOnly: ArnNotEquals aws:PrincipalArn * as a prefix",
        "A role whose name extends that of the verification role is refused everything by NobodyElse.",
    ),
    (
        "acme.key",
        "RootUserAdministers: for everybody",
        "The principal and the condition both name the root user: a key's policy must name a principal, which without "
        "the condition would be the whole account.",
    ),
    ("acme.key", "RootUserAdministers: * as a prefix", "There is no ARN that extends the root user's."),
    (
        "acme.bucket.*",
        "OnlyProvisioningConfigures: ArnNotEquals aws:PrincipalArn * as a prefix",
        "A role whose name extends that of the provisioning role is refused everything by NobodyElse.",
    ),
    (
        "acme.repository",
        "*: for the account",
        "Within the account identity policies allow alone; the statement says who is meant. NobodyElse is the wall.",
    ),
    (
        "acme.registry",
        "*: for the account",
        "Within the account identity policies allow alone; the statement says who is meant. NobodyElse is the wall.",
    ),
    (
        "acme.re*",
        "NobodyElse: without Bool aws:PrincipalIsAWSService",
        "Services that scan or copy act without a principal's ARN, for which the negated operator alone is true.",
    ),
    (
        "acme.registry",
        "[AR]*: resources *",
        "A registry's policy is about the registry that it is attached to; AWS asks for the element all the same.",
    ),
    (
        "*.topic",
        "*: resources *",
        "A topic's policy is about the topic that it is attached to; AWS asks for the element all the same.",
    ),
    (
        "platform.bucket.*",
        "*ChecksTheBucket: resources *",
        "What the service may do there knows buckets only, and the policy is about the one that it is attached to.",
    ),
    (
        "platform.bucket.access-logs",
        "LogsOfOurBuckets: resources *",
        "Objects are put into the bucket that the policy is attached to.",
    ),
    (
        "*.endpoint.sts",
        "WhoAmI: *",
        "AWS answers sts:GetCallerIdentity whatever policies say; whether an endpoint's policy can refuse it is not "
        "documented. If it can, strangers are refused.",
    ),
    (
        "platform.repository",
        "PullByServingRoles: ArnLike aws:PrincipalArn * without the ? after dev",
        "Of the account's other roles identity policies decide; the account's id keeps everybody else out.",
    ),
    (
        "platform.repository",
        "PullByServingRoles: ArnLike aws:PrincipalArn * as a prefix",
        "Of the account's other roles identity policies decide; the account's id keeps everybody else out.",
    ),
)


def reason(document: str, guard: str) -> str | None:
    """Why a guard is kept although no promise shows it; None if it is not listed."""
    for name, pattern, why in REVIEWED:
        if fnmatchcase(document, name) and fnmatchcase(guard, pattern):
            return why
    return None
