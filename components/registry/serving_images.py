"""ServingImages: the platform's images of inference servers, which every tenant's endpoints run."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
from pulumi import Input, Output, ResourceOptions

from components.base import token
from components.registry.image_repository import image_repository
from infra import naming
from infra.policies import repository as repository_policy
from infra.spec.platform import PlatformSpec


@dataclass(frozen=True, kw_only=True)
class ServingImagesArgs:
    """What the repositories are made of.

    Args:
        platform: The platform's spec; ``serving_images`` names the frameworks.
        key_arn: The platform's key, which encrypts the images. Who pulls needs no right to it: ECR decrypts by the
            grants that it made with the repository.
    """

    platform: PlatformSpec
    key_arn: Input[str]


class ServingImages(pulumi.ComponentResource):
    """A repository a framework: tenants' serving roles pull, no role of a tenant can push."""

    repository_urls: Mapping[str, Output[str]]
    """Framework to the URL of its repository."""

    def __init__(self, name: str, args: ServingImagesArgs, opts: ResourceOptions | None = None) -> None:
        super().__init__(token("ServingImages"), name, {}, opts)
        platform = args.platform
        self.repository_urls = {
            image.framework: image_repository(
                f"{name}-{image.framework}",
                physical_name=naming.serving_repository(platform, image.framework),
                policy=repository_policy.serving_repository(platform),
                key_arn=args.key_arn,
                protect=platform.prevent_deletion,
                opts=ResourceOptions(parent=self),
            ).repository_url
            for image in platform.serving_images
        }
        self.register_outputs({"repository_urls": self.repository_urls})
