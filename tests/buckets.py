"""A server of S3's protocol, which asks for the key and proves each signature by it: moto."""

import json
import os
import subprocess
import sys
from itertools import count
from typing import Any
from urllib.parse import quote

import boto3
import requests
from django.conf import LazySettings

from tests.acceptance.harness import until
from tests.ports import free_port

EVERYTHING = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}],
}
_numbers = count(1)


class Buckets:
    """The process; `key` and `secret` are those that it lets in."""

    def __init__(self) -> None:
        self.port = free_port()
        # So many calls are let in before it asks for a key: those that make one.
        asks = {"INITIAL_NO_AUTH_ACTION_COUNT": "3"}
        command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(self.port)]
        self._process = subprocess.Popen(
            command,
            env={**os.environ, **asks},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until(self._answers, "the server of buckets")
        self.key, self.secret = self._make_key()

    def make(self) -> "Held":
        held = Held(self, f"documents-{next(_numbers)}")
        self.client("s3").create_bucket(Bucket=held.name)
        return held

    def client(self, service: str) -> Any:
        return boto3.client(
            service, endpoint_url=f"http://127.0.0.1:{self.port}", region_name="us-east-1",
            aws_access_key_id=self.key, aws_secret_access_key=self.secret,
        )  # fmt: skip

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait()

    def _answers(self) -> bool:
        try:
            return requests.get(f"http://127.0.0.1:{self.port}/moto-api/data.json", timeout=5).ok
        except requests.ConnectionError:
            return False

    def _make_key(self) -> tuple[str, str]:
        self.key = self.secret = "anybody"
        people = self.client("iam")
        people.create_user(UserName="treasury")
        policy = json.dumps(EVERYTHING)
        people.put_user_policy(UserName="treasury", PolicyName="all", PolicyDocument=policy)
        made = people.create_access_key(UserName="treasury")["AccessKey"]
        return made["AccessKeyId"], made["SecretAccessKey"]


class Held:
    """A bucket of one installation, which has its documents in a folder of it."""

    def __init__(self, server: Buckets, name: str) -> None:
        self.server, self.name = server, name

    @property
    def url(self) -> str:
        return self.url_with(self.server.secret)

    def url_with(self, secret: str, *, port: int | None = None) -> str:
        address = f"127.0.0.1:{port or self.server.port}/{self.name}/of/treasury"
        return f"s3+http://{self.server.key}:{quote(secret, safe='')}@{address}?region=us-east-1"

    def documents(self) -> dict[str, bytes]:
        """All that is in the folder, by the paths."""
        client = self.server.client("s3")
        listed = client.list_objects_v2(Bucket=self.name).get("Contents", ())
        return {
            each["Key"].removeprefix("of/treasury/"): client.get_object(
                Bucket=self.name, Key=each["Key"]
            )["Body"].read()
            for each in listed
        }

    def put(self, path: str, content: bytes) -> None:
        self.server.client("s3").put_object(
            Bucket=self.name, Key=f"of/treasury/{path}", Body=content
        )


def keep_in(url: str, settings: LazySettings) -> None:
    settings.STORAGE_URL = url
    default = {"BACKEND": "treasury.bucket.Bucket", "OPTIONS": {"url": url}}
    settings.STORAGES = {**settings.STORAGES, "default": default}
