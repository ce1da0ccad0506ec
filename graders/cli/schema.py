"""`grade schema`: the JSON Schema of graders."""

from __future__ import annotations

import click

from .shell import DONE


@click.command("schema")
def command() -> int:
    """Print the JSON Schema of graders.

    Editors complete and check grader files with it. Templates, formulas and Python sources are
    checked by `grade validate` alone.
    """
    from ..rows import encode
    from ..schema import schema

    click.echo(encode.document(schema()).decode().rstrip())
    return DONE
