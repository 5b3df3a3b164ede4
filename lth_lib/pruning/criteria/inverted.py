"""What another criterion would keep goes first."""

from __future__ import annotations

from dataclasses import dataclass

from lth_lib.pruning.criteria.base import Criterion, Subject
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class Inverted(Criterion):
    """The scores of a criterion, negated: a check that what it prefers matters (Frankle et al. 2021)."""

    criterion: Criterion

    def score(self, subject: Subject) -> Tree:
        """Return the negative scores."""
        return {name: -score for name, score in self.criterion.score(subject).items()}
