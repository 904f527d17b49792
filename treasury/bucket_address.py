"""Where documents are kept that are not kept in a folder: the address of a bucket of S3, or of
whatever speaks its protocol."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

_PROTOCOLS = {"s3": "https", "s3+http": "http"}
# What servers that know no regions expect.
_REGION = "us-east-1"


@dataclass(frozen=True)
class BucketAddress:
    """Without a key the machine's own role is taken."""

    endpoint: str
    bucket: str
    folder: str
    region: str
    key: str | None
    secret: str | None = field(repr=False)

    @classmethod
    def read(cls, url: str) -> "BucketAddress":
        """s3://KEY:SECRET@host:port/bucket/folder?region=…, with the last two left out or not.

        Raises `ValueError`, which repeats nothing of it.
        """
        parts = urlsplit(url)
        bucket, _slash, folder = parts.path.strip("/").partition("/")
        known = parts.scheme in _PROTOCOLS and parts.hostname and bucket
        if not known or bool(parts.username) != bool(parts.password):
            raise ValueError("It is no address of a bucket.")
        port = f":{parts.port}" if parts.port else ""
        return cls(
            endpoint=f"{_PROTOCOLS[parts.scheme]}://{parts.hostname}{port}",
            bucket=bucket,
            folder=folder,
            region=parse_qs(parts.query).get("region", [_REGION])[0],
            key=unquote(parts.username) if parts.username else None,
            secret=unquote(parts.password) if parts.password else None,
        )
