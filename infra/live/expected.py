"""Why a live resource that no stack has is no surprise: rules on what AWS, its services and the account's owners make.

Each rule says what it lets pass; a report counts by rule, so that nothing is left out without a word.

Sources: IAM User Guide, "Using service-linked roles"; IAM Identity Center User Guide, "AWS managed roles"
(``aws-reserved``); AWS KMS Developer Guide, "Examining grants" (grants of AWS services); Amazon S3 User Guide,
"Default settings for new buckets"; Amazon EventBridge User Guide, "Event buses"; Amazon CloudWatch Logs User Guide.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping

from infra.evaluator.glob import glob
from infra.live.compared import identity
from infra.live.kinds import buckets, functions, identities, keys, messaging, models, network, registries
from infra.live.kinds import secrets as secret_kinds
from infra.live.known import Known
from infra.proof.facts import Record
from infra.proof.facts.owners import OWNER_TAG
from infra.proof.facts.tags import tags_of

#: A service, or a session of AWS's own infrastructure: no role of an account can have a colon in its name.
_OF_AWS = re.compile(r"\.amazonaws\.com(\.cn)?$|^arn:[a-z-]+:sts::\d{12}:assumed-role/aws:")
#: What every account has, so that what is put on it is told though no stack has it.
EVERYWHERE: frozenset[tuple[str, ...]] = frozenset({(messaging.BUS, "default")})
_FLAGS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
#: What gives nobody access by being there. Principals, policies and endpoints do.
_THINGS = frozenset(
    {
        buckets.BUCKET,
        buckets.ACCESS_POINT,
        keys.KEY,
        keys.ALIAS,
        functions.FUNCTION,
        messaging.BUS,
        messaging.LOG_GROUP,
        messaging.QUEUE,
        messaging.TOPIC,
        models.CONFIGURATION,
        models.ENDPOINT,
        models.GROUP,
        models.MODEL,
        models.NOTEBOOK,
        registries.REPOSITORY,
        secret_kinds.SECRET,
    }
)


class Rules:
    """Says why what no stack has may be there.

    Args:
        declared: Identities of what stacks have.
        vpcs: The ids of the VPCs that stacks have.
        known: What the account's owners declare.
    """

    def __init__(self, declared: Iterable[tuple[str, ...]], vpcs: Iterable[str], known: Known) -> None:
        self._declared = frozenset(declared)
        self._vpcs = frozenset(vpcs)
        self._known = tuple((pattern, glob(pattern), reason) for pattern, reason in known.reasons.items())
        self._used: set[str] = set()

    def why(self, record: Record) -> str | None:
        """Why a live resource that no stack has may be there; None where it may not.

        Args:
            record: The resource, by the table of what is compared.
        """
        arn = record.text("arn") or ""
        for pattern, matches, reason in self._known:
            if arn and matches(arn):
                self._used.add(pattern)
                return f"declared as known: {reason}"
        rule = _RULES.get(record.type)
        found = rule(record) if rule else None
        if found is not None:
            return found
        if record.type == network.ENDPOINT and record.text("vpcId") not in self._vpcs:
            return "endpoints in VPCs that no stack has"
        if record.type in _THINGS and OWNER_TAG not in tags_of(record)[0] and not self._names_declared(record):
            return f"resources of others in the account: without the tag {OWNER_TAG}, and of nothing that a stack has"
        return None

    def unused(self) -> tuple[str, ...]:
        """What is declared as known and was not met."""
        return tuple(pattern for pattern, _, _ in self._known if pattern not in self._used)

    def _names_declared(self, record: Record) -> bool:
        """Whether it stands for something that a stack has: an alias of its key, an access point of its bucket."""
        if record.type == keys.ALIAS:
            return (keys.KEY, str(record.text("targetKeyId")).rpartition("/")[2]) in self._declared
        if record.type == buckets.ACCESS_POINT:
            return (buckets.BUCKET, str(record.text("bucket"))) in self._declared
        return False


def _role(role: Record) -> str | None:
    path = role.text("path") or "/"
    if path.startswith("/aws-service-role/"):
        return "service-linked roles: AWS makes them, and only their service can assume them"
    if path.startswith("/aws-reserved/"):
        return "roles of IAM Identity Center: AWS makes them for its permission sets"
    return None


def _grant(grant: Record) -> str | None:
    """A grant that a service made for itself; one for a role or user is somebody's."""
    if _OF_AWS.search(grant.text("granteePrincipal") or "") and grant.blocks("constraints"):
        return "grants that services of AWS made for themselves, for what an encryption context names"
    return None


def _encryption(setting: Record) -> str | None:
    blocks = (rule.get("applyServerSideEncryptionByDefault") for rule in setting.blocks("rules"))
    if all(not block or block.get("sseAlgorithm", "AES256") == "AES256" for block in blocks):
        return "S3's own encryption, which every bucket has"
    return None


def _public_access(setting: Record) -> str | None:
    if all(setting.properties.get(flag) is True for flag in _FLAGS):
        return "public access is blocked, as S3 does for every new bucket"
    return None


def _ownership(setting: Record) -> str | None:
    if setting.mapping("rule").get("objectOwnership") == "BucketOwnerEnforced":
        return "access control lists are off, as S3 does for every new bucket"
    return None


def _bus(bus: Record) -> str | None:
    return "the default event bus, which every account has" if identity(bus) in EVERYWHERE else None


def _log_group(group: Record) -> str | None:
    return "log groups that services of AWS make" if str(group.text("name")).startswith("/aws/") else None


_RULES: Mapping[str, Callable[[Record], str | None]] = {
    identities.ROLE: _role,
    keys.GRANT: _grant,
    buckets.ENCRYPTION: _encryption,
    buckets.PUBLIC_ACCESS: _public_access,
    buckets.OWNERSHIP: _ownership,
    messaging.BUS: _bus,
    messaging.LOG_GROUP: _log_group,
}
