from __future__ import annotations

import pytest

from graders.errors import ConfigError
from graders.limits import LIMITS, limit


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_can_be_overridden(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert limit(name) == LIMITS[name]
    monkeypatch.setenv(f"GRADERS_LIMIT_{name.upper()}", "7")
    assert limit(name) == 7


@pytest.mark.parametrize("value", ["", "0", "-1", "1.5", "many", "٣", "1_000"])
def test_a_wrong_override_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_LABELS", value)
    with pytest.raises(ConfigError, match="GRADERS_LIMIT_LABELS"):
        limit("labels")
