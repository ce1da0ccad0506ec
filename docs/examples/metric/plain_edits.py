"""Word accuracy without compiled code: the operations of the kernel, in its order."""

from __future__ import annotations

from collections.abc import Sequence


def word_accuracy(ours: Sequence[str], theirs: Sequence[str]) -> float:
    """1 - edits / words of the longer text; 1 for two empty texts."""
    longer = max(len(ours), len(theirs))
    return 1 - edits(ours, theirs) / longer if longer else 1.0


def edits(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """Fewest insertions, deletions and replacements that turn one list into the other."""
    row = list(range(len(theirs) + 1))
    for i, word in enumerate(ours, 1):
        corner, row[0] = row[0], i
        for j, other in enumerate(theirs):
            least = corner if word == other else min(corner, row[j], row[j + 1]) + 1
            corner, row[j + 1] = row[j + 1], least
    return row[-1]
