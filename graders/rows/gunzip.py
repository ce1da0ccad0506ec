"""gzip decompressed as a stream in bounded steps; all that is readable comes before the error."""

from __future__ import annotations

import io
import zlib
from typing import Any

STEP = 1 << 17
WITH_GZIP_HEADER = 31


class Gunzip(io.RawIOBase):
    """The content of a gzip stream of one or more members.

    Reading raises EOFError if the file ends early and zlib.error if it is damaged, after
    everything before that point was read.
    """

    def __init__(self, source: io.BufferedReader) -> None:
        self._source = source
        self._inflate = zlib.decompressobj(WITH_GZIP_HEADER)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: Any) -> int:
        """Fill the start of `buffer`; 0 at the end of the last member."""
        while True:
            data = self._compressed()
            if data is None:
                return 0
            out = self._inflate.decompress(data, len(buffer))
            if out:
                buffer[: len(out)] = out
                return len(out)

    def close(self) -> None:
        """Close the compressed stream too."""
        if not self.closed:
            self._source.close()
        super().close()

    def _compressed(self) -> bytes | None:
        """The next compressed bytes, None after the last member."""
        if not self._inflate.eof:
            data = self._inflate.unconsumed_tail or self._source.read1(STEP)
            if not data:
                raise EOFError
            return data
        data = self._inflate.unused_data.lstrip(b"\0")  # members may be padded with NUL
        while not data:
            block = self._source.read1(STEP)
            if not block:
                return None
            data = block.lstrip(b"\0")
        self._inflate = zlib.decompressobj(WITH_GZIP_HEADER)
        return data
