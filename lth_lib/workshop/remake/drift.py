"""Two engines that add in another order drift apart, from one start."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from lth_lib.report.engines import apart
from lth_lib.training.kernels import LoopedKernel
from lth_lib.training.recipe import Setting
from lth_lib.workshop.bench.subjects import trained_by, trainer


def drift(setting: Setting, at: Iterable[int]) -> Mapping[int, float]:
    """Return how far the chosen kernel's weights lie from the general one's, over their way from the start, by step."""
    ours, general = trainer(setting, (0,), "cpu"), trained_by(LoopedKernel, setting, (0,))
    start = {name: value.clone() for name, value in ours.state.params.items()}
    taken, found = 0, {}
    for steps in sorted(at):
        for training in (ours, general):
            training.take(taken, steps)
            training.save()
        taken = steps
        found[steps] = apart(ours.state.params, general.state.params) / apart(general.state.params, start)
    return found
