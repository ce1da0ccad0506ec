"""`grade init`: a grader to start from."""

from __future__ import annotations

from pathlib import Path

import click

from .shell import DONE, Unfinished

# type -> a row that its starter grades
ROWS = {
    "string_check": '{"item": {"answer": "Paris"}, "output": "Paris"}',
    "text_similarity": '{"item": {"answer": "a lazy dog"}, "output": "a very lazy dog"}',
    "python": '{"item": {"answer": 42}, "output": "{\\"answer\\": 42}"}',
    "score_model": '{"item": {"question": "What is tea?"}, "output": "Leaves in hot water."}',
    "label_model": '{"item": {"question": "What is tea?"}, "output": "Leaves in hot water."}',
    "multi": '{"item": {"answer": "Paris"}, "output": "It is Paris."}',
    "endpoint": '{"item": {"answer": "Paris"}, "output": "Paris"}',
}
RUNS_HERE = ("string_check", "text_similarity", "multi")  # the others ask somebody else
STDOUT = "-"


@click.command("init", no_args_is_help=True)
@click.argument("type", type=click.Choice(list(ROWS)), metavar="TYPE")
@click.option(
    "-o", "--output", default="grader.json", show_default=True, metavar="FILE",
    help="Write it here; - is standard output.",
)  # fmt: skip
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
def command(type: str, output: str, force: bool) -> int:
    """Write a starter grader.

    TYPE is string_check, text_similarity, python, score_model, label_model, multi or endpoint.
    """
    if not output:
        raise click.UsageError("-o is empty; name a file")
    name = type if output == STDOUT else Path(output).stem or type
    text = starter(type, name)
    if output == STDOUT:
        click.echo(text, nl=False)
    else:
        write(Path(output), text, force=force)
        click.echo(f"wrote {output}, a {type} grader", err=True)
    click.echo(f"a row that it grades:\n  {ROWS[type]}", err=True)
    if output != STDOUT:
        then = f"run {output} rows.jsonl" if type in RUNS_HERE else f"validate {output}"
        click.echo(f"next: grade {then}", err=True)
    return DONE


def starter(type: str, name: str) -> str:
    """The JSON text of a starter."""
    from jinja2 import Environment, PackageLoader

    # Braces of its own would collide with those of graders.
    environment = Environment(
        loader=PackageLoader(__package__, "templates"),
        variable_start_string="<<",
        variable_end_string=">>",
        autoescape=True,
        keep_trailing_newline=True,
    )
    return environment.get_template(f"{type}.json.j2").render(name=name)


def write(path: Path, text: str, *, force: bool) -> None:
    """A new file. Raises click.UsageError, or Unfinished if only writing fails."""
    try:
        file = path.open("w" if force else "x", encoding="utf-8")
    except FileExistsError:
        raise click.UsageError(f"{path} exists; --force replaces it") from None
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}") from None
    try:
        with file:
            file.write(text)
    except OSError as error:
        raise Unfinished(f"{path}: {error.strerror}") from None
