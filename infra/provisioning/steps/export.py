"""The step of an erasure that gives the tenant what is its, where that was asked for: data, models, captures, spec.

The tenant is shut out by now. One role reads its buckets for the time of this step and no longer; what it reads is
streamed into a bag in the bucket of the exports, which expires. Cut off anywhere it goes on.
"""

from __future__ import annotations

from datetime import timedelta
from typing import get_args

from infra import naming
from infra.erasure.bags import Bag, Copied
from infra.erasure.removal import utc_now
from infra.jobs.processes.call import StepCall
from infra.live.account import Absent
from infra.naming import TenantBucketKind
from infra.operations import export_access, export_place
from infra.provisioning import specs
from infra.provisioning.context import Result, Work, run_step
from infra.provisioning.erasing import Erasing
from infra.provisioning.exports import Exported, exported_in, remember

#: How long the role may read once it is opened: longer than one attempt at this step may take.
_LONGEST = timedelta(hours=13)


def run(call: StepCall) -> Result:
    """Export the tenant, if ``export`` of the arguments says so.

    Args:
        call: ``export`` of its arguments: whether it was asked for.

    Returns:
        ``exported``: where the manifest is, how much there is and when it expires; null where it was not asked for, or
        where there is nothing.

    Raises:
        StepFailed: AWS refuses, or the tenant's spec cannot be read.
    """
    return run_step(_export, call)


def _export(work: Work, call: StepCall) -> Result:
    if not call.arguments["export"]:
        return {"exported": None}
    erasing = Erasing(work, call)
    exported = exported_in(erasing.journal)
    if exported is None and specs.current(work, erasing.tenant) is None and not _has_buckets(work, erasing):
        return {"exported": None}  # its onboarding was refused before anything was written or made
    if exported is None:
        exported = _written(work, erasing, call)
        remember(erasing.journal, exported)
    return {
        "exported": {
            "manifest": exported.manifest, "objects": exported.objects, "size": exported.size,
            "expires": exported.expires,
        }
    }  # fmt: skip


def _written(work: Work, erasing: Erasing, call: StepCall) -> Exported:
    bucket = export_place.ensure(erasing.backend, work.platform)
    bag = Bag(erasing.backend, bucket, f"{erasing.tenant}/{call.operation}/")
    tenant = work.tenant(erasing.tenant)
    there = bag.complete()
    if there is None:
        bag.add("spec", f"{erasing.tenant}.yaml", work.specs.read(erasing.tenant).content)
        if _has_buckets(work, erasing):
            _copy_buckets(work, erasing, bag, call)
        there = bag.finish({"Source-Organization": tenant.display_name, "External-Identifier": call.operation})
    else:
        export_access.close(work.cloud, erasing.account, work.platform, tenant)
    bag.tidy()
    size, objects = there
    # Objects expire at the midnight after so many days. Source: S3 User Guide, "Lifecycle configuration elements".
    expires = (utc_now() + timedelta(days=export_place.DAYS + 1)).replace(hour=0, minute=0, second=0, microsecond=0)
    return Exported(manifest=bag.manifest, objects=objects, size=size, expires=expires.isoformat(timespec="seconds"))


def _has_buckets(work: Work, erasing: Erasing) -> bool:
    try:
        erasing.account.read("s3", "head_bucket", Bucket=naming.bucket(work.platform, erasing.owner.tenant, "data"))
    except Absent:
        return False
    return True


def _copy_buckets(work: Work, erasing: Erasing, bag: Bag, call: StepCall) -> None:
    tenant = work.tenant(erasing.tenant)
    kinds: tuple[TenantBucketKind, ...] = get_args(TenantBucketKind)
    opening = export_access.opened(work.cloud, erasing.account, work.platform, tenant, utc_now() + _LONGEST)
    with opening as reader:
        for number, kind in enumerate(kinds):

            def done(_: Copied, number: int = number) -> None:
                call.progress(number, len(kinds))

            bag.copy(reader, naming.bucket(work.platform, tenant, kind), kind, done)
