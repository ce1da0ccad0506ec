"""`grade warmup`: the kernels compiled before they are needed."""

from __future__ import annotations

import os
import time

import click

from .shell import DONE, Unfinished


@click.command("warmup")
@click.option("-q", "--quiet", is_flag=True, help="Say nothing.")
def command(quiet: bool) -> int:
    """Compile the kernels now, for images and cold machines.

    They are kept on disk; later processes load them in well under a second. Exit status 4 if no
    folder for them can be written.
    """
    from .. import dispatch

    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in ("", "0"):
        raise Unfinished("NUMBA_DISABLE_JIT is set: nothing can be compiled")
    folder = dispatch.cache_folder()
    if folder is None:
        tried = "\n".join(f"  {place}" for place in dispatch.cache_folders())
        raise Unfinished(
            "compiled kernels cannot be kept: none of these folders can be written\n"
            f"{tried}\nset NUMBA_CACHE_DIR to a folder that can, now and in later runs"
        )
    start = time.perf_counter()
    done = dispatch.warmup()
    if quiet:
        return DONE
    for name, what in done.items():
        click.echo(f"{what:8}  {name}")
    click.echo(f"{time.perf_counter() - start:.1f} s; kernels are in {folder}")
    return DONE
