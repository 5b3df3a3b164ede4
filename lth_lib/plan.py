"""A plan says which runs must be trained, and for which others each of them waits."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from lth_lib.store import Store
from lth_lib.tickets import MaskSpec, Pruned, Run, Shuffled


@dataclass(frozen=True)
class Step:
    """A run that must be trained, and the runs of the plan that must be finished first."""

    run: Run
    after: tuple[Run, ...]


def plan(runs: Iterable[Run], store: Store) -> list[Step]:
    """Return the steps that make runs exist, with all they need that is not stored; each waits for earlier ones only.

    The order is that of training here, and what is stored is the same: a run whose masks an earlier one
    will store waits for it.
    """
    planner = _Planner(store)
    for run in runs:
        planner.add(run)
    return list(planner.steps.values())


class _Planner:
    """The steps so far, and which of them will hold which masks."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.steps: dict[str, Step] = {}
        self._holders: dict[str, Run] = {}
        self._stored: dict[str, bool] = {}

    def add(self, run: Run) -> None:
        """Add a run, and before it what it is made from."""
        if run.digest in self.steps:
            return
        ticket = run.ticket
        for parent in (*self._asked(ticket.masks), *ticket.weights.parents()):
            if not (self.store.has(parent) and self.store.has_weights(parent.digest)):
                self.add(parent)
        for parent in ticket.parents():
            if not self.store.has(parent):
                self.add(parent)
        masks = ticket.masks.masks if isinstance(ticket.masks, Shuffled) else ticket.masks
        needed = [*self._asked(masks), *ticket.parents(), *filter(None, [self._holders.get(masks.digest)])]
        after = {needs.digest: needs for needs in needed if needs.digest in self.steps}
        self.steps[run.digest] = Step(run, tuple(after.values()))
        if masks is ticket.masks and isinstance(masks, Pruned) and not self._is_stored(masks):
            self._holders.setdefault(masks.digest, run)

    def _asked(self, masks: MaskSpec) -> Iterator[Run]:
        """Yield the runs whose weights it takes to make masks, unless they are stored or will be."""
        if masks.digest in self._holders or self._is_stored(masks):
            return
        if isinstance(masks, Shuffled):
            yield from self._asked(masks.masks)
            return
        for parent in masks.parents():
            yield parent
            yield from self._asked(parent.ticket.masks)

    def _is_stored(self, masks: MaskSpec) -> bool:
        """Say whether a stored result holds the masks; asked once, for it reads every result there is."""
        if masks.digest not in self._stored:
            self._stored[masks.digest] = self.store.holds_masks(masks)
        return self._stored[masks.digest]
