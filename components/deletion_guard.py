"""DeletionGuard: while it is closed, a destroy of the stack is refused as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi
from pulumi import Resource, ResourceOptions

from components.base import token


@dataclass(frozen=True, kw_only=True)
class DeletionGuardArgs:
    """What a guard is made of.

    Args:
        closed: Whether a destroy is refused.
        guarded: What is not to be deleted; of a component, all that it made.
    """

    closed: bool
    guarded: Sequence[Resource]


class DeletionGuard(pulumi.ComponentResource):
    """A protected resource that depends on all others, and so would be the first to go.

    Protection of single resources is not enough: a destroy deletes whatever is not protected, an endpoint in service
    for example, before it fails. Single resources can still be replaced, which protecting each of them would prevent.
    Nothing of it is made at AWS.

    Source: Pulumi documentation, "Resource option: protect" and "Resource option: dependsOn".
    """

    def __init__(self, name: str, args: DeletionGuardArgs, opts: ResourceOptions | None = None) -> None:
        own = ResourceOptions(depends_on=list(args.guarded), protect=args.closed)
        super().__init__(token("DeletionGuard"), name, {}, ResourceOptions.merge(opts, own))
        self.register_outputs({})
