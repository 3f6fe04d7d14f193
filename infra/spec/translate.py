"""Say in plain words, with a remedy, what pydantic found wrong with a document."""

from __future__ import annotations

import difflib
import ipaddress
import re
from collections.abc import Iterable, Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from infra.spec import common, platform, service, sharing, tenant
from infra.spec.common import InvalidValue, SpecModel
from infra.spec.errors import KeyPath, SpecProblem
from infra.spec.keys import valid_keys
from infra.spec.origin import Origin

#: What a pattern of the specs asks for, in words.
PATTERN_WORDS: Mapping[str, str] = {
    common.TENANT_ID_PATTERN: "write 2 to 19 lower-case letters and digits that start with a letter, like acme",
    common.SLUG_PATTERN: "write 1 to 32 lower-case letters, digits and inner hyphens that start with a letter",
    common.REGION_PATTERN: "write an AWS Region, like eu-central-1",
    common.ACCOUNT_PATTERN: 'write the 12 digits of the AWS account in quotes, like "123456789012"',
    common.TAG_PATTERN: "write letters, digits, spaces or _.:/=+-@",
    common.WORD_PATTERN: "write 1 to 64 letters, digits or ._-",
    sharing.ACTION_PATTERN: "write service:Action, with wildcards in the action only, like s3:GetObject or s3:Get*",
    sharing.ARN_PATTERN: "write an ARN, like arn:aws:s3:::bucket/folder/*; a lone * is not taken",
    platform.BUCKET_PATTERN: "write the bucket's name: 3 to 63 lower-case letters, digits, dots and hyphens",
    platform.KEY_ARN_PATTERN: "write the key's ARN, like arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-...",
    platform.STAGE_PATTERN: "write 2 to 8 lower-case letters and digits that start with a letter, like dev",
    service.IMAGE_PATTERN: "write the image by its digest, like registry.example/bulkhead@sha256:<64 digits>",
    service.HTTPS_PATTERN: "write an https address without credentials, like https://login.example",
    service.ROLE_PATTERN: "write the role's ARN, like arn:aws:iam::123456789012:role/bulkhead-service",
    service.BACKEND_PATTERN: "write a Pulumi backend that all workers reach, like s3://acme-pulumi-state",
    service.SECRETS_PATTERN: "write the key that encrypts secrets, like awskms://alias/pulumi-state?region=eu-central-1",
    service.AUDIENCE_PATTERN: "write 1 to 256 letters, digits or ._:/-",
    service.BUS_PATTERN: "write the name or the ARN of an event bus",
    service.BRANCH_PATTERN: "write a branch: 1 to 200 letters, digits or ._/- that start with a letter or digit",
    service.FOLDER_PATTERN: "write a path from the root of the repository, like tenant_stacks/specs",
    tenant.INSTANCE_TYPE_PATTERN: "write a SageMaker instance type, like ml.m5.large",
    tenant.REPOSITORY_PATTERN: "write the GitHub repository as owner/name",
    tenant.ENVIRONMENT_PATTERN: "write 1 to 255 letters, digits or ._-",
    tenant.GROUP_PATTERN: "write 1 to 128 letters, digits or .:/=+@-",
    tenant.ARTIFACT_KEY_PATTERN: "write the key as <model>/<version>/model.tar.gz",
    tenant.MODEL_NAME_PATTERN: "write 1 to 22 lower-case letters, digits and inner hyphens that start with a letter",
    tenant.IMAGE_TAG_PATTERN: 'write 1 to 128 letters, digits or ._- in quotes, like "1.0.0"',
}

_KINDS = {
    "string": "text", "int": "a whole number", "float": "a number", "bool": "true or false",
    "tuple": "a list", "list": "a list", "dict": "a mapping of keys to values", "model": "a mapping of keys to values",
}  # fmt: skip
_HOW_TO_WRITE = {
    "string": "write text; put it in quotes where it looks like a number or a date",
    "int": "write a whole number without quotes",
    "float": "write a number without quotes",
    "bool": "write true or false without quotes",
    "tuple": "write a list: [a, b], or one `- ` line an entry",
    "list": "write a list: [a, b], or one `- ` line an entry",
    "dict": "write `key: value` lines below it",
    "model": "write `key: value` lines below it",
}


