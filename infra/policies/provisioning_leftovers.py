"""What the provisioning role may do when a tenant is erased: see and remove what the tenant's work left behind.

Jobs, versions of models, images, streams of logs, snapshots, secrets and backups are of no stack. They are removed by
the stage's names or the tenant's tag, like everything else; that it is one tenant's alone is said by the session
(`infra.policies.erasing`). Nothing here shows content. What bears neither such a name nor such a tag (a secret that
only its key makes the tenant's) is out of reach: an erasure tells it, and somebody of the account removes it.

Sources: Service Authorization Reference, the pages of the services.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import get_args

from infra import naming
from infra.naming import JobKind
from infra.policies.any_tenant import ANY
from infra.policies.document import Statement
from infra.policies.provisioning_tags import of_a_tenant
from infra.spec.platform import PlatformSpec

#: What lists over all of the account: these have no resource level, or the inventory asks for all that there is.
_SEE = (
    "backup:ListBackupVaults",
    "backup:ListRecoveryPointsByBackupVault",
    "budgets:ViewBudget",
    "cloudwatch:DescribeAlarms",
    "cloudwatch:ListDashboards",
    "cloudwatch:ListMetrics",
    "ecr:DescribeRepositories",
    "iam:ListPolicies",
    "iam:ListRoles",
    "s3:ListAllMyBuckets",
    "sagemaker:ListCompilationJobs",
    "sagemaker:ListEndpointConfigs",
    "sagemaker:ListEndpoints",
    "sagemaker:ListExperiments",
    "sagemaker:ListFeatureGroups",
    "sagemaker:ListHyperParameterTuningJobs",
    "sagemaker:ListModelPackageGroups",
    "sagemaker:ListModels",
    "sagemaker:ListMonitoringSchedules",
    "sagemaker:ListNotebookInstances",
    "sagemaker:ListPipelines",
    "sagemaker:ListProcessingJobs",
    "sagemaker:ListTrainingJobs",
    "sagemaker:ListTransformJobs",
    "sagemaker:ListTrialComponents",
    "sagemaker:ListTrials",
    "secretsmanager:ListSecrets",
    "sns:ListTopics",
    "ssm:DescribeParameters",
)
#: SageMaker's things that work makes, by the kind in their ARNs; only their deletion and the end of what runs.
_WORK = (
    "compilation-job",
    "experiment",
    "experiment-trial",
    "experiment-trial-component",
    "feature-group",
    "hyper-parameter-tuning-job",
    "model-package",
    "model-package-group",
    "monitoring-schedule",
    "notebook-instance",
    "pipeline",
    "processing-job",
    "training-job",
    "transform-job",
)


def statements(platform: PlatformSpec) -> Iterator[Statement]:
    """The statements on what is of no stack."""
    any_name = naming.names_of(platform, ANY)
    start = f"{platform.region}:{platform.account}"
    yield Statement(sid="SeeWhatThereIs", actions=_SEE, resources=("*",))
    yield Statement(
        sid="EndAndDeleteWork",
        actions=("sagemaker:Delete*", "sagemaker:ListModelPackages", "sagemaker:Stop*"),
        resources=tuple(naming.sagemaker_arn(platform, kind, any_name) for kind in _WORK),
    )
    bucket = naming.any_bucket_arn(platform, ANY)
    yield Statement(
        sid="EndUploads",
        actions=("s3:AbortMultipartUpload", "s3:ListBucketMultipartUploads"),
        resources=(bucket, f"{bucket}/*"),
    )
    repository = naming.repository_arn(platform, naming.repository(platform, ANY))
    yield Statement(sid="DeleteImages", actions=("ecr:BatchDeleteImage", "ecr:ListImages"), resources=(repository,))
    # One group holds the streams of all tenants' jobs of a kind; the inventory asks for those that start with a name.
    groups = tuple(naming.log_group_arn(platform, f"/aws/sagemaker/{kind}") for kind in get_args(JobKind))
    yield Statement(
        sid="SeeLogsOfJobs",
        actions=("logs:DescribeLogStreams",),
        resources=(*groups, *(f"{group}:log-stream:*" for group in groups)),
    )
    yield Statement(
        sid="DeleteLogsOfJobs",
        actions=("logs:DeleteLogStream",),
        resources=tuple(naming.job_log_streams_arn(platform, ANY, kind) for kind in get_args(JobKind)),
    )
    yield Statement(
        sid="DetachFromRoles",
        actions=("iam:DetachRolePolicy",),
        resources=(naming.tenant_roles_arn(platform, ANY),),
    )
    path = naming.path(platform, ANY)
    yield Statement(
        sid="DeleteByName",
        actions=(
            "backup:DeleteBackupVault",
            "backup:DeleteRecoveryPoint",
            "cloudwatch:DeleteDashboards",
            "secretsmanager:DeleteSecret",
            "ssm:DeleteParameter",
        ),
        resources=(
            f"arn:aws:backup:{start}:backup-vault:{any_name}",
            f"arn:aws:cloudwatch::{platform.account}:dashboard/{any_name}",
            f"arn:aws:secretsmanager:{start}:secret:{path[1:]}*",
            f"arn:aws:ssm:{start}:parameter{path}*",
        ),
    )
    yield Statement(
        sid="DeleteByTag",
        actions=(
            "backup:DeleteRecoveryPoint",
            "ec2:DeleteSnapshot",
            "ec2:DeleteVolume",
            "secretsmanager:DeleteSecret",
            "ssm:DeleteParameter",
        ),
        resources=("*",),
        conditions=of_a_tenant(platform, "aws:ResourceTag"),
    )
