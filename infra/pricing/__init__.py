"""What the planned and existing resources cost a month, by dated list prices."""

from infra.pricing.estimate import CostLine, Estimate, estimate
from infra.pricing.table import PriceTable, prices

__all__ = ["CostLine", "Estimate", "PriceTable", "estimate", "prices"]
