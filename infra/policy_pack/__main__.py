"""The policy pack's entry: Pulumi's language host for Python starts it for ``--policy-pack infra/policy_pack``."""

from pulumi_policy import PolicyPack

from infra.policy_pack.pack import policies
from infra.policy_pack.rules import RULES

PolicyPack(name="bulkhead", policies=policies(RULES))
