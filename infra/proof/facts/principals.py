"""Roles and users with all their policies, whichever record holds them: inline, managed, of groups, boundary, trust.

Source: IAM User Guide, "Managed policies and inline policies", "Permissions boundaries for IAM entities".
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice

from infra.evaluator.kinds import PolicyKind
from infra.proof.facts.index import Index
from infra.proof.facts.model import Document, Principal, PrincipalKind, Unknown
from infra.proof.facts.owners import Owners
from infra.proof.facts.records import Record
from infra.proof.facts.resource_policies import document_in
from infra.proof.facts.tags import tags_of
from infra.proof.facts.targets import arn_of

ROLE = "aws:iam/role:Role"
USER = "aws:iam/user:User"
GROUP = "aws:iam/group:Group"
_POLICY = ("aws:iam/policy:Policy",)
#: Nobody has more: ten groups of a user and twenty managed policies of each, beside inline ones that are short. Source:
#: IAM User Guide, "IAM and AWS STS quotas".
MOST_POLICIES = 500
_PLAIN_ATTACHMENT = "aws:iam/policyAttachment:PolicyAttachment"

#: Type -> the property that names the holder, and what the holder is.
_INLINE = {
    "aws:iam/rolePolicy:RolePolicy": ("role", ROLE),
    "aws:iam/userPolicy:UserPolicy": ("user", USER),
    "aws:iam/groupPolicy:GroupPolicy": ("group", GROUP),
}
_ATTACHMENTS = {
    "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ("role", ROLE),
    "aws:iam/userPolicyAttachment:UserPolicyAttachment": ("user", USER),
    "aws:iam/groupPolicyAttachment:GroupPolicyAttachment": ("group", GROUP),
}
#: Type -> the properties that name a user and a group, one or many.
_MEMBERSHIPS = {
    "aws:iam/userGroupMembership:UserGroupMembership": ("user", "groups"),
    "aws:iam/groupMembership:GroupMembership": ("users", "group"),
}
#: The types that are read here and are no resources of their own.
PARTS = frozenset({*_INLINE, *_ATTACHMENTS, *_MEMBERSHIPS, _PLAIN_ATTACHMENT})
#: What a hostile state can have in the place of a principal's ARN is none of these.
_ARN = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(?:role|user)/.+")


class Principals:
    """Reads the principals of an estate.

    Args:
        index: What there is.
        owners: Whose is what.
        managed: The documents of policies that no record holds, such as AWS's own, by ARN.
    """

    def __init__(self, index: Index, owners: Owners, managed: Mapping[str, str]) -> None:
        self._index = index
        self._owners = owners
        self._managed = managed
        self.unknown: list[Unknown] = []
        self._identity: dict[str, list[Document]] = defaultdict(list)
        self._outside: list[tuple[str, Unknown]] = []
        self._groups: dict[str, list[str]] = defaultdict(list)

    def read(self) -> tuple[Principal, ...]:
        """Every role and user; `unknown` then says what is not known of them."""
        for holder, document in self._held():
            self._identity[self._key(holder)].append(document)
        for user, group in self._members():
            self._groups[self._key(user)].append(self._key(group))
        found: dict[str, Principal] = {}
        for token, kind in ((ROLE, PrincipalKind.ROLE), (USER, PrincipalKind.USER)):
            # Who is only read by one stack may be another's, which says more.
            for record in sorted(self._index.of(token), key=lambda each: not each.external):
                found[self._key(record)] = self._principal(record, kind)
        inside = {key for key, one in found.items() if one.complete}
        self.unknown.extend(unknown for key, unknown in self._outside if key not in inside)
        return tuple(found.values())

    def _key(self, record: Record) -> str:
        """What is the same for all records of one principal."""
        arn = arn_of(record, self._index)
        return arn if arn and "*" not in arn else record.source.urn

    def _principal(self, record: Record, kind: PrincipalKind) -> Principal:
        key = self._key(record)
        groups = dict.fromkeys(self._groups[key])
        of_groups = (document for group in groups for document in self._identity[group])
        held = list(islice(chain(self._identity[key], of_groups), MOST_POLICIES + 1))
        if len(held) > MOST_POLICIES:
            why = f"it has more than {MOST_POLICIES} policies, which AWS would not take: no others were read"
            self.unknown.append(Unknown(record.source, "policies", why))
        tags, all_known = tags_of(record)
        if record.external:
            why = "it is only read here, so its policies may be elsewhere: give the stack that manages it"
            self._outside.append((self._key(record), Unknown(record.source, "external", why)))
        if not all_known:
            self.unknown.append(Unknown(record.source, "tags", "its tags are not known before it is deployed"))
        arn = arn_of(record, self._index) or "*"
        if "*" not in arn and not _ARN.fullmatch(arn):
            self.unknown.append(Unknown(record.source, "arn", f"{arn!r} is not the ARN of a role or user"))
            arn = "*"
        return Principal(
            arn=arn,
            kind=kind,
            owner=self._owners.owner(arn, record.source.stack, tags, self._index.default_tags(record)),
            account=self._index.account(record),
            identity=tuple(dict.fromkeys(held)),
            boundary=self._boundary(record),
            trust=_trust(record) if kind is PrincipalKind.ROLE else None,
            tags=tags,
            source=record.source,
            complete=all_known and not record.external,
        )

    def _boundary(self, record: Record) -> Document | None:
        key = "permissionsBoundary"
        if record.text(key) is None and key not in record.properties:
            return None
        if not record.properties.get(key):
            return None
        return self._managed_document(record, key, PolicyKind.BOUNDARY)

    def _held(self) -> Iterator[tuple[Record, Document]]:
        """Every identity policy with the role, user or group that has it."""
        for token, (key, holder_type) in _INLINE.items():
            for record in self._index.of(token):
                document = document_in(record, "policy", PolicyKind.IDENTITY)
                yield from self._for_holder(record, key, holder_type, document)
        for token, (key, holder_type) in _ATTACHMENTS.items():
            for record in self._index.of(token):
                document = self._managed_document(record, "policyArn", PolicyKind.IDENTITY)
                yield from self._for_holder(record, key, holder_type, document)
        for record in self._index.of(_PLAIN_ATTACHMENT):
            yield from self._shared(record)
        for record in self._index.of(ROLE):
            yield from ((record, document) for document in self._within(record))

    def _for_holder(
        self, record: Record, key: str, holder_type: str, document: Document | None
    ) -> Iterator[tuple[Record, Document]]:
        holder = self._index.follow(record, key, (holder_type,))
        if holder is None:
            why = "the policy's holder is in none of the inputs: give the stack that it is in"
            self.unknown.append(Unknown(record.source, key, why))
        else:
            yield holder, document or Document(None, PolicyKind.IDENTITY, record.source, "policy")

    def _shared(self, record: Record) -> Iterator[tuple[Record, Document]]:
        document = self._managed_document(record, "policyArn", PolicyKind.IDENTITY)
        for key, holder_type in (("roles", ROLE), ("users", USER), ("groups", GROUP)):
            holders = self._all(record, key, (holder_type,))
            yield from ((holder, document) for holder in holders)

    def _within(self, record: Record) -> Iterator[Document]:
        """The policies in a role's own properties.

        A state repeats there what other records attach; the same text counts once.
        """
        repeated = {document.text for document in self._identity[self._key(record)]}
        for number, block in enumerate(record.blocks("inlinePolicies")):
            inner = Record(record.type, block, record.source, planned=False)
            document = document_in(inner, "policy", PolicyKind.IDENTITY)
            if document is not None and document.text not in repeated:
                name = f"inlinePolicies[{number}].policy"
                yield Document(document.text, document.kind, document.source, name)
        if record.partly_unknown("inlinePolicies"):
            yield Document(None, PolicyKind.IDENTITY, record.source, "inlinePolicies")
        if record.partly_unknown("managedPolicyArns"):
            yield Document(None, PolicyKind.IDENTITY, record.source, "managedPolicyArns")
        held = {document.arn for document in self._identity[self._key(record)]}
        for arn in record.texts("managedPolicyArns"):
            if arn not in held:
                yield self._by_arn(record, arn, "managedPolicyArns", PolicyKind.IDENTITY)

    def _managed_document(self, record: Record, key: str, kind: PolicyKind) -> Document:
        found = self._index.follow(record, key, _POLICY)
        arn = record.text(key)
        if found is not None:
            return self._of_policy(found, kind)
        if arn is not None:
            return self._by_arn(record, arn, key, kind)
        return Document(None, kind, record.source, key)

    def _by_arn(self, record: Record, arn: str, key: str, kind: PolicyKind) -> Document:
        found = self._index.find(_POLICY, arn, record)
        if found is not None:
            return self._of_policy(found, kind)
        text = self._managed.get(arn)
        return Document(text, kind, record.source, key, arn=arn)

    def _of_policy(self, policy: Record, kind: PolicyKind) -> Document:
        held = document_in(policy, "policy", kind)
        return Document(held.text if held else None, kind, policy.source, "policy", arn=arn_of(policy, self._index))

    def _members(self) -> Iterator[tuple[Record, Record]]:
        for token, (user_key, group_key) in _MEMBERSHIPS.items():
            for record in self._index.of(token):
                groups = list(self._all(record, group_key, (GROUP,)))
                for user in self._all(record, user_key, (USER,)):
                    yield from ((user, group) for group in groups)

    def _all(self, record: Record, key: str, types: Iterable[str]) -> Iterator[Record]:
        """What a property names, one or many."""
        wanted = tuple(types)
        names = record.texts(key) or tuple(filter(None, [record.text(key)]))
        missing = record.partly_unknown(key)
        for name in names:
            found = self._index.find(wanted, name, record)
            if found is None:
                missing = True
            else:
                yield found
        if missing:
            why = "somebody that it names is in none of the inputs, or not known yet"
            self.unknown.append(Unknown(record.source, key, why))


def _trust(role: Record) -> Document:
    """A role's trust policy: every role has one, so one that is not written down is not known."""
    key = "assumeRolePolicy"
    return document_in(role, key, PolicyKind.TRUST) or Document(None, PolicyKind.TRUST, role.source, key)
