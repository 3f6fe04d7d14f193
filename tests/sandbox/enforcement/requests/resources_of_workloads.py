"""Calls of SageMaker, EC2 and the services around them with the actions and resources that AWS documents for them."""

from __future__ import annotations

from typing import Any

from tests.sandbox.enforcement.requests.calls import ACCOUNT, REGION, ROLE
from tests.sandbox.enforcement.requests.estate import KEY, VPC, ec2, sagemaker

#: (service, operation, parameters, actions with their resources)
CASES: list[tuple[str, str, dict[str, Any], list[tuple[str, str]]]] = [
    # SageMaker
    ("sagemaker", "DescribeEndpoint", {"EndpointName": "e"}, [("sagemaker:DescribeEndpoint", sagemaker("endpoint/e"))]),
    ("sagemaker", "ListEndpoints", {}, [("sagemaker:ListEndpoints", "*")]),
    (
        "sagemaker",
        "CreateEndpoint",
        {"EndpointName": "e", "EndpointConfigName": "c", "Tags": [{"Key": "a", "Value": "b"}]},
        [
            ("sagemaker:CreateEndpoint", sagemaker("endpoint/e")),
            ("sagemaker:CreateEndpoint", sagemaker("endpoint-config/c")),
            ("sagemaker:AddTags", sagemaker("endpoint/e")),
        ],
    ),
    (
        "sagemaker",
        "AddTags",
        {"ResourceArn": sagemaker("model/m"), "Tags": [{"Key": "a", "Value": "b"}]},
        [("sagemaker:AddTags", sagemaker("model/m"))],
    ),
    (
        "sagemaker",
        "DescribeModelPackage",
        {"ModelPackageName": sagemaker("model-package/g/1")},
        [("sagemaker:DescribeModelPackage", sagemaker("model-package/g/1"))],
    ),
    (
        "sagemaker",
        "CreateModelPackage",
        {"ModelPackageGroupName": "g"},
        [("sagemaker:CreateModelPackage", sagemaker("model-package/g/*"))],
    ),
    (
        "sagemaker",
        "ListModelPackages",
        {"ModelPackageGroupName": sagemaker("model-package-group/g")},
        [("sagemaker:ListModelPackages", sagemaker("model-package/g/*"))],
    ),
    (
        "sagemaker",
        "CreatePresignedDomainUrl",
        {"DomainId": "d-1", "UserProfileName": "u"},
        [("sagemaker:CreatePresignedDomainUrl", sagemaker("user-profile/d-1/u"))],
    ),
    (
        "sagemaker-runtime",
        "InvokeEndpoint",
        {"EndpointName": "e", "Body": b"x"},
        [("sagemaker:InvokeEndpoint", sagemaker("endpoint/e"))],
    ),
    # EC2: every resource in the request, what is made with a star, tags for each type.
    ("ec2", "DescribeVpcs", {"VpcIds": [VPC]}, [("ec2:DescribeVpcs", "*")]),
    (
        "ec2",
        "CreateSubnet",
        {
            "VpcId": VPC,
            "CidrBlock": "10.0.0.0/24",
            "TagSpecifications": [{"ResourceType": "subnet", "Tags": [{"Key": "a", "Value": "b"}]}],
        },
        [
            ("ec2:CreateSubnet", ec2("subnet/*")),
            ("ec2:CreateSubnet", ec2("vpc/vpc-1")),
            ("ec2:CreateTags", ec2("subnet/*")),
        ],
    ),
    (
        "ec2",
        "CreateTags",
        {"Resources": [VPC, "sg-2"], "Tags": [{"Key": "a", "Value": "b"}]},
        [("ec2:CreateTags", ec2("vpc/vpc-1")), ("ec2:CreateTags", ec2("security-group/sg-2"))],
    ),
    (
        "ec2",
        "AuthorizeSecurityGroupIngress",
        {
            "GroupId": "sg-1",
            "IpPermissions": [],
            "TagSpecifications": [{"ResourceType": "security-group-rule", "Tags": [{"Key": "a", "Value": "b"}]}],
        },
        [
            ("ec2:AuthorizeSecurityGroupIngress", ec2("security-group/sg-1")),
            ("ec2:AuthorizeSecurityGroupIngress", ec2("security-group-rule/*")),
            ("ec2:CreateTags", ec2("security-group-rule/*")),
        ],
    ),
    (
        "ec2",
        "ModifySecurityGroupRules",
        {"GroupId": "sg-1", "SecurityGroupRules": [{"SecurityGroupRuleId": "sgr-1", "SecurityGroupRule": {}}]},
        [
            ("ec2:ModifySecurityGroupRules", ec2("security-group-rule/sgr-1")),
            ("ec2:ModifySecurityGroupRules", ec2("security-group/sg-1")),
        ],
    ),
    (
        "ec2",
        "ReplaceRouteTableAssociation",
        {"AssociationId": "rtbassoc-1", "RouteTableId": "rtb-2"},
        [
            ("ec2:ReplaceRouteTableAssociation", ec2("route-table/rtb-1")),
            ("ec2:ReplaceRouteTableAssociation", ec2("subnet/subnet-1")),
            ("ec2:ReplaceRouteTableAssociation", ec2("route-table/rtb-2")),
        ],
    ),
    (
        "ec2",
        "DisassociateRouteTable",
        {"AssociationId": "rtbassoc-1"},
        [
            ("ec2:DisassociateRouteTable", ec2("route-table/rtb-1")),
            ("ec2:DisassociateRouteTable", ec2("subnet/subnet-1")),
        ],
    ),
    (
        "ec2",
        "DeleteNetworkInterfacePermission",
        {"NetworkInterfacePermissionId": "eni-perm-1"},
        [("ec2:DeleteNetworkInterfacePermission", ec2("network-interface/eni-1"))],
    ),
    (
        "ec2",
        "DeleteVpcEndpoints",
        {"VpcEndpointIds": ["vpce-1", "vpce-2"]},
        [
            ("ec2:DeleteVpcEndpoints", ec2("vpc-endpoint/vpce-1")),
            ("ec2:DeleteVpcEndpoints", ec2("vpc-endpoint/vpce-2")),
        ],
    ),
    (
        "ec2",
        "CreateFlowLogs",
        {"ResourceIds": [VPC], "ResourceType": "VPC", "DeliverLogsPermissionArn": ROLE},
        [
            ("ec2:CreateFlowLogs", ec2("vpc/vpc-1")),
            ("ec2:CreateFlowLogs", ec2("vpc-flow-log/*")),
            ("iam:PassRole", ROLE),
        ],
    ),
    # Logs: a group is written with its streams, but for tags.
    (
        "logs",
        "CreateLogGroup",
        {"logGroupName": "/a/b", "tags": {"a": "b"}},
        [
            ("logs:CreateLogGroup", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a/b:log-stream:"),
            ("logs:TagResource", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:/a/b"),
        ],
    ),
    (
        "logs",
        "GetLogEvents",
        {"logGroupName": "g", "logStreamName": "s"},
        [("logs:GetLogEvents", f"arn:aws:logs:{REGION}:{ACCOUNT}:log-group:g:log-stream:s")],
    ),
    ("logs", "DescribeLogGroups", {}, [("logs:DescribeLogGroups", "*")]),
    # The others
    ("cloudwatch", "PutMetricData", {"Namespace": "n", "MetricData": []}, [("cloudwatch:PutMetricData", "*")]),
    (
        "cloudwatch",
        "DeleteAlarms",
        {"AlarmNames": ["a", "b"]},
        [
            ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:a"),
            ("cloudwatch:DeleteAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:b"),
        ],
    ),
    (
        "cloudwatch",
        "DescribeAlarms",
        {},
        [("cloudwatch:DescribeAlarms", f"arn:aws:cloudwatch:{REGION}:{ACCOUNT}:alarm:*")],
    ),
    (
        "application-autoscaling",
        "RegisterScalableTarget",
        {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/e/variant/v", "ScalableDimension": "d"},
        [
            (
                "application-autoscaling:RegisterScalableTarget",
                f"arn:aws:application-autoscaling:{REGION}:{ACCOUNT}:scalable-target/t1",
            )
        ],
    ),
    ("ecr", "GetAuthorizationToken", {}, [("ecr:GetAuthorizationToken", "*")]),
    (
        "ecr",
        "BatchGetImage",
        {"repositoryName": "r", "imageIds": []},
        [("ecr:BatchGetImage", f"arn:aws:ecr:{REGION}:{ACCOUNT}:repository/r")],
    ),
    (
        "budgets",
        "CreateBudget",
        {"AccountId": ACCOUNT, "Budget": {"BudgetName": "b", "BudgetType": "COST", "TimeUnit": "MONTHLY"}},
        [("budgets:ModifyBudget", f"arn:aws:budgets::{ACCOUNT}:budget/b")],
    ),
    (
        "budgets",
        "DescribeBudgets",
        {"AccountId": ACCOUNT},
        [("budgets:ViewBudget", f"arn:aws:budgets::{ACCOUNT}:budget/*")],
    ),
    (
        "sns",
        "Unsubscribe",
        {"SubscriptionArn": f"arn:aws:sns:{REGION}:{ACCOUNT}:t:uuid"},
        [("sns:Unsubscribe", f"arn:aws:sns:{REGION}:{ACCOUNT}:t")],
    ),
    ("sns", "CreateTopic", {"Name": "t"}, [("sns:CreateTopic", f"arn:aws:sns:{REGION}:{ACCOUNT}:t")]),
    (
        "sqs",
        "SendMessageBatch",
        {"QueueUrl": "http://127.0.0.1:5000/999999999999/q", "Entries": []},
        [("sqs:SendMessage", f"arn:aws:sqs:{REGION}:999999999999:q")],
    ),
    (
        "secretsmanager",
        "GetSecretValue",
        {"SecretId": "db"},
        [("secretsmanager:GetSecretValue", f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:db-AbCdEf")],
    ),
    (
        "events",
        "PutRule",
        {"Name": "r", "EventBusName": "bus"},
        [("events:PutRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/bus/r")],
    ),
    ("events", "DeleteRule", {"Name": "r"}, [("events:DeleteRule", f"arn:aws:events:{REGION}:{ACCOUNT}:rule/r")]),
    (
        "lambda",
        "Invoke",
        {"FunctionName": "f"},
        [("lambda:InvokeFunction", f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:f")],
    ),
    (
        "config",
        "PutConfigurationRecorder",
        {"ConfigurationRecorder": {"name": "default", "roleARN": ROLE}},
        [
            (
                "config:PutConfigurationRecorder",
                f"arn:aws:config:{REGION}:{ACCOUNT}:configuration-recorder/default/*",
            ),
            ("iam:PassRole", ROLE),
        ],
    ),
    (
        "guardduty",
        "GetDetector",
        {"DetectorId": "d"},
        [("guardduty:GetDetector", f"arn:aws:guardduty:{REGION}:{ACCOUNT}:detector/d")],
    ),
    ("resourcegroupstaggingapi", "GetResources", {}, [("tag:GetResources", "*")]),
    (
        "resourcegroupstaggingapi",
        "TagResources",
        {"ResourceARNList": [KEY, sagemaker("model/m")], "Tags": {"a": "b"}},
        [("tag:TagResources", "*"), ("kms:TagResource", KEY), ("sagemaker:AddTags", sagemaker("model/m"))],
    ),
]
