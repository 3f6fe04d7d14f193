"""Keys that a service may use: AWS refuses what is to be encrypted with a key whose policy does not let the service."""

from __future__ import annotations

import json

import pulumi_aws as aws


def key_policy(service: str) -> str:
    """A key policy: the account keeps the key, and the service (`logs.eu-central-1.amazonaws.com`) uses it."""
    account = {"AWS": "arn:aws:iam::123456789012:root"}
    use = ["kms:Encrypt*", "kms:Decrypt*", "kms:GenerateDataKey*", "kms:Describe*"]
    statements = [
        {"Effect": "Allow", "Principal": account, "Action": "kms:*", "Resource": "*"},
        {"Effect": "Allow", "Principal": {"Service": service}, "Action": use, "Resource": "*"},
    ]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def key_for(name: str, service: str) -> aws.kms.Key:
    """A key with that policy."""
    return aws.kms.Key(name, policy=key_policy(service), deletion_window_in_days=7)
