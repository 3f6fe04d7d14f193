"""AWS's actions, resource types and condition keys, typed, read a service at a time when first asked for."""

from __future__ import annotations

from infra.evaluator.catalogue.actions import AccessLevel, Action, ActionResource, action, actions, matching_actions
from infra.evaluator.catalogue.capabilities import (
    endpoint_policies_unsupported,
    endpoint_policy_services,
    rcp_services,
    resource_policy_services,
)
from infra.evaluator.catalogue.data import services
from infra.evaluator.catalogue.keys import (
    ConditionKey,
    KeyType,
    ValueType,
    condition_key,
    condition_keys,
    key_type,
)
from infra.evaluator.catalogue.resources import (
    ResourceType,
    resource_type,
    resource_types,
    resource_types_of_arn,
)

__all__ = [
    "AccessLevel",
    "Action",
    "ActionResource",
    "ConditionKey",
    "KeyType",
    "ResourceType",
    "ValueType",
    "action",
    "actions",
    "condition_key",
    "condition_keys",
    "endpoint_policies_unsupported",
    "endpoint_policy_services",
    "key_type",
    "matching_actions",
    "rcp_services",
    "resource_policy_services",
    "resource_type",
    "resource_types",
    "resource_types_of_arn",
    "services",
]
