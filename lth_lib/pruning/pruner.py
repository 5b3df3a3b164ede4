"""Pruning is a criterion at a granularity within a scope."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.pruning.criteria import Criterion, Magnitude, Subject
from lth_lib.pruning.granularity import Granularity, Weight
from lth_lib.pruning.schedule import check_density, check_rate, towards
from lth_lib.pruning.scope import Layerwise, Scope
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

    def prune_to(self, subject: Subject, density: float, rounds: int = 1) -> Masks:
        """Return the masks left at a density of the whole network, met in rounds without training between.

        It is as if all that goes had gone at once, by one rate: what is left between falls geometrically, and is
        counted from the beginning, so that no rounding adds up. What an earlier round took goes first.
        """
        begun = subject.masks
        for i, rate in enumerate(towards(_share(density, begun), rounds)):
            subject = replace(subject, round=i)
            gone = {name: begun[name] & ~mask for name, mask in subject.masks.items()}
            scores = {n: score.masked_fill(gone[n], -torch.inf) for n, score in self.criterion.score(subject).items()}
            kept = self.scope.keep(self.granularity.pool(scores), begun, subject.kinds, rate)
            subject = replace(subject, masks=self.granularity.spread(kept))
        return subject.masks

    def _once(self, subject: Subject, rate: float) -> Masks:
        scores = self.granularity.pool(self.criterion.score(subject))
        return self.granularity.spread(self.scope.keep(scores, subject.masks, subject.kinds, rate))


def _share(density: float, begun: Masks) -> float:
    """Return which share of the survivors a density leaves; raises `SpecError` where there is no such one share."""
    check_density(density)
    had = sorted(set(mask_rules.density(begun).tolist()))
    require(
        len(had) == 1 and density < had[0],
        f"density was {density}; it is below that of the masks it begins from, one for all replicates: {had}. Give a "
        "rate, the fraction of survivors that go.",
    )
    return density / had[0]
