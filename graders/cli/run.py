"""`grade run`: the rows of files in, one line for each row and a summary out."""

from __future__ import annotations

import math
import re
from fractions import Fraction
from typing import Any

import click

from .interrupts import Interrupts

STDOUT = "-"
SUMMARIES = ("table", "json", "markdown", "none")


SHARE = re.compile(
    r"(?P<number>[0-9]+\.?[0-9]*|\.[0-9]+)(?P<power>e-?[0-9]{1,2})? *(?P<percent>%)?", re.I
)


def share(text: str) -> Fraction:
    """A share of the rows: `0.8` or `80%`, exactly."""
    found = SHARE.fullmatch(text.strip())
    value = Fraction(found["number"] + (found["power"] or "")) if found else Fraction(-1)
    if found and found["percent"]:
        value /= 100
    if not 0 <= value <= 1:
        raise click.BadParameter(f"{text!r} is no share of the rows; write 0.8 or 80%")
    return value


def finite(ctx: click.Context, parameter: click.Parameter, value: float | None) -> float | None:
    """The number of an option, unless it is NaN or infinite."""
    if value is not None and not math.isfinite(value):
        raise click.BadParameter(f"{value} is no number to compare with")
    return value


@click.command("run", no_args_is_help=True)
@click.argument("grader")
@click.argument("rows", nargs=-1)
@click.option(
    "-o", "--output", metavar="OUT",
    help="Write the rows here; .gz is compressed, - is standard output.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace OUT if it exists.")
@click.option("--sample-field", metavar="FIELD", help="The field that holds the model's output.")
@click.option("--criterion", metavar="NAME", help="Grade by this one criterion of an eval.")
@click.option(
    "--option", "options", metavar="NAME=VALUE", multiple=True,
    help="A choice that the JSON leaves open, for example rouge_tokens=unicode.",
)  # fmt: skip
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Grade the first N rows.")
@click.option("--group", metavar="FIELD[,FIELD]", help="Rows with equal fields form a group.")
@click.option("--by", metavar="FIELD", help="Show the mean reward for each value of a field.")
@click.option("--compare", metavar="FIELD", help="Compare with scores that the rows carry.")
@click.option("--include", metavar="item,sample", help="Carry these along in the output.")
@click.option("--config", metavar="FILE", help="Settings, instead of ./grade.toml.")
@click.option(
    "--deadline", type=click.FloatRange(min=0, min_open=True), metavar="SECONDS",
    callback=finite,
    help="Rows not finished by then are errored.",
)  # fmt: skip
@click.option(
    "--threads", type=click.IntRange(min=1), metavar="N",
    help="Default: the processors that this process may use.",
)  # fmt: skip
@click.option(
    "--fail-under",
    type=float,
    metavar="MEAN",
    callback=finite,
    help="Exit 1 if the mean reward is lower.",
)
@click.option(
    "--min-pass-rate", type=share, metavar="P", help="Exit 1 if a smaller share of rows passes."
)
@click.option(
    "--max-errored", type=share, metavar="P", help="Exit 1 if a larger share of rows errs."
)
@click.option(
    "--summary", type=click.Choice(SUMMARIES), default="table", show_default=True,
    help="How to sum up.",
)  # fmt: skip
@click.option("-q", "--quiet", is_flag=True, help="No summary and no progress.")
@click.option("-v", "--verbose", is_flag=True, help="Show up to 100 errored rows, and tracebacks.")
@click.pass_obj
def command(interrupts: Interrupts, /, **given: Any) -> int:
    """Grade the rows of files.

    GRADER is grader JSON, an eval or a fine-tuning job, or a folder with eval.json (or grader.json)
    and rows.jsonl. ROWS are .jsonl, .json, .csv or .parquet files, also .gz; - is standard input.

    One JSON object for each row goes to OUT, or to stdout when that is no terminal; then the
    summary goes to stderr. Otherwise it goes to stdout, on a terminal with the first five rows.
    """
    with interrupts.held():  # pydantic does not survive an exception while it builds a model
        from .job import Request, perform

    if to_stdout := given["output"] == STDOUT:
        given["output"] = None
    return perform(Request(**given, stdout=to_stdout), interrupts)
