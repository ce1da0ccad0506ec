"""`python -m benchmarks [WORD …]`: measure the cases whose name has every word, and record them."""

from __future__ import annotations

import argparse
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path

os.environ["GRADERS_KERNELS"] = "compiled"

from .cases import CASES, Case
from .machine import machine, versions
from .table import BEGIN, RESULTS, figure, load_results, ratio_of, with_table

README = Path(__file__).parents[1] / "README.md"


def measured(case: Case, repeats: int) -> dict[str, object] | None:
    """The record of one case, None if it cannot run here."""
    run = case.run(repeats)
    if run is None:
        return None
    found = [asdict(repeat) for repeat in run]
    return {
        "subject": case.subject,
        "peer": case.peer,
        "unit": case.unit,
        "limit": case.limit,
        "higher_is_better": case.higher_is_better,
        "repeats": found,
        "load": os.getloadavg()[0],
        "machine": machine(),
        "versions": versions(),
    }


def main() -> int:
    """Exit 1 when a measured ratio does not keep its limit."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("words", nargs="*", help="measure only cases whose name has all of these")
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--dry", action="store_true", help="do not touch results.json or README.md")
    arguments = parser.parse_args()
    results = load_results()
    missed = 0
    for case in CASES:
        if not all(word in case.name for word in arguments.words):
            continue
        record = measured(case, arguments.repeats)
        if record is None:
            sys.stdout.write(f"{case.name:60} not measured: data or a package is missing\n")
            continue
        ratio = ratio_of(record)
        missed += not case.holds(ratio)
        mark = "" if case.holds(ratio) else "   MISSED"
        bound = ("at least " if case.higher_is_better else "at most ") + figure(case.limit)
        sys.stdout.write(f"{case.name:60} {figure(ratio):>9}   {bound}{mark}\n")
        sys.stdout.flush()
        results["cases"][case.name] = record
        if not arguments.dry:
            ordered = {
                c.name: results["cases"][c.name] for c in CASES if c.name in results["cases"]
            }
            results["cases"] = ordered
            RESULTS.write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
            readme = README.read_text(encoding="utf-8")
            if BEGIN in readme:
                README.write_text(with_table(readme, results), encoding="utf-8")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
