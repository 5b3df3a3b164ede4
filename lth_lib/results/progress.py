"""Long work shows how far it is, in a terminal and in a notebook; where nobody watches it is quiet."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tqdm.auto import tqdm

from lth_lib.experiments.run import Run


def watched(show: bool) -> bool:
    """Say whether progress is shown: if asked to, but not in continuous integration, which sets CI."""
    return show and os.environ.get("CI", "").lower() in ("", "0", "false")


class Progress:
    """A bar of the runs that are done of those to do, and below it one of the steps of the run that trains."""

    def __init__(self, show: bool) -> None:
        """Show nothing unless asked to, and watched."""
        self.show = watched(show)
        self._runs = tqdm(disable=True)
        self._due: set[str] = set()
        self._done: set[str] = set()

    @contextmanager
    def of(self, todo: Sequence[Run]) -> Iterator[None]:
        """Show how many of these runs are done; those they need are added when they begin."""
        self._due = {run.digest for run in todo}
        hide = not (self.show and todo)
        with tqdm(total=len(todo), desc="runs", unit="run", disable=hide, leave=False) as self._runs:
            yield

    def expect(self, runs: Sequence[Run]) -> None:
        """Add runs to those to do, where they are not among them."""
        self._due |= {run.digest for run in runs}
        self._runs.total = len(self._due)
        self._runs.refresh()

    def steps(self, run: Run, done: int) -> tqdm:
        """Return the bar of a run's steps."""
        self.expect([run])
        words = f"level {run.level}, {len(run.seeds)} replicates"
        return tqdm(initial=done, total=run.stop, desc=words, unit="step", disable=not self.show, leave=False)

    def done(self, run: Run) -> None:
        """Count a run, once, if it was to do; another process may have done it."""
        if run.digest in self._due - self._done:
            self._done.add(run.digest)
            self._runs.update()


@contextmanager
def resumable(run: Run) -> Iterator[None]:
    """On Ctrl-C, say that the checkpoint is kept and how to go on."""
    try:
        yield
    except KeyboardInterrupt:
        print(
            f"Stopped in run {run.digest[:12]} (level {run.level}). Its newest checkpoint and every finished run "
            "are kept; give the same command again to go on from there.",
            file=sys.stderr,
        )
        raise
