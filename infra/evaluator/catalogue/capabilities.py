"""What the services take beside identity policies: policies on resources, on VPC endpoints, and of the organisation.

Only the services that this platform, or a policy that it judges, uses; the tables of AWS are pages, not data.
"""

from __future__ import annotations

from infra.evaluator.catalogue import data

#: Services whose resources can have a policy of their own.
#: Source: IAM User Guide, "AWS services that work with IAM", column Resource-based policies.
_RESOURCE_POLICIES = frozenset(
    {
        "backup", "cloudtrail", "codeartifact", "codebuild", "dynamodb", "ecr", "elasticfilesystem", "es", "events",
        "execute-api", "glacier", "glue", "iam", "kafka", "kinesis", "kms", "lambda", "logs", "redshift-serverless",
        "s3", "s3express", "s3tables", "sagemaker", "secretsmanager", "ses", "sns", "sqs", "ssm", "vpc-lattice",
    }
)  # fmt: skip

#: Services with an interface or gateway endpoint whose policy says who passes.
#: Source: AWS PrivateLink Guide, "AWS services that integrate with AWS PrivateLink" (VPC endpoint policy support).
_ENDPOINT_POLICIES = frozenset(
    {
        "application-autoscaling", "athena", "autoscaling", "cloudformation", "cloudtrail", "cloudwatch", "codebuild",
        "dynamodb", "ec2", "ecr", "ecs", "elasticfilesystem", "elasticloadbalancing", "events", "execute-api",
        "firehose", "glue", "kinesis", "kms", "lambda", "logs", "s3", "s3express", "sagemaker", "secretsmanager", "sns",
        "sqs", "ssm", "states", "sts",
    }
)  # fmt: skip


def rcp_services() -> frozenset[str]:
    """The prefixes of the services whose resources a resource control policy binds."""
    return data.rcp_services()


def resource_policy_services() -> frozenset[str]:
    """The prefixes of the services whose resources can have a policy of their own; ``iam`` for roles' trusts."""
    return _RESOURCE_POLICIES


def endpoint_policy_services() -> frozenset[str]:
    """The prefixes of the services whose VPC endpoints take a policy."""
    return _ENDPOINT_POLICIES


def endpoint_policies_unsupported() -> frozenset[str]:
    """The prefixes of the services whose VPC endpoints, if they have any, take no policy.

    A service that is not known to take one counts as taking none: nobody must rely on a policy that binds nothing.
    """
    return data.services() - _ENDPOINT_POLICIES
