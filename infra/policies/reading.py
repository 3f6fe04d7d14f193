"""What reads an account and nothing else: the rights of `bulkhead audit`, as a role's policy or as a session's.

Configuration only: no object, no secret's value, no log event, no parameter, no model's answer. Most of these actions
have no resource level, and the others are asked of everything that there is, so the resource is ``*``.

As a role's policy it is for whoever runs the audit. As a session policy it holds the provisioning role, which tenants'
buckets and keys let in, to reading: a session has what its role and its policy both allow.

Sources: Service Authorization Reference, the pages of the services; IAM User Guide, "Session policies".
"""

from __future__ import annotations

from infra.policies.document import PolicyDocument, Statement

#: What the audit asks, by the actions that AWS checks.
ACTIONS = (
    "ec2:DescribeVpcEndpoints",
    "ecr:DescribeRepositories",
    "ecr:GetRegistryPolicy",
    "ecr:GetRepositoryPolicy",
    "ecr:ListTagsForResource",
    "events:ListEventBuses",
    "events:ListTagsForResource",
    "iam:GetAccountAuthorizationDetails",
    "iam:GetOpenIDConnectProvider",
    "iam:GetPolicy",
    "iam:GetPolicyVersion",
    "iam:GetSAMLProvider",
    "iam:ListAccessKeys",
    "iam:ListOpenIDConnectProviders",
    "iam:ListPolicies",
    "iam:ListPolicyTags",
    "iam:ListSAMLProviders",
    "kms:DescribeKey",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListAliases",
    "kms:ListGrants",
    "kms:ListKeys",
    "kms:ListResourceTags",
    "lambda:GetPolicy",
    "lambda:ListFunctions",
    "lambda:ListTags",
    "logs:DescribeLogGroups",
    "logs:DescribeResourcePolicies",
    "logs:ListTagsForResource",
    "organizations:DescribePolicy",
    "organizations:ListPolicies",
    "organizations:ListTargetsForPolicy",
    "s3:GetAccessPointPolicy",
    "s3:GetBucketAcl",
    "s3:GetBucketOwnershipControls",
    "s3:GetBucketPolicy",
    "s3:GetBucketPublicAccessBlock",
    "s3:GetBucketTagging",
    "s3:GetBucketVersioning",
    "s3:GetEncryptionConfiguration",
    "s3:ListAccessPoints",
    "s3:ListAllMyBuckets",
    "sagemaker:DescribeEndpoint",
    "sagemaker:DescribeEndpointConfig",
    "sagemaker:DescribeModel",
    "sagemaker:DescribeNotebookInstance",
    "sagemaker:GetModelPackageGroupPolicy",
    "sagemaker:ListEndpointConfigs",
    "sagemaker:ListEndpoints",
    "sagemaker:ListModelPackageGroups",
    "sagemaker:ListModels",
    "sagemaker:ListNotebookInstances",
    "sagemaker:ListTags",
    "secretsmanager:GetResourcePolicy",
    "secretsmanager:ListSecrets",
    "sns:GetTopicAttributes",
    "sns:ListTagsForResource",
    "sns:ListTopics",
    "sqs:GetQueueAttributes",
    "sqs:ListQueueTags",
    "sqs:ListQueues",
    "tag:GetResources",
)
#: What `bulkhead capacity` and the preflight of operations ask: counts of what there is, and the account's limits.
CAPACITY_ACTIONS = (
    "application-autoscaling:DescribeScalableTargets",
    "budgets:ViewBudget",
    "cloudwatch:DescribeAlarms",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeRouteTables",
    "ec2:DescribeSecurityGroupRules",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcEndpoints",
    "ec2:DescribeVpcs",
    "ecr:DescribeRepositories",
    "iam:GetAccountSummary",
    "kms:ListAliases",
    "kms:ListKeys",
    "logs:DescribeLogGroups",
    "s3:ListAllMyBuckets",
    "sagemaker:DescribeEndpoint",
    "sagemaker:DescribeEndpointConfig",
    "sagemaker:ListEndpoints",
    "sagemaker:ListModelPackageGroups",
    "servicequotas:GetServiceQuota",
    "servicequotas:ListServiceQuotas",
    "sns:ListTopics",
)
#: The most characters of a session policy. Source: AWS STS API Reference, "AssumeRole".
MAX_SESSION_SIZE = 2_048


def reading() -> PolicyDocument:
    """The policy of who audits."""
    return PolicyDocument((Statement(sid="ReadConfiguration", actions=ACTIONS, resources=("*",)),))


def reading_capacity() -> PolicyDocument:
    """The policy of who reckons an account's capacity."""
    return PolicyDocument((Statement(sid="ReadCapacity", actions=CAPACITY_ACTIONS, resources=("*",)),))
