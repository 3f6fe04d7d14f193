"""The provisioning service on a Kubernetes cluster, as the platform's spec asks for it."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from infra.spec.common import Cidr, Slug, SpecModel

IMAGE_PATTERN = r"^[a-z0-9][a-z0-9.-]*(:\d+)?(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}$"
HTTPS_PATTERN = r"^https://[A-Za-z0-9.-]+(:\d+)?(/[A-Za-z0-9._~/?&=%+-]*)?$"
ROLE_PATTERN = r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@/_-]+$"
BACKEND_PATTERN = r"^(s3://[a-z0-9.-]{3,63}[A-Za-z0-9./?=&_-]*|https://[A-Za-z0-9.-]+)$"
SECRETS_PATTERN = r"^awskms://[A-Za-z0-9:/_-]+(\?region=[a-z0-9-]+)?$"
AUDIENCE_PATTERN = r"^[A-Za-z0-9._:/-]{1,256}$"
BUS_PATTERN = r"^(arn:aws[a-z-]*:events:[a-z0-9-]+:[0-9]{12}:event-bus/)?[A-Za-z0-9._-]{1,256}$"
BRANCH_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,199}$"
FOLDER_PATTERN = r"^[A-Za-z0-9_][A-Za-z0-9._-]*(/[A-Za-z0-9_][A-Za-z0-9._-]*)*$"

Https = Annotated[str, StringConstraints(pattern=HTTPS_PATTERN)]


class ServiceWebhook(SpecModel):
    """A receiver of events by HTTP."""

    name: Slug
    url: Https
    secret: Slug
    """The Secret of the cluster whose key ``secret`` signs the requests."""


class ServiceReplicas(SpecModel):
    """How many pods there are."""

    api: Annotated[int, Field(ge=1, le=50)] = 2
    worker: Annotated[int, Field(ge=1, le=50)] = 2


class ServiceGitOps(SpecModel):
    """GitOps mode: the API commits changes of specs to branches, and what is merged is applied."""

    url: Https
    """The repository, without credentials."""
    branch: Annotated[str, StringConstraints(pattern=BRANCH_PATTERN)] = "main"
    """The branch whose specs are in effect."""
    folder: Annotated[str, StringConstraints(pattern=FOLDER_PATTERN)] = "tenant_stacks/specs"
    """The folder of the specs, from the root of the repository."""
    platform: Annotated[str, StringConstraints(pattern=FOLDER_PATTERN)] = "stacks/platform.yaml"
    """The platform's spec, from the root of the repository."""
    credentials_secret: Slug | None = None
    """The Secret of the cluster, of the type ``kubernetes.io/basic-auth``, that signs in there; none: nobody has to."""


class PlatformService(SpecModel):
    """The provisioning service beyond one machine: API, workers and outbox of one image, against one PostgreSQL."""

    image: Annotated[str, StringConstraints(pattern=IMAGE_PATTERN)]
    """The image, by its digest: ``registry/name@sha256:...``."""
    namespace: Slug = "bulkhead"
    role_arn: Annotated[str, StringConstraints(pattern=ROLE_PATTERN)]
    """The role of its service account (IAM roles for service accounts); one of ``provisioning.trusted_principals``."""
    backend: Annotated[str, StringConstraints(pattern=BACKEND_PATTERN)]
    """The Pulumi backend that all workers share: ``s3://...`` or ``https://...``."""
    secrets_provider: Annotated[str, StringConstraints(pattern=SECRETS_PATTERN)]
    """What encrypts secrets in the state: ``awskms://...``."""
    issuer: Https
    """The OpenID Connect issuer whose tokens the API accepts."""
    audience: Annotated[str, StringConstraints(pattern=AUDIENCE_PATTERN)] = "bulkhead"
    """What these tokens must be meant for."""
    database_secret: Slug
    """The Secret of the cluster whose key ``DATABASE_URL`` names the PostgreSQL; connections must be direct ones."""
    database_cidr: Cidr
    """Where the database is: pods may reach port 5432 there."""
    page_token_secret: Slug
    """The Secret whose key ``page-token-keys`` signs page tokens, a line of 32 characters or more a key."""
    specs_claim: Slug
    """The PersistentVolumeClaim, ReadWriteMany, with ``platform.yaml`` and the folder ``specs``."""
    ingress_namespace: Slug = "ingress"
    """The namespace whose pods may call the API: that of the ingress controller, which ends TLS."""
    replicas: ServiceReplicas = ServiceReplicas()
    operations: Annotated[int, Field(ge=1, le=256)] = 8
    """How many operations run at a time, over all workers."""
    event_bus: Annotated[str, StringConstraints(pattern=BUS_PATTERN)] | None = None
    """Name or ARN of the EventBridge bus that is told all events."""
    gitops: ServiceGitOps | None = None
    """Changes of specs by git; without it the service writes them to the claim itself."""
    webhooks: tuple[ServiceWebhook, ...] = ()
    """Receivers of events by HTTP."""
