"""Finds the Pulumi engine on this machine, or makes one."""

from infra.engine.find.progress import EngineProgress, OnProgress
from infra.engine.find.search import FoundEngine, Source, find_engine

__all__ = ["EngineProgress", "FoundEngine", "OnProgress", "Source", "find_engine"]
