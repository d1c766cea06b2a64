"""The house's only clock, in rehearsals and around midnight and the change of hour."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from nuit import clock
from nuit.models.base import UtcDateTime


def test_a_rehearsal_is_offset_once_for_every_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUIT_CLOCK_SHIFT", raising=False)
    monkeypatch.setenv("NUIT_NOW", "2027-09-24T19:00:00+02:00")
    first = clock.now()
    assert abs(first - datetime(2027, 9, 24, 17, 0, tzinfo=UTC)) < timedelta(seconds=5)
    monkeypatch.setenv("NUIT_NOW", "2030-01-01T00:00:00+00:00")  # a child started later reads the same shift
    assert abs(clock.now() - first) < timedelta(seconds=5)
    assert clock.rehearsing()


def test_without_a_rehearsal_it_is_the_machine_s_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NUIT_CLOCK_SHIFT", raising=False)
    monkeypatch.delenv("NUIT_NOW", raising=False)
    assert not clock.rehearsing()
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_after_midnight_belongs_to_the_evening() -> None:
    evening = datetime(2027, 9, 24, tzinfo=ZoneInfo("Europe/Zurich"))
    assert clock.at_wall(evening, "23:30") == datetime(2027, 9, 24, 21, 30, tzinfo=UTC)
    assert clock.at_wall(evening, "00:15") == datetime(2027, 9, 24, 22, 15, tzinfo=UTC)


def test_hours_last_as_long_as_they_last_when_the_clock_changes() -> None:
    evening = datetime(2026, 10, 24, tzinfo=ZoneInfo("Europe/Zurich"))
    assert clock.at_wall(evening, "03:30") - clock.at_wall(evening, "23:30") == timedelta(hours=5)


def test_a_naive_instant_never_reaches_the_database() -> None:
    with pytest.raises(ValueError, match="naive"):
        UtcDateTime().process_bind_param(datetime(2027, 9, 24, 17, 0), None)  # noqa: DTZ001
