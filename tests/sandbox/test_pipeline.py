"""The layers in front of moto, seen over HTTP and by boto3."""

from __future__ import annotations

import http.client
import json
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from sandbox_clients import Clients, error_of

from infra.sandbox import Sandbox
from infra.sandbox.pipeline import HEALTH_PATH


def _get(cloud: Sandbox, path: str, *, method: str = "GET", host: str | None = None) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", cloud.status().port or 0, timeout=10)
    connection.request(method, path, headers={"Host": host} if host else {})
    return connection.getresponse()


def _answers(log: Path, status: int) -> int:
    """How many request lines of the sandbox's log ended with this HTTP status."""
    line = rf"^\S+ \S+ INFO sandbox\.requests: .* {status} [\d.]+ ms \([\d.]+ ms to decide\)$"
    return len(re.findall(line, log.read_text(), re.MULTILINE))


def test_health_tells_the_instance(cloud: Sandbox) -> None:
    answer = json.loads(_get(cloud, HEALTH_PATH).read())
    assert answer["instance"] == cloud.status().instance
    assert answer["pid"] == cloud.status().pid


def test_a_foreign_host_name_is_refused(cloud: Sandbox) -> None:
    """A web page whose name resolves to 127.0.0.1 gets nothing; this machine's names do."""
    assert _get(cloud, HEALTH_PATH, host="evil.example.com").status == 403
    assert _get(cloud, HEALTH_PATH, host=f"localhost:{cloud.status().port}").status == 200


def test_motos_own_reset_is_out_of_reach(cloud: Sandbox, aws: Clients) -> None:
    aws("sns").create_topic(Name="still-there")
    assert _get(cloud, "/moto-api/reset", method="POST").status == 403
    assert any("still-there" in topic["TopicArn"] for topic in aws("sns").list_topics()["Topics"])


@pytest.mark.parametrize(
    ("service", "operation", "arguments"),
    [
        ("sagemaker", "list_hubs", {}),
        ("iam", "get_context_keys_for_custom_policy", {"PolicyInputList": ["{}"]}),
        ("ec2", "describe_fpga_images", {}),
    ],
)
def test_what_is_not_there_is_an_error_that_says_so_and_is_not_retried(
    cloud: Sandbox, aws: Clients, service: str, operation: str, arguments: dict[str, object]
) -> None:
    """Each AWS protocol gets the error in its own form, at once."""
    log = cloud.status().log
    before = _answers(log, 501)
    with pytest.raises(ClientError) as caught:
        getattr(aws(service), operation)(**arguments)
    code, message = error_of(caught)
    assert code == "NotImplemented"
    assert operation in message
    assert _answers(log, 501) == before + 1


def test_s3_metadata_keeps_its_underscores(aws: Clients) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="metadata-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    s3.put_object(Bucket="metadata-bucket", Key="k", Body=b"x", Metadata={"with_underscore": "a", "with-dash": "b"})
    assert s3.head_object(Bucket="metadata-bucket", Key="k")["Metadata"] == {"with_underscore": "a", "with-dash": "b"}


def test_parallel_changes_and_lists_do_not_break_each_other(aws: Clients) -> None:
    """Moto iterates over its dictionaries while others change them; here no such call fails."""
    iam = aws("iam", Config(max_pool_connections=16, retries={"total_max_attempts": 1}))

    def work(number: int) -> int:
        iam.create_role(RoleName=f"r{number}", AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17"}))
        return len(iam.list_roles()["Roles"])

    with ThreadPoolExecutor(16) as pool:
        assert max(pool.map(work, range(80))) == 80


def test_the_log_holds_no_query_and_no_secret(cloud: Sandbox, aws: Clients) -> None:
    s3 = aws("s3")
    s3.create_bucket(Bucket="log-bucket", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
    url = s3.generate_presigned_url("get_object", Params={"Bucket": "log-bucket", "Key": "signed-key"})
    address, _, query = url.partition("?")
    assert query
    _get(cloud, address.partition(":")[2].partition("/")[2].partition("/")[2] + "?" + query)
    log = Path(cloud.status().log).read_text()
    assert "log-bucket" in log
    assert "Signature" not in log
    assert cloud.environment()["AWS_SECRET_ACCESS_KEY"] not in log
