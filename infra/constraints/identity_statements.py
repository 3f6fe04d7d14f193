"""What an identity's policy may say: statements that AWS takes and that then allow nothing, or too much."""

from __future__ import annotations

import re
from collections.abc import Iterator

from infra.constraints.planned import PlannedResource
from infra.constraints.policies import documents, strings
from infra.constraints.rule import Finding, Rule
from infra.evaluator.grammar import Subject
from infra.evaluator.kinds import PolicyKind
from infra.policy_documents import DOCUMENTS

#: Actions, in lower case, that have no resource level: only ``*`` allows them. Those that workloads and provisioning
#: commonly use; an action that is not here is judged by nobody's list but AWS's.
#: Source: Service Authorization Reference, the tables of the services.
WITHOUT_RESOURCE_LEVEL = re.compile(
    r"ecr:getauthorizationtoken"
    r"|cloudwatch:(?:putmetricdata|listmetrics|getmetricdata|getmetricstatistics)"
    r"|ec2:describe(?:vpcs|subnets|securitygroups|networkinterfaces|routetables|vpcendpoints|availabilityzones)"
    r"|ec2:describe(?:dhcpoptions|prefixlists|regions|flowlogs|securitygrouprules)"
    r"|kms:(?:listaliases|listkeys|createkey|generaterandom)"
    r"|s3:listallmybuckets|sts:(?:getcalleridentity|getsessiontoken)"
    r"|sagemaker:list(?:endpoints|endpointconfigs|models|trainingjobs|processingjobs|modelpackagegroups)"
    r"|iam:list(?:roles|policies|users|groups|openidconnectproviders|samlproviders)"
    r"|guardduty:listdetectors|cloudtrail:(?:listtrails|describetrails)|tag:getresources"
)
_WHOLE_ARN = re.compile(r"arn:[^:]*:[^:]*:[^:]*:[^:]*:.+|\*")


def _no_resource_level(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        if document.kind is not PolicyKind.IDENTITY:
            continue
        for path, statement in document.statements():
            resources = strings(statement.get("Resource"))
            if statement.get("Effect") != "Allow" or not resources or "*" in resources:
                continue
            for action in strings(statement.get("Action")):
                if "*" not in action and WITHOUT_RESOURCE_LEVEL.fullmatch(action.lower()):
                    yield Finding(
                        property=path, message=f"{action} has no resource level: with named resources it is denied"
                    )


def _every_resource(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        if document.kind is not PolicyKind.IDENTITY:
            continue
        for path, statement in document.statements():
            if statement.get("Effect") != "Allow" or statement.get("Condition"):
                continue
            if "*" not in strings(statement.get("Resource")):
                continue
            wide = [a for a in strings(statement.get("Action")) if not WITHOUT_RESOURCE_LEVEL.fullmatch(a.lower())]
            if wide or "NotAction" in statement:
                what = wide[0] if wide else "NotAction"
                yield Finding(property=path, message=f"{what} is allowed on every resource, under no condition")


def _resource_arns(resource: PlannedResource) -> Iterator[Finding]:
    for document in documents(resource):
        refused = dict(document.refusals(Subject.RESOURCE))
        yield from (Finding(property=path, message=message) for path, message in refused.items())
        for path, statement in document.statements():
            for arn in strings(statement.get("Resource")) + strings(statement.get("NotResource")):
                if path not in refused and not _WHOLE_ARN.fullmatch(arn):
                    yield Finding(property=path, message=f"{arn!r} has too few parts to be the ARN of anything")


RULES = (
    Rule(
        id="policy-no-resource-level",
        title="An action without a resource level is allowed on *.",
        types=frozenset({"aws:iam/policy:Policy", "aws:iam/rolePolicy:RolePolicy", "aws:iam/role:Role"}),
        source="Service Authorization Reference, Actions, resources, and condition keys for AWS services",
        remedy='give the action a statement of its own with "Resource": "*"',
        check=_no_resource_level,
    ),
    Rule(
        id="policy-every-resource",
        title="An inline policy allows actions that have a resource level on named resources, or under a condition.",
        types=frozenset({"aws:iam/rolePolicy:RolePolicy", "aws:iam/role:Role"}),
        source="IAM User Guide, Security best practices in IAM",
        remedy="name the resources by infra.naming",
        check=_every_resource,
    ),
    Rule(
        id="policy-resource-arns",
        title="A resource in a policy is an ARN, or *.",
        types=frozenset(DOCUMENTS),
        source="IAM User Guide, IAM JSON policy elements: Resource",
        remedy="write the whole ARN, with account and Region where the service has them",
        check=_resource_arns,
    ),
)
