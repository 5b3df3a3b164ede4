"""A plan says which runs must be trained, and for which others each of them waits."""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from lth_lib.experiments.run import MaskSpec, Run
from lth_lib.results.store import Store


@dataclass(frozen=True)
class Step:
    """A run that must be trained, the runs of the plan that must be finished first, and who holds which masks.

    `holders` has the digest of each masks that it takes, with that of the run whose result will hold them by then.
    """

    run: Run
    after: tuple[Run, ...]
    holders: Mapping[str, str | None]


def plan(runs: Iterable[Run], store: Store) -> list[Step]:
    """Return the steps that make runs exist, with all they need that is not stored; each waits for earlier ones only.

    The order is that of training here, and what is stored is the same: a run whose masks an earlier one
    will store waits for it.
    """
    planner = _Planner(store)
    for run in runs:
        planner.add(run)
    return list(planner.steps.values())


def begun_from(runs: Iterable[Run], store: Store) -> list[list[Run]]:
    """Return, for each of some runs, the finished runs whose weights are kept and are needed to begin it."""
    planner = _Planner(store)
    asked = [{parent.digest: parent for parent in planner._asked(run)} for run in runs]
    return [[run for run in of.values() if store.has(run) and store.has_weights(run.digest)] for of in asked]


class _Planner:
    """The steps so far, which results hold which masks, and which steps will, unless they are too large to store."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.steps: dict[str, Step] = {}
        self._stored = store.holders()
        self._planned: dict[str, str] = {}

    def add(self, run: Run) -> None:
        """Add a run, and before it what it is made from."""
        if run.digest in self.steps:
            return
        for parent in self._asked(run):
            if not (self.store.has(parent) and self.store.has_weights(parent.digest)):
                self.add(parent)
        for parent in run.ticket.parents():
            if not self.store.has(parent):
                self.add(parent)
        known = self._planned | self._stored
        holders = {masks.digest: known.get(masks.digest) for masks in _made_from(run.ticket.masks, self._stored)}
        waits_for = [known.get(masks.digest) for masks in _made_from(run.ticket.masks, known)]
        needed = [*(parent.digest for parent in (*self._asked(run), *run.ticket.parents())), *waits_for]
        after = {digest: self.steps[digest].run for digest in needed if digest in self.steps}
        self.steps[run.digest] = Step(run, tuple(after.values()), holders)
        if run.ticket.masks.found:
            self._planned.setdefault(run.ticket.masks.digest, run.digest)

    def _asked(self, run: Run) -> list[Run]:
        """Return the runs whose weights it takes to begin a run, but for masks that a step before it has made."""
        known = self._planned | self._stored
        made = [one for one in _made_from(run.ticket.masks, known) if one.digest not in known]
        parents = [parent for one in made if one.found for parent in one.parents()]
        return [*parents, *run.ticket.weights.parents()]


def _made_from(masks: MaskSpec, known: Container[str]) -> Iterator[MaskSpec]:
    """Yield masks, and before those of a known digest what they are made from, the nearest first."""
    yield masks
    if masks.digest not in known:
        for other in masks.sources:
            yield from _made_from(other, known)
