"""Conditions compiled to functions over facts. Source: IAM User Guide, "IAM JSON policy elements: Condition"."""

from infra.evaluator.conditions.compiling import CompiledCondition, compile_condition

__all__ = ["CompiledCondition", "compile_condition"]
