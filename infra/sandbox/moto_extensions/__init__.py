"""What moto lacks or answers otherwise than AWS, and our stacks need: one small file a service."""

from infra.sandbox.moto_extensions.registry import apply

__all__ = ["apply"]
