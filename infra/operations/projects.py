"""The two Pulumi projects of the repository, and how a name on the command line becomes a stack."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from infra.engine import Project, StackRef
from infra.errors import UserError
from infra.settings import ROOT
from infra.spec import Estate

PLATFORM = Project(
    name="bulkhead-platform",
    folder=ROOT,
    preload=("stacks.platform", "stacks.program"),
)
TENANTS = Project(
    name="bulkhead-tenants",
    folder=ROOT / "tenant_stacks",
    preload=("tenant_stacks.program:estate",),
)

#: The platform's only stack, and its name on the command line.
PLATFORM_STACK = StackRef(project=PLATFORM, stack="platform")


def tenant_stack(tenant_id: str) -> StackRef:
    """The stack of a tenant."""
    return StackRef(project=TENANTS, stack=tenant_id)


def stack_ref(name: str) -> StackRef:
    """The stack of the platform or of a tenant."""
    return PLATFORM_STACK if name == PLATFORM_STACK.stack else tenant_stack(name)


def resolve(names: Sequence[str], estate: Estate, deployed: Sequence[str]) -> list[StackRef]:
    """The stacks that the names stand for: ``platform``, a tenant that has a spec, or one that has a stack.

    Args:
        names: As given on the command line; a name given twice counts once.
        estate: The specs.
        deployed: The tenants that have a stack.

    Raises:
        UserError: nothing has that name; the nearest name is proposed.
    """
    known = [PLATFORM_STACK.stack, *estate.tenants, *deployed]
    for name in names:
        if name not in known:
            nearest = difflib.get_close_matches(name, known, n=1)
            hint = f"did you mean {nearest[0]!r}? " if nearest else ""
            raise UserError(
                f"no tenant is called {name!r}",
                remedy=f"{hint}there are {', '.join(dict.fromkeys(known))}; a new tenant needs a spec {name}.yaml",
            )
    return [PLATFORM_STACK if name == PLATFORM_STACK.stack else tenant_stack(name) for name in dict.fromkeys(names)]
