"""Somebody's own module and arrays, and a network of sequences, give a ticket and its controls."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
import tiny
import torch
from own_modules import RECIPE, Mine, Plain, own
from tiny import SEEDS
from torch import nn

from lth_lib.data import Dataset, Marked, Repeated
from lth_lib.experiments.masks import Pruned
from lth_lib.experiments.run import Run, Ticket
from lth_lib.experiments.studies import imp, reinitialised, shuffled
from lth_lib.models import BatchNorm, Module, Transformer
from lth_lib.pruning.criteria import SNIP
from lth_lib.pruning.forward import Popup
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results.compute import compute
from lth_lib.training.evaluate import recomputed_statistics
from lth_lib.training.kernels import LoopedKernel
from lth_lib.training.recipe import Setting

SETTINGS = {
    "a module and arrays": (own, Mine()),
    "a transformer that classifies": (Marked, Transformer(9, width=8, depth=1)),
    "a transformer that goes on": (Repeated, Transformer(8, width=8, depth=1, causal=True)),
}


@pytest.mark.parametrize("name", SETTINGS)
def test_it_yields_a_ticket_and_its_controls(name: str, tmp_path: Path) -> None:
    data, model = SETTINGS[name]
    setting = Setting(data(), model, RECIPE)
    _, ticket = imp(setting, Pruner(), Geometric(0.5, 1), seeds=SEEDS)
    controls = [reinitialised(ticket), shuffled(ticket)]
    results = compute([ticket, *controls], tiny.store(tmp_path), train=True, progress=False)
    for run in (ticket, *controls):
        result = results[run]
        assert np.isfinite(result.metrics["valid_loss"]).all()
        assert result.metrics["valid_loss"][-1].mean() < result.metrics["valid_loss"][0].mean()
        np.testing.assert_allclose(result.metrics["density"], 0.5, atol=0.02)
    assert results[ticket].layer_density.keys() == setting.kinds.keys()
    assert tiny.store(tmp_path).verify() == []


def test_a_module_is_trained_as_the_same_network_of_ours_is() -> None:
    ours, theirs = tiny.setting(), tiny.setting()
    theirs = replace(theirs, model=Plain())
    names = {"fc1": "1", "fc2": "3", "out": "5"}
    params, _ = ours.initial(SEEDS)
    given = {f"{names[n.split('.')[0]]}.{n.split('.')[1]}": value for n, value in params.items()}
    own, plain = tiny.finish(tiny.trainer(ours)), tiny.finish(tiny.trainer(theirs, params=given))
    assert type(plain._kernel) is LoopedKernel
    np.testing.assert_allclose(tiny.columns(own)["valid_loss"], tiny.columns(plain)["valid_loss"], rtol=2e-4)
    assert [layer.kind for layer in theirs.layers] == [layer.kind for layer in ours.layers] == ["fc", "fc", "out"]


def test_a_module_begins_as_torch_begins_it_by_seed_and_salt() -> None:
    setting = Setting(own(), Mine(), RECIPE)
    params, statistics = setting.initial(SEEDS)
    assert (params["0.weight"].flatten(1).abs().amax(1) <= 10**-0.5).all(), "torch's bound for ten inputs"
    assert tiny.same_tree(params, setting.initial(SEEDS)[0])
    assert not torch.equal(params["0.weight"], setting.initial(SEEDS, "again")[0]["0.weight"])
    assert not torch.equal(params["0.weight"][0], params["0.weight"][1])
    assert torch.equal(params["0.weight"][:1], setting.initial((0,))[0]["0.weight"])
    assert {"1.running_mean", "1.running_var"} <= statistics.keys()


def test_the_generator_of_torch_is_left_as_it_was() -> None:
    before = torch.random.get_rng_state()
    Setting(own(), Mine(), RECIPE).initial(SEEDS)
    assert torch.equal(torch.random.get_rng_state(), before)


def test_batch_norm_of_a_module_moves_in_training_alone() -> None:
    training = tiny.trainer(Setting(own(), Mine(), RECIPE))
    before = {name: value.clone() for name, value in training.state.statistics.items()}
    training.evaluate(training.state.params | training.state.statistics, training.arrays.valid)
    assert tiny.same_tree(training.state.statistics, before)
    training.advance(20)
    assert not torch.equal(training.state.statistics["1.running_mean"], before["1.running_mean"])
    assert training.state.statistics["1.num_batches_tracked"].tolist() == [20, 20, 20]


def test_an_edited_module_has_another_digest() -> None:
    source = Mine.build
    before = Run(Setting(own(), Mine(), RECIPE)).digest

    @dataclass(frozen=True)
    class Edited(Module):
        """Two layers, with batch norm between them."""

        width: int = 8

        def build(self) -> nn.Module:
            return nn.Sequential(nn.Linear(10, self.width), nn.ReLU(), nn.Linear(self.width, 2))

    Edited.__name__, Edited.__qualname__ = Mine.__name__, Mine.__qualname__
    assert Run(Setting(own(), Edited(), RECIPE)).digest != before
    assert Mine.build is source


def test_a_position_that_may_not_look_ahead_does_not(tmp_path: Path) -> None:
    data: Dataset = Repeated()
    model = Transformer(8, width=8, depth=2, causal=True)
    params = {name: value[0] for name, value in Setting(data, model, RECIPE).initial((0,))[0].items()}
    x = data.load().test.x[:4]
    other = x.clone()
    other[:, 7:] = (other[:, 7:] + 1) % 8
    before, after = (model.apply(params, tokens, None) for tokens in (x, other))  # type: ignore[arg-type]
    torch.testing.assert_close(before[:, :7], after[:, :7])
    assert (before[:, 7:] != after[:, 7:]).any()


def test_the_statistics_of_a_module_can_be_measured_anew() -> None:
    setting = Setting(own(), Mine(), RECIPE)
    training = tiny.finish(tiny.trainer(setting))
    state = training.state
    masks = tiny.ones(setting)
    found = recomputed_statistics(setting, (state.params, state.statistics), masks)["1.running_mean"]
    x = training.arrays.train.x
    first = torch.einsum("ni,roi->rno", x, state.params["0.weight"]) + state.params["0.bias"][:, None]
    torch.testing.assert_close(found, first.mean(1), rtol=1e-4, atol=1e-5)
    one, held = ({name: value[0] for name, value in tree.items()} for tree in (state.params, state.statistics))
    norm = BatchNorm(held, training=True)
    setting.model.apply(one, x[:20], norm)
    moved = 0.9 * held["1.running_mean"] + 0.1 * first[0, :20].mean(0)
    torch.testing.assert_close(norm.moved["1.running_mean"], moved, msg="in training they move by a tenth again")


def test_what_a_forward_has_left_is_asked_as_a_network_with_masks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    learned, store = Run(tiny.setting(forward=Popup(0.5)), seeds=SEEDS), tiny.store(tmp_path)
    ticket = Run(tiny.setting(), Ticket(Pruned(learned, Pruner(SNIP(20)), 0.5)), seeds=SEEDS)
    compute([learned], store, train=True, progress=False)

    def unknown(*arguments: object) -> None:
        raise AssertionError("its scores are gone")

    monkeypatch.setattr(Popup, "seen", unknown)
    found = compute([ticket], store, train=True, progress=False)[ticket]
    np.testing.assert_allclose(found.metrics["density"][-1], 0.25, atol=0.01)


class Picking(nn.Module):
    """It takes some of its inputs, by a buffer of whole numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.inner = nn.Linear(5, 2)
        self.register_buffer("places", torch.arange(5))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.inner(x[:, self.places])


@dataclass(frozen=True)
class Picked(Module):
    def build(self) -> nn.Module:
        return Picking()


def test_a_buffer_of_whole_numbers_stays_whole_when_the_network_is_asked() -> None:
    scores = SNIP(20).score(tiny.subject(Setting(own(), Picked(), RECIPE)))
    assert (scores["inner.weight"] > 0).all()
