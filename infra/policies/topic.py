"""The policy of an alerts topic: the owner's own alarms and the account's budgets publish to it, nobody else by policy.

Sources: Amazon CloudWatch User Guide, "Notifying users on alarm changes"; AWS Cost Management User Guide, "Creating an
Amazon SNS topic for budget notifications"; Amazon SNS Developer Guide, "Example cases for Amazon SNS access control".
"""

from __future__ import annotations

from infra import naming
from infra.policies.document import ANYONE, PolicyDocument, Principal, Statement
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec


def alerts_topic(platform: PlatformSpec, owner: TenantSpec | None = None) -> PolicyDocument:
    """The policy of the owner's alerts topic; the owner is a tenant, or the platform for None.

    Principals of the account publish or subscribe by their identity policies alone. A service publishes only on behalf
    of this account, and CloudWatch only for alarms under the owner's own prefix.
    """
    topic = naming.topic_arn(platform, naming.alerts_topic(platform, owner))
    return PolicyDocument(
        (
            Statement(
                sid="AlarmsOfTheOwner",
                principal=Principal(service=("cloudwatch.amazonaws.com",)),
                actions=("sns:Publish",),
                resources=(topic,),
                conditions={
                    "StringEquals": {"aws:SourceAccount": platform.account},
                    "ArnLike": {"aws:SourceArn": naming.alarm_arn(platform, f"{naming.prefix(platform, owner)}-*")},
                },
            ),
            Statement(
                sid="BudgetsOfTheAccount",
                principal=Principal(service=("budgets.amazonaws.com",)),
                actions=("sns:Publish",),
                resources=(topic,),
                conditions={
                    "StringEquals": {"aws:SourceAccount": platform.account},
                    "ArnLike": {"aws:SourceArn": f"arn:aws:budgets::{platform.account}:*"},
                },
            ),
            Statement(
                sid="EncryptedTransportOnly",
                effect="Deny",
                principal=ANYONE,
                actions=("sns:Publish", "sns:Subscribe"),
                resources=(topic,),
                conditions={"Bool": {"aws:SecureTransport": "false"}},
            ),
        )
    )
