"""A deadline stops a training while there is time to keep what it has reached."""

from __future__ import annotations

import math
import time

from lth_lib.experiments.run import Run
from lth_lib.spec import require

RESERVE = 20.0
"""Seconds for what is done before and after, Python's imports and a bundle: at most these, or a tenth of all."""


class Stopped(Exception):
    """Training ends early and everything it reached is kept: says why, how far it came, and how to go on."""


class Deadline:
    """So many minutes from now, or never; it knows how long beginnings, segments and ends took, and stops before."""

    def __init__(self, minutes: float | None = None) -> None:
        """Begin to count; None is never."""
        some = minutes is None or 0 < minutes < math.inf
        require(some, f"--minutes was {minutes}; it is a number above 0.")
        seconds = math.inf if minutes is None else 60 * minutes
        self.minutes = minutes
        self._end = time.monotonic() + seconds - min(RESERVE, seconds / 10)
        self._beginning, self._segment, self._ending, self._looked = 0.0, 0.0, 0.0, math.nan
        self._first = True

    def started(self) -> None:
        """Note that a run starts; raise `Stopped` where, as those before it went, it would reach no checkpoint."""
        self._looked, self._first, self._segment = time.monotonic(), True, 0.0
        if self._looked + self._beginning >= self._end:
            raise Stopped(
                f"Stopped before the {self.minutes:g} minutes were over: no run would come to a checkpoint in what is "
                "left of them. Every finished run is kept; give the same command again to go on."
            )

    def near(self) -> bool:
        """Say, at the end of a segment, whether one more, and the end of the run after it, might not end in time."""
        now = time.monotonic()
        taken, self._looked = now - self._looked, now
        if self._first:
            self._beginning, self._first = max(self._beginning, taken), False
        else:
            self._segment = max(self._segment, taken)
        return now + (self._segment or taken) + self._ending >= self._end

    def ended(self) -> None:
        """Note how long the end of a run took, since its last segment: networks are measured and stored there."""
        self._ending = time.monotonic() - self._looked

    def stopped(self, run: Run, step: int) -> Stopped:
        """Return what says that a run, whose checkpoint was written at a step, is not trained on."""
        return Stopped(
            f"Stopped before the {self.minutes:g} minutes were over, in run {run.digest[:12]} (level {run.level}) at "
            f"step {step:,} of {run.stop:,}. Its checkpoint and every finished run are kept; give the same command "
            "again to go on from there."
        )
