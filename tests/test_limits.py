from __future__ import annotations

import pytest

from graders.errors import ConfigError
from graders.limits import LIMITS, check_all, limit


@pytest.mark.parametrize("name", LIMITS)
def test_every_limit_can_be_overridden(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    assert limit(name) == LIMITS[name]
    monkeypatch.setenv(f"GRADERS_LIMIT_{name.upper()}", "7")
    assert limit(name) == 7
    check_all()


@pytest.mark.parametrize(("text", "value"), [("007", 7), (str(2**62 - 1), 2**62 - 1)])
def test_any_size_that_fits_is_a_limit(
    text: str, value: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_LABELS", text)
    check_all()
    assert limit("labels") == value


WRONG = ["", "0", "00", "-1", "1.5", "many", "٣", "1_000", str(2**62), str(2**63 - 1), "9" * 4400]


@pytest.mark.parametrize("value", WRONG)
def test_a_wrong_override_is_refused(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_LABELS", value)
    for read in (check_all, lambda: limit("labels")):
        with pytest.raises(ConfigError, match="GRADERS_LIMIT_LABELS") as caught:
            read()
        assert str(caught.value).startswith("environment: 1 error")
        assert len(str(caught.value)) < 300


def test_every_wrong_variable_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GRADERS_LIMIT_LABEL", "7")
    monkeypatch.setenv("GRADERS_LIMIT_labels", "7")
    monkeypatch.setenv("GRADERS_LIMIT_ROW_DEPTH", "deep")
    monkeypatch.setenv("GRADERS_LIMIT_", "7")
    with pytest.raises(ConfigError) as caught:
        check_all()
    problems = {p.path: (p.message, p.fix) for p in caught.value.problems}
    assert problems["GRADERS_LIMIT_LABEL"][1] == "did you mean GRADERS_LIMIT_LABELS"
    assert problems["GRADERS_LIMIT_labels"][1] == "did you mean GRADERS_LIMIT_LABELS"
    assert problems["GRADERS_LIMIT_ROW_DEPTH"][0].startswith('"deep" is not a positive')
    assert len(problems) == 4
