"""Where data may be: the Regions that a tenant's specification names, for the resource and for every copy of it.

Sources: Regulation (EU) 2016/679, Article 44, "General principle for transfers"; Pulumi Registry, "AWS Classic", the
pages of the types.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from infra.constraints.values import blocks, inner, text, texts
from infra.policy_pack.expectations import Expectations
from infra.policy_pack.levels import Level, Regime
from infra.policy_pack.planned import StackResource
from infra.policy_pack.rule import Finding, Rule

#: Services that have no Region of one's choice: what they keep are names, permissions and bills.
_GLOBAL = ("aws:iam/", "aws:budgets/", "aws:organizations/", "aws:route53/", "aws:costexplorer/")


def _region(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    if not expected.regions or resource.type.startswith(_GLOBAL):
        return
    allowed = ", ".join(sorted(expected.regions))
    if resource.region is not None and resource.region not in expected.regions:
        yield Finding(property="region", message=f"{resource.region} is none of the Regions for its data: {allowed}")
    for path, region in _copies(resource.properties):
        if region not in expected.regions:
            yield Finding(
                property=path, message=f"its copy in {region} is outside of the Regions for its data: {allowed}"
            )


def _copies(properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Where a resource says that copies of it are kept: the property's path and the Region."""
    for path, replica in (*blocks(properties, "replicas"), *blocks(properties, "replicaRegions")):
        for key in ("regionName", "region"):
            region = text(replica, key)
            if region is not None:
                yield f"{path}.{key}", region
    rules = blocks(inner(properties, "replicationConfiguration"), "rules")
    for rule_path, rule in rules:
        for path, destination in blocks(rule, "destinations"):
            region = text(destination, "region")
            if region is not None:
                yield f"replicationConfiguration.{rule_path}.{path}.region", region
    for index, region in enumerate(texts(properties, "replicaRegionNames")):
        yield f"replicaRegionNames[{index}]", region


def _other_regions_arns(resource: StackResource, expected: Expectations) -> Iterator[Finding]:
    """Where data is sent: destinations that are named by ARNs with a Region in them."""
    if not expected.regions:
        return
    for key in ("destination", "destinationArn", "logDestination", "firehoseArn", "sourceDbInstanceArn"):
        arn = text(resource.properties, key) or ""
        parts = arn.split(":", 5)
        if len(parts) == 6 and parts[3] and parts[3] not in expected.regions:
            allowed = ", ".join(sorted(expected.regions))
            yield Finding(property=key, message=f"{arn} is in {parts[3]}, and its data may be in {allowed}")


_REGIMES = {Regime.GDPR: Level.MANDATORY, Regime.HIPAA: Level.MANDATORY, Regime.SOC2: Level.MANDATORY}
RULES = (
    Rule(
        id="residency",
        title="Resources and their copies are in the Regions where the tenant's data may be.",
        source="Regulation (EU) 2016/679, Article 44, General principle for transfers",
        remedy="move it to one of those Regions, or have data_residency of the tenant's specification changed",
        resource=_region,
        level=Level.ADVISORY,
        levels=_REGIMES,
    ),
    Rule(
        id="residency-destinations",
        title="Data is sent only to Regions where it may be.",
        source="Regulation (EU) 2016/679, Article 44, General principle for transfers",
        remedy="name a destination in one of those Regions",
        resource=_other_regions_arns,
        level=Level.ADVISORY,
        levels=_REGIMES,
    ),
)
