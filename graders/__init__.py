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


if TYPE_CHECKING:  # the same names for type checkers
    from .batch import Row as Row
    from .compose import ceil as ceil
    from .compose import exp as exp
    from .compose import floor as floor
    from .compose import log as log
    from .compose import max as max
    from .compose import min as min
    from .compose import sqrt as sqrt
    from .config import dump as dump
    from .config import load as load
    from .criteria import Criteria as Criteria
    from .dispatch import warmup as warmup
    from .endpoint import Endpoint as Endpoint
    from .engine import agrade as agrade
    from .engine import grade as grade
    from .engine import run as run
    from .errors import ConfigError as ConfigError
    from .errors import FormulaError as FormulaError
    from .errors import GraderDown as GraderDown
    from .errors import GradersError as GradersError
    from .errors import RowError as RowError
    from .errors import RowsError as RowsError
    from .errors import RunnerError as RunnerError
    from .errors import TemplateError as TemplateError
    from .errors import UsageError as UsageError
    from .grader import Grader as Grader
    from .label_model import LabelModel as LabelModel
    from .metrics import similarity as similarity
    from .multi import Multi as Multi
    from .options import Options as Options
    from .python import Python as Python
    from .results import Result as Result
    from .results import Results as Results
    from .runners.runner import Runner as Runner
    from .score_model import ScoreModel as ScoreModel
    from .string_check import StringCheck as StringCheck
    from .text_similarity import TextSimilarity as TextSimilarity
