"""JSON paths as messages show them: `$.graders.answer.input[0]["my key"]`."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable

Step = str | int

PLAIN_KEY = re.compile(r"[^\W\d]\w*")
STEP = re.compile(r'\.([^\W\d]\w*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]')


def render(steps: Iterable[Step]) -> str:
    """`$` and one part for each step; keys that are no identifiers stand in `["…"]`."""
    return "$" + "".join(map(part, steps))


def part(step: Step) -> str:
    """One step of a path."""
    if isinstance(step, int):
        return f"[{step}]"
    if PLAIN_KEY.fullmatch(step):
        return f".{step}"
    return f"[{json.dumps(step, ensure_ascii=False)}]"


def parse(path: str) -> tuple[Step, ...]:
    """The steps of a path that `render` wrote."""
    return tuple(
        int(m[2]) if m[2] else json.loads(m[3], strict=False) if m[3] else m[1]
        for m in STEP.finditer(path)
    )
