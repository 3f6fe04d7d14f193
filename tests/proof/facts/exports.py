"""Makes exports and previews of small stacks, with the names of properties that the official provider has."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.proof.facts import Estate, assemble, read_deployment

ACCOUNT = "123456789012"
PROVIDER = "urn:pulumi:{stack}::{project}::pulumi:providers:aws::aws"
UNKNOWN = "04da6b54-80e4-46f7-96ec-b56ff0331ba9"


def allow(*actions: str, resource: str = "*", **more: Any) -> str:
    """A policy of one statement."""
    statement = {"Effect": "Allow", "Action": list(actions), "Resource": resource, **more}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def trust(**principal: str) -> str:
    """A trust policy."""
    statement = {"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class Stack:
    """A stack to be filled with resources.

    Args:
        name: Its name; its resources are tagged as this tenant's.
        project: Its project.
    """

    def __init__(self, name: str = "acme", project: str = "tenants") -> None:
        self.name = name
        self.project = project
        self.resources: list[dict[str, Any]] = []
        self.add(
            "pulumi:providers:aws",
            "aws",
            {
                "region": "eu-central-1",
                "allowedAccountIds": json.dumps([ACCOUNT]),
                "defaultTags": json.dumps({"tags": {"tenant": name}}),
            },
            id="p",
        )

    def urn(self, token: str, name: str) -> str:
        return f"urn:pulumi:{self.name}::{self.project}::{token}::{name}"

    def add(self, token: str, name: str, outputs: Mapping[str, Any], **more: Any) -> str:
        """Add a resource; its URN is given back."""
        urn = self.urn(token, name)
        provider = PROVIDER.format(stack=self.name, project=self.project) + "::p"
        state = {"urn": urn, "type": token, "custom": True, "id": outputs.get("name", name), "provider": provider}
        self.resources.append({**state, "inputs": dict(outputs), "outputs": dict(outputs), **more})
        return urn

    def role(self, name: str, **outputs: Any) -> str:
        """Add a role that SageMaker may become, tagged as the stack's."""
        given = {
            "arn": f"arn:aws:iam::{ACCOUNT}:role/{name}",
            "name": name,
            "assumeRolePolicy": trust(Service="sagemaker.amazonaws.com"),
            "tagsAll": {"tenant": self.name},
            **outputs,
        }
        return self.add("aws:iam/role:Role", name, given)

    def bucket(self, name: str, **outputs: Any) -> str:
        """Add a bucket, tagged as the stack's."""
        given = {"arn": f"arn:aws:s3:::{name}", "bucket": name, "tagsAll": {"tenant": self.name}, **outputs}
        return self.add("aws:s3/bucket:Bucket", name, given, id=name)

    def export(self) -> dict[str, Any]:
        return {"version": 3, "deployment": {"manifest": {}, "resources": self.resources}}


def estate(*stacks: Stack) -> Estate:
    """The estate of some stacks."""
    return assemble(record for stack in stacks for record in read_deployment(stack.export()))
