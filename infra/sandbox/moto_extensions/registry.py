"""The table of moto's extensions, and the one way in which they change moto.

Each extension's file has a function `apply`, which adds or replaces handlers of a moto service through `operations`.
When moto gains an operation that an extension adds, `apply` fails and says so, and the extension can go.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib import import_module
from typing import Any, cast

from moto.core.responses import BaseResponse

EXTENSIONS: tuple[str, ...] = (
    "application_autoscaling",
    "budgets",
    "cloudtrail_selectors",
    "cloudtrail_trails",
    "config_settings",
    "ec2_dependencies",
    "ec2_flow_log_groups",
    "ec2_security_group_rules",
    "ec2_subnet_sizes",
    "ec2_vpc_endpoints",
    "guardduty_detectors",
    "guardduty_singleton",
    "iam_identity_providers",
    "iam_refusals",
    "kms_keys",
    "logs_group_keys",
    "logs_refusals",
    "s3_bucket_policies",
    "s3_delete_markers",
    "s3_public_access",
    "s3_settings",
    "sagemaker_definitions",
    "sagemaker_deletions",
    "sagemaker_endpoints",
    "sagemaker_model_package_groups",
    "sagemaker_tags",
    "sts_roles",
)

_applied: list[str] = []


class AlreadyInMoto(RuntimeError):
    """Moto has an operation by now that an extension would add."""


def apply() -> None:
    """Applies every extension to the moto of this process, once."""
    for name in EXTENSIONS:
        if name not in _applied:
            import_module(f"{__package__}.{name}").apply()
            _applied.append(name)


def add(target: type[Any], **functions: Callable[..., Any]) -> None:
    """Gives a moto class methods that it does not have.

    Args:
        target: A response class (its methods are operations, in snake case) or a backend or model class.
        functions: Method name -> function, whose first argument is the instance.

    Raises:
        AlreadyInMoto: The class has such a method of its own.
    """
    for name, function in functions.items():
        if hasattr(target, name):
            raise AlreadyInMoto(f"moto has {target.__name__}.{name} now: remove it from infra/sandbox/moto_extensions")
        setattr(target, name, function)


def wrap(target: type[Any], name: str, wrapper: Callable[..., Any]) -> None:
    """Puts a function around a method of a moto class.

    Args:
        target: The class.
        name: The method, which must exist.
        wrapper: Called with the original method, the instance, and the call's own arguments.
    """
    original = getattr(target, name)

    def method(self: Any, *args: Any, **kwargs: Any) -> Any:
        return wrapper(original, self, *args, **kwargs)

    method.__name__ = name
    setattr(target, name, method)


def parameters(response: BaseResponse) -> dict[str, Any]:
    """The parameters of the JSON-protocol call that a response object handles."""
    found = json.loads(response.body or "{}")
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}
