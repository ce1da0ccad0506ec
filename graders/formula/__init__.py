"""`calculate_output` of a multi: parsed once, run on columns."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from .. import dispatch
from .nodes import Name, Node, postorder, unparse
from .parser import FormulaLimits, parse_tree
from .program import CODES, TUPLE, Program, lower, run_compiled, run_plain

__all__ = ["CODES", "Formula", "FormulaLimits", "parse", "warmup"]


@dataclass(frozen=True, slots=True)
class Formula:
    """A parsed formula: make one with `parse`. Equal by its text, pickled as its text."""

    text: str
    names: tuple[str, ...] = field(compare=False, repr=False)  # those used, in order of first use
    tree: Node = field(compare=False, repr=False)
    program: Program = field(compare=False, repr=False)
    limits: FormulaLimits = field(compare=False, repr=False)

    def __reduce__(self) -> tuple[object, ...]:
        return parse, (self.text, None, self.limits)

    def __str__(self) -> str:
        """The formula in house style, with as few parentheses as it needs."""
        return unparse(self.tree)

    def evaluate(
        self, columns: Mapping[str, NDArray[np.float64]], n: int | None = None
    ) -> tuple[NDArray[np.float64], NDArray[np.int8]]:
        """Values float64[n] and codes int8[n]: 0, or a key of CODES, and then the value is NaN.

        A row with NaN in a column that the formula names is `missing`. Of several faults in a row
        the first in order of evaluation counts; a column's infinity is an `overflow`. `n` is
        needed where there are no columns. Raises ValueError if the lengths differ.
        """
        lengths = {len(column) for column in columns.values()} | ({n} if n is not None else set())
        if len(lengths) != 1:
            raise ValueError(f"all columns must have one known length, not {sorted(lengths)}")
        (n,) = lengths
        used = [np.asarray(columns[name], dtype=np.float64) for name in self.names]
        if dispatch.compiled("formulas"):
            return run_compiled(self.program, used, n)
        with dispatch.plain_work():
            return run_plain(self.program, used, n)


def parse(
    text: str, names: Collection[str] | None = None, limits: FormulaLimits | None = None
) -> Formula:
    """The formula of `text` over the keys `names` (None: any). Raises FormulaError.

    Recent formulas are kept, so parsing one again costs a look-up.
    """
    known = None if names is None else tuple(names)
    return _parse(text, known, limits or FormulaLimits.in_force())


@lru_cache(maxsize=256)
def _parse(text: str, names: tuple[str, ...] | None, limits: FormulaLimits) -> Formula:
    tree = parse_tree(text, names, limits)
    used = tuple(dict.fromkeys(node.key for node in postorder(tree) if isinstance(node, Name)))
    return Formula(text, used, tree, lower(tree, used), limits)


def warmup() -> None:
    """Compile the kernel, or load it from numba's cache, for few columns and for many."""
    for k in (1, TUPLE + 1):
        formula = parse(" + ".join(f"x{i}" for i in range(k)))
        run_compiled(formula.program, [np.zeros(1)] * k, 1)