def problems_of(error: ValidationError, model: type[SpecModel], origin: Origin) -> list[SpecProblem]:
    """What `error`, raised by parsing `origin` as `model`, says, one problem a value."""
    problems: list[SpecProblem] = []
    for detail in error.errors(include_url=False):
        if _follows_from_others(detail):
            continue
        path: KeyPath = tuple(part for part in detail["loc"] if part != "[key]")
        message, remedy = _words(detail, model, path)
        problems.append(origin.problem(path, message, remedy))
    return problems


def nearest(word: str, words: Iterable[str]) -> str | None:
    """The one of `words` that `word` was probably meant to be."""
    found = difflib.get_close_matches(word, list(words), n=1, cutoff=0.5)
    return found[0] if found else None


def _follows_from_others(detail: ErrorDetails) -> bool:
    """Whether a list is only too short because entries of it are wrong, which is reported by itself."""
    return detail["type"] == "too_short" and _context(detail)["actual_length"] == 0 and len(detail["input"]) > 0


def _context(detail: ErrorDetails) -> dict[str, Any]:
    return detail.get("ctx", {})


def _words(detail: ErrorDetails, model: type[SpecModel], path: KeyPath) -> tuple[str, str]:
    kind, context, last = detail["type"], _context(detail), str(path[-1]) if path else ""
    of_type = re.fullmatch(r"(string|int|float|bool|tuple|list|dict|model)_(type|parsing|from_float)", kind)
    if of_type is not None:
        return f"expected {_KINDS[of_type[1]]}, got {_kind_of(detail['input'])}", _HOW_TO_WRITE[of_type[1]]
    if kind.startswith("date_"):
        return "not a date", "write year, month and day, like 2027-03-31"
    words = {
        "extra_forbidden": lambda: _unknown_key(last, valid_keys(model, path[:-1])),
        "missing": lambda: (f"{last} is missing", f"add {last}"),
        "literal_error": lambda: _not_one_of(detail["input"], str(context["expected"])),
        "string_pattern_mismatch": lambda: (
            "the value does not have the right form",
            PATTERN_WORDS[str(context["pattern"])],
        ),
        "value_error": lambda: _raised(detail["input"], context),
    }
    return words[kind]() if kind in words else _outside(kind, context, detail["msg"])


def _unknown_key(key: str, valid: list[str]) -> tuple[str, str]:
    meant = nearest(key, valid)
    return "unknown key", f"did you mean {meant}?" if meant else f"remove it; the keys here are {', '.join(valid)}"


def _not_one_of(value: object, expected: str) -> tuple[str, str]:
    choices = re.findall(r"[^\s',]+", expected.replace(" or ", " "))
    meant = nearest(value, choices) if isinstance(value, str) else None
    one_of = f"write {choices[0]}" if len(choices) == 1 else f"write one of {', '.join(choices)}"
    return "not a value that is allowed here", f"did you mean {meant}? {one_of}" if meant else one_of


def _raised(value: object, context: dict[str, Any]) -> tuple[str, str]:
    error = context.get("error")
    if isinstance(error, InvalidValue):
        return error.message, error.remedy
    if isinstance(error, ValueError):  # the only other validators that raise are those of ipaddress
        return _not_a_network(value)
    return f"not an e-mail address: {context['reason']}", "write an address like ml-lead@example.com"


def _not_a_network(value: object) -> tuple[str, str]:
    try:
        network = ipaddress.IPv4Network(str(value), strict=False)
    except ValueError:
        return "not a range of IPv4 addresses", "write it in CIDR notation, like 10.64.0.0/24"
    return "the range does not start at its first address", f"write {network}"


def _outside(kind: str, context: dict[str, Any], otherwise: str) -> tuple[str, str]:
    bounds = {
        "greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le",
        "too_short": "min_length", "string_too_short": "min_length", "too_long": "max_length",
        "string_too_long": "max_length",
    }  # fmt: skip
    words = {
        "gt": ("too small", "write more than {}"), "ge": ("too small", "write {} or more"),
        "lt": ("too large", "write less than {}"), "le": ("too large", "write {} or less"),
        "min_length": ("too short", "give at least {} {}"), "max_length": ("too long", "give at most {} {}"),
    }  # fmt: skip
    if kind not in bounds:
        return otherwise[:1].lower() + otherwise[1:], "correct the value"
    message, remedy = words[bounds[kind]]
    return message, remedy.format(context[bounds[kind]], "characters" if "string" in kind else "entries")


def _kind_of(value: object) -> str:
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true or false"
    kinds: dict[type, str] = {str: "text", int: "a number", float: "a number", list: "a list", dict: "a mapping"}
    return kinds.get(type(value), type(value).__name__)
