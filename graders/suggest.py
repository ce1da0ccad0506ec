"""The nearest name, and what to write instead of the wrong words that people really use."""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping


def nearest(word: object, names: Iterable[str]) -> str:
    """The name most like `word`, ignoring case and separators; "" if none is alike."""
    if not isinstance(word, str) or len(word) > 100:
        return ""
    plain = {squeeze(name): name for name in names}
    if found := plain.get(squeeze(word)):
        return found
    close = difflib.get_close_matches(squeeze(word), plain, n=1, cutoff=0.6)
    return plain[close[0]] if close else ""


def squeeze(name: str) -> str:
    """Lower case without separators, so that `rougeL` meets `rouge_l`."""
    return "".join(filter(str.isalnum, name.lower()))


def quoted(value: object, most: int = 60) -> str:
    """A value as JSON, shortened, for a message."""
    try:
        text = json.dumps(value, ensure_ascii=False)
    except (TypeError, ValueError, RecursionError):
        text = f"{type(value).__name__} object"
    return text if len(text) <= most else text[: most - 1] + "…"


CONTAINS = '"like" (passes when input contains reference, case-sensitive)'
CONTAINS_ANY_CASE = '"ilike" (passes when input contains reference, ignoring case)'
EQUAL = '"eq" (passes when input equals reference)'
PATTERN = 'a python grader: re.search(item["pattern"], sample["output_text"])'

OPERATION_HINTS: Mapping[str, str] = {
    "contains": CONTAINS,
    "include": CONTAINS,
    "includes": CONTAINS,
    "in": CONTAINS,
    "icontains": CONTAINS_ANY_CASE,
    "containsall": "one string_check with like for each text, min(a, b) in a multi",
    "containsany": "one string_check with like for each text, max(a, b) in a multi",
    "notcontains": "like, and 1 - key in the formula of a multi",
    "notlike": "like, and 1 - key in the formula of a multi",
    "startswith": 'a python grader: sample["output_text"].startswith(…)',
    "endswith": 'a python grader: sample["output_text"].endswith(…)',
    "regex": PATTERN,
    "matches": PATTERN,
    "equals": EQUAL,
    "equal": EQUAL,
    "exact": EQUAL,
    "exactmatch": EQUAL,
    "is": EQUAL,
    "==": EQUAL,
    "=": EQUAL,
    "!=": '"ne" (passes when input differs from reference)',
    "notequals": '"ne" (passes when input differs from reference)',
    "notequal": '"ne" (passes when input differs from reference)',
}
METRIC_HINTS: Mapping[str, str] = {
    "rouge": '"rouge_1" (words) or "rouge_l" (longest common subsequence)',
    "levenshtein": '"fuzzy_match"',
    "editdistance": '"fuzzy_match"',
    "fuzzy": '"fuzzy_match"',
    "ratio": '"fuzzy_match"',
    "embedding": '"cosine"',
    "cosinesimilarity": '"cosine"',
    "exactmatch": "a string_check with operation eq",
    "f1": '"rouge_1" (F of the words in common)',
}
TYPE_HINTS: Mapping[str, str] = {
    "stringsimilarity": '"text_similarity"',
    "modelgrader": '"score_model"',
    "llm": '"score_model"',
    "llmjudge": '"score_model"',
    "labelmodelgrader": '"label_model"',
    "pythongrader": '"python"',
    "code": '"python"',
    "multigrader": '"multi"',
    "exactmatch": '"string_check" with "operation": "eq"',
}
# field of the JSON -> its table of hints
VALUE_HINTS: Mapping[str, Mapping[str, str]] = {
    "operation": OPERATION_HINTS,
    "evaluation_metric": METRIC_HINTS,
    "type": TYPE_HINTS,
}
# an unknown field, as people write it -> (what to do, the fields of ours it stands for)
FIELD_HINTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "source_code": ('rename it to "source"', ("source",)),
    "code": ('rename it to "source"', ("source",)),
    "script": ('rename it to "source"', ("source",)),
    "image": ('rename it to "image_tag", for example "2025-05-08"', ("image_tag",)),
    "prompt": ('"input": [{"role": "user", "content": "…"}]', ("input",)),
    "messages": ('rename it to "input"', ("input",)),
    "metric": ('rename it to "evaluation_metric"', ("evaluation_metric",)),
    "op": ('rename it to "operation"', ("operation",)),
    "operator": ('rename it to "operation"', ("operation",)),
    "expected": ('rename it to "reference"', ("reference",)),
    "target": ('rename it to "reference"', ("reference",)),
    "formula": ('rename it to "calculate_output"', ("calculate_output",)),
    "threshold": ('rename it to "pass_threshold"', ("pass_threshold",)),
    "temperature": ('"sampling_params": {"temperature": …}', ("sampling_params",)),
    "max_tokens": ('"sampling_params": {"max_completions_tokens": …}', ("sampling_params",)),
    "base_url": ('grade.toml: [judges."NAME"] base_url = "…"', ("model",)),
    "api_key": ('grade.toml: [judges."NAME"] api_key_env = "JUDGE_API_KEY"', ("model",)),
    "$schema": ("name the schema in the settings of your editor", ()),
    "weight": ("weights stand in calculate_output: 0.7 * a + 0.3 * b", ()),
}


# a member of the sample, as people write it -> its name
SAMPLE_HINTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("output", "text", "content", "completion", "response", "answer", "message"), "output_text"
    ),
    "json": "output_json",
    "output_parsed": "output_json",
    "parsed": "output_json",
    "tools": "output_tools",
    "tool_calls": "output_tools",
    "output_tool_calls": "output_tools",
    "audio": "output_audio",
}


def for_value(field: str, value: object, names: Iterable[str]) -> str:
    """What to write instead of a value that is none of `names`; "" if nothing comes near."""
    if isinstance(value, str):
        hints = VALUE_HINTS.get(field, {})
        if hint := hints.get(squeeze(value) or value):
            return hint
    found = nearest(value, names)
    return f'"{found}"' if found else ""


def for_field(field: str, names: Iterable[str]) -> str:
    """What to do with a field that is none of `names`; "" if nothing comes near."""
    names = tuple(names)
    hint, wanted = FIELD_HINTS.get(field.lower(), ("", ()))
    if hint and all(name in names for name in wanted):
        return hint
    found = nearest(field, names)
    return f'rename it to "{found}"' if found else ""
