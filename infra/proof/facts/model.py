"""The facts: frozen, and nothing in them that the proof does not read.

Texts of policies stay texts until somebody compiles them, so that a thousand tenants of one template can be compared by
digest alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from infra.evaluator.compiling import MalformedPolicy, compile_policy
from infra.evaluator.document import Policy
from infra.evaluator.grammar import MANAGED_BY_AWS
from infra.evaluator.kinds import PolicyKind
from infra.evaluator.policies import Grant

#: AWS's own managed policies, which no quota binds.
_OF_AWS = re.compile(r"arn:[^:]+:iam::aws:policy/")
#: No policy that AWS takes is longer. Source: Amazon OpenSearch Service Developer Guide, "Quotas" (102,400 bytes).
LONGEST_DOCUMENT = 102_400


@dataclass(frozen=True, slots=True)
class Source:
    """Where a fact was read.

    Args:
        stack: The stack as ``project/stack``, or the folder's file.
        urn: The resource's URN, or its ARN where it is of no stack.
        file: The program's file that made it, relative to the project; None where nobody wrote it down.
        line: The line in that file.
    """

    stack: str
    urn: str
    file: str | None = None
    line: int | None = None

    def __str__(self) -> str:
        place = f" ({self.file}:{self.line})" if self.file else ""
        return f"{self.urn}{place}"


@dataclass(frozen=True, slots=True)
class Unknown:
    """What cannot be known of an input, so that nothing is proven about it.

    Args:
        source: The resource.
        property: Its property, by the provider's name.
        why: What is unknown, and what to declare or supply.
    """

    source: Source
    property: str
    why: str


@dataclass(frozen=True, slots=True)
class NotModelled:
    """A resource whose type the proof does not know, though it may decide about access.

    Args:
        type: Its type token.
        source: The resource.
        could_matter: Whether it could give somebody access: then nothing is `Proved` beside it.
        why: What it has that could.
    """

    type: str
    source: Source
    could_matter: bool
    why: str


@dataclass(frozen=True, slots=True)
class Document:
    """A policy document in its place.

    Args:
        text: Its JSON; None where it is not known yet.
        kind: Where it is attached.
        source: The resource that holds it.
        property: The property that it is in.
        service: For a resource's policy, the prefix of the resource's service.
        arn: Its own ARN, where it is a managed policy.
    """

    text: str | None
    kind: PolicyKind
    source: Source
    property: str
    service: str | None = None
    arn: str | None = None

    def compiled(self) -> Policy | Unknown:
        """The policy; what AWS would not have taken, or is not known, is `Unknown` with the reason.

        The same text is compiled once, as long as it is among the many that `compile_policy` keeps.
        """
        if self.text is None:
            why = "the policy is not known before it is deployed"
            if self.arn:
                why = f"no input holds the policy {self.arn}: give the stack that it is in, or its document"
            return Unknown(self.source, self.property, why)
        if len(self.text) > LONGEST_DOCUMENT:
            return Unknown(
                self.source,
                self.property,
                f"the policy has {len(self.text)} characters; AWS takes no more than {LONGEST_DOCUMENT} of any",
            )
        try:
            return compile_policy(self.text, self.kind, service=self._grammar(), label=self.label())
        except MalformedPolicy as refused:
            return Unknown(self.source, self.property, f"AWS would refuse the policy: {refused.message}")

    def _grammar(self) -> str | None:
        return MANAGED_BY_AWS if _OF_AWS.match(self.arn or "") else self.service

    def label(self) -> str:
        """How verdicts call it."""
        return self.arn or f"{self.source.urn}#{self.property}"


class PrincipalKind(StrEnum):
    """What a principal is to IAM."""

    ROLE = "role"
    USER = "user"


@dataclass(frozen=True, slots=True)
class Principal:
    """A role or user.

    Args:
        arn: Its ARN; ``*`` stands for what is not known before it is deployed.
        kind: Role or user.
        owner: Whose it is; None where nothing says it.
        account: Its account; None where nothing says it.
        identity: Its inline and managed policies, and those of its groups.
        boundary: Its permissions boundary.
        trust: A role's trust policy.
        tags: Its tags, which its sessions have.
        source: Where it was read.
        complete: Whether this is all of it: a stack that was read manages it, and its tags are known.
    """

    arn: str
    kind: PrincipalKind
    owner: str | None
    account: str | None
    identity: tuple[Document, ...]
    boundary: Document | None
    trust: Document | None
    tags: Mapping[str, str]
    source: Source
    complete: bool = True


@dataclass(frozen=True, slots=True)
class Family:
    """What requests name when they mean a resource, or what is in it.

    Args:
        pattern: An ARN; ``*`` stands for any text: ``arn:aws:s3:::name/*`` are the objects of a bucket.
        service: The service of its type in AWS's catalogue: ``s3``.
        type: Its type there: ``bucket``; None where the catalogue has none of that form.
    """

    pattern: str
    service: str
    type: str | None


@dataclass(frozen=True, slots=True)
class Resource:
    """A resource with an ARN.

    Args:
        arn: Its ARN; ``*`` stands for what is not known before it is deployed.
        token: Its type by the provider: ``aws:s3/bucket:Bucket``.
        families: Itself first, then what is in it.
        owner: Whose it is; None where nothing says it.
        account: Its account; None where nothing says it.
        policies: The documents that decide about it: a few services keep several for one resource.
        tags: Its tags.
        runs_as: The ARNs of roles that its properties name: what its code may become.
        keys: The KMS keys, as its properties or those of its parts name them.
        settings: What its parts say about public access, encryption and transport: see `resources`.
        source: Where it was read.
    """

    arn: str
    token: str
    families: tuple[Family, ...]
    owner: str | None
    account: str | None
    policies: tuple[Document, ...]
    tags: Mapping[str, str]
    runs_as: tuple[str, ...]
    keys: tuple[str, ...]
    settings: Mapping[str, str]
    source: Source


class RouteKind(StrEnum):
    """The kinds of VPC endpoints that a policy can be on."""

    GATEWAY = "Gateway"
    INTERFACE = "Interface"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Route:
    """A way through a VPC endpoint.

    Args:
        id: The endpoint's id: ``vpce-...``; None before it is deployed.
        kind: Gateway or interface.
        service: The endpoint's service by its last parts: ``s3``, ``sagemaker.runtime``.
        policy: Its policy.
        vpc: The id of its VPC.
        owner: Whose it is; None where nothing says it.
        account: Its account.
        tables: The ids of the route tables that lead to a gateway.
        subnets: The ids of the subnets that an interface is in.
        groups: The ids of the security groups of an interface.
        private_names: Whether the service's own host names lead to an interface.
        source: Where it was read.
    """

    id: str | None
    kind: RouteKind
    service: str
    policy: Document
    vpc: str | None
    owner: str | None
    account: str | None
    tables: tuple[str, ...]
    subnets: tuple[str, ...]
    groups: tuple[str, ...]
    private_names: bool
    source: Source


@dataclass(frozen=True, slots=True)
class KeyGrant:
    """A KMS grant.

    Args:
        grant: What it allows to whom.
        retiring: Who may retire it.
        source: Where it was read.
    """

    grant: Grant
    retiring: str | None
    source: Source


@dataclass(frozen=True, slots=True)
class Control:
    """A service or resource control policy where it is attached.

    Args:
        target: The id of the root, organisational unit or account.
        policy: The policy; its kind says which it is.
        source: The attachment.
    """

    target: str
    policy: Document
    source: Source


@dataclass(frozen=True, slots=True, kw_only=True)
class Estate:
    """Everything that the proof reads.

    Args:
        principals: By ARN.
        resources: By ARN; roles and policies are resources too.
        routes: VPC endpoints.
        grants: KMS grants.
        controls: The organisation's policies; the proof may leave them out, as they only deny.
        unknown: What is not known.
        not_modelled: What the proof does not know how to read.
        stacks: The stacks that were read.
    """

    principals: tuple[Principal, ...] = ()
    resources: tuple[Resource, ...] = ()
    routes: tuple[Route, ...] = ()
    grants: tuple[KeyGrant, ...] = ()
    controls: tuple[Control, ...] = ()
    unknown: tuple[Unknown, ...] = ()
    not_modelled: tuple[NotModelled, ...] = ()
    stacks: tuple[str, ...] = field(default=())
