"""Hosted models that were shut down or will be, as published on 2026-11-22."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from .suggest import quoted

# day of the shutdown -> the names that stop with it, aliases included
SHUTDOWNS: Mapping[date, tuple[str, ...]] = {
    date(2026, 10, 23): (
        "o4-mini",
        "o4-mini-2025-04-16",
        "o1",
        "o1-2024-12-17",
        "o3-mini",
        "o3-mini-2025-01-31",
        "gpt-4.1-nano",
        "gpt-4.1-nano-2025-04-14",
    ),
    date(2026, 12, 11): (
        "o3",
        "o3-2025-04-16",
        "gpt-5",
        "gpt-5-2025-08-07",
        "gpt-5-mini",
        "gpt-5-mini-2025-08-07",
    ),
    date(2027, 1, 14): (
        "gpt-4o",
        "gpt-4o-2024-08-06",
        "gpt-4o-mini",
        "gpt-4o-mini-2024-07-18",
        "gpt-4.1",
        "gpt-4.1-2025-04-14",
        "gpt-4.1-mini",
        "gpt-4.1-mini-2025-04-14",
    ),
    date(2027, 1, 20): ("gpt-audio",),
}
RETIRED: Mapping[str, date] = {name: day for day, names in SHUTDOWNS.items() for name in names}


def shutdown(model: str) -> date | None:
    """The day on which the hosted model stops; a fine-tune of it stops with it."""
    name = model.split(":")[1] if model.startswith("ft:") and ":" in model[3:] else model
    return RETIRED.get(name)


def retirement(model: str, today: date | None = None) -> str:
    """`"o3-mini" was shut down on 2026-10-23`, or that it will be; "" if no day is known."""
    if (day := shutdown(model)) is None:
        return ""
    verb = "was shut down" if day <= (today or date.today()) else "shuts down"
    return f"{quoted(model)} {verb} on {day}"
