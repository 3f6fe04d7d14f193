"""Where a new tenant goes that does not say so itself: its cell and its range of addresses."""

from infra.placement.sites import NoRoom, Place, Site, Wish, choose
from infra.placement.specs import checked_alone, is_placed, placed, roomy, site_of, sites_in, wants_place

__all__ = [
    "NoRoom",
    "Place",
    "Site",
    "Wish",
    "checked_alone",
    "choose",
    "is_placed",
    "placed",
    "roomy",
    "site_of",
    "sites_in",
    "wants_place",
]
