"""What Service Quotas says of an account: its own limits, by code, and those of instance types, by name.

What is denied or not answered is said, and the limit is then the spec's or AWS's default. Sources: Service Quotas API
Reference, "GetServiceQuota", "ListServiceQuotas".
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, cast

from infra.live import Account
from infra.live.account import Absent, Answer, Unread
from infra.quotas.counting import Place
from infra.quotas.limits import Applied, Limits
from infra.quotas.table import Quota, quotas

ACTIONS = ("servicequotas:GetServiceQuota", "servicequotas:ListServiceQuotas")

_SERVICE = "service-quotas"
_OF_TYPE = "endpoint_instances_of_type"
_TYPE = re.compile(r"^(ml\.\S+) for endpoint usage$")


def read_limits(account: Account, of_global: Account, *, spec: dict[str, int], workers: int = 8) -> Limits:
    """The limits of an account.

    Args:
        account: The account in the platform's Region.
        of_global: The same in us-east-1, which answers for IAM, S3 and other services without Regions.
        spec: What the platform's spec says, by the quota's key: holds where Service Quotas is not to be read.
        workers: How many reads run at the same time.

    Raises:
        UserError: The credentials are not valid.
    """
    applied: dict[Place, Applied] = {}
    unread: dict[str, str] = {}

    def one(quota: Quota) -> tuple[str, Applied | None, str]:
        asked = account if quota.region is None else of_global
        try:
            answer = asked.read(_SERVICE, "get_service_quota", ServiceCode=quota.service, QuotaCode=quota.code)
        except Absent:
            return quota.key, None, f"Service Quotas does not have it in {asked.region}"
        except Unread as problem:
            return quota.key, None, str(problem)
        return quota.key, _applied(answer["Quota"]), ""

    with ThreadPoolExecutor(workers) as pool:
        of_types = pool.submit(_types, account)
        for key, value, why in pool.map(one, [quota for quota in quotas().values() if quota.code is not None]):
            if value is None:
                unread[key] = why
            else:
                applied[Place(key)] = value
        found, why = of_types.result()
    applied |= found
    if why:
        unread[_OF_TYPE] = why
    return Limits(region=account.region, applied=applied, spec=spec, unread=unread)


def _types(account: Account) -> tuple[dict[Place, Applied], str]:
    try:
        answer = account.read(_SERVICE, "list_service_quotas", ServiceCode=quotas()[_OF_TYPE].service)
    except (Absent, Unread) as problem:
        return {}, str(problem)
    return dict(_of_types(answer)), ""


def _of_types(answer: Answer) -> Iterator[tuple[Place, Applied]]:
    for quota in cast("list[Answer]", answer.get("Quotas", [])):
        named = _TYPE.match(str(quota.get("QuotaName")))
        if named:
            yield Place(_OF_TYPE, named[1]), _applied(quota)


def _applied(quota: Any) -> Applied:
    return Applied(value=int(quota["Value"]), code=str(quota["QuotaCode"]))
