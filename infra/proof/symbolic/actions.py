"""The actions of the published catalogue that work on a type of resource."""

from __future__ import annotations

from infra.evaluator import catalogue


def actions_on(service: str, *types: str) -> tuple[str, ...]:
    """All actions of a service that name resources of some types, by name.

    Args:
        service: The prefix of the service, for example ``s3``.
        types: Names of its resource types, for example ``object``; none for the actions that only ``*`` can allow.

    Source: Service Authorization Reference, "Actions, resources, and condition keys for AWS services".
    """
    wanted = {name.lower() for name in types}
    return tuple(
        one.full_name
        for one in catalogue.actions(service)
        if wanted.intersection(name.lower() for name in one.resource_types) or not (wanted or one.resource_types)
    )
