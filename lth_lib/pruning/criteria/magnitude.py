"""Weights are kept by their size."""

from __future__ import annotations

from dataclasses import dataclass

from lth_lib.pruning.criteria.base import Criterion, Subject
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class Magnitude(Criterion):
    """The absolute value of the weight (Frankle & Carbin 2019; Han et al. 2015)."""

    def score(self, subject: Subject) -> Tree:
        """Return |w|."""
        return {name: weight.abs() for name, weight in subject.weights.items()}
