"""Budgets of a fixed amount. Source: Pulumi registry, "aws.budgets.Budget"; AWS Budgets API Reference."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from infra.sandbox.aws.entry import Autoname, Call, Read, Resource, Step, Tags
from infra.sandbox.aws.resources import budget_alerts
from infra.sandbox.aws.wire import Properties, has_unknown

_TIME = "%Y-%m-%d_%H:%M"
_BUDGET = (
    *("name", "budgetType", "timeUnit", "limitAmount", "limitUnit", "costFilters"),
    *("timePeriodStart", "timePeriodEnd"),
)
_NAMES = {
    "name": "BudgetName",
    "limitAmount": "BudgetLimit.Amount",
    "limitUnit": "BudgetLimit.Unit",
    "timePeriodStart": "TimePeriod.Start",
    "timePeriodEnd": "TimePeriod.End",
}


def _time(text: str) -> datetime:
    return datetime.strptime(text, _TIME).replace(tzinfo=UTC)


def _text(time: datetime) -> str:
    return time.astimezone(UTC).strftime(_TIME)


def _adjusted(request: dict[str, Any]) -> dict[str, Any]:
    """Times are written 2027-01-31_00:00 here, and filters are a list; the API has timestamps and a map."""
    budget: dict[str, Any] = request.get("Budget") or request["NewBudget"]
    filters: list[dict[str, Any]] = budget.get("CostFilters") or []
    budget["CostFilters"] = {each["name"]: each["values"] for each in filters}
    budget["TimePeriod"] = {edge: _time(text) for edge, text in budget["TimePeriod"].items()}
    return request


def _from_budget(found: Mapping[str, Any]) -> Properties:
    filters: Mapping[str, list[str]] = found.get("CostFilters") or {}
    return {
        "costFilters": [{"name": name, "values": values} for name, values in filters.items()],
        "timePeriodStart": _text(found["TimePeriod"]["Start"]),
        "timePeriodEnd": _text(found["TimePeriod"]["End"]),
    }


def _limit(inputs: Properties) -> Iterator[tuple[str, str]]:
    """CreateBudget: a budget that neither follows past spending nor is planned by period has one limit."""
    for name in ("limitAmount", "limitUnit"):
        if inputs.get(name) is None:
            yield name, "missing; the offline provider supports budgets of a fixed amount only"
    amount = inputs.get("limitAmount")
    if amount is not None and not has_unknown(amount) and _decimal(amount) is None:
        yield "limitAmount", f"expected a decimal number; got {amount!r}"


def _times(inputs: Properties) -> Iterator[tuple[str, str]]:
    for name in ("timePeriodStart", "timePeriodEnd"):
        value = inputs.get(name)
        if value is None or has_unknown(value):
            continue
        try:
            _time(value)
        except ValueError:
            yield name, f"expected a time such as 2027-01-31_00:00; got {value!r}"


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _same_amount(one: str, other: str) -> bool:
    """AWS answers 100 as 100.0."""
    return _decimal(one) == _decimal(other)


RESOURCES = (
    Resource(
        type="aws:budgets/budget:Budget",
        service="budgets",
        id="{account}:{name}",
        identity={"AccountId": "{account}", "BudgetName": "{name}"},
        names=_NAMES,
        create=Call("create_budget", at="Budget", properties=_BUDGET, adjust=_adjusted),
        reads=(Read("describe_budget", at="Budget", also=_from_budget),),
        updates=(
            Call("update_budget", at="NewBudget", properties=_BUDGET, adjust=_adjusted),
            Step(("notifications",), budget_alerts.write),
        ),
        complete=budget_alerts.read,
        delete=Call("delete_budget", properties=()),
        missing=("NotFoundException",),
        autoname=Autoname("name", longest=100),
        defaults={"timePeriodEnd": "2087-06-15_00:00"},
        templates={"accountId": "{account}", "arn": "arn:{partition}:budgets::{account}:budget/{name}"},
        # Names are given or automatic here; the others are inputs that are not supported.
        absent=("namePrefix", "billingViewArn", "filterExpression", "metrics", "plannedLimits"),
        same={"limitAmount": _same_amount},
        tags=Tags(),
        rules=(_limit, _times, budget_alerts.check),
    ),
)
"""AWS Budgets entries of the table."""
