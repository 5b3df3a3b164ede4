"""What prunes is tried before anything trains, and said in a sentence where it cannot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
import tiny
import torch

from lth_lib.masks import Masks
from lth_lib.models import Layer
from lth_lib.pruning.criteria import Subject
from lth_lib.pruning.dynamics import Dynamics, Gradual
from lth_lib.pruning.granularity import Granularity, Groups, Set, Sets
from lth_lib.pruning.pruner import Pruner
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError
from lth_lib.training.recipe import Setting
from lth_lib.training.rehearsal import try_dynamics, try_pruner

SETTING = tiny.setting()
RETURNED: dict[str, Callable[[Masks], object]] = {
    "nothing": lambda masks: None,
    "no masks": lambda masks: {},
    "one too few": lambda masks: {name: masks[name] for name in [*masks][1:]},
    "numbers": lambda masks: {name: mask.float() for name, mask in masks.items()},
    "an error": lambda masks: masks["fc9"],
}
GROUPED: dict[str, Callable[[torch.Tensor], torch.Tensor]] = {
    "as they are": lambda rows: rows,
    "below zero": lambda rows: rows - 1,
    "with gaps": lambda rows: rows * 2,
    "by numbers": lambda rows: rows.float(),
    "of another shape": lambda rows: rows[:, :1],
    "more than there are": lambda rows: torch.arange(rows.numel()).view(rows.shape),
    "unevenly": lambda rows: (rows - 1).clamp_min(0),
    "twice": lambda rows: rows,
}


@dataclass(frozen=True)
class Replacing(Dynamics):
    """A dynamics of somebody's, who has a mistake in it."""

    how: str = ""

    def check(self, layers: tuple[Layer, ...]) -> None:
        pass

    def replace(self, begun: Masks, subject: Subject, step: int) -> Masks:
        return RETURNED[self.how](subject.masks)  # type: ignore[return-value]


@dataclass(frozen=True)
class Rows(Granularity):
    """A granularity of somebody's: rows, or what was meant to be."""

    how: str

    def sets(self, layers: tuple[Layer, ...]) -> Sets:
        return {layer.name: Set(layer.kind, layer.shape[:1]) for layer in layers}

    def groups(self, layers: tuple[Layer, ...]) -> Groups:
        out = {}
        for layer in layers:
            rows = torch.arange(layer.shape[0])[:, None].expand(layer.shape)
            name = layers[0].name if self.how == "twice" else layer.name
            out[layer.name] = {f"{name}.weight": GROUPED[self.how](rows)}
        return out

    def score(self, sums: Tree, sizes: Tree) -> Tree:
        return sums


def moved(dynamics: Dynamics) -> Setting:
    return replace(SETTING, recipe=replace(SETTING.recipe, dynamics=dynamics))


@pytest.mark.parametrize(
    ("how", "said"),
    [
        ("nothing", r"Replacing\(.*\) replaced masks by NoneType; it returns a mask of each of fc1.weight, "),
        ("no masks", "replaced masks by no mask of fc1.weight, fc2.weight, out.weight; it"),
        ("one too few", "replaced masks by no mask of fc1.weight; it"),
        ("numbers", "The mask of 'fc1.weight' is torch.float32"),
        ("an error", "cannot replace the masks of LeNet.* as they begin, KeyError: 'fc9'; nothing was trained"),
    ],
)
def test_masks_that_are_none_are_refused(how: str, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        try_dynamics(moved(Replacing(10, 20, how)), 0, "cpu", dense=True)


def test_masks_that_are_none_are_refused_while_a_ticket_trains_too() -> None:
    trainer = tiny.trainer(moved(Replacing(10, 20, "no masks")))
    trainer.advance(20)
    with pytest.raises(SpecError, match=r"replaced masks by no mask of fc1\.weight"):
        trainer.advance(20)


@pytest.mark.parametrize("how", [*GROUPED][1:])
def test_groups_that_are_none_are_refused(how: str) -> None:
    pruner = Pruner(granularity=Rows(how))
    said = "groups fc1.weight in fc2" if how == "twice" else "groups fc1.weight otherwise than it may: its groups are"
    with pytest.raises(SpecError, match=said):
        try_pruner(pruner, SETTING, 0, "cpu")
    with pytest.raises(SpecError, match=said):
        try_dynamics(moved(Gradual(10, 20, pruner=pruner)), 0, "cpu", dense=False)
    try_pruner(Pruner(granularity=Rows("as they are")), SETTING, 0, "cpu")
