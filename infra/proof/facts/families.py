"""What requests name when they mean a resource, or what is in it, by the types of AWS's catalogue.

Source: Service Authorization Reference, Resource types.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from infra.evaluator import catalogue
from infra.proof.facts.model import Family

_ACCOUNT = 4
_SERVICE = 2
_ARN_PARTS = 6
_SEPARATOR = re.compile("[/:]")
_FORM = re.compile("[^/:]+")

#: Service and type to what is in such a resource: the type, what its ARN has in place of a part, and what follows.
_CONTENTS: Mapping[tuple[str, str], tuple[tuple[str, str, str, str], ...]] = {
    ("s3", "bucket"): (("object", "", "", "/*"),),
    ("s3", "accesspoint"): (("accesspointobject", "", "", "/object/*"),),
    ("logs", "log-group"): (("log-stream", "", "", ":log-stream:*"),),
    ("sagemaker", "model-package-group"): (("model-package", ":model-package-group/", ":model-package/", "/*"),),
    ("dynamodb", "table"): (("index", "", "", "/index/*"), ("stream", "", "", "/stream/*")),
    ("lambda", "function"): (("function version", "", "", ":*"),),
    ("es", "domain"): (("domain", "", "", "/*"),),
    ("kafka", "cluster"): (
        ("topic", ":cluster/", ":topic/", "/*"),
        ("group", ":cluster/", ":group/", "/*"),
        ("transactional-id", ":cluster/", ":transactional-id/", "/*"),
    ),
    ("kinesis", "stream"): (("consumer", "", "", "/consumer/*"),),
}


class Families:
    """Tells families; the form of an ARN is looked up once, as thousands of tenants have the same."""

    def __init__(self) -> None:
        self._types: dict[tuple[str, ...], str | None] = {}

    def of(self, arn: str, token: str) -> tuple[Family, ...]:
        """A resource's own family, then those of what is in it.

        Args:
            arn: Its ARN, with ``*`` for what is not known.
            token: Its type by the provider.
        """
        parts = arn.split(":", _ARN_PARTS - 1)
        if len(parts) < _ARN_PARTS:
            return (Family(arn, "", None),)
        service, kind = parts[_SERVICE], self._type(token, parts)
        found = [Family(arn, service, kind)]
        for name, part, instead, suffix in _CONTENTS.get((service, kind or ""), ()):
            found.append(Family((arn.replace(part, instead, 1) if part else arn) + suffix, service, name))
        return tuple(found)

    def _type(self, token: str, parts: list[str]) -> str | None:
        """The type of an ARN: ARNs of one form that one type of the provider has are of one type."""
        rest = parts[-1]
        form = token, parts[_SERVICE], _SEPARATOR.split(rest, maxsplit=1)[0], _FORM.sub("", rest)
        if _SEPARATOR.search(rest) is None:
            form = token, parts[_SERVICE], "", ""
        if form not in self._types:
            found = catalogue.resource_types_of_arn(_sample(parts))
            self._types[form] = found[0].name if found else None
        return self._types[form]


def _sample(parts: list[str]) -> str:
    """The ARN, with something in place of an account and a Region that are not known."""
    region = parts[_ACCOUNT - 1] if parts[_ACCOUNT - 1] != "*" else "us-east-1"
    account = parts[_ACCOUNT] if parts[_ACCOUNT] != "*" else "000000000000"
    return ":".join([*parts[: _ACCOUNT - 1], region, account, parts[-1]])
