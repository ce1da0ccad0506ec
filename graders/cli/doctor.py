"""`grade doctor`: one screen that a bug report needs. No values of keys, ever."""

from __future__ import annotations

from typing import Any

import click

from .shell import DONE, UNMET
from .text import PLAIN_WIDTH, json_text, pad, wrap


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def command(as_json: bool) -> int:
    """Show versions, kernels and settings, for bug reports.

    Keys are never shown, only the names of the variables that hold them. Exit status 1 if the
    configuration is wrong.
    """
    from . import health

    facts = health.examine()
    if as_json:
        click.echo(json_text({"schema": 1, **facts}).encode())
    else:
        click.echo(screen(facts))
    return UNMET if facts["problems"] else DONE


def screen(facts: dict[str, Any]) -> str:
    """One line for each part."""
    lines = []
    for name, pieces in rows(facts).items():
        label = pad(name, 13)
        first, *more = wrap(pieces, PLAIN_WIDTH - 13, "") or ["–"]
        lines += [label + first, *(" " * 13 + line for line in more)]
    return "\n".join([*lines, *facts["problems"]])


def rows(facts: dict[str, Any]) -> dict[str, list[str]]:
    """What each line says, in pieces that are not broken."""
    kernels, threads, settings = facts["kernels"], facts["threads"], facts["settings"]
    caches = [
        f"{place['path']} ({'writable' if place['writable'] else 'NOT writable'}, "
        f"{place['kernels']} kernels)"
        for place in kernels["caches"]
    ]
    features = [f"{n} {'yes' if there else 'no'}" for n, there in facts["features"].items()]
    options = [f"{name}={value}" for name, value in settings["options"].items()]
    return {
        "versions": [f"{name} {version}" for name, version in facts["versions"].items()],
        "installed": [facts["installed"], facts["executable"]],
        "platform": [facts["platform"], facts["processor"]],
        "features": features or ["unknown on this system"],
        "kernels": [f"mode {kernels['mode']}", "warm" if kernels["warm"] else "cold", *caches],
        "threads": [f"{threads['threads']}: {threads['why']}"],
        "sandbox": [facts["sandbox"]],
        "settings": [settings["path"], *settings["sources"]],
        "options": options,
        "environment": facts["environment"] or ["nothing set"],
    }
