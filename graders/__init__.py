"""Run OpenAI-style graders anywhere: the same JSON, the same meaning, the same reply.

Names are resolved when they are first used, so that `import graders` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

__version__ = "0.1.0"

# public name -> the module that has it
_HOME = {
    "ConfigError": "errors",
    "Criteria": "criteria",
    "Endpoint": "endpoint",
    "FormulaError": "errors",
    "Grader": "grader",
    "GraderDown": "errors",
    "GradersError": "errors",
    "LabelModel": "label_model",
    "Multi": "multi",
    "Options": "options",
    "Python": "python",
    "Result": "results",
    "Results": "results",
    "Row": "batch",
    "RowError": "errors",
    "RowsError": "errors",
    "Runner": "runners.runner",
    "RunnerError": "errors",
    "ScoreModel": "score_model",
    "StringCheck": "string_check",
    "TemplateError": "errors",
    "TextSimilarity": "text_similarity",
    "UsageError": "errors",
    "agrade": "engine",
    "ceil": "compose",
    "dump": "config",
    "exp": "compose",
    "floor": "compose",
    "grade": "engine",
    "load": "config",
    "log": "compose",
    "max": "compose",
    "min": "compose",
    "run": "engine",
    "similarity": "metrics",
    "sqrt": "compose",
    "warmup": "dispatch",
}
_SUBMODULES = ("rows", "trainers")

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name in _HOME:
        value = getattr(import_module(f".{_HOME[name]}", __name__), name)
        globals()[name] = value
        return value
    if name in _SUBMODULES:
        return import_module(f".{name}", __name__)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return [*__all__, *_SUBMODULES, "__version__"]


if TYPE_CHECKING:
    from .batch import Row
    from .compose import ceil, exp, floor, log, max, min, sqrt
    from .config import dump, load
    from .criteria import Criteria
    from .dispatch import warmup
    from .endpoint import Endpoint
    from .engine import agrade, grade, run
    from .errors import (
        ConfigError,
        FormulaError,
        GraderDown,
        GradersError,
        RowError,
        RowsError,
        RunnerError,
        TemplateError,
        UsageError,
    )
    from .grader import Grader
    from .label_model import LabelModel
    from .metrics import similarity
    from .multi import Multi
    from .options import Options
    from .python import Python
    from .results import Result, Results
    from .runners.runner import Runner
    from .score_model import ScoreModel
    from .string_check import StringCheck
    from .text_similarity import TextSimilarity
