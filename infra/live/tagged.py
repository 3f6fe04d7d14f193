"""What bears a tenant's tag and is of no type that the audit reads: found by AWS's index of tags, so that it is told.

Source: Resource Groups Tagging API Reference, "GetResources" (what was tagged within the last minutes may be missing).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from infra.live.account import Absent, Account
from infra.live.entry import Found, tags
from infra.proof.facts.owners import OWNER_TAG

SERVICE = "resourcegroupstaggingapi"
ACTION = "tag:GetResources"
#: The type of what is found. The provider has none that stands for any resource.
TOKEN = "aws:tagged/resource:Resource"  # noqa: S105 - a type token
#: What tenants' own work makes and ends, which no stack has: jobs, and the versions of their models.
_WORK = re.compile(
    r":sagemaker:[^:]*:[^:]*:("
    r"[a-z-]+-job|hyper-parameter-tuning-job|model-package|pipeline-execution|experiment[a-z-]*|artifact|context|action"
    r")/"
)


def tagged(account: Account) -> Iterator[Found]:
    """Every resource of the Region that bears the tag ``tenant``, but for what tenants' own work makes.

    Args:
        account: The account.

    Raises:
        Unread: The index is not to be read.
    """
    try:
        answer = account.read(SERVICE, "get_resources", TagFilters=[{"Key": OWNER_TAG}])
    except Absent:
        return
    for entry in answer["ResourceTagMappingList"]:
        arn: Any = entry["ResourceARN"]
        if isinstance(arn, str) and arn.startswith("arn:") and not _WORK.search(arn):
            yield Found(TOKEN, arn, {"arn": arn, "tags": tags(entry.get("Tags"))})
