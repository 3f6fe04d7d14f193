"""One proof for many tenants."""

from infra.proof.template.inputs import Input, Kind
from infra.proof.template.prove import prove_all

__all__ = ["Input", "Kind", "prove_all"]
