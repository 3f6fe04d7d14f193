"""ModelEndpoint: one model of a tenant behind a SageMaker endpoint of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
from pulumi import Input, Output, Resource, ResourceOptions
from pulumi_aws import sagemaker

from components.base import token
from components.observability.endpoint_alarms import EndpointAlarms, EndpointAlarmsArgs, Thresholds, rollback_alarms
from components.serving.artifact import artifact_sha256
from components.serving.autoscaling import EndpointAutoscaling, EndpointAutoscalingArgs
from components.serving.deployment import blue_green
from infra import naming
from infra.instance_types import has_local_storage
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import Model, TenantSpec

#: The one production variant; blue/green updates need the same name in the old and the new configuration.
VARIANT = "primary"

#: The container's environment variable that holds the SHA-256 (hex) of the artifact that was deployed.
MODEL_SHA256 = "BULKHEAD_MODEL_SHA256"


@dataclass(frozen=True, kw_only=True)
class ModelEndpointArgs:
    """What a model's endpoint is made of.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec.
        model: The model; its artifact must be in the models bucket.
        models_bucket: The ``id`` of the tenant's models bucket (see `artifact_sha256` for why not its name).
        key_arn: The tenant's key: instance volumes and captured data.
        subnet_ids: The tenant's subnets; SageMaker takes an address an instance, and as many again during an update.
        security_group_ids: The security groups of the model's instances.
        image_url: The URL of the platform's repository of the serving image, without a tag.
        alerts_topic_arn: The tenant's alerts topic.
        environment: Further environment variables of the container. The container has no network, so that no address
            belongs here.
        invocations_per_instance: Invocations a minute and instance that autoscaling aims at; half of what a load test
            of the instance type shows is the recommended start.
        after: What SageMaker needs when it makes the model: the serving role's policies, the key's and the bucket's
            policy, the VPC endpoints, the log group.
    """

    platform: PlatformSpec
    tenant: TenantSpec
    model: Model
    models_bucket: Input[str]
    key_arn: Input[str]
    subnet_ids: Input[Sequence[Input[str]]]
    security_group_ids: Input[Sequence[Input[str]]]
    image_url: Input[str]
    alerts_topic_arn: Input[str]
    environment: Mapping[str, Input[str]] = field(default_factory=dict[str, Input[str]])
    invocations_per_instance: float = 600
    after: Sequence[Resource] = ()


class ModelEndpoint(pulumi.ComponentResource):
    """A SageMaker model, endpoint configuration and endpoint, with autoscaling and alarms.

    SageMaker models and endpoint configurations never change. The names of ours end in a digest of all that they say,
    so that any change (of the artifact's content too) makes new ones, moves the endpoint by a blue/green deployment,
    and removes the old ones afterwards. Nothing else depends on these names.

    An update starts the new fleet with ``instances.min``: the provider does not keep the live count
    (hashicorp/terraform-provider-aws#48990), and autoscaling grows it again from there. Choose a minimum that takes the
    load for some minutes. The endpoint of a suspended tenant stays at the minimum.

    Sources: Amazon SageMaker Developer Guide, "Blue/Green Deployments", "Give SageMaker AI hosted endpoints access to
    resources in your Amazon VPC" and "Capture data"; Amazon SageMaker API Reference, "CreateModel" and
    "CreateEndpointConfig".
    """

    endpoint_name: Output[str]
    endpoint_arn: Output[str]
    model_name: Output[str]
    """The SageMaker model that is deployed."""
    configuration_name: Output[str]
    """The endpoint configuration that is deployed."""
    model_sha256: Output[str]
    """The SHA-256 of the deployed artifact, in hex."""

    def __init__(self, name: str, args: ModelEndpointArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("ModelEndpoint"), name, {}, opts)
        platform, tenant, spec = args.platform, args.tenant, args.model
        endpoint_name = naming.endpoint(platform, tenant, spec.name)

        self.model_sha256 = artifact_sha256(args.models_bucket, spec.artifact.key, parent=self)
        model = self._model(name, args)
        configuration = self._configuration(name, args, model.name)
        alarms = EndpointAlarms(
            name,
            EndpointAlarmsArgs(
                platform=platform,
                tenant=tenant,
                model=spec,
                variant=VARIANT,
                alerts_topic_arn=args.alerts_topic_arn,
                thresholds=Thresholds(invocations_per_instance=1.5 * args.invocations_per_instance),
            ),
            opts=ResourceOptions(parent=self),
        )
        endpoint = sagemaker.Endpoint(
            name,
            name=endpoint_name,
            endpoint_config_name=configuration.name,
            deployment_config=blue_green(spec.instances.min, rollback_alarms(platform, tenant, spec)),
            opts=ResourceOptions(parent=self, depends_on=[alarms, *args.after]),
        )
        suspended = tenant.lifecycle.state == "suspended"
        EndpointAutoscaling(
            name,
            EndpointAutoscalingArgs(
                endpoint_name=endpoint_name,
                variant=VARIANT,
                min_instances=spec.instances.min,
                max_instances=spec.instances.min if suspended else spec.instances.max,
                invocations_per_instance=args.invocations_per_instance,
            ),
            opts=ResourceOptions(parent=self, depends_on=[endpoint]),
        )

        self.endpoint_name = endpoint.name
        self.endpoint_arn = endpoint.arn
        self.model_name = model.name
        self.configuration_name = configuration.name
        self.register_outputs(
            {
                "endpoint_name": self.endpoint_name,
                "endpoint_arn": self.endpoint_arn,
                "model_name": self.model_name,
                "configuration_name": self.configuration_name,
                "model_sha256": self.model_sha256,
            }
        )

    def _model(self, name: str, args: ModelEndpointArgs) -> sagemaker.Model:
        platform, tenant, spec = args.platform, args.tenant, args.model
        role = naming.role_arn(platform, tenant, "serving")
        container: sagemaker.ModelPrimaryContainerArgsDict = {
            "image": Output.concat(args.image_url, ":", spec.image_tag),
            "model_data_url": f"s3://{naming.bucket(platform, tenant, 'models')}/{spec.artifact.key}",
            "environment": {**args.environment, MODEL_SHA256: self.model_sha256},
        }
        network: sagemaker.ModelVpcConfigArgsDict = {
            "subnets": args.subnet_ids,
            "security_group_ids": args.security_group_ids,
        }
        return sagemaker.Model(
            name,
            name=_digest(role, container, network).apply(
                lambda digest: naming.sagemaker_model(platform, tenant, spec.name, digest)
            ),
            execution_role_arn=role,
            enable_network_isolation=True,
            primary_container=container,
            vpc_config=network,
            opts=ResourceOptions(parent=self, depends_on=list(args.after)),
        )

    def _configuration(
        self, name: str, args: ModelEndpointArgs, model_name: Output[str]
    ) -> sagemaker.EndpointConfiguration:
        platform, tenant, spec = args.platform, args.tenant, args.model
        volume_key = None if has_local_storage(spec.instance_type) else args.key_arn
        variant: sagemaker.EndpointConfigurationProductionVariantArgsDict = {
            "variant_name": VARIANT,
            "model_name": model_name,
            "instance_type": spec.instance_type,
            "initial_instance_count": spec.instances.min,
        }
        capture = _data_capture(args)
        return sagemaker.EndpointConfiguration(
            name,
            name=_digest(volume_key, variant, capture).apply(
                lambda digest: naming.endpoint_config(platform, tenant, spec.name, digest)
            ),
            kms_key_arn=volume_key,
            production_variants=[variant],
            data_capture_config=capture,
            opts=ResourceOptions(parent=self),
        )


def _data_capture(args: ModelEndpointArgs) -> sagemaker.EndpointConfigurationDataCaptureConfigArgsDict | None:
    percent = args.model.data_capture.percent
    if percent == 0:
        return None
    return {
        "enable_capture": True,
        "initial_sampling_percentage": percent,
        "destination_s3_uri": f"s3://{naming.bucket(args.platform, args.tenant, 'capture')}/{args.model.name}",
        "kms_key_id": args.key_arn,
        "capture_options": [{"capture_mode": "Input"}, {"capture_mode": "Output"}],
        "capture_content_type_header": {
            "csv_content_types": ["text/csv"],
            "json_content_types": ["application/json"],
        },
    }


def _digest(*content: Input[object]) -> Output[str]:
    """The digest of all that a resource says, for the end of its name."""
    return Output.json_dumps(content, sort_keys=True).apply(naming.digest)
