"""Everything that a run found out, as one JSON value: what summaries and run facts are made of."""

from __future__ import annotations

import platform
import sys
from typing import TYPE_CHECKING, Any

from .. import __version__
from ..config import dump

if TYPE_CHECKING:
    from .job import Job

SCHEMA = 1
NUMERIC = ("numpy", "numba", "llvmlite", "rapidfuzz", "pydantic", "orjson")
PACKAGES = (*NUMERIC, "click", "openai")


def of(job: Job) -> dict[str, Any]:
    """The facts that every form of the summary shows."""
    grader, tally, counts = job.grader, job.tally, job.files.counts
    compared = job.compare.facts() if job.compare else None
    return {
        "schema": SCHEMA,
        "complete": job.complete,
        "grader": {
            "source": job.source.name,
            "type": grader.type,
            "name": grader.name,
            "pass_threshold": grader.pass_threshold,
        },
        "rows": tally.counts,
        "reward": tally.reward_facts(),
        "sub_rewards": {key: part.facts() for key, part in tally.parts.items()},
        "by": job.by.facts() if job.by else None,
        "compare_field": compared["field"] if compared else None,
        "compare": compared["scores"] if compared else None,
        "compare_note": compared["note"] if compared else None,
        "input": {
            "files": list(job.files.paths),
            "sample_fields": dict(counts.fields.most_common()),
            "lines": counts.lines,
            "blank": counts.blank,
            "empty": counts.empty,
        },
        "errors": job.failures.facts(),
        "gates": job.request.gates.facts(tally),
        "output": job.request.output,
        "signature": grader.signature(job.options),
        "seconds": round(job.seconds, 3),
    }


def of_run(job: Job) -> dict[str, Any]:
    """The facts of OUT.meta.json: those of the summary, the grader, options and versions."""
    return {
        **of(job),
        "grader_json": dump(job.grader),
        "options": job.options.to_dict(),
        "versions": loaded_versions(),
        "usage": {},
    }


def loaded_versions() -> dict[str, str]:
    """Version of what took part in the run, by name."""
    found = {"graders": __version__, "python": platform.python_version()}
    modules = {name: sys.modules.get(name) for name in NUMERIC}
    return found | {name: str(m.__version__) for name, m in modules.items() if m is not None}


def versions() -> dict[str, str]:
    """Version by name, nothing imported."""
    from importlib import metadata

    found = {"graders": __version__, "python": platform.python_version()}
    for package in PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            found[package] = "not installed"
    return found
