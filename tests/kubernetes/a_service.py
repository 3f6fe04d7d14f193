"""A platform that asks for the service with all that can be asked for."""

from __future__ import annotations

from infra.spec.service import PlatformService, ServiceGitOps, ServiceReplicas, ServiceWebhook
from tests.components.specs import PLATFORM as COMMON

ROLE = "arn:aws:iam::123456789012:role/bulkhead-service"
SERVICE = PlatformService.model_validate(
    {
        "image": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/bulkhead@sha256:" + "a" * 64,
        "role_arn": ROLE,
        "backend": "s3://acme-pulumi-state",
        "secrets_provider": "awskms://alias/pulumi-state?region=eu-central-1",
        "issuer": "https://login.example/realms/platform",
        "database_secret": "bulkhead-database",
        "database_cidr": "10.32.0.0/24",
        "page_token_secret": "bulkhead-page-tokens",
        "specs_claim": "bulkhead-specs",
        "replicas": ServiceReplicas(api=3, worker=4).model_dump(),
        "event_bus": "platform",
        "gitops": ServiceGitOps(url="https://git.example/platform/specs", credentials_secret="specs-git").model_dump(),
        "webhooks": [
            ServiceWebhook(name="ops", url="https://ops.example/events", secret="ops-webhook").model_dump(),
            ServiceWebhook(name="billing", url="https://billing.example/", secret="billing-webhook").model_dump(),
        ],
    }
)
PLATFORM = COMMON.model_copy(update={"service": SERVICE})
