"""`make demo`: the platform and two tenants come up in the embedded cloud, use what is theirs, and are proven apart.

Then the provisioning service takes over: a third tenant comes and goes by HTTP, and the fleet is upgraded.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable

from infra.cli.output import err, note, out, print_error
from infra.cli.progress import LiveProgress
from infra.demo import isolation_matrix, report
from infra.demo.artifacts import upload_missing
from infra.demo.attempts import try_all
from infra.demo.predictions import predict
from infra.demo.proof import show_proof
from infra.demo.third_tenant import show_service
from infra.engine import Operation, StackRef, StackResult
from infra.errors import UserError
from infra.operations import run
from infra.operations.cloud import is_state_of_an_earlier_cloud
from infra.operations.embedded import sandbox
from infra.operations.plugins import prepare_engine
from infra.operations.projects import PLATFORM_STACK, tenant_stack
from infra.operations.workspace import Workspace
from infra.service.reset import reset_home
from infra.settings import load_settings

TENANTS = ("acme", "globex")


class DemoFailed(Exception):
    """A step of the demo failed; its result says why."""


def main() -> int:
    """Run the demo; 0 if everything worked."""
    parser = argparse.ArgumentParser(prog="python -m infra.demo", description="The demo, or one part of it.")
    parts: dict[str, Callable[[], None]] = {"estate": show_estate, "service": show_third_tenant}
    parser.add_argument("part", nargs="?", choices=parts, help="by default both, one after the other")
    chosen = parser.parse_args().part
    try:
        for name, show in parts.items():
            if chosen in (None, name):
                show()
    except (UserError, DemoFailed) as error:
        if isinstance(error, UserError):
            print_error(error)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


def show_third_tenant() -> None:
    """Onboard, upgrade and erase by the service; the platform and the tenants are up."""
    _step("the service: a third tenant by HTTP, an upgrade in waves, an erasure with its certificate")
    show_service(load_settings())


def show_estate() -> None:
    """Bring everything up, use it, and show what there is."""
    began = time.monotonic()
    settings = load_settings()
    _step("engine and plugins")
    prepare_engine(settings, report=note)
    _step("embedded cloud")
    status = sandbox(settings).up(progress=note)
    if status.instance and is_state_of_an_earlier_cloud(settings, status.instance):
        note("this cloud is new and empty: forgetting the stacks of the one that ended")
        reset_home(settings)
        status = sandbox(settings).up(progress=note)
    note(f"AWS answers at {status.endpoint_url}; its log is {status.log}")
    with Workspace(settings, report=note) as workspace:
        tenants = [tenant_stack(name) for name in TENANTS]
        runs: dict[StackRef, list[StackResult]] = {}
        _step("platform")
        _up(workspace, [PLATFORM_STACK], runs)
        new = [stack for stack in tenants if not workspace.engine.exists(stack)]
        if new:
            _step("tenants: keys, buckets, roles, networks, registries")
            _up(workspace, new, runs, models=False)
        _step("models: train, and upload with each tenant's own credentials")
        for line in upload_missing(workspace, TENANTS):
            note(line)
        _step("tenants: endpoints")
        _up(workspace, tenants, runs)
        _step("predictions through each tenant's endpoints")
        predictions = predict(workspace, TENANTS)
        _step("isolation: each tenant tries its own resources and its neighbours'")
        matrix = isolation_matrix.cells(list(try_all(workspace, TENANTS)))
        page = settings.home / "isolation.html"
        isolation_matrix.write_page(matrix, page)
        report.show(workspace, runs, predictions, matrix, seconds=time.monotonic() - began)
        note(f"every call and its answer: {page}")
        if not all(cell.good for row in matrix for cell in row):
            out.print("[red]Isolation does not hold[/]: see the red cells above.")
            raise DemoFailed("isolation")
        _step("proof: every request, not only those that were tried")
        specs = workspace.estate
        if not show_proof(settings, specs.platform, specs.tenants[TENANTS[0]]):
            raise DemoFailed("proof")


def _up(
    workspace: Workspace, stacks: list[StackRef], runs: dict[StackRef, list[StackResult]], *, models: bool = True
) -> None:
    with LiveProgress() as progress:
        finished = run.apply(workspace, stacks, Operation.UP, models=models, on_event=progress.on_event)
    for result in finished:
        runs.setdefault(result.ref, []).append(result)
        if result.outcome != "succeeded":
            out.print(f"[red]{result.ref.stack} {result.outcome}[/]: {result.error}")
            raise DemoFailed(result.ref.stack)


def _step(what: str) -> None:
    err.print(f"[bold]==[/] {what}")


if __name__ == "__main__":
    sys.exit(main())
