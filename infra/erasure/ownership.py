"""Whose a thing is, by its names, its ARN, its tags, and the tenant's keys that it refers to: pure.

A tenant id ends at a delimiter that an id cannot contain, so ``acme`` never claims what is ``acmeeu``'s. Where names
and tags say different owners the claim is disputed: such a thing is told, and never removed.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from infra import naming
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from infra.tags import STAGE_TAG, TENANT_TAG

#: Services whose resources' ARNs name no kind: what follows a slash there is part of something else.
_WITHOUT_KIND = frozenset({"s3", "sns", "sqs"})

By = Literal["name", "arn", "tag", "reference", "container"]


@dataclass(frozen=True)
class Claim:
    """That a thing is the tenant's.

    Args:
        by: What says so, in the order of the alphabet.
        dispute: What speaks against it; empty where nothing does.
    """

    by: tuple[By, ...]
    dispute: str = ""


@dataclass(frozen=True)
class Owner:
    """The tenant that is erased, on its platform.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec.
    """

    platform: PlatformSpec
    tenant: TenantSpec

    @property
    def id(self) -> str:
        """The tenant's id."""
        return self.tenant.id

    @property
    def prefix(self) -> str:
        """How the tenant's flat names start, the delimiter included."""
        return f"{naming.prefix(self.platform, self.tenant)}-"

    @cached_property
    def _named(self) -> re.Pattern[str]:
        """A name that says its owner: one of the starts that names have, the owner, a delimiter or the end."""
        path = naming.path(self.platform).removesuffix(f"{naming.PLATFORM}/")
        starts = (
            naming.prefix(self.platform).removesuffix(naming.PLATFORM),
            path,
            path[1:],
            naming.key_alias(self.platform).removesuffix(naming.PLATFORM),
            naming.metric_namespace(self.platform, self.tenant).removesuffix(self.id),
            naming.endpoint_log_group(self.platform, self.tenant, "").removesuffix(
                self.prefix.removeprefix(self._flat)
            ),
        )
        return re.compile(rf"(?:{'|'.join(map(re.escape, starts))})([a-z][a-z0-9]*)(?=[-/:]|$)")

    @property
    def _flat(self) -> str:
        return naming.prefix(self.platform).removesuffix(naming.PLATFORM)

    def named(self, name: str) -> str | None:
        """The owner that a name says, a tenant or the platform; None where it says none of this stage."""
        found = self._named.match(name)
        return found[1] if found else None

    def named_by_arn(self, arn: str) -> str | None:
        """The owner that an ARN says: by its resource, or by what follows the resource's kind.

        Source: AWS General Reference, "Amazon Resource Names (ARNs)", ARN format.
        """
        parts = arn.split(":", 5)
        if len(parts) < 6:
            return None
        service, resource = parts[2], parts[5]
        if service in _WITHOUT_KIND:
            return self.named(resource)
        return self.named(resource) or self.named(re.split("[:/]", resource, maxsplit=1)[-1])

    def claim(
        self,
        names: Iterable[str],
        arn: str,
        tags: Mapping[str, str],
        references: Iterable[str] = (),
        owned: Collection[str] = (),
    ) -> Claim | None:
        """What makes a thing the tenant's; None where nothing does.

        Args:
            names: Its names.
            arn: Its ARN; empty where it has none.
            tags: Its tags.
            references: The ARNs and ids that it refers to, as the key that encrypts it.
            owned: The ARNs and ids of the tenant's keys.
        """
        said = {found for name in names if (found := self.named(name))}
        by_arn = self.named_by_arn(arn)
        tagged = tags.get(TENANT_TAG)
        stage = tags.get(STAGE_TAG)
        by: list[By] = []
        if by_arn == self.id:
            by.append("arn")
        if self.id in said:
            by.append("name")
        if any(reference in owned for reference in references):
            by.append("reference")
        if tagged == self.id and stage in (None, self.platform.stage):
            by.append("tag")
        if not by:
            return None
        return Claim(tuple(by), self._dispute(by, (said | {by_arn or self.id}) - {self.id}, tagged, stage))

    def _dispute(self, by: list[By], others: set[str], tagged: str | None, stage: str | None) -> str:
        if others:
            return f"its name says that it is of {', '.join(sorted(others))}"
        if tagged not in (None, self.id):
            return f"its tag {TENANT_TAG} says that it is of {tagged}"
        if tagged is not None and stage not in (None, self.platform.stage):
            return f"its tag {STAGE_TAG} says that it is of stage {stage}"
        if by == ["tag"] and stage is None:
            return f"only its tag {TENANT_TAG} claims it, and no tag {STAGE_TAG} says of which stage it is"
        return ""
