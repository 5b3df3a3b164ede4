"""Pruning is a criterion at a granularity within a scope."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.criteria import Criterion, Magnitude, Subject
from lth_lib.pruning.granularity import Granularity, Groups, Weight, pool, spread
from lth_lib.pruning.schedule import check_rate
from lth_lib.pruning.scope import Layerwise, Scope
from lth_lib.spec import Spec


@dataclass(frozen=True)
class Pruner(Spec):
    """Scores weights, pools the scores into groups, and lets the groups of a scope compete."""

    criterion: Criterion = field(default_factory=Magnitude)
    granularity: Granularity = field(default_factory=Weight)
    scope: Scope = field(default_factory=Layerwise)

    def check(self, layers: tuple[Layer, ...], rate: float) -> None:
        """Raise `SpecError` unless a network of these layers can lose this rate of its survivors."""
        check_rate(rate)
        self.scope.check(self.granularity.sets(layers), rate)

    def prune(self, subject: Subject, rate: float, rounds: int = 1) -> Masks:
        """Return the masks left when `rate` of the survivors has gone, `rounds` times, without training between.

        They are of all that is in groups: those of `Unit` mask biases, scales and shifts too.
        """
        self.check(subject.layers, rate)
        groups = self.granularity.groups(subject.layers)
        for i in range(rounds):
            subject = replace(subject, masks=self._once(replace(subject, round=i), groups, rate))
        return subject.masks

    def _once(self, subject: Subject, groups: Groups, rate: float) -> Masks:
        masks, scores = subject.masks, self.criterion.score(subject)
        survivors = {name: score.masked_fill(~masks[name], 0) for name, score in scores.items()}
        sizes = pool({name: masks[name] for name in scores}, groups)
        kinds = {name: one.kind for name, one in self.granularity.sets(subject.layers).items()}
        kept = self.scope.keep(self.granularity.score(pool(survivors, groups), sizes), sizes, kinds, rate)
        return masks | {name: mask & masks.get(name, mask) for name, mask in spread(kept, groups).items()}
