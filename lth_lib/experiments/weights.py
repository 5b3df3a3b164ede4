"""Where the weights at the start come from, if not from an initialisation."""

from __future__ import annotations

from dataclasses import dataclass

from lth_lib.experiments.run import Finished, Run, WeightSpec
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class Final(WeightSpec):
    """The weights at another run's end (parameters and batch-norm statistics; the optimiser starts anew)."""

    run: Run

    def parents(self) -> tuple[Run, ...]:
        """Return the run."""
        return (self.run,)

    def make(self, run: Run, finished: Finished) -> tuple[Tree, Tree]:
        """Return its parameters and statistics."""
        return finished.weights(self.run)
