"""The embedded cloud: moto in place of AWS, with what moto lacks and the processes that serve endpoints."""

from infra.sandbox.errors import PortTaken, SandboxDown, SandboxError, SandboxStartFailed
from infra.sandbox.sandbox import Sandbox, SandboxStatus

__all__ = ["PortTaken", "Sandbox", "SandboxDown", "SandboxError", "SandboxStartFailed", "SandboxStatus"]
