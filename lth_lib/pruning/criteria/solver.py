"""Some criteria also say what the weights that stay become."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lth_lib.masks import Masks
from lth_lib.pruning.criteria.base import Subject
from lth_lib.pruning.criteria.batch import OnBatch
from lth_lib.replicates import Tree


@dataclass(frozen=True)
class Solver(OnBatch, ABC):
    """A criterion that makes up for what goes: it solves for the weights that stay, on the examples it scores by."""

    @abstractmethod
    def solve(self, subject: Subject, masks: Masks) -> Tree:
        """Return the weights [R, *shape] that a subject has when masks leave fewer of them; what they take is zero."""
