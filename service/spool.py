"""The body of an upload on disk while it is read: memory stays flat whatever is sent."""

import hashlib
from io import BufferedRandom
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING

from contract.errors import TooLarge

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

BUFFER = 1 << 16


class Spool(BufferedRandom):
    """A file without a name in ``folder``: the system takes it back when it is closed or its process dies.

    It refuses to grow beyond ``limit`` bytes with ``TooLarge``. Bytes are written once, one after the other; ``size``
    and ``sha256`` are those of the bytes written.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        super().__init__(TemporaryFile(buffering=0, dir=folder), BUFFER)  # noqa: SIM115 - closed with this one
        self.size = 0
        self.limit = limit
        self._digest = hashlib.sha256()

    def write(self, data: "ReadableBuffer", /) -> int:
        """Append bytes; raises ``TooLarge`` when they are more than may come."""
        length = memoryview(data).nbytes
        if self.size + length > self.limit:
            raise TooLarge(
                f"The body is larger than {self.limit} bytes, the most that this server takes (THALWEG_MAX_BODY)."
            )
        self.size += length
        self._digest.update(data)
        return super().write(data)

    def sha256(self) -> str:
        """Digest of the bytes written, in hexadecimal."""
        return self._digest.hexdigest()
