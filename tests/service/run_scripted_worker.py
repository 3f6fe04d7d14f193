"""The service's worker process with scripted steps: ``python -m tests.service.run_scripted_worker``."""

from __future__ import annotations

from infra.service.children.worker import run
from infra.service.supervision.child import run_child
from tests.service.scripted_plans import scripted

if __name__ == "__main__":
    run_child(lambda: run(scripted(), ("tests.service.scripted_plans",)))
