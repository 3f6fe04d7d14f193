"""The functions (data sources) of the provider: what a program may ask AWS without managing it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from botocore.exceptions import ClientError

from infra.sandbox.aws.check import Failures, structure
from infra.sandbox.aws.errors import ProviderError, code
from infra.sandbox.aws.schema import PropertySchema
from infra.sandbox.aws.session import Session
from infra.sandbox.aws.shapes import scalar
from infra.sandbox.aws.wire import Properties


@dataclass(frozen=True)
class Invoke:
    """A function: the arguments that it supports, those that it must have, and what answers it."""

    run: Callable[[Session, Properties], Properties]
    args: tuple[str, ...] = ()
    required: tuple[str, ...] = ()

    def problems(self, fields: Mapping[str, PropertySchema], args: Properties) -> Failures:
        """Return what is wrong with the arguments."""
        found = list(structure(fields, args))
        found += [(name, "missing required argument") for name in self.required if name not in args]
        return found + [
            (name, "the offline provider does not support this argument") for name in args if name not in self.args
        ]


def _caller_identity(aws: Session, _: Properties) -> Properties:
    found = aws.identity
    return {"accountId": found["Account"], "arn": found["Arn"], "userId": found["UserId"], "id": found["Account"]}


def _region(aws: Session, args: Properties) -> Properties:
    name = args.get("region", aws.region)
    description = aws.describe_region(name)
    return {
        "region": name,
        "name": name,
        "id": name,
        "description": description,
        "endpoint": f"ec2.{name}.amazonaws.com",
    }


def _partition(aws: Session, _: Properties) -> Properties:
    suffix = "amazonaws.com.cn" if aws.partition == "aws-cn" else "amazonaws.com"
    reverse = ".".join(reversed(suffix.split(".")))
    return {"partition": aws.partition, "id": aws.partition, "dnsSuffix": suffix, "reverseDnsPrefix": reverse}


_OBJECT = {
    "checksumCrc32": "ChecksumCRC32",
    "checksumCrc32c": "ChecksumCRC32C",
    "checksumCrc64nvme": "ChecksumCRC64NVME",
    "checksumSha1": "ChecksumSHA1",
    "checksumSha256": "ChecksumSHA256",
    "contentLength": "ContentLength",
    "bucketKeyEnabled": "BucketKeyEnabled",
    "cacheControl": "CacheControl",
    "contentDisposition": "ContentDisposition",
    "contentEncoding": "ContentEncoding",
    "contentLanguage": "ContentLanguage",
    "contentType": "ContentType",
    "expiration": "Expiration",
    "expires": "ExpiresString",
    "lastModified": "LastModified",
    "metadata": "Metadata",
    "objectLockLegalHoldStatus": "ObjectLockLegalHoldStatus",
    "objectLockMode": "ObjectLockMode",
    "objectLockRetainUntilDate": "ObjectLockRetainUntilDate",
    "serverSideEncryption": "ServerSideEncryption",
    "sseKmsKeyId": "SSEKMSKeyId",
    "storageClass": "StorageClass",
    "versionId": "VersionId",
    "websiteRedirectLocation": "WebsiteRedirectLocation",
}


def _object(aws: Session, args: Properties) -> Properties:
    s3 = aws.client("s3", args.get("region"))
    request: dict[str, Any] = {"Bucket": args["bucket"], "Key": args["key"]}
    for name, member in {"versionId": "VersionId", "range": "Range", "checksumMode": "ChecksumMode"}.items():
        if args.get(name):
            request[member] = args[name]
    try:
        head = s3.head_object(**request)
    except ClientError as error:
        if code(error) in ("404", "NoSuchKey", "NotFound"):
            raise ProviderError(f"there is no object s3://{args['bucket']}/{args['key']}; upload it first") from error
        raise
    found = {name: head[member] for name, member in _OBJECT.items() if member in head}
    texts = {name: value if name == "metadata" else scalar(value) for name, value in found.items()}
    empty = {name: "" for name in _OBJECT if name not in texts}
    region = args.get("region", aws.region)
    identity = {"bucket": args["bucket"], "key": args["key"], "region": region, "id": f"{args['bucket']}/{args['key']}"}
    arn = f"arn:{aws.partition}:s3:::{identity['id']}"
    etag, metadata = head["ETag"].strip('"'), found.get("metadata", {})
    return {**empty, **texts, "metadata": metadata, "etag": etag, **identity, "arn": arn}


def _detector(aws: Session, args: Properties) -> Properties:
    region = args.get("region", aws.region)
    client = aws.client("guardduty", region)
    ids: list[str] = [args["id"]] if args.get("id") else client.list_detectors()["DetectorIds"]
    if len(ids) != 1:
        raise ProviderError(
            f"there are {len(ids)} GuardDuty detectors in {region}, expected one; enable GuardDuty first"
        )
    found = client.get_detector(DetectorId=ids[0])
    features = [
        {
            "name": feature["Name"],
            "status": feature["Status"],
            "additionalConfigurations": [
                {"name": more["Name"], "status": more["Status"]} for more in feature.get("AdditionalConfiguration", [])
            ],
        }
        for feature in found.get("Features", [])
    ]
    return {
        "id": ids[0],
        "arn": f"arn:{aws.partition}:guardduty:{region}:{aws.identity['Account']}:detector/{ids[0]}",
        "status": found["Status"],
        "serviceRoleArn": found["ServiceRole"],
        "findingPublishingFrequency": found.get("FindingPublishingFrequency", ""),
        "features": features,
        "region": region,
        "tags": found.get("Tags", {}),
    }


INVOKES: Mapping[str, Invoke] = {
    "aws:index/getCallerIdentity:getCallerIdentity": Invoke(_caller_identity, ("id",)),
    "aws:index/getRegion:getRegion": Invoke(_region, ("region", "id")),
    "aws:index/getPartition:getPartition": Invoke(_partition, ("id",)),
    "aws:s3/getObject:getObject": Invoke(
        _object, ("bucket", "key", "versionId", "range", "checksumMode", "region"), required=("bucket", "key")
    ),
    "aws:guardduty/getDetector:getDetector": Invoke(_detector, ("id", "region")),
}
"""Token -> function."""
