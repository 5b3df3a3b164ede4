"""A probe asks a network about examples, and leaves it as it was."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from lth_lib.data import normalise
from lth_lib.models import BatchNorm
from lth_lib.pruning.forward import Masked
from lth_lib.replicates import Tree, one_by_one, stream
from lth_lib.spec import require
from lth_lib.training import machine
from lth_lib.training.reading import Call, Reading
from lth_lib.training.recipe import Setting
from lth_lib.training.squares import Along, squares


@dataclass(frozen=True)
class Probe:
    """A setting's network in evaluation mode, with running statistics of its own: a `criteria.Probe`.

    It uses what the recipe's forward lets the loss see. It computes in the type of the parameters, float32 unless a
    criterion asks for more, whatever the precision of the training: small differences of scores decide what goes.
    """

    setting: Setting
    statistics: Tree
    seeds: tuple[int, ...]
    device: str = "cpu"

    def examples(self, count: int, *purpose: int | str) -> tuple[torch.Tensor, torch.Tensor]:
        """Draw distinct training images for each replicate, by a stream of its seed: [R, B, C, H, W], and labels."""
        arrays = self.setting.data.load(self.device)
        check_count(count, len(arrays.train.y), self.setting)
        total = len(arrays.train.y)
        rows = [stream(seed, "probe", *purpose).choice(total, count, replace=False) for seed in self.seeds]
        index = torch.stack([torch.from_numpy(row) for row in rows]).to(self.device)
        return normalise(arrays.train.x[index], arrays), arrays.train.y[index]

    def loss(
        self, params: Tree, masks: Tree, x: torch.Tensor, y: torch.Tensor, temperature: float = 1.0
    ) -> torch.Tensor:
        """Return each replicate's mean loss, [R], of its logits over a temperature."""

        def one(params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            logits = self._logits(params, masks, statistics, x) / temperature
            return self.setting.data.task.loss(logits, y).mean()

        return self._each(one, params, masks, x, y)

    def output(self, params: Tree, masks: Tree, x: torch.Tensor) -> torch.Tensor:
        """Return the logits [R, B, classes] of images [R, B, C, H, W]."""
        return self._each(self._logits, params, masks, x)

    def reads(self, params: Tree, masks: Tree, x: torch.Tensor) -> Tree:
        """Return what each layer reads, [R, B, ...], by the name of its weight."""

        def one(*given: Any) -> Tree:
            return {name: call.beside for name, call in self._calls(*given).items()}

        return self._each(one, params, masks, x)

    def moments(self, params: Tree, masks: Tree, x: torch.Tensor) -> Tree:
        """Return the mean of v v', [R, inputs, inputs] in float64, over all v that an output is a product with.

        Of a linear layer v is what it reads, of a convolution each of its patches.
        """

        def one(*given: Any) -> Tree:
            weights = {name: call for name, call in self._calls(*given).items() if masks[name].dim() > 2}
            return {name: call.moment(name) for name, call in weights.items()}

        return self._each(one, params, masks, x)

    def squares(self, params: Tree, masks: Tree, x: torch.Tensor, along: Along) -> Tree:
        """Return by each weight the sum of squares of each example's derivative along directions of its logits."""

        def one(params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor) -> Tree:
            seen = self._seen(params, masks)
            own = {name: seen[name] for name in masks if masks[name].dim() > 1}
            found = squares(lambda weights, x: self._applied(seen | weights, statistics, x), own, x, along)
            return {name: total * masks[name] for name, total in found.items()}

        return self._each(one, params, masks, x)

    def _calls(self, params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor) -> dict[str, Call]:
        """Return the function that each masked parameter of one replicate is given to, and what beside it."""
        seen = self._seen(params, masks)
        with Reading({name: seen[name] for name in masks}) as reading:
            self._applied(seen, statistics, x)
        missed = [name for name in masks if name not in reading.found]
        require(
            not missed, f"What {missed} is multiplied with was not seen: {self.setting.model} gives it no function."
        )
        return reading.found

    def _logits(self, params: Tree, masks: Tree, statistics: Tree, x: torch.Tensor) -> torch.Tensor:
        return self._applied(self._seen(params, masks), statistics, x)

    def _seen(self, params: Tree, masks: Tree) -> Tree:
        return self.setting.recipe.forward.seen(params, masks)

    def _applied(self, seen: Tree, statistics: Tree, x: torch.Tensor) -> torch.Tensor:
        kind = next(iter(seen.values())).dtype
        held = {name: value.to(kind) if value.is_floating_point() else value for name, value in statistics.items()}
        return self.setting.model.apply(seen, x, BatchNorm(held, training=False))

    def _each(self, function: Callable[..., Any], params: Tree, masks: Tree, *inputs: torch.Tensor) -> Any:
        machine.prepare(torch.device(self.device))
        return one_by_one(function)(params, masks, self.statistics, *inputs)


def left(setting: Setting) -> Setting:
    """Return how what a training leaves is asked: where a forward makes masks, as a network with masks."""
    recipe = setting.recipe
    return replace(setting, recipe=replace(recipe, forward=Masked())) if recipe.forward.remasks else setting


def check_count(count: int, total: int, setting: Setting) -> None:
    """Raise `SpecError` unless so many examples can be drawn of all that train."""
    data = type(setting.data).__name__
    require(
        count <= total, f"A criterion asks for {count} examples of {data}, which has {total} to train; ask for less."
    )
