"""What waits and runs is among the figures that anybody may read; whose it is is not."""

from __future__ import annotations

import pytest
from whole_service import Whole, new_tenant

pytestmark = pytest.mark.anyio


async def test_what_waits_is_counted_and_not_named(whole: Whole) -> None:
    """An operation that no worker has taken yet waits."""
    async with whole.client("operator") as client:
        before = (await client.get("/metrics")).text
        assert (await client.post("/v1/tenants", json=new_tenant("umbra"))).status_code == 202
        after = (await client.get("/metrics")).text
    waits = 'bulkhead_jobs{doing="waiting",kind="onboard"} 1.0'
    assert waits not in before
    assert waits in after
    assert "umbra" not in after
