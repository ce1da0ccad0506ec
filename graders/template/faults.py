"""What people write inside the braces, and what to say about it."""

from __future__ import annotations

import re

from ..errors import TemplateError

FORM = "{{item.name}} or {{sample.output_text}}"
# What people write inside the braces -> what to say. The first match wins.
MISTAKES: tuple[tuple[re.Pattern[str], str, str], ...] = (
    (re.compile(r"(item|sample)$"), "{0} needs a variable", "write {{{{{0}.name}}}}"),
    (re.compile(r"$"), "empty placeholder", "write " + FORM.replace("{", "{{").replace("}", "}}")),
    (
        re.compile(r"[^|]*\|"),
        "filters are not part of the format",
        "prepare the value in the dataset, or use a python grader",
    ),
    (
        re.compile(r"(?:item|sample)[^\s]*\[-"),
        "negative positions are not part of the format",
        "count from 0",
    ),
    (
        re.compile(r"(?:item|sample)[^\s]*\[[*:]"),
        "wildcards and slices are not part of the format",
        "name one position, or use a python grader",
    ),
    (
        re.compile(r"(?:item|sample)[^\s]*\("),
        "calls are not part of the format",
        "prepare the value in the dataset, or use a python grader",
    ),
    (
        re.compile(r"(?!(?:item|sample)\b)((?i:items?|samples?))[.\[]"),
        'unknown namespace "{0}"',
        "only item and sample exist, spelt so",
    ),
    (
        re.compile(r"(?!(?:item|sample)\b)([^\s.\[{}]+)"),
        'unknown namespace "{0}"',
        "only item and sample exist: {{{{item.{0}}}}}",
    ),
)


def explain(text: str, position: int) -> TemplateError:
    """Why the `{{` at `position` opens no placeholder."""
    end = text.find("}}", position)
    if end < 0:
        return TemplateError(
            '"{{" is never closed', position + 1, fix='close it with "}}"', expected=FORM
        )
    inner = text[position + 2 : end].strip()
    shown = inner if len(inner) <= 60 else inner[:57] + "…"
    for pattern, message, fix in MISTAKES:
        if match := pattern.match(inner):
            words = match.groups() or (shown,)
            return TemplateError(
                f'"{{{{{shown}}}}}": {message.format(*words)}',
                position + 1,
                fix=fix.format(*words),
                expected=FORM,
            )
    return TemplateError(
        f'"{{{{{shown}}}}}" is not a placeholder',
        position + 1,
        fix='keys with special characters are written {{item["my key"]}}',
        expected=FORM,
    )
