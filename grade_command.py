"""Starts the `grade` command from the package beside this file, whatever else is called graders.

Many projects have a folder `graders/` of their own, and with PYTHONPATH=. Python would find that
one first. This module has a name that they do not have.
"""

from __future__ import annotations

import os
import sys
from importlib.util import module_from_spec, spec_from_file_location


def main() -> int:
    """Run `grade` with the arguments of the process; the exit status."""
    if "graders" not in sys.modules:
        claim(os.path.join(os.path.dirname(os.path.abspath(__file__)), "graders"))
    from graders.cli import main as grade

    return grade()


def claim(folder: str) -> None:
    """Make `import graders` in this process mean the package in `folder`."""
    spec = spec_from_file_location(
        "graders", os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["graders"] = module
        spec.loader.exec_module(module)
