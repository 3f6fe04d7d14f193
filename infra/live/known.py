"""What the account's owners made besides the stacks, as they declare it: a YAML mapping of ARNs to reasons.

.. code-block:: yaml

    arn:aws:iam::111122223333:role/break-glass: "for incidents; reviewed each quarter"
    arn:aws:s3:::billing-*: "the finance department's, in the same account"
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from infra.proof.facts import Unreadable
from infra.proof.facts.inputs import read_file, shaped

_WHAT = "a mapping of ARNs, with * and ? as wildcards, to the reasons why no stack has them"


@dataclass(frozen=True)
class Known:
    """What is declared.

    Args:
        reasons: ARN, with ``*`` and ``?`` as wildcards, to the reason why no stack has it.
    """

    reasons: Mapping[str, str]


def read_known(path: Path) -> Known:
    """What a file declares.

    Raises:
        Unreadable: It cannot be read, is no such mapping, or has a key that is no ARN or an entry without a reason.
    """
    content = read_file(path)
    try:
        read: object = YAML(typ="safe", pure=True).load(content.decode("utf-8"))  # pyright: ignore[reportUnknownMemberType] - ruamel.yaml is not typed
    except (YAMLError, UnicodeDecodeError, RecursionError, ValueError) as problem:
        raise Unreadable(f"it is no YAML: {str(problem)[:500]}", f"write {_WHAT}", where=str(path)) from None
    reasons = shaped(read, dict[str, str], str(path), _WHAT)
    for arn, reason in reasons.items():
        if not arn.startswith("arn:") or not reason.strip():
            raise Unreadable(f"the entry {arn!r}: {reason!r} is no ARN with a reason", f"write {_WHAT}", str(path))
    return Known(reasons)
