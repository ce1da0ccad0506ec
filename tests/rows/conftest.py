"""Rows from bytes: what every test of the readers starts with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from graders.batch import Row
from graders.rows import Reader

ReadBytes = Callable[..., tuple[list[Row], Reader]]


@pytest.fixture
def read(tmp_path: Path) -> ReadBytes:
    """Write bytes to a file of the given name and read it."""

    def run(
        data: bytes | str, name: str = "rows.jsonl", **options: Any
    ) -> tuple[list[Row], Reader]:
        path = tmp_path / name
        path.write_bytes(data.encode() if isinstance(data, str) else data)
        reader = Reader(path, **options)
        return list(reader), reader

    return run
