"""Small estates of two tenants and a platform in which all is well, to be broken in one point each."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from infra.proof.facts import Estate, assemble, read_deployment
from tests.proof.facts.exports import ACCOUNT, Stack

REGION = "eu-central-1"
PLATFORM = "platform"
#: The two tenants of every small estate: whatever is wrong lets the first at what is the second's.
ACME, GLOBEX = "acme", "globex"

Statement = Mapping[str, Any]


def document(*statements: Statement, version: str = "2012-10-17") -> str:
    """A policy document."""
    return json.dumps({"Version": version, "Statement": list(statements)})


def allow(*actions: str, on: str | list[str] = "*", when: Mapping[str, Any] | None = None, **more: Any) -> Statement:
    """A statement that allows; ``when`` is its condition."""
    return _statement("Allow", {"Action": list(actions), "Resource": on, **more}, when)


def deny(*actions: str, on: str | list[str] = "*", when: Mapping[str, Any] | None = None, **more: Any) -> Statement:
    """A statement that denies."""
    return _statement("Deny", {"Action": list(actions), "Resource": on, **more}, when)


def _statement(effect: str, elements: Mapping[str, Any], when: Mapping[str, Any] | None) -> Statement:
    kept = {key: value for key, value in elements.items() if value is not None}
    return {"Effect": effect, **kept, **({"Condition": when} if when else {})}


def trusting(principal: Mapping[str, Any] | str, *actions: str, when: Mapping[str, Any] | None = None) -> str:
    """A trust policy of one statement."""
    listed = list(actions or ("sts:AssumeRole",))
    return document(_statement("Allow", {"Principal": principal, "Action": listed}, when))


#: Jobs of the account may become the role.
OWN_JOBS = trusting({"Service": "sagemaker.amazonaws.com"}, when={"StringEquals": {"aws:SourceAccount": ACCOUNT}})
_PUBLIC_ACCESS = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")


def role_arn(name: str) -> str:
    """The ARN of a role."""
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def bucket_arn(name: str) -> str:
    """The ARN of a bucket."""
    return f"arn:aws:s3:::{name}"


def both(name: str) -> list[str]:
    """A bucket and its objects."""
    return [bucket_arn(name), f"{bucket_arn(name)}/*"]


class Tenant(Stack):
    """A tenant's stack, or the platform's."""

    def worker(self, *statements: Statement, name: str = "worker", boundary: str | None = None, **more: Any) -> str:
        """Add a role with an identity policy; its ARN is given back.

        Args:
            statements: What its policy says; without any it has none.
            name: What comes after the owner in its name.
            boundary: The document of its permissions boundary.
            more: Further properties, such as ``assumeRolePolicy``.
        """
        full = f"{self.name}-{name}"
        limit = {} if boundary is None else {"permissionsBoundary": self._policy(f"{full}-boundary", boundary)}
        self.role(full, **{"assumeRolePolicy": OWN_JOBS, **limit, **more})
        if statements:
            inline = {"role": full, "name": full, "policy": document(*statements)}
            self.add("aws:iam/rolePolicy:RolePolicy", f"{full}-policy", inline)
        return role_arn(full)

    def _policy(self, name: str, text: str) -> str:
        arn = f"arn:aws:iam::{ACCOUNT}:policy/{name}"
        self.add("aws:iam/policy:Policy", name, {"arn": arn, "name": name, "policy": text, **self._tags})
        return arn

    def data(self, *statements: Statement, name: str = "data", plain: bool = False) -> str:
        """Add a private bucket under the tenant's own key; its name is given back.

        Args:
            statements: What its policy says beside that it takes requests over TLS only.
            name: What comes after the owner in its name.
            plain: Whether its policy says only what is given.
        """
        full = f"{self.name}-{name}"
        self.bucket(full)
        flags = dict.fromkeys(_PUBLIC_ACCESS, True)
        self.add("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", full, {"bucket": full, **flags})
        rule = {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": self.key_arn}
        self.add(
            "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
            full,
            {"bucket": full, "rules": [{"applyServerSideEncryptionByDefault": rule}]},
        )
        insecure = {"Bool": {"aws:SecureTransport": "false"}}
        tls = deny("s3:*", on=both(full), when=insecure, Principal="*")
        self.add(
            "aws:s3/bucketPolicy:BucketPolicy",
            full,
            {"bucket": full, "policy": document(*([] if plain else [tls]), *statements)},
        )
        return full

    def key(self, *statements: Statement) -> str:
        """Add the tenant's key; without statements its policy delegates to the account, as AWS's default does."""
        root = allow("kms:*", Principal={"AWS": f"arn:aws:iam::{ACCOUNT}:root"})
        outputs = {
            "arn": self.key_arn,
            "keyId": self._key_id,
            "policy": document(*(statements or (root,))),
            **self._tags,
        }
        self.add("aws:kms/key:Key", f"{self.name}-key", outputs, id=self._key_id)
        return self.key_arn

    def thing(self, token: str, name: str, arn: str, **outputs: Any) -> str:
        """Add any other resource; its ARN is given back."""
        self.add(token, name, {"arn": arn, "name": name, **self._tags, **outputs})
        return arn

    @property
    def key_arn(self) -> str:
        """The ARN of the tenant's key."""
        return f"arn:aws:kms:{REGION}:{ACCOUNT}:key/{self._key_id}"

    @property
    def _key_id(self) -> str:
        return f"00000000-0000-0000-0000-{len(self.name):04x}{self.name.encode().hex():0<8.8}"

    @property
    def _tags(self) -> Mapping[str, Any]:
        return {"tagsAll": {"tenant": self.name}}


class Small:
    """Two tenants, each with a key and a bucket that nothing is wrong with, and an empty platform."""

    def __init__(self) -> None:
        self.acme, self.globex, self.platform = Tenant(ACME), Tenant(GLOBEX), Tenant(PLATFORM)

    def settled(self, **given: bool) -> Small:
        """The estate with a key and a bucket for each tenant, but for what is told to be made otherwise."""
        for tenant in (self.acme, self.globex):
            if given.get(f"{tenant.name}_key", True):
                tenant.key()
            if given.get(f"{tenant.name}_data", True):
                tenant.data()
        return self

    def estate(self) -> Estate:
        """What the proof reads."""
        stacks = (self.acme, self.globex, self.platform)
        return assemble(record for stack in stacks for record in read_deployment(stack.export()))
