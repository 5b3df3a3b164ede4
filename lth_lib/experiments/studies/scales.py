"""What a scale means: how large every study is made."""

from __future__ import annotations

from dataclasses import dataclass

from lth_lib.spec import require
from lth_lib.training.recipe import Adam, Rate, Recipe

Blocks = tuple[tuple[int, ...], ...]
"""Blocks of seeds: those of a block are trained together."""


@dataclass(frozen=True)
class Scale:
    """How large the studies are: their trainings, what goes at each level, which levels, and the replicates.

    At a scale that is `kept`, on whole data sets, results are stored beside the book's; at another they are of the
    samples in the package and are made each time. `digits` is LeNet's recipe on MNIST, `clothes` that on Fashion-MNIST
    and, where methods are compared, on both; its hidden layers have so many `units`. Levels that are `controlled` have
    a re-initialisation and a shuffled mask in the first study, `fresh_controlled` ones in those after it; `shot` are
    the densities of one-shot tickets, `early` the levels whose first `until` iterations are looked at. Methods are
    `compared` at the densities of some levels, and at some of those `checked`, SynFlow in so many `rounds`; what is
    kept without training is looked at `kept_at` levels, and with so many percent of one layer `spared`; the levels
    `went_on` from are those at which ways to go on are, and a rewound network goes back to step `rewind`. `photographs`
    is the recipe of Conv-2, which has `hidden` widths and so many `filters`, the levels that are trained, `conv`, those
    of them that are re-initialised, `conv_controlled`, and those at which methods are compared, `conv_compared`.
    """

    meaning: str
    kept: bool
    digits: Recipe
    clothes: Recipe
    units: tuple[int, ...]
    rate: float
    levels: int
    controlled: tuple[int, ...]
    fresh_controlled: tuple[int, ...]
    shot: tuple[int, ...]
    early: tuple[int, ...]
    until: int
    compared: tuple[int, ...]
    checked: tuple[int, ...]
    rounds: int
    kept_at: tuple[int, ...]
    spared: tuple[int, ...]
    went_on: tuple[int, ...]
    rewind: int
    blocks: Blocks
    fresh: Blocks
    photographs: Recipe
    hidden: tuple[int, ...]
    filters: int
    conv: tuple[int, ...]
    conv_controlled: tuple[int, ...]
    conv_compared: tuple[int, ...]


PAPER = Scale(
    meaning="the published settings, where nothing else is said",
    kept=True,
    digits=Recipe(Adam(), Rate(1.2e-3), batch=60, steps=50_000),
    clothes=Recipe(Adam(), Rate(1.2e-3), batch=60, steps=20_000),
    units=(300, 100),
    rate=0.2,
    levels=20,
    controlled=(3, 7, 9, 10, 13, 15, 18),
    fresh_controlled=(3, 7, 9, 10, 13, 15, 18, 20),
    shot=(3, 7, 10, 13, 15, 18, 20),
    early=(7, 13, 18),
    until=1_000,
    compared=(7, 13, 18),
    checked=(7, 18),
    rounds=100,
    kept_at=(3, 5, 7, 13, 18),
    spared=(50, 20, 10, 5, 2, 1),
    went_on=(3, 7, 10, 13, 18, 20),
    rewind=500,
    blocks=((0, 1, 2, 3, 4), (5, 6, 7, 8, 9), (10, 11, 12, 13, 14)),
    # Twenty seeds that nothing was trained with before the rules that judge them were written.
    fresh=tuple(tuple(range(seed, seed + 5)) for seed in range(15, 35, 5)),
    photographs=Recipe(Adam(), Rate(2e-4), batch=60, steps=4_000, test_every=200, precision="bfloat16"),
    hidden=(256, 256),
    filters=64,
    conv=(2, 4, 7, 9, 11, 14, 17),
    conv_controlled=(4, 9, 14, 17),
    conv_compared=(9, 14),
)
SMALL = Scale(
    meaning="whole data sets and the same levels, with fewer iterations and replicates: a study takes some minutes",
    kept=True,
    digits=Recipe(Adam(), Rate(1.2e-3), batch=60, steps=15_000),
    clothes=Recipe(Adam(), Rate(1.2e-3), batch=60, steps=6_000, test_every=200),
    units=(300, 100),
    rate=0.2,
    levels=20,
    controlled=(3, 7, 10, 13, 18),
    fresh_controlled=(7, 13, 18),
    shot=(7, 13, 18),
    early=(7, 13, 18),
    until=1_000,
    compared=(7, 13, 18),
    checked=(7, 18),
    rounds=100,
    kept_at=(3, 5, 7, 13, 18),
    spared=(50, 20, 10, 5, 2, 1),
    went_on=(7, 10),
    rewind=200,
    blocks=((0, 1, 2),),
    fresh=((15, 16, 17),),
    photographs=Recipe(Adam(), Rate(2e-4), batch=60, steps=1_000, test_every=200, precision="bfloat16"),
    hidden=(256, 256),
    filters=64,
    conv=(4, 9),
    conv_controlled=(9,),
    conv_compared=(9,),
)
QUICK = Scale(
    meaning="seconds of training a smaller network on few images, to rehearse the chapters",
    kept=False,
    digits=Recipe(Adam(), Rate(1.2e-3), batch=20, steps=100, segment=20, test_every=20),
    clothes=Recipe(Adam(), Rate(1.2e-3), batch=20, steps=100, segment=20, test_every=20),
    units=(60, 40),
    rate=0.5,
    levels=4,
    controlled=(2, 4),
    fresh_controlled=(4,),
    shot=(2, 4),
    early=(4,),
    until=80,
    compared=(2,),
    checked=(2,),
    rounds=4,
    kept_at=(1, 2),
    spared=(20, 5),
    went_on=(2,),
    rewind=20,
    blocks=((0, 1),),
    fresh=((0, 1),),
    photographs=Recipe(Adam(), Rate(1e-3), batch=20, steps=40, segment=20, test_every=20),
    hidden=(32,),
    filters=8,
    conv=(2, 4),
    conv_controlled=(4,),
    conv_compared=(4,),
)
SCALES = {"paper": PAPER, "small": SMALL, "quick": QUICK}
"""Every scale by name, the largest first."""


def scaled(name: str) -> Scale:
    """Return the scale of a name; raises `SpecError` if there is none."""
    require(name in SCALES, f"scale was {name!r}; it is one of {', '.join(map(repr, SCALES))}.")
    return SCALES[name]
