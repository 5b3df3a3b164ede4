"""Golden numbers of tiny runs: a change of what is trained is seen here, and bumps a version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tiny
from tiny import SEEDS, setting

from lth_lib.data import Crops
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import imp, reinitialised, shuffled
from lth_lib.models import ResNet
from lth_lib.pruning.criteria import Random
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.pruning.scope import Global
from lth_lib.results.compute import compute
from lth_lib.training.recipe import Rate

STUDY = imp(setting(steps=30), Pruner(), Geometric(0.5, 2), seeds=SEEDS)
AUGMENTED = replace(
    setting(tiny.SGDM, steps=4, segment=2, test_every=2, augment=Crops(2), rate=Rate(0.05, warmup=2, drops=(3,))),
    data=tiny.Colour(),
    model=ResNet(1),
)
RUNS: dict[str, Run] = {
    "dense": STUDY[0],
    "ticket": STUDY[2],
    "re-initialised": reinitialised(STUDY[2]),
    "shuffled": shuffled(STUDY[2]),
    "rewound": imp(setting(tiny.SGDM, steps=30), Pruner(Random(), scope=Global()), Geometric(), rewind=15, seeds=SEEDS)[
        1
    ],
    "augmented": Run(AUGMENTED, order="again", seeds=SEEDS),
}
LOSSES: dict[str, list[float]] = {
    "dense": [1.78627, 1.19042, 0.874961, 0.587934],
    "ticket": [1.17591, 1.00514, 0.855952, 0.742033],
    "re-initialised": [1.3857, 1.35533, 1.30033, 1.2203],
    "shuffled": [1.37674, 1.34224, 1.29252, 1.21112],
    "rewound": [1.13774, 0.982366, 0.466532],
    "augmented": [1.38531, 1.39981, 1.4216],
}
"""The validation loss of each run at each evaluation, mean over the replicates."""


@pytest.mark.parametrize("name", RUNS)
def test_losses_are_those_of_the_day_they_were_written(name: str, tmp_path: Path) -> None:
    run = RUNS[name]
    metrics = compute([run], tiny.store(tmp_path), train=True, progress=False)[run].metrics
    # Machines round differently, and training multiplies it: less than 1e-5 from one kernel to another.
    np.testing.assert_allclose(metrics["valid_loss"].mean(1), LOSSES[name], rtol=1e-4)
