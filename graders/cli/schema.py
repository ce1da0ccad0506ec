"""`grade schema`: the JSON Schema of graders."""

from __future__ import annotations

import click

from .shell import DONE
from .text import json_text


@click.command("schema")
def command() -> int:
    """Print the JSON Schema of graders.

    Editors complete and check grader files with it. Templates, formulas and Python sources are
    checked by `grade validate` alone.
    """
    from ..config.schema import schema

    click.echo(json_text(schema()))
    return DONE
