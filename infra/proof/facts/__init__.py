"""What the proof is about: principals, policies by layer, resources and owners, routes and key grants, frozen.

``deployments``, ``previews`` and ``folder`` read what there is into records; ``assembling`` makes an estate of them.
"""

from infra.proof.facts.assembling import assemble, assemble_alone
from infra.proof.facts.deployments import read_deployment
from infra.proof.facts.folder import read_folder
from infra.proof.facts.inputs import Unreadable
from infra.proof.facts.model import (
    Control,
    Document,
    Estate,
    Family,
    KeyGrant,
    NotModelled,
    Principal,
    PrincipalKind,
    Resource,
    Route,
    RouteKind,
    Source,
    Unknown,
)
from infra.proof.facts.owners import Owners, read_owners
from infra.proof.facts.previews import read_preview
from infra.proof.facts.records import Record
from infra.proof.facts.ties import Ties

__all__ = [
    "Control",
    "Document",
    "Estate",
    "Family",
    "KeyGrant",
    "NotModelled",
    "Owners",
    "Principal",
    "PrincipalKind",
    "Record",
    "Resource",
    "Route",
    "RouteKind",
    "Source",
    "Ties",
    "Unknown",
    "Unreadable",
    "assemble",
    "assemble_alone",
    "read_deployment",
    "read_folder",
    "read_owners",
    "read_preview",
]
