"""Writes `docs/controls.md`, the table of the rules: ``python -m infra.policy_pack.documentation`` in the checkout."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from infra.policy_pack.isolation import policy as isolation
from infra.policy_pack.levels import Level, Regime
from infra.policy_pack.rule import Rule
from infra.policy_pack.rules import RULES

FILE = Path("docs/controls.md")

_HEADING = """\
# Controls

<!-- Written by `python -m infra.policy_pack.documentation` from the rules of `infra/policy_pack`; do not edit. -->

The policy pack `infra/policy_pack` checks what is planned, whoever wrote the program, before anything is made:

```
pulumi preview --policy-pack infra/policy_pack
pulumi up --policy-pack infra/policy_pack --policy-pack-config pack.json
```

`policy_pack: true` in `bulkhead.yaml` (or `BULKHEAD_POLICY_PACK=true`) lets `bulkhead preview` and `bulkhead up`
run it too. Pulumi checks each resource before it is made, and the stack as a whole once everything is planned. In
an update that is at its end, so preview first: `pulumi up` and `bulkhead up` do so by themselves.

A violation of a **mandatory** rule ends the preview or update; an advisory one is shown. What a rule weighs follows
from the compliance regimes in the tenant's specification (the platform is under those of all its tenants); the
strictest counts. A stack that has no specification here is configured by `--policy-pack-config`, with a JSON object
of rule to configuration:

```json
{
  "compliance": {"regimes": ["hipaa"], "regions": ["eu-central-1"], "owner": "acme"},
  "log-retention": {"days": 400, "levels": {"gdpr": "mandatory"}},
  "vpc-flow-logs": "disabled",
  "isolation": {"exports": ["exports/"], "unknown": "mandatory"}
}
```

Numbers like S3.8 are those of the AWS Foundational Security Best Practices (AWS Security Hub User Guide, "Control
reference for Security Hub CSPM"): what the rule stands for, seen before it is deployed. Rules without a number
stand for what AWS refuses, or for what only a platform of several tenants needs.
"""

_ISOLATION = """
## The proof

`isolation` proves the planned stack together with what is deployed of all others, and ends the preview with the
request that shows a leak: who, by which action, on what, in which context, by which chain of roles, and each
statement that allows it. What is deployed is read from the files of a local backend; for any other, export the
stacks to a folder (`pulumi stack export`) and name it in `exports`, or in `BULKHEAD_EXPORTS`. It is mandatory. What
cannot be known before the deployment is advisory, unless `unknown` says otherwise.

| configuration | what it is |
|---|---|
"""


def controls() -> str:
    """The whole document."""
    parts = [_HEADING]
    for heading, rules in (
        ("Single resources", [rule for rule in RULES if rule.resource is not None]),
        ("Whole stacks", [rule for rule in RULES if rule.stack is not None]),
    ):
        parts.append(f"\n## {heading}\n\n{_table(rules)}")
    parts.append(_ISOLATION)
    parts += [f"| `{key}` | {of['description']} |\n" for key, of in isolation.SCHEMA.items()]
    return "".join(parts)


def _table(rules: Iterable[Rule]) -> str:
    heads = ("rule", "what it asks", "stands for", *(regime.value for regime in Regime), "else", "remedy", "source")
    lines = [heads, ("---",) * len(heads), *map(_row, rules)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _row(rule: Rule) -> tuple[str, ...]:
    levels = (*(rule.levels.get(regime, rule.level) for regime in Regime), rule.level)
    return (
        f"`{rule.id}`{_configuration(rule)}",
        _cell(rule.title),
        ", ".join(rule.standards),
        *(f"**{level}**" if level is Level.MANDATORY else str(level) for level in levels),
        _cell(rule.remedy),
        _cell(rule.source),
    )


def _configuration(rule: Rule) -> str:
    return f" ({', '.join(f'`{key}`' for key in rule.schema)})" if rule.schema else ""


def _cell(text: str) -> str:
    """Text that Markdown takes as it is in a table."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("*", "\\*").replace("<", "&lt;").replace("_", "\\_")


if __name__ == "__main__":
    FILE.write_text(controls(), encoding="utf-8")
