"""The summary of a run as plain text, in the form of the contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import count
from .by import MOST_VALUES, shown
from .text import number, pad, shorten, width_of, wrap

BAR = "▇"
BAR_LENGTHS = (14, 10, 7, 5, 3)
NAME_WIDTH = 40
KEY_WIDTH = 20
BY_SHOWN = 40
KINDS_SHOWN = 8

Facts = Mapping[str, Any]


def table(facts: Facts, width: int) -> str:
    """All lines of the summary, none wider than `width` where words can be broken."""
    lines = heading(facts["grader"], facts["rows"]["total"], facts["seconds"], width)
    lines += counts(facts["rows"], facts["grader"], width)
    if facts["reward"]:
        lines += distribution(facts["reward"], width)
    lines += parts(facts["sub_rewards"], width)
    lines += by(facts["by"], width) if facts["by"] else []
    lines += compares(facts, width)
    lines += inputs(facts["input"], width)
    lines += errors(facts["errors"], width)
    lines += [gate(one) for one in facts["gates"]]
    if facts["output"]:
        names = (facts["output"], f"run facts {facts['output']}.meta.json")
        lines += wrap((f"rows     {names[0]}", names[1]), width, " " * 9)
    return "\n".join(lines)


def heading(grader: Facts, rows: int, seconds: float, width: int) -> list[str]:
    """`policy.json  score_model "Policy Grader"   210 rows in 18.4 s`."""
    source = shorten(grader["source"], max(12, width // 2))
    name = f'{grader["type"]} "{shorten(grader["name"], NAME_WIDTH)}"'
    return wrap((f"{source}  {name}", f"{count(rows, 'row')} in {duration(seconds)}"), width, "  ")


def duration(seconds: float) -> str:
    """Seconds with three places at most, minutes and hours above."""
    if seconds < 120:
        return f"{seconds:.3g} s" if seconds < 100 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 120 else f"{minutes // 60} h {minutes % 60} min"


def counts(rows: Facts, grader: Facts, width: int) -> list[str]:
    """Outcomes, then verdicts where there are any."""
    pieces = [f"{name} {rows[name]:,}" for name in ("scored", "errored", "skipped")]
    verdicts = rows["passed"] + rows["failed"]
    if verdicts:
        rate = percent(rows["passed"] / verdicts)
        pieces += [f"   passed {rows['passed']:,} ({rate})", f"failed {rows['failed']:,}"]
    if rows["clamped"]:
        pieces.append(f"   clamped into range {rows['clamped']:,}")
    if grader["pass_threshold"] is not None:
        pieces.append(f"   pass_threshold {grader['pass_threshold']}")
    return ["  " + line for line in wrap(pieces, width - 2, "")]


def distribution(reward: Facts, width: int) -> list[str]:
    """Mean, spread, range, and the histogram."""
    spread = [f"mean {with_error(reward)}"]
    if reward["sd"] is not None:
        spread.append(f"sd {number(reward['sd'])}")
    spread += [f"{name} {number(reward[name])}" for name in ("min", "p50", "max")]
    lines = wrap(spread, width - 11, "")
    first, *more = lines
    lines = [f"  reward   {first}", *(" " * 11 + line for line in more)]
    return lines + bars(reward["histogram"], width)


def with_error(facts: Facts) -> str:
    """`0.521 ± 0.025`."""
    error = facts["standard_error"]
    return number(facts["mean"]) + (f" ± {number(error)}" if error is not None else "")


def bars(histogram: list[Facts], width: int) -> list[str]:
    """`0.00 ▇▇▇▇ 39  0.25 ▇▇ 22`, bars as long as one line allows."""
    most = max(cell["count"] for cell in histogram)
    for length in BAR_LENGTHS:
        line = "  " + "  ".join(bar(cell, most, length) for cell in histogram)
        if width_of(line) <= width:
            return [line]
    label = max(width_of(edge(cell)) for cell in histogram)
    return [
        "  " + pad(edge(cell), label) + bar(cell, most, 10)[len(edge(cell)) :] for cell in histogram
    ]


def bar(cell: Facts, most: int, length: int) -> str:
    """One cell: its value or bin, a bar, its count."""
    filled = max(1, round(length * cell["count"] / most)) if cell["count"] else 0
    return f"{edge(cell)} {BAR * filled}{' ' if filled else ''}{cell['count']:,}"


def edge(cell: Facts) -> str:
    """`0.25`, or `0.2–0.4` for a bin."""
    low, high = cell["from"], cell["to"]
    return fixed(low) if low == high else f"{number(low)}–{number(high)}"


def fixed(value: float) -> str:
    """Two places where that is exact."""
    return f"{value:.2f}" if round(value, 2) == value and abs(value) < 1e6 else number(value)


def parts(sub_rewards: Facts, width: int) -> list[str]:
    """One line for each child."""
    if not sub_rewards:
        return []
    keys = {key: shorten(key, min(KEY_WIDTH, width // 3)) for key in sub_rewards}
    label = max(map(width_of, keys.values()))
    kind = max(len(part["type"]) for part in sub_rewards.values())
    indent = " " * (label + 5)
    return [
        "  " + line
        for key, part in sub_rewards.items()
        for line in wrap(
            (f"{pad(keys[key], label)}   {part['type']:{kind}}", *numbers_of(part)),
            width - 2,
            indent[2:],
        )
    ]


def numbers_of(part: Facts) -> list[str]:
    """What there is to say about one child."""
    pieces = ["no score" if part["mean"] is None else f"mean {with_error(part)}"]
    verdicts = part["passed"] + part["failed"]
    if verdicts:
        pieces.append(f"passed {part['passed']:,} ({percent(part['passed'] / verdicts)})")
    if part["errored"]:
        pieces.append(f"errored {part['errored']:,}")
    return pieces


def by(facts: Facts, width: int) -> list[str]:
    """`by step  0: 0.39   3: 0.29`."""
    label = f"  by {shorten(facts['field'], 30)}  "
    values = facts["values"]
    cells = [f"{shorten(shown(cell['value']), 24)}: {middle(cell)}" for cell in values[:BY_SHOWN]]
    if len(values) > BY_SHOWN:
        rest = f"and {len(values) - BY_SHOWN:,} more (--summary json has them)"
        cells.append(rest if facts["complete"] else f"more than {MOST_VALUES:,} values")
    indent = " " * width_of(label)
    first, *more = wrap(cells, width - width_of(label), "") or ["no row has this field"]
    return [label + first, *(indent + line for line in more)]


def middle(cell: Facts) -> str:
    """The mean of one value, or its pass rate where there is no reward."""
    if cell["mean"] is not None:
        return f"{cell['mean']:.2f}"
    return "–" if cell["pass_rate"] is None else percent(cell["pass_rate"])


def compares(facts: Facts, width: int) -> list[str]:
    """The lines about recorded scores."""
    lines = [line for score in facts["compare"] or () for line in compare(score, facts, width)]
    if facts["compare_note"]:
        words = f"compare  recorded {facts['compare_note']}".split(" ")
        lines += wrap(words, width, " " * 9, " ")
    return lines


def compare(score: Facts, facts: Facts, width: int) -> list[str]:
    """`compare  recorded score: 83 % equal, Spearman 0.91, 9 pass/fail flips; largest: rows 45`."""
    name = f"recorded {facts['compare_field']}"
    if score["score"] != "reward":
        name += f" of {shorten(score['score'], KEY_WIDTH)}"
    if not score["rows"]:
        return [f"compare  {name}: no row has both a reward and a recorded number"]
    rank = score["spearman"]
    pieces = [f"{percent(score['equal'])} equal"]
    pieces.append("Spearman – (one side never varies)" if rank is None else f"Spearman {rank:.2f}")
    if score["flips"] is not None:
        pieces.append(count(score["flips"], "pass/fail flip"))
    text = f"compare  {name}: {', '.join(pieces)}"
    if score["largest"]:
        text += "; largest: rows " + ", ".join(str(one["row"]) for one in score["largest"])
    if score["without"]:
        text += f"; {count(score['without'], 'row')} without a pair"
    return wrap(text.split(" "), width, " " * 9, " ")


def inputs(facts: Facts, width: int) -> list[str]:
    """Where the samples came from, and lines that gave no row."""
    fields = facts["sample_fields"]
    pieces = [f"field {name} ({n:,} lines)" for name, n in fields.items()]
    if len(fields) == 1:
        pieces = [f"field {next(iter(fields))}"]
    elif not fields:
        pieces = ["no sample field found"]
    pieces += [f"{name} lines {facts[name]:,}" for name in ("blank", "empty") if facts[name]]
    lines = wrap(pieces, width - 9, "")
    return [("sample   " if not i else " " * 9) + line for i, line in enumerate(lines)]


def errors(kinds: list[Facts], width: int) -> list[str]:
    """`errors   missing_variable, 3 rows: 2, 5, 9`, a line for each kind."""
    lines = []
    for kind in kinds[:KINDS_SHOWN]:
        where = f"{shorten(kind['grader'], KEY_WIDTH)}: " if kind["grader"] else ""
        first = ", ".join(map(str, kind["first"]))
        more = ", …" if kind["rows"] > len(kind["first"]) else ""
        text = f"{where}{kind['cause']}, {count(kind['rows'], 'row')}: {first}{more}"
        lines += wrap(text.split(" "), width - 9, "  ", " ")
    if len(kinds) > KINDS_SHOWN:
        lines.append(f"and {count(len(kinds) - KINDS_SHOWN, 'other kind')}")
    return [("errors   " if not i else " " * 9) + line for i, line in enumerate(lines)]


def gate(facts: Facts) -> str:
    """`gate     mean 0.521, wanted at least 0.6: not met`."""
    bound = "at most" if facts["gate"] == "max_errored" else "at least"
    show = number if facts["gate"] == "fail_under" else percent
    wanted, found = show(facts["wanted"]), "of no row"
    if facts["found"] is not None:
        found = show(facts["found"])
        if found == wanted and not facts["met"]:
            found, wanted = apart(facts["found"], facts["wanted"], show)
    met = "met" if facts["met"] else "NOT MET"
    return f"gate     {facts['measure']} {found}, wanted {bound} {wanted}: {met}"


def apart(a: float, b: float, show: Callable[[float], str]) -> tuple[str, str]:
    """Two numbers that look alike, with the digits that tell them apart."""
    factor, unit = (100, " %") if show is percent else (1, "")
    pairs = ((f"{factor * a:.{n}g}{unit}", f"{factor * b:.{n}g}{unit}") for n in range(3, 18))
    return next((pair for pair in pairs if pair[0] != pair[1]), (repr(a), repr(b)))


def percent(share: float) -> str:
    """`67 %`, with the places that tell small and nearly full shares apart."""
    for places in (0, 1, 2):
        text = f"{100 * share:.{places}f}"
        if float(text) not in (0.0, 100.0) or share in (0.0, 1.0):
            break
    return f"{text} %"
