"""Moments of a run, seen by what is in the cloud already."""

from __future__ import annotations

from tests.acceptance.land import Land


def has_key(land: Land) -> bool:
    """Whether initech's key is there, among the first things of a tenant."""
    aliases = land.client("kms").list_aliases()["Aliases"]
    return "alias/bulkhead/dev/initech" in {each["AliasName"] for each in aliases}


def has_endpoint(land: Land) -> bool:
    """Whether an endpoint of its network is there."""
    endpoints = land.client("ec2").describe_vpc_endpoints()["VpcEndpoints"]
    names = [tag["Value"] for each in endpoints for tag in each["Tags"] if tag["Key"] == "Name"]
    return any(name.startswith("bh-dev-initech-") for name in names)


def has_bucket(land: Land) -> bool:
    """Whether a bucket is there, among the last things."""
    return any(each["Name"].startswith("bh-dev-initech-") for each in land.client("s3").list_buckets()["Buckets"])


def has_new_configuration(land: Land) -> bool:
    """Whether acme has a second endpoint configuration: the first is about to be replaced."""
    found = land.client("sagemaker").list_endpoint_configs(NameContains="bh-dev-acme-tumour-")["EndpointConfigs"]
    return len(found) > 1
