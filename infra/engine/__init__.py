"""Runs Pulumi stacks: finds the engine, keeps warm workers, recovers dead runs. Knows no tenants and no cloud."""

from infra.engine.engine import Engine
from infra.engine.model import (
    Diagnostic,
    OnEvent,
    Operation,
    Project,
    ResourceChange,
    StackEvent,
    StackRef,
    StackResult,
)
from infra.engine.settings import EngineSettings

__all__ = [
    "Diagnostic",
    "Engine",
    "EngineSettings",
    "OnEvent",
    "Operation",
    "Project",
    "ResourceChange",
    "StackEvent",
    "StackRef",
    "StackResult",
]
