"""AWS as one configuration of the provider sees it: credentials, endpoints, one boto3 client a service and region."""

import threading
from collections.abc import Mapping
from functools import cached_property
from typing import Any, cast

import boto3
import botocore.session
from botocore.config import Config
from botocore.credentials import CredentialProvider, CredentialResolver, DeferredRefreshableCredentials
from botocore.model import OperationModel

from infra.aws_models import MODELS, core_session
from infra.sandbox.aws.wire import Properties

_ENDPOINT_NAMES = {"applicationautoscaling": "application-autoscaling", "appautoscaling": "application-autoscaling"} | {
    "cloudwatchlogs": "logs",
    "configservice": "config",
    "resourcegroupstagging": "resourcegroupstaggingapi",
}


class Session:
    """Clients for one configuration; safe to use from several threads."""

    def __init__(self, settings: Mapping[str, Any], region: str) -> None:
        """Take the provider's checked configuration (Pulumi names, decoded values) and its region."""
        self.region = region
        tags: Properties = settings.get("defaultTags") or {}
        self.default_tags: dict[str, str] = tags.get("tags") or {}
        self._settings = settings
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, str], Any] = {}
        self._boto = self._session()

    def client(self, service: str, region: str | None = None) -> Any:
        """Return the kept client of a service in a region (by default the configuration's)."""
        key = service, region or self.region
        found = self._clients.get(key)
        if found is None:
            with self._lock:
                found = self._clients.get(key) or self._make_client(*key)
                self._clients[key] = found
        return found

    def operation(self, service: str, method: str) -> OperationModel:
        """Return botocore's model of the operation behind a client's method."""
        client = self.client(service)
        name: str = client.meta.method_to_api_mapping[method]
        return client.meta.service_model.operation_model(name)

    @cached_property
    def identity(self) -> Mapping[str, str]:
        """Whom AWS takes us for: `Account`, `Arn`, `UserId`."""
        return cast("Mapping[str, str]", self.client("sts").get_caller_identity())

    @property
    def partition(self) -> str:
        """The partition of the region ("aws", "aws-cn", ...)."""
        return self._boto.get_partition_for_region(self.region)

    def describe_region(self, region: str) -> str:
        """Return the region's name for people ("Europe (Frankfurt)")."""
        endpoints = cast("dict[str, Any]", MODELS.load_data("endpoints"))
        regions = {name: found for each in endpoints["partitions"] for name, found in each["regions"].items()}
        return regions.get(region, {}).get("description", region)

    def _session(self) -> boto3.Session:
        core = core_session(self._settings.get("profile"))
        key, secret = self._settings.get("accessKey"), self._settings.get("secretKey")
        if key and secret:
            core.set_credentials(key, secret, self._settings.get("token"))
        roles: list[Properties] = self._settings.get("assumeRoles") or []
        for role in roles:
            core = self._assumed(core, role)
        return boto3.Session(botocore_session=core, region_name=self.region)

    def _assumed(self, core: botocore.session.Session, role: Properties) -> botocore.session.Session:
        request: dict[str, Any] = {
            "RoleArn": role["roleArn"],
            "RoleSessionName": role.get("sessionName", "pulumi"),
            **({"ExternalId": role["externalId"]} if "externalId" in role else {}),
            **({"Policy": role["policy"]} if "policy" in role else {}),
            **({"PolicyArns": [{"arn": arn} for arn in role["policyArns"]]} if "policyArns" in role else {}),
            **({"SourceIdentity": role["sourceIdentity"]} if "sourceIdentity" in role else {}),
            **({"Tags": [{"Key": k, "Value": v} for k, v in role["tags"].items()]} if "tags" in role else {}),
            **({"TransitiveTagKeys": role["transitiveTagKeys"]} if "transitiveTagKeys" in role else {}),
        }
        sts = self._make_client("sts", self.region, boto3.Session(botocore_session=core, region_name=self.region))
        assumed = core_session()
        assumed.register_component("credential_provider", CredentialResolver([_AssumedRole(sts, request)]))
        return assumed

    def _make_client(self, service: str, region: str, session: boto3.Session | None = None) -> Any:
        path_style = {"addressing_style": "path"} if self._settings.get("s3UsePathStyle") else {}
        config = Config(
            retries={"mode": "standard", "max_attempts": self._settings.get("maxRetries", 4)},
            max_pool_connections=64,
            s3=cast("Any", path_style),
        )
        make = cast("Any", (session or self._boto).client)
        return make(service, region_name=region, endpoint_url=self._endpoint(service), config=config)

    def _endpoint(self, service: str) -> str | None:
        blocks: list[dict[str, str]] = self._settings.get("endpoints") or []
        for endpoints in blocks:
            for name, url in endpoints.items():
                if url and _ENDPOINT_NAMES.get(name, name) == service:
                    return url
        return None


class _AssumedRole(CredentialProvider):
    METHOD = "assume-role"

    def __init__(self, sts: Any, request: Mapping[str, Any]) -> None:
        super().__init__()
        self._sts = sts
        self._request = request

    def load(self) -> DeferredRefreshableCredentials:
        return DeferredRefreshableCredentials(refresh_using=self._fetch, method=self.METHOD)

    def _fetch(self) -> dict[str, str]:
        found = self._sts.assume_role(**self._request)["Credentials"]
        return {
            "access_key": found["AccessKeyId"],
            "secret_key": found["SecretAccessKey"],
            "token": found["SessionToken"],
            "expiry_time": found["Expiration"].isoformat(),
        }
