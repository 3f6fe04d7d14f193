"""(d) How many requests a second `bulkhead simulate` decides, through its real command line and pipes, on one core.

Every line carries all documents of a pool tenant's request for an object, some 12 KB; the documents repeat.
"""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import estate
from bench.land import BULKHEAD
from bench.measure import CommandFailed, Cost
from bench.ratio import Ratio
from infra import naming
from infra.engine.settings import inherited_environment
from infra.policies import boundary, bucket, roles
from infra.spec.loader import Estate, load_estate
from infra.spec.tenant import TenantSpec

A_SECOND = 20_000
#: So many different lines, and how often each is sent.
_LINES, _TIMES = 10_000, 20
_TENANTS = 20
_FULL_ACCESS = {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}
_ENDPOINT = "vpce-0123456789abcdef0"


def measure(folder: Path) -> list[Ratio]:
    """Have requests of every tenant for every tenant's objects decided, half of the tenants' own."""
    files = estate.write(folder / "estate", _TENANTS)
    written = folder / "requests.jsonl"
    with written.open("w") as lines:
        lines.writelines(f"{json.dumps(request)}\n" for request in _requests(load_estate(files.platform, files.specs)))
    answered = folder / "answers.jsonl"
    took = _simulate(written, answered)
    _check(answered)
    requests = _LINES * _TIMES
    what = f"(d) {requests:,} requests by simulate, against {A_SECOND:,} a second"
    budget = requests / A_SECOND
    return [
        Ratio(what=f"{what} of one core: CPU", ours=took.cpu, theirs=budget, reading="cost", target=1.0),
        Ratio(what=f"{what}: wall", ours=took.wall, theirs=budget, reading="cost"),
    ]


def _simulate(written: Path, answered: Path) -> Cost:
    """What the command costs from start to end; it reads from one pipe and writes to another."""
    began = time.perf_counter()
    with answered.open("wb") as answers:
        source = subprocess.Popen(["cat", *[written] * _TIMES], stdout=subprocess.PIPE)
        command = [*BULKHEAD, "simulate"]
        deciding = subprocess.Popen(
            command, stdin=source.stdout, stdout=subprocess.PIPE, env=dict(inherited_environment())
        )
        sink = subprocess.Popen(["cat"], stdin=deciding.stdout, stdout=answers)
        for ours in (source.stdout, deciding.stdout):
            if ours is not None:
                ours.close()
        _, status, used = os.wait4(deciding.pid, 0)
        deciding.returncode = os.waitstatus_to_exitcode(status)
        codes = [process.wait() for process in (source, deciding, sink)]
    wall = time.perf_counter() - began
    if any(codes):
        raise CommandFailed(f"{' '.join(command)} exited with {codes[1]}")
    return Cost(wall=wall, cpu=used.ru_utime + used.ru_stime)


def _check(answered: Path) -> None:
    """Every request must have been decided, a tenant's own allowed and no other."""
    with answered.open() as lines:
        answers = [json.loads(line) for line in lines]
    wrong = [answer for answer in answers if (answer["decision"] == "Allowed") != answer["id"]["own"]]
    if wrong or len(answers) != _LINES * _TIMES:
        raise CommandFailed(f"{len(answers)} answers, of which {len(wrong)} wrong: {wrong[:1]}")


def _requests(land: Estate) -> Iterator[dict[str, Any]]:
    tenants = list(land.tenants.values())
    identities = {tenant.id: roles.identity(land.platform, tenant, "serving").to_json() for tenant in tenants}
    boundaries = {tenant.id: boundary.tenant_boundary(land.platform, tenant).to_json() for tenant in tenants}
    buckets = {tenant.id: _bucket_policy(land, tenant) for tenant in tenants}
    for number in range(_LINES):
        caller = tenants[number % _TENANTS]
        owner = caller if number % 2 else tenants[number // 2 % _TENANTS]
        name = naming.bucket(land.platform, owner, "models")
        role = naming.role_arn(land.platform, caller, "serving")
        yield {
            "id": {"number": number, "own": owner is caller},
            "principal": f"arn:aws:sts::{land.platform.account}:assumed-role/{role.rsplit('/', 1)[-1]}/s{number % 997}",
            "action": "s3:GetObject",
            "resource": f"{naming.bucket_arn(name)}/models/{number}.tar.gz",
            "resource_account": land.platform.account,
            "context": {
                "aws:PrincipalArn": role,
                "aws:PrincipalTag/bulkhead:tenant": caller.id,
                "aws:SecureTransport": True,
                "aws:SourceVpce": _ENDPOINT,
                "aws:ViaAWSService": False,
            },
            "identity_policies": [identities[caller.id]],
            "boundary": boundaries[caller.id],
            "resource_policy": buckets[owner.id],
            "scps": [[_FULL_ACCESS]],
        }


def _bucket_policy(land: Estate, tenant: TenantSpec) -> dict[str, Any]:
    key = f"arn:aws:kms:{land.platform.region}:{land.platform.account}:key/{tenant.id}"
    document = bucket.tenant_bucket(land.platform, tenant, "models", key_arn=key, s3_endpoint_ids=[_ENDPOINT])
    return document.to_json()
