"""What is committed: whole, and made by this code."""

from __future__ import annotations

import numpy as np
import torch

from lth_lib.__main__ import main
from lth_lib.experiments.run import Dense, Initial
from lth_lib.experiments.studies import original, sample
from lth_lib.results.store import committed
from lth_lib.training.state import beginning
from lth_lib.training.train import Trainer
from lth_lib.workshop.chapters import begin


def test_every_committed_result_is_whole() -> None:
    assert main(["verify"]) == 0


def test_the_committed_run_on_the_sample_begins_as_this_code_trains_it() -> None:
    run = sample()
    stored = committed().read(run).metrics
    params, statistics = Initial().make(run, None)  # type: ignore[arg-type]
    masks = Dense().make(run, None)  # type: ignore[arg-type]
    alive = torch.zeros(len(run.seeds), dtype=torch.bool)
    trainer = Trainer(run.setting, run.seeds, run.order, beginning(params, statistics, masks, 0, alive))
    for _ in range(4):
        trainer.advance(run.stop)
    for name in ("valid_loss", "valid_accuracy", "train_loss", "train_accuracy", "test_loss"):
        # It was trained by another kernel on another processor. Sums that add in another order round otherwise, and
        # training multiplies that: within a tolerance they agree, over four segments, and never to the bit.
        np.testing.assert_allclose(np.stack(trainer.state.history[name]), stored[name][:5], rtol=0.02, err_msg=name)


def test_what_is_committed_of_the_study_is_a_smaller_study() -> None:
    study = original("paper")
    store = committed()
    have = [store.has(run) for run in study.runs if run.seeds[0] == 0]
    assert have == sorted(have, reverse=True), "a run is committed whose forerunner is not"


def test_chapters_find_the_committed_study() -> None:
    compute = begin({"scale": "paper", "device": "cpu", "train": False, "executor": "local"})
    found = original("paper").found(compute(original("paper").runs))
    assert found["dense"][0]
    assert found["winning ticket"][1]
