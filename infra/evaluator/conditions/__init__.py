"""Conditions compiled to functions over facts. Source: IAM User Guide, "IAM JSON policy elements: Condition"."""

from infra.evaluator.conditions.compiling import compile_condition

__all__ = ["compile_condition"]
