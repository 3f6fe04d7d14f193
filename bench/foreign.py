"""Exports of tenants that nobody made from one template: other names, other numbers of things, other policies."""

from __future__ import annotations

import json
from collections.abc import Sequence
from random import Random
from typing import Any

_ACCOUNT = "123456789012"
_REGION = "eu-central-1"
_WORDS = ("lake", "raw", "scores", "images", "notes", "models", "stage", "audit", "exports", "inbox")
_READ = ("s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket", "s3:GetObjectTagging", "s3:GetBucketLocation")
_WRITE = ("s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:PutObjectTagging")
_KEY_USE = ("kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey", "kms:DescribeKey", "kms:ReEncryptFrom")
_SERVICES = ("sagemaker", "lambda", "glue", "ecs-tasks", "batch", "states")


def export(number: int) -> str:
    """The export of a tenant's stack; the same number makes the same tenant."""
    return json.dumps(_Tenant(number).export())


class _Tenant:
    def __init__(self, number: int) -> None:
        self._random = random = Random(number)  # noqa: S311 - generates names of a measurement
        self._id = f"{random.choice('bcdfgklmnprst')}{random.choice('aeiou')}{random.choice('lmnrst')}{number:03d}"
        self._style = random.choice(["{id}-{word}", "{word}-{id}", "prod.{id}.{word}", "{id}.{word}-v2"])
        self._resources: list[dict[str, Any]] = []
        self._provider = self._add("pulumi:providers:aws", "aws", {"region": _REGION}, id="p")

    def export(self) -> dict[str, Any]:
        key = self._key()
        words = self._random.sample(_WORDS, self._random.randint(1, 4))
        buckets = [self._bucket(word, key) for word in words]
        for word in self._random.sample(_WORDS, self._random.randint(1, 4)):
            self._role(word, buckets, key)
        return {"version": 3, "deployment": {"manifest": {}, "resources": self._resources}}

    def _name(self, word: str) -> str:
        return self._style.format(id=self._id, word=word)

    def _key(self) -> str:
        digits = [self._random.choice("0123456789abcdef") for _ in range(32)]
        lengths = (8, 4, 4, 4, 12)
        name = "-".join("".join(digits.pop() for _ in range(length)) for length in lengths)
        arn = f"arn:aws:kms:{_REGION}:{_ACCOUNT}:key/{name}"
        root = {"AWS": f"arn:aws:iam::{_ACCOUNT}:root"}
        policy = _policy([{"Effect": "Allow", "Principal": root, "Action": "kms:*", "Resource": "*"}])
        outputs = {"arn": arn, "keyId": name, "policy": policy, "tagsAll": {"tenant": self._id}}
        self._add("aws:kms/key:Key", "key", outputs, id=name)
        return arn

    def _bucket(self, word: str, key: str) -> str:
        name = self._name(word)
        arn = f"arn:aws:s3:::{name}"
        self._add("aws:s3/bucket:Bucket", word, {"arn": arn, "bucket": name, "tagsAll": {"tenant": self._id}}, id=name)
        flags = ("blockPublicAcls", "blockPublicPolicy", "ignorePublicAcls", "restrictPublicBuckets")
        blocked: dict[str, Any] = {"bucket": name, **dict.fromkeys(flags, True)}
        self._add("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", word, blocked, id=name)
        default = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "aws:kms", "kmsMasterKeyId": key}}
        encryption = "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration"
        self._add(encryption, word, {"bucket": name, "rules": [default]}, id=name)
        plain = {"Effect": "Deny", "Principal": "*", "Action": "s3:*", "Resource": [arn, f"{arn}/*"]}
        policy = _policy([{**plain, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}])
        self._add("aws:s3/bucketPolicy:BucketPolicy", word, {"bucket": name, "policy": policy}, id=name)
        return arn

    def _role(self, word: str, buckets: Sequence[str], key: str) -> None:
        random = self._random
        name = f"{self._id}-{word}"
        service = f"{random.choice(_SERVICES)}.amazonaws.com"
        trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
        outputs = {
            "arn": f"arn:aws:iam::{_ACCOUNT}:role/{name}",
            "name": name,
            "assumeRolePolicy": _policy([trust]),
            "tagsAll": {"tenant": self._id, "team": word},
        }
        self._add("aws:iam/role:Role", name, outputs, id=name)
        statements: list[dict[str, Any]] = []
        for bucket in random.sample(buckets, random.randint(1, len(buckets))):
            folder = random.choice(["*", f"{word}/*", f"in/{random.choice(_WORDS)}/*"])
            actions = random.sample(_READ, random.randint(1, 5)) + random.sample(_WRITE, random.randint(0, 4))
            statements.append({"Effect": "Allow", "Action": actions, "Resource": [bucket, f"{bucket}/{folder}"]})
        use = random.sample(_KEY_USE, random.randint(1, 5))
        condition = (
            {"StringEquals": {"kms:ViaService": f"s3.{_REGION}.amazonaws.com"}} if random.random() < 0.5 else None
        )
        allowed: dict[str, Any] = {"Effect": "Allow", "Action": use, "Resource": key}
        statements.append({**allowed, "Condition": condition} if condition else allowed)
        given = {"role": name, "name": "work", "policy": _policy(statements)}
        self._add("aws:iam/rolePolicy:RolePolicy", name, given, id=f"{name}:work")

    def _add(self, token: str, name: str, outputs: dict[str, Any], **more: Any) -> str:
        urn = f"urn:pulumi:{self._id}::estate::{token}::{name}"
        own = urn if token.startswith("pulumi:") else self._provider
        state = {"urn": urn, "type": token, "custom": True, "provider": f"{own}::p", "outputs": outputs, **more}
        self._resources.append(state)
        return urn


def _policy(statements: list[dict[str, Any]]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": statements})
