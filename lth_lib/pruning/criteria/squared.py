"""Large squares stay: by whole units, the l2 norm."""

from __future__ import annotations

from dataclasses import dataclass

from lth_lib.pruning.criteria.base import Criterion, Subject
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class Squared(Criterion):
    """The square of a weight: of single ones it ranks as `Magnitude` does, of units as their l2 norm (per weight).

    He et al. 2018 rank filters by that norm.
    """

    def score(self, subject: Subject) -> Tree:
        """Return w^2, in float64, where small squares do not tie."""
        return {name: weight.double().square() for name, weight in subject.weights.items()}
