"""The body of an upload while it is read: on disk once it is large, so that memory stays flat whatever is sent."""

import hashlib
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING

from contract.errors import TooLarge

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

IN_MEMORY = 1 << 20


class Spool(SpooledTemporaryFile[bytes]):
    """A file without a name in ``folder``: the system takes it back when it is closed or its process dies.

    Up to ``IN_MEMORY`` bytes it is no file at all. It refuses to grow beyond ``limit`` bytes with ``TooLarge``. Bytes
    are written once, one after the other; ``size`` and ``sha256`` are those of the bytes written.
    """

    def __init__(self, folder: Path, limit: int) -> None:
        super().__init__(max_size=IN_MEMORY, dir=str(folder))
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
