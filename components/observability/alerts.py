"""AlertsTopic: the encrypted SNS topic that the owner's alarms and budget publish to, and who reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import sns

from components.base import token
from infra import naming
from infra.policies import topic as topic_policy
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec


@dataclass(frozen=True, kw_only=True)
class AlertsTopicArgs:
    """What an alerts topic is made of.

    Args:
        platform: The platform's spec.
        tenant: The owner, or None for the platform's own topic.
        key_arn: The owner's KMS key; its policy must let CloudWatch and Budgets use it, or they publish nothing.
        subscribers: E-mail addresses; each gets a mail from AWS and must confirm it before alerts arrive.
    """

    platform: PlatformSpec
    tenant: TenantSpec | None
    key_arn: Input[str]
    subscribers: Sequence[str] = ()


class AlertsTopic(pulumi.ComponentResource):
    """An SNS topic encrypted by the owner's key, with its policy and e-mail subscriptions.

    Source: Amazon SNS Developer Guide, "Securing Amazon SNS data with server-side encryption".
    """

    topic_arn: Output[str]
    """The topic's ARN, known when its policy is in place."""

    def __init__(self, name: str, args: AlertsTopicArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("AlertsTopic"), name, {}, opts)
        child = ResourceOptions(parent=self)
        topic = sns.Topic(
            name,
            name=naming.alerts_topic(args.platform, args.tenant),
            kms_master_key_id=args.key_arn,
            opts=child,
        )
        policy = sns.TopicPolicy(
            name,
            arn=topic.arn,
            policy=topic_policy.alerts_topic(args.platform, args.tenant).render(),
            opts=child,
        )
        for address in args.subscribers:
            sns.TopicSubscription(f"{name}-{address}", topic=topic.arn, protocol="email", endpoint=address, opts=child)
        self.topic_arn = policy.arn
        self.register_outputs({"topic_arn": self.topic_arn})
