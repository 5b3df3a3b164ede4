"""Pruning is a criterion at a granularity within a scope."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch

from lth_lib.masks import Masks
from lth_lib.pruning.criteria import Criterion, Magnitude, Subject
from lth_lib.pruning.granularity import Granularity, Weight
from lth_lib.pruning.schedule import check_rate
from lth_lib.pruning.scope import Layerwise, Scope
from lth_lib.replicates import Tree
from lth_lib.spec import Spec, require


@dataclass(frozen=True)
class Pruner(Spec):
    """Scores weights, pools the scores into groups, and lets the groups of a scope compete."""

    criterion: Criterion = field(default_factory=Magnitude)
    granularity: Granularity = field(default_factory=Weight)
    scope: Scope = field(default_factory=Layerwise)

    def prune(self, subject: Subject, rate: float, rounds: int = 1) -> Masks:
        """Return the masks left when `rate` of the survivors has gone, `rounds` times, without training between."""
        check_rate(rate)
        for i in range(rounds):
            subject = replace(subject, masks=self._once(replace(subject, round=i), rate))
        return subject.masks

    def _once(self, subject: Subject, rate: float) -> Masks:
        scores = self.granularity.pool(self._scores(subject))
        return self.granularity.spread(self.scope.keep(scores, subject.masks, subject.kinds, rate))

    def _scores(self, subject: Subject) -> Tree:
        """Return the criterion's scores, whole numbers and truth values too as numbers that can be ranked."""
        scores = self.criterion.score(subject)
        for name, mask in subject.masks.items():
            given = scores.get(name)
            fits = isinstance(given, torch.Tensor) and given.shape == mask.shape and not given.is_complex()
            said = f"{given.dtype} {list(given.shape)}" if isinstance(given, torch.Tensor) else type(given).__name__
            require(fits, f"{self.criterion} scored {name} by {said}; it is a tensor of numbers {list(mask.shape)}.")
        return {name: score if score.is_floating_point() else score.double() for name, score in scores.items()}
