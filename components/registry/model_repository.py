"""ModelRepository: where a tenant's images and the versions of its models are registered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions
from pulumi_aws import sagemaker

from components.base import token
from components.registry.image_repository import image_repository
from infra import naming
from infra.policies import model_package_group as group_policy
from infra.policies import repository as repository_policy
from infra.spec.platform import PlatformSpec
from infra.spec.tenant import TenantSpec


@dataclass(frozen=True, kw_only=True)
class ModelRepositoryArgs:
    """What a tenant's repository is made of.

    Args:
        platform: The platform's spec.
        tenant: The tenant's spec: a registry for each of its `models`. Its roles must exist, for the policies name
            them.
        key_arn: The tenant's key, which encrypts the images. ECR makes grants on it when the repository is created.
    """

    platform: PlatformSpec
    tenant: TenantSpec
    key_arn: Input[str]


class ModelRepository(pulumi.ComponentResource):
    """One image repository a tenant, and one model package group a model, each with its policy.

    A group that holds versions cannot be deleted: AWS refuses until they are gone, whatever `prevent_deletion` says.
    Source: Amazon SageMaker AI API Reference, "DeleteModelPackageGroup".
    """

    repository_url: Output[str]
    repository_arn: Output[str]
    model_package_group_names: Mapping[str, Output[str]]
    """Model to the name of its registry."""

    def __init__(self, name: str, args: ModelRepositoryArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("ModelRepository"), name, {}, opts)
        platform, tenant = args.platform, args.tenant
        child = ResourceOptions(parent=self)
        protect = tenant.lifecycle.prevent_deletion
        repository = image_repository(
            name,
            physical_name=naming.repository(platform, tenant),
            policy=repository_policy.model_repository(platform, tenant),
            key_arn=args.key_arn,
            protect=protect,
            opts=child,
        )
        self.repository_url = repository.repository_url
        self.repository_arn = repository.arn
        self.model_package_group_names = {}
        for model in tenant.models:
            group = sagemaker.ModelPackageGroup(
                f"{name}-{model.name}",
                model_package_group_name=naming.model_package_group(platform, tenant, model.name),
                model_package_group_description=f"Versions of {model.name} of {tenant.display_name}",
                opts=ResourceOptions.merge(child, ResourceOptions(protect=protect)),
            )
            sagemaker.ModelPackageGroupPolicy(
                f"{name}-{model.name}",
                model_package_group_name=group.model_package_group_name,
                resource_policy=group_policy.model_package_group(platform, tenant, model.name).render(),
                opts=child,
            )
            self.model_package_group_names[model.name] = group.model_package_group_name
        self.register_outputs(
            {
                "repository_url": self.repository_url,
                "repository_arn": self.repository_arn,
                "model_package_group_names": self.model_package_group_names,
            }
        )
