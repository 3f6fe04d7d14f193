"""Runs tenants' stacks by the code of another version of the blueprint than the one that this process is of."""

from infra.operations.versions.running import Versions

__all__ = ["Versions"]
