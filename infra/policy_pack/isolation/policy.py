"""The proof as a stack validation: a leak ends the preview or update, with the request that shows it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any, cast

from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyConfigSchema,
    ReportViolation,
    StackValidationArgs,
    StackValidationPolicy,
)

from infra.errors import UserError
from infra.policy_pack.isolation.deployments import NoDeployments, deployments
from infra.policy_pack.isolation.judging import judge, place
from infra.policy_pack.isolation.wording import message
from infra.policy_pack.levels import Level
from infra.policy_pack.planned import StackResource
from infra.policy_pack.reading import read_stack
from infra.policy_pack.specifications import sharing_around, stack_of
from infra.proof.facts import Owners, read_owners
from infra.proof.theorem.inputs import Sharing

#: Takes what is only advised on: the text and the URN that it is about.
Advise = Callable[[str, str | None], None]

#: Names the cache where the configuration of the pack does not.
CACHE = "BULKHEAD_PROOF_CACHE"

ID = "isolation"
TITLE = "No tenant reaches what is another's: over all requests, and every chain of roles."
REMEDY = "take the request out of the statements that allow it, or declare it as sharing that is meant"
_TEXT = {"type": "string", "minLength": 1}
_TEXTS = {"type": "array", "items": _TEXT, "minItems": 1}
_MOST_SHOWN = 10

SCHEMA: Mapping[str, dict[str, Any]] = {
    "exports": {
        "type": "array",
        "items": _TEXT,
        "description": "Exports of the other stacks, or folders of them; else the files of a local backend are read.",
    },
    "owners": {**_TEXT, "description": "A file of ARNs, or stack:PROJECT/STACK, to owners; else the tag tenant."},
    "cache": {**_TEXT, "description": "A file that keeps what was proven; else BULKHEAD_PROOF_CACHE names it."},
    "sharing": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "from": _TEXT, "to": _TEXT, "actions": _TEXTS, "resources": _TEXTS, "reason": _TEXT,
                "expires": {"type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
            },
            "required": ["from", "to", "actions", "resources", "reason", "expires"],
            "additionalProperties": False,
        },
        "description": "What is shared on purpose, by when it ends.",
    },
    "unknown": {
        "type": "string",
        "enum": list(Level),
        "default": str(Level.ADVISORY),
        "description": "What it weighs that something is not known, so that nothing is proven.",
    },
}  # fmt: skip


def isolation(advise: Advise) -> Policy:
    """The policy.

    Args:
        advise: Takes what is only advised on.
    """

    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        stack = [one for one in read_stack(args.resources) if one.urn]
        if not any(one.type.startswith("aws:") for one in stack):
            return
        try:
            _judge(stack, args.get_config(), report_violation, advise)
        except UserError as error:
            report_violation(f"nothing is proven: {error}", None)

    return StackValidationPolicy(
        name=ID,
        description=TITLE,
        validate=validate,
        enforcement_level=EnforcementLevel.MANDATORY,
        config_schema=PolicyConfigSchema(properties=dict(SCHEMA)),
        remediation_steps=REMEDY,
    )


def _judge(
    stack: Sequence[StackResource], config: Mapping[str, Any], report_violation: ReportViolation, advise: Advise
) -> None:
    level = Level(config.get("unknown", Level.ADVISORY))
    doubt = report_violation if level is Level.MANDATORY else advise
    folder = Path.cwd()
    deployed: Iterable[Any] = ()
    try:
        deployed = list(deployments(config.get("exports", []), os.environ, folder))
    except NoDeployments as error:
        if level is not Level.DISABLED:
            doubt(f"only this stack is judged: {error}", None)
    owners: Owners | None = read_owners(folder / config["owners"]) if "owners" in config else None
    kept = config.get("cache") or os.environ.get(CACHE)
    cache = folder / kept if kept else None
    sharing = [*_sharing(config), *sharing_around(stack_of(stack[0].urn))]
    found = judge(stack, deployed, owners=owners, sharing=sharing, cache=cache)
    for leak in found.leaks:
        report_violation(message(leak), place(stack, leak))
    if found.unknown and level is not Level.DISABLED:
        shown = [*found.unknown[:_MOST_SHOWN], *(["..."] if len(found.unknown) > _MOST_SHOWN else [])]
        doubt("\n    ".join([f"nothing is proven: {len(found.unknown)} things are not known", *shown]), None)
    if found.elsewhere:
        advise(f"{found.elsewhere} findings are about other stacks alone: `bulkhead prove` shows them", None)


def _sharing(config: Mapping[str, Any]) -> list[Sharing]:
    return [_declared(each) for each in cast("list[Mapping[str, Any]]", config.get("sharing", []))]


def _declared(each: Mapping[str, Any]) -> Sharing:
    try:
        expires = date.fromisoformat(each["expires"])
    except ValueError:
        raise UserError(
            f"{each['expires']!r} is no day",
            remedy="write YYYY-MM-DD",
            where="isolation: sharing",
        ) from None
    return Sharing(
        from_=each["from"],
        to=each["to"],
        actions=tuple(each["actions"]),
        resources=tuple(each["resources"]),
        reason=each["reason"],
        expires=expires,
    )
