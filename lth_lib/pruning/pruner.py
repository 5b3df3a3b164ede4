"""Pruning is a criterion at a granularity within a scope."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lth_lib.masks import Masks
from lth_lib.pruning.criteria import Criterion, Magnitude, Subject
from lth_lib.pruning.granularity import Granularity, Weight
from lth_lib.pruning.schedule import check_rate
from lth_lib.pruning.scope import Layerwise, Scope
from lth_lib.spec import Spec


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
        scores = self.granularity.pool(self.criterion.score(subject))
        return self.granularity.spread(self.scope.keep(scores, subject.masks, subject.kinds, rate))
