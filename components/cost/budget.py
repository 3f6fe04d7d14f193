"""TenantBudget: the tenant's monthly AWS budget and its alerts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import budgets

from components.base import token
from infra import naming
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec
from infra.tags import TENANT_TAG


@dataclass(frozen=True, kw_only=True)
class TenantBudgetArgs:
    """What a tenant's budget is made of.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec; ``monthly_budget`` holds the limit in US dollars, the shares in percent and the
            contacts.
        alerts_topic_arn: The tenant's alerts topic; its policy must let Budgets publish.
    """

    platform: PlatformSpec
    tenant: TenantSpec
    alerts_topic_arn: Input[str]


class TenantBudget(pulumi.ComponentResource):
    """A monthly cost budget over what carries the tenant's tag, with alerts on actual and forecast cost.

    The tag counts only once it is activated as a cost-allocation tag in the account's billing settings, which takes up
    to a day and cannot be done from a member account.

    Sources: AWS Cost Management User Guide, "Budget filters" and "Best practices for AWS Budgets"; AWS Billing User
    Guide, "Activating user-defined cost allocation tags".
    """

    budget_name: Output[str]

    def __init__(self, name: str, args: TenantBudgetArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("TenantBudget"), name, {}, opts)
        spec = args.tenant.monthly_budget

        def alert(kind: Literal["ACTUAL", "FORECASTED"], percent: int) -> budgets.BudgetNotificationArgs:
            return budgets.BudgetNotificationArgs(
                notification_type=kind,
                comparison_operator="GREATER_THAN",
                threshold=percent,
                threshold_type="PERCENTAGE",
                subscriber_email_addresses=list(spec.contacts),
                subscriber_sns_topic_arns=[args.alerts_topic_arn],
            )

        budget = budgets.Budget(
            name,
            name=naming.budget(args.platform, args.tenant),
            budget_type="COST",
            time_unit="MONTHLY",
            limit_amount=f"{spec.limit_usd:.2f}",
            limit_unit="USD",
            cost_filters=[
                budgets.BudgetCostFilterArgs(name="TagKeyValue", values=[f"user:{TENANT_TAG}${args.tenant.id}"])
            ],
            notifications=[*(alert("ACTUAL", percent) for percent in spec.alert_percent), alert("FORECASTED", 100)],
            opts=ResourceOptions(parent=self),
        )
        self.budget_name = budget.name
        self.register_outputs({"budget_name": self.budget_name})
