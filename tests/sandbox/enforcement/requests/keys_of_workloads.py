"""Calls of SageMaker, EC2 and the services around them with the context keys that AWS supplies for them."""

from __future__ import annotations

from typing import Any

from infra.sandbox.enforcement.lookup import Value
from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, ROLE
from tests.sandbox.enforcement.requests.tagged_estate import ENDPOINT, KEY, SUBNET, TAGS, VPC

#: (service, operation, parameters, action, keys that must be there; a value of None: must not be there)
CASES: list[tuple[str, str, dict[str, Any], str, dict[str, Value | None]]] = [
    (
        "sagemaker",
        "CreateTrainingJob",
        {
            "TrainingJobName": "j",
            "RoleArn": ROLE,
            "AlgorithmSpecification": {"TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://b/out", "KmsKeyId": "k"},
            "ResourceConfig": {
                "InstanceType": "ml.m5.large",
                "InstanceCount": 1,
                "VolumeSizeInGB": 1,
                "VolumeKmsKeyId": "alias/acme",
            },
            "VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1", "sg-2"]},
            "StoppingCondition": {"MaxRuntimeInSeconds": 60},
            "EnableNetworkIsolation": True,
            "EnableInterContainerTrafficEncryption": False,
            "HyperParameters": {"InstanceType": "not-a-type"},
        },
        "sagemaker:CreateTrainingJob",
        {
            "sagemaker:InstanceTypes": ["ml.m5.large"],
            "sagemaker:InterContainerTrafficEncryption": False,
            "sagemaker:MaxRuntimeInSeconds": 60,
            "sagemaker:NetworkIsolation": True,
            "sagemaker:OutputKmsKey": KEY,
            "sagemaker:OutputKmsKeyArn": KEY,
            "sagemaker:VolumeKmsKey": KEY,
            "sagemaker:VpcSecurityGroupIds": ["sg-1", "sg-2"],
            "sagemaker:VpcSubnets": ["subnet-1"],
        },
    ),
    (
        "sagemaker",
        "CreateTrainingJob",
        {"TrainingJobName": "j", "OutputDataConfig": {"S3OutputPath": "s3://b/out"}},
        "sagemaker:CreateTrainingJob",
        {"sagemaker:OutputKmsKey": None, "sagemaker:VolumeKmsKey": None, "sagemaker:VpcSubnets": None},
    ),
    (
        "sagemaker",
        "CreateProcessingJob",
        {
            "ProcessingJobName": "j",
            "ProcessingOutputConfig": {"Outputs": [], "KmsKeyId": "k"},
            "ProcessingResources": {
                "ClusterConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeKmsKeyId": "k"}
            },
            "NetworkConfig": {"VpcConfig": {"Subnets": ["subnet-1"], "SecurityGroupIds": ["sg-1"]}},
        },
        "sagemaker:CreateProcessingJob",
        {
            "sagemaker:OutputKmsKey": KEY,
            "sagemaker:VolumeKmsKey": KEY,
            "sagemaker:VpcSubnets": ["subnet-1"],
            "sagemaker:VpcSecurityGroupIds": ["sg-1"],
        },
    ),
    (
        "sagemaker",
        "CreateEndpointConfig",
        {
            "EndpointConfigName": "c",
            "KmsKeyId": "k",
            "ProductionVariants": [{"ModelName": "m", "VariantName": "v", "InstanceType": "ml.m5.large"}],
            "Tags": TAGS,
        },
        "sagemaker:CreateEndpointConfig",
        {
            "aws:RequestTag/tenant": "acme",
            "sagemaker:InstanceTypes": ["ml.m5.large"],
            "sagemaker:ModelArn": f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:model/m",
            "sagemaker:NetworkIsolation": True,
            "sagemaker:VolumeKmsKey": KEY,
            "sagemaker:VpcSubnets": ["subnet-1"],
        },
    ),
    (
        "sagemaker",
        "CreateEndpoint",
        {"EndpointName": "new", "EndpointConfigName": "c", "Tags": TAGS},
        "sagemaker:AddTags",
        {"sagemaker:TaggingAction": "CreateEndpoint", "aws:RequestTag/stage": "dev"},
    ),
    (
        "sagemaker",
        "AddTags",
        {"ResourceArn": ENDPOINT, "Tags": TAGS},
        "sagemaker:AddTags",
        {"sagemaker:TaggingAction": None, "aws:ResourceTag/tenant": "acme", "sagemaker:ResourceTag/tenant": "acme"},
    ),
    (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "e", "Body": b"x", "TargetModel": "other.tar.gz"},
        "sagemaker:InvokeEndpoint",
        {"sagemaker:TargetModel": "other.tar.gz", "aws:ResourceTag/tenant": "acme"},
    ),
    (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "e", "Body": b"x"},
        "sagemaker:InvokeEndpoint",
        {"sagemaker:TargetModel": None},
    ),
    (
        "ec2",
        "CreateNetworkInterfacePermission",
        {"NetworkInterfaceId": "eni-1", "AwsService": "sagemaker.amazonaws.com", "Permission": "INSTANCE-ATTACH"},
        "ec2:CreateNetworkInterfacePermission",
        {"ec2:Subnet": SUBNET, "ec2:Vpc": VPC, "ec2:AuthorizedService": "sagemaker.amazonaws.com"},
    ),
    (
        "ec2",
        "AuthorizeSecurityGroupEgress",
        {"GroupId": "sg-1", "IpPermissions": []},
        "ec2:AuthorizeSecurityGroupEgress",
        {"aws:ResourceTag/tenant": "acme", "ec2:ResourceTag/tenant": "acme", "ec2:Vpc": VPC, "aws:TagKeys": None},
    ),
    (
        "ec2",
        "CreateSubnet",
        {
            "VpcId": "vpc-1",
            "CidrBlock": "10.0.0.0/24",
            "TagSpecifications": [{"ResourceType": "subnet", "Tags": TAGS}],
        },
        "ec2:CreateTags",
        {"ec2:CreateAction": "CreateSubnet", "aws:RequestTag/tenant": "acme"},
    ),
    (
        "ec2",
        "CreateVpcEndpoint",
        {"VpcId": "vpc-1", "ServiceName": "com.amazonaws.eu-central-1.s3"},
        "ec2:CreateVpcEndpoint",
        {"ec2:VpceServiceName": "com.amazonaws.eu-central-1.s3"},
    ),
    (
        "ec2",
        "DeleteTags",
        {"Resources": ["sg-1"], "Tags": [{"Key": "tenant"}]},
        "ec2:DeleteTags",
        {"aws:TagKeys": ["tenant"], "aws:RequestTag/tenant": None, "ec2:CreateAction": None},
    ),
    (
        "logs",
        "TagResource",
        {"resourceArn": f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g", "tags": {"tenant": "acme"}},
        "logs:TagResource",
        {"aws:RequestTag/tenant": "acme", "aws:TagKeys": ["tenant"]},
    ),
    (
        "cloudwatch",
        "PutMetricData",
        {"Namespace": "own", "MetricData": []},
        "cloudwatch:PutMetricData",
        {"cloudwatch:namespace": "own"},
    ),
    (
        "application-autoscaling",
        "PutScalingPolicy",
        {"PolicyName": "p", "ServiceNamespace": "sagemaker", "ResourceId": "r", "ScalableDimension": "d"},
        "application-autoscaling:PutScalingPolicy",
        {
            "application-autoscaling:service-namespace": "sagemaker",
            "application-autoscaling:scalable-dimension": "d",
        },
    ),
    (
        "sns",
        "Subscribe",
        {"TopicArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t", "Protocol": "email", "Endpoint": "a@example.com"},
        "sns:Subscribe",
        {"sns:Protocol": "email", "sns:Endpoint": "a@example.com"},
    ),
]
