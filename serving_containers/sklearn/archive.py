"""The model archive `model.tar.gz`, whose bytes follow from its content alone.

SageMaker downloads and unpacks the archive before the container starts, so the container never sees the file whose
SHA-256 was pinned at deployment. As the archive is canonical (fixed member order, no times, owners or compression),
the container packs what it finds in `/opt/ml/model` again and compares: one digest, the one that S3 reports for the
object, is checked before the download is unpacked (where we do that ourselves) and before the model is loaded
(everywhere). An archive that another tool packed has other bytes and is refused.
Source: SageMaker developer guide, "Custom Inference Code with Hosting Services" (how SageMaker loads your model
artifacts); RFC 1951, 3.2.4 "Non-compressed blocks"; RFC 1952 "GZIP file format".
"""

from __future__ import annotations

import hashlib
import struct
import tarfile
import zlib
from collections.abc import Iterable, Iterator, Mapping

MANIFEST = "manifest.json"
MODEL = "model.skops"
MEMBERS = (MANIFEST, MODEL)

# Magic, deflate, no flags, no time, no extra flags, unknown system.
_GZIP_HEAD = b"\x1f\x8b\x08\x00" + bytes(4) + b"\x00\xff"
_STORED_MAX = 0xFFFF


def pack(files: Mapping[str, bytes]) -> bytes:
    """The archive that holds these files.

    Args:
        files: Member name (`MEMBERS`) -> content.

    Raises:
        ValueError: A member is missing, or there is one too many.
    """
    return b"".join(_gzip(_tar(files)))


def digest(files: Mapping[str, bytes]) -> str:
    """The SHA-256, in hex, of the archive that holds these files, without making the archive."""
    found = hashlib.sha256()
    for chunk in _gzip(_tar(files)):
        found.update(chunk)
    return found.hexdigest()


def _tar(files: Mapping[str, bytes]) -> Iterator[bytes]:
    if set(files) != set(MEMBERS):
        raise ValueError(f"a model archive holds {', '.join(MEMBERS)} and nothing else, not {sorted(files)}")
    total = 0
    for name in MEMBERS:
        content = files[name]
        header = tarfile.TarInfo(name)
        header.size = len(content)
        header.mode = 0o644
        padding = bytes(-len(content) % tarfile.BLOCKSIZE)
        for part in (header.tobuf(tarfile.USTAR_FORMAT, "ascii", "strict"), content, padding):
            total += len(part)
            yield part
    end = 2 * tarfile.BLOCKSIZE
    yield bytes(end + -(total + end) % tarfile.RECORDSIZE)


def _gzip(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Wraps the parts in gzip with stored blocks only, so that no version of a compressor can change the bytes."""
    yield _GZIP_HEAD
    checksum = length = 0
    waiting = b""
    for part in parts:
        checksum = zlib.crc32(part, checksum)
        length += len(part)
        view = memoryview(waiting + part)
        while len(view) > _STORED_MAX:
            yield _block(view[:_STORED_MAX], last=False)
            view = view[_STORED_MAX:]
        waiting = bytes(view)
    yield _block(memoryview(waiting), last=True)
    yield struct.pack("<II", checksum, length & 0xFFFFFFFF)


def _block(content: memoryview, *, last: bool) -> bytes:
    return struct.pack("<BHH", last, len(content), len(content) ^ 0xFFFF) + content
