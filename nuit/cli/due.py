"""What falls due besides mail, each chore at its own pace; the worker does them all."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from flask import current_app

from nuit import clock
from nuit.actions.confirming import lapse_holds
from nuit.actions.reminder import promise_reminders
from nuit.actions.repair import mend_due
from nuit.actions.standby import release_due
from nuit.actions.waiting import lapse_due
from nuit.actions.wave import open_due
from nuit.actions.writing import promise_thanks, send_written
from nuit.cli.changes import carry_out_due
from nuit.cli.retention import forget_all
from nuit.db import db

CHORES: tuple[tuple[float, Callable[[datetime], object]], ...] = (
    (2.0, lapse_holds),
    (2.0, lapse_due),
    (1.0, carry_out_due),
    (5.0, send_written),
    (0.5, open_due),
    (2.0, release_due),
    (3.0, lambda now: mend_due(now=now, stop=lambda: clock.deadline(1.0))),
    (15.0, promise_reminders),
    (60.0, promise_thanks),
    (3600.0, lambda _now: forget_all()),
)
"""(seconds between two times, what is done at an instant of the night's clock)."""


@dataclass
class Rounds:
    """When each chore was last done, by the machine's steady clock: a rehearsal's clock may jump, this one does not."""

    done: list[float] = field(default_factory=lambda: [float("-inf")] * len(CHORES))

    def go(self) -> None:
        """Does what is due. One chore that fails is told and does not hold up the others."""
        for number, (pause, chore) in enumerate(CHORES):
            if time.monotonic() - self.done[number] < pause:
                continue
            try:
                chore(clock.now())
                self.done[number] = time.monotonic()
            except Exception:
                current_app.logger.exception("chore %s", number)
                self.done[number] = time.monotonic() - pause / 2
            finally:
                db.session.remove()
