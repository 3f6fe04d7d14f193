"""The layers of access control, each of which is shown to hold on its own."""

from __future__ import annotations

from enum import StrEnum


class Layer(StrEnum):
    """A kind of document that can refuse a request, whatever the others allow."""

    #: The policies of the caller's role.
    IDENTITY = "identity"
    #: The permission boundary, against whatever the role's policies allow.
    BOUNDARY = "boundary"
    #: The boundary's explicit denials, against a resource's policy that names the session itself: what a boundary
    #: leaves unsaid does not bound that. Source: IAM User Guide, "Permissions boundaries for IAM entities".
    DENIALS = "boundary's denials"
    #: The policy of the resource: a bucket, key, repository, registry or topic.
    RESOURCE = "resource"
    #: The trust policy of a role.
    TRUST = "trust"
    #: The policy of the VPC endpoint that the request comes through.
    ENDPOINT = "endpoint"
