"""Reads the catalogue of some services ahead of time, for a process from which others are forked that evaluate."""

from __future__ import annotations

from collections.abc import Iterable

from infra.evaluator.catalogue.actions import actions
from infra.evaluator.catalogue.keys import condition_keys
from infra.evaluator.catalogue.resources import resource_types


def read_ahead(services: Iterable[str]) -> None:
    """Read actions, condition keys and types of resources, and compile what tells the types' ARNs.

    Args:
        services: Their prefixes, for example ``s3``; those that AWS does not have are nothing to read.
    """
    for service in services:
        actions(service)
        condition_keys(service)
        for each in resource_types(service):
            # a template has all that its own form asks for, so that the form itself is looked at
            each.parts(each.template)
            each.fits_narrowly(each.template)
