"""Memory does not grow with the input."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import environment, many

Files = Callable[..., Path]

MEGABYTES = 200
ALLOWED = 150  # megabytes above the peak of a ten-row run

MEASURE = """
import json, resource, sys
from graders.cli import main
status = main(sys.argv[1:])
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
sys.stderr.write(json.dumps([status, peak // 1024]) + "\\n")
"""


def peak(*args: object) -> int:
    """Peak resident megabytes of a run through the kernels."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, "run", *map(str, args), "-q", "-o", "out.jsonl", "--force"],
        env=environment(GRADERS_THREADS="1", GRADERS_KERNELS="compiled"),
        cwd=Path.cwd(),
        capture_output=True,
        text=True,
        check=False,
    )
    status, megabytes = json.loads(done.stderr.splitlines()[-1])
    assert status in (0, 3), done.stderr
    return int(megabytes)


@pytest.mark.slow
@pytest.mark.skipif(os.environ.get("NUMBA_DISABLE_JIT") == "1", reason="nothing is compiled")
def test_a_large_file_takes_little_more_memory_than_ten_rows(multi: Path, files: Files) -> None:
    small = files("small.jsonl", list(many(10)))
    lines = [{**line, "note": "x" * 1500} for line in many(1000)]
    block = "".join(json.dumps(line) + "\n" for line in lines).encode()
    large = Path("large.jsonl")
    with large.open("wb") as file:
        while file.tell() < MEGABYTES << 20:
            file.write(block)
    more = peak(multi, large) - peak(multi, small)
    large.unlink()
    Path("out.jsonl").unlink()
    assert more <= ALLOWED
