"""Pruning is a criterion at a granularity within a scope."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import torch

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.criteria import Criterion, Magnitude, Solver, Subject
from lth_lib.pruning.granularity import Granularity, Groups, Weight, pool, spread
from lth_lib.pruning.schedule import check_density, check_rate, towards
from lth_lib.pruning.scope import Layerwise, Scope
from lth_lib.replicates import Tree
from lth_lib.spec import Spec, require


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
        groups, given = self.granularity.groups(subject.layers), subject
        for i in range(rounds):
            masks = self._once(replace(subject, round=i), groups, rate)
            subject = self._after(given, masks) if i + 1 < rounds else replace(subject, masks=masks)
        return subject.masks

    def prune_to(self, subject: Subject, density: float, rounds: int = 1) -> Masks:
        """Return the masks left at a density of the whole network, met in rounds without training between.

        It is as if all that goes had gone at once, by one rate: what is left between falls geometrically, and is
        counted from the beginning, so that no rounding adds up. What an earlier round took goes first.
        """
        begun, given = subject.masks, subject
        for i, rate in enumerate(towards(_share(density, begun), rounds)):
            masks = self.prune_from(begun, replace(subject, round=i), rate)
            subject = self._after(given, masks) if i + 1 < rounds else replace(subject, masks=masks)
        return subject.masks

    def _after(self, given: Subject, masks: Masks) -> Subject:
        """Return what the next round scores: the masks, and, where the criterion makes up for what goes, its weights.

        They are solved from the weights that were given, since all that went is made up for at once.
        """
        weights = self.criterion.solve(given, masks) if isinstance(self.criterion, Solver) else given.weights
        return replace(given, masks=masks, weights=weights)

    def prune_from(self, begun: Masks, subject: Subject, rate: float) -> Masks:
        """Return what is left of the masks `begun` when `rate` of them has gone, and first what has already."""
        self.check(subject.layers, rate)
        gone = {name: begun[name] & ~subject.masks[name] for name in subject.weights}
        scores = {name: score.masked_fill(gone[name], -torch.inf) for name, score in self.scores(subject).items()}
        return self._kept(scores, begun, subject.layers, self.granularity.groups(subject.layers), rate)

    def _once(self, subject: Subject, groups: Groups, rate: float) -> Masks:
        return self._kept(self.scores(subject), subject.masks, subject.layers, groups, rate)

    def scores(self, subject: Subject) -> Tree:
        """Return the criterion's scores of the weights, whole numbers and truth values too as what can be ranked.

        A criterion may have scored what else is masked.
        """
        scores = self.criterion.score(subject)
        for name, weight in subject.weights.items():
            given = scores.get(name)
            fits = isinstance(given, torch.Tensor) and given.shape == weight.shape and not given.is_complex()
            said = f"{given.dtype} {list(given.shape)}" if isinstance(given, torch.Tensor) else type(given).__name__
            require(fits, f"{self.criterion} scored {name} by {said}; it is a tensor of numbers {list(weight.shape)}.")
        found = {name: scores[name] for name in subject.weights}
        return {name: score if score.is_floating_point() else score.double() for name, score in found.items()}

    def _kept(self, scores: Tree, masks: Masks, layers: tuple[Layer, ...], groups: Groups, rate: float) -> Masks:
        """Return what is left of masks when a rate of their survivors has gone."""
        survivors = {name: score.masked_fill(~masks[name], 0) for name, score in scores.items()}
        sizes = pool({name: masks[name] for name in scores}, groups)
        kinds = {name: one.kind for name, one in self.granularity.sets(layers).items()}
        kept = self.scope.keep(self.granularity.score(pool(survivors, groups), sizes), sizes, kinds, rate)
        return masks | {name: mask & masks.get(name, mask) for name, mask in spread(kept, groups).items()}


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
