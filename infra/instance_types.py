"""Which SageMaker instance types have local NVMe storage, whose volumes take no key of ours."""

from __future__ import annotations

import re

#: Families that have local storage although their names do not say so with a ``d`` after the generation.
_LOCAL_STORAGE_FAMILIES = frozenset(
    {"dl1", "g5", "g6", "g6e", "g7", "g7e", "gr6", "p5", "p5e", "p5en"}
    | {"p6-b200", "p6-b300", "p6e-gb200", "trn1", "trn1n", "trn2"}
)
_NAMED_BY_D = re.compile(r"^[a-z]+\d+[a-z]*d[a-z]*$")


def has_local_storage(instance_type: str) -> bool:
    """Whether the instance type has local NVMe storage, which its hardware encrypts.

    An endpoint configuration must name no KMS key for these.

    Args:
        instance_type: A SageMaker instance type, for example ``ml.g5.xlarge``.

    Source: Amazon SageMaker API Reference, "CreateEndpointConfig" (KmsKeyId); Amazon EC2 User Guide, "Instance store
    volumes".
    """
    family = instance_type.split(".")[1]
    return family in _LOCAL_STORAGE_FAMILIES or _NAMED_BY_D.match(family) is not None
