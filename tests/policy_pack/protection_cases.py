"""Cases of the rules that are tables of wanted settings: the type, what passes, what is changed, and what is found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tests.policy_pack.cases import Case
from tests.unit.constraints.sound import KEY

_NOTEBOOK = "aws:sagemaker/notebookInstance:NotebookInstance"
_CONFINED = {"directInternetAccess": "Disabled", "subnetId": "subnet-1", "rootAccess": "Disabled"}

_Row = tuple[str, Mapping[str, Any], Mapping[str, Any], str]
_ROWS: Mapping[str, tuple[_Row, ...]] = {
    "encryption-at-rest": (
        (
            "aws:rds/instance:Instance",
            {"storageEncrypted": True, "kmsKeyId": KEY},
            {"storageEncrypted": False},
            "storageEncrypted",
        ),
        ("aws:rds/cluster:Cluster", {"storageEncrypted": True, "kmsKeyId": KEY}, {"kmsKeyId": ...}, "kmsKeyId"),
        ("aws:efs/fileSystem:FileSystem", {"encrypted": True, "kmsKeyId": KEY}, {"encrypted": ...}, "encrypted"),
        ("aws:ebs/volume:Volume", {"encrypted": True, "kmsKeyId": KEY}, {"kmsKeyId": ...}, "kmsKeyId"),
        (
            "aws:opensearch/domain:Domain",
            {"encryptAtRest": {"enabled": True, "kmsKeyId": KEY}},
            {"encryptAtRest": {"enabled": True}},
            "encryptAtRest.kmsKeyId",
        ),
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"atRestEncryptionEnabled": True, "kmsKeyId": KEY},
            {"atRestEncryptionEnabled": ...},
            "atRestEncryptionEnabled",
        ),
        (
            "aws:redshift/cluster:Cluster",
            {"encrypted": "true", "kmsKeyId": KEY},
            {"encrypted": "false"},
            "encrypted",
        ),
        (
            "aws:kinesis/stream:Stream",
            {"encryptionType": "KMS", "kmsKeyId": KEY},
            {"encryptionType": ...},
            "encryptionType",
        ),
        (
            "aws:msk/cluster:Cluster",
            {"encryptionInfo": {"encryptionAtRestKmsKeyArn": KEY}},
            {"encryptionInfo": ...},
            "encryptionInfo.encryptionAtRestKmsKeyArn",
        ),
        ("aws:sqs/queue:Queue", {"kmsMasterKeyId": KEY}, {"kmsMasterKeyId": ""}, "kmsMasterKeyId"),
        (
            "aws:dynamodb/table:Table",
            {"serverSideEncryption": {"enabled": True, "kmsKeyArn": KEY}},
            {"serverSideEncryption": {"enabled": True}},
            "serverSideEncryption.kmsKeyArn",
        ),
        ("aws:secretsmanager/secret:Secret", {"kmsKeyId": KEY}, {"kmsKeyId": ...}, "kmsKeyId"),
        ("aws:backup/vault:Vault", {"kmsKeyArn": KEY}, {"kmsKeyArn": ...}, "kmsKeyArn"),
        ("aws:sagemaker/notebookInstance:NotebookInstance", {"kmsKeyId": KEY}, {"kmsKeyId": ...}, "kmsKeyId"),
        ("aws:sagemaker/domain:Domain", {"kmsKeyId": KEY}, {"kmsKeyId": ...}, "kmsKeyId"),
    ),
    "encryption-in-transit": (
        (
            "aws:opensearch/domain:Domain",
            {"domainEndpointOptions": {"enforceHttps": True}, "nodeToNodeEncryption": {"enabled": True}},
            {"domainEndpointOptions": ...},
            "domainEndpointOptions.enforceHttps",
        ),
        (
            "aws:opensearch/domain:Domain",
            {"domainEndpointOptions": {"enforceHttps": True}, "nodeToNodeEncryption": {"enabled": True}},
            {"nodeToNodeEncryption": {"enabled": False}},
            "nodeToNodeEncryption.enabled",
        ),
        (
            "aws:elasticache/replicationGroup:ReplicationGroup",
            {"transitEncryptionEnabled": True},
            {"transitEncryptionEnabled": False},
            "transitEncryptionEnabled",
        ),
        (
            "aws:msk/cluster:Cluster",
            {"encryptionInfo": {"encryptionInTransit": {"clientBroker": "TLS"}}},
            {"encryptionInfo": {"encryptionInTransit": {"clientBroker": "TLS_PLAINTEXT"}}},
            "encryptionInfo.encryptionInTransit.clientBroker",
        ),
        (
            "aws:msk/cluster:Cluster",
            {"encryptionInfo": [{"encryptionInTransit": {"inCluster": True}}]},
            {"encryptionInfo": [{"encryptionInTransit": {"inCluster": False}}]},
            "encryptionInfo.encryptionInTransit.inCluster",
        ),
        ("aws:lb/listener:Listener", {"protocol": "HTTPS"}, {"protocol": "HTTP"}, "protocol"),
        (
            "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
            {"networkConfig": {"enableInterContainerTrafficEncryption": True}},
            {"networkConfig": {}},
            "networkConfig.enableInterContainerTrafficEncryption",
        ),
    ),
    "public-exposure": (
        (
            "aws:rds/instance:Instance",
            {"publiclyAccessible": False},
            {"publiclyAccessible": True},
            "publiclyAccessible",
        ),
        (
            "aws:rds/clusterInstance:ClusterInstance",
            {"identifier": "x"},
            {"publiclyAccessible": True},
            "publiclyAccessible",
        ),
        (
            "aws:redshift/cluster:Cluster",
            {"publiclyAccessible": False},
            {"publiclyAccessible": True},
            "publiclyAccessible",
        ),
        (
            "aws:ec2/instance:Instance",
            {"associatePublicIpAddress": False},
            {"associatePublicIpAddress": ...},
            "associatePublicIpAddress",
        ),
        (
            "aws:eks/cluster:Cluster",
            {"vpcConfig": {"endpointPublicAccess": False}},
            {"vpcConfig": {"subnetIds": ["subnet-1"]}},
            "vpcConfig.endpointPublicAccess",
        ),
        (
            "aws:lambda/functionUrl:FunctionUrl",
            {"authorizationType": "AWS_IAM"},
            {"authorizationType": "NONE"},
            "authorizationType",
        ),
        ("aws:lb/loadBalancer:LoadBalancer", {"internal": True}, {"internal": ...}, "internal"),
        (
            "aws:msk/cluster:Cluster",
            {"brokerNodeGroupInfo": {"clientSubnets": ["subnet-1"]}},
            {"brokerNodeGroupInfo": {"connectivityInfo": {"publicAccess": {"type": "SERVICE_PROVIDED_EIPS"}}}},
            "brokerNodeGroupInfo.connectivityInfo.publicAccess.type",
        ),
        (
            "aws:s3/accessPoint:AccessPoint",
            {"bucket": "b"},
            {"publicAccessBlockConfiguration": {"blockPublicPolicy": False}},
            "publicAccessBlockConfiguration.blockPublicPolicy",
        ),
    ),
    "workload-isolation": (
        (_NOTEBOOK, _CONFINED, {"directInternetAccess": ...}, "directInternetAccess"),
        (_NOTEBOOK, _CONFINED, {"subnetId": ...}, "subnetId"),
        (_NOTEBOOK, _CONFINED, {"rootAccess": "Enabled"}, "rootAccess"),
        (
            "aws:sagemaker/domain:Domain",
            {"appNetworkAccessType": "VpcOnly"},
            {"appNetworkAccessType": "PublicInternetOnly"},
            "appNetworkAccessType",
        ),
        (
            "aws:sagemaker/dataQualityJobDefinition:DataQualityJobDefinition",
            {"networkConfig": {"enableNetworkIsolation": True}},
            {"networkConfig": ...},
            "networkConfig.enableNetworkIsolation",
        ),
    ),
}

CASES = tuple(
    Case(rule=rule, type=token, sound=sound, broken=broken, found=found)
    for rule, rows in _ROWS.items()
    for token, sound, broken, found in rows
)
