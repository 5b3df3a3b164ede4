"""What a network costs that a run has left: counted from real masks, and worked by hand."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
import tiny
import torch
from tiny import SEEDS, Colour, setting
from torch import nn

from lth_lib import masks as mask_rules
from lth_lib.experiments.costs import flops, flops_smaller, layer_densities, on_paths, sizes
from lth_lib.experiments.measure import Connected, connected
from lth_lib.experiments.run import Run
from lth_lib.masks import Masks
from lth_lib.models import Conv, Model, Module
from lth_lib.spec import SpecError

RUN = Run(setting(), seeds=SEEDS)


def run_of(model: Model) -> Run:
    return Run(replace(setting(), data=Colour(), model=model), seeds=SEEDS)


def test_sizes_are_those_of_the_masks() -> None:
    masks = tiny.random_masks(setting(), 0.7)
    found = sizes(RUN, {name: mask.flatten(1).double().mean(1).numpy() for name, mask in masks.items()})
    for row in range(len(SEEDS)):
        own = [mask[row].numpy() for mask in masks.values()]
        assert found["bytes_dense"][row] == sum(np.zeros(mask.shape, np.float32).nbytes for mask in own)
        bits = sum(np.packbits(mask).nbytes for mask in own)
        assert found["bytes_bitmap"][row] == sum(np.float32(mask[mask]).nbytes for mask in own) + bits
        indices = sum(np.int32(np.nonzero(mask)[1]).nbytes for mask in own)
        begins = sum(np.int32([0, *np.cumsum(mask.sum(1))]).nbytes for mask in own)
        assert found["bytes_csr"][row] == sum(np.float32(mask[mask]).nbytes for mask in own) + indices + begins


def test_what_has_no_layer_densities_has_no_sizes() -> None:
    assert sizes(RUN, {}) == {}


def test_flops_are_two_for_each_kept_weight_and_place() -> None:
    run = run_of(Conv(1, (8,)))  # 16 x 16 places of both convolutions
    share = {f"{layer.name}.weight": np.array([1.0, 0.5, 0.25]) for layer in run.layers}
    convs, others = 64 * 3 * 9 + 64 * 64 * 9, 64 * 8 * 8 * 8 + 8 * 4
    assert flops(run, share).tolist() == [2 * part * (256 * convs + others) for part in (1, 0.5, 0.25)]


@dataclass(frozen=True)
class Unknown(Module):
    """A network that takes no such example."""

    def build(self) -> nn.Module:
        return nn.Sequential(nn.Linear(5, 2))


def test_a_network_whose_flops_cannot_be_known_has_none() -> None:
    run = run_of(Unknown())
    assert np.isnan(flops(run, {"0.weight": np.ones(3)})).all()
    assert np.isnan(flops_smaller(run, np.ones(3), {})).all()
    assert np.isnan(flops_smaller(run, np.ones(3), {"0.weight": np.ones(3)})).all()


def test_what_a_smaller_network_multiplies_is_not_known_by_its_weights_where_one_is_used_more_than_once() -> None:
    assert np.isnan(flops_smaller(run_of(Conv(1, (8,))), np.full(3, 100), {})).all()


def test_what_a_smaller_convolutional_network_multiplies_is_known_by_its_layers() -> None:
    """Half of the first filters are gone, and with them what reads them: 16 x 16 places of both convolutions."""
    run = run_of(Conv(1, (8,)))
    own = mask_rules.ones({f"{layer.name}.weight": torch.ones(3, *layer.shape) for layer in run.layers})
    own["conv1.bias"] = torch.ones(3, 64, dtype=torch.bool)
    for name in ("conv1.weight", "conv1.bias"):
        own[name][:, :32] = False
    found = on_paths(run, mask_rules.layer_density(own), connected(run.layers, own))
    convs, others = 32 * 3 * 9 + 64 * 32 * 9, 64 * 8 * 8 * 8 + 8 * 4
    assert found["flops_smaller"].tolist() == [2 * (256 * convs + others)] * 3
    collapsed = {**own, "fc1.weight": torch.zeros_like(own["fc1.weight"])}
    assert np.isnan(
        on_paths(run, mask_rules.layer_density(collapsed), connected(run.layers, collapsed))["flops_smaller"]
    ).all()


def test_each_layer_has_its_share_by_name() -> None:
    share = {"fc1.weight": np.array([1, 0.05]), "out.weight": np.array([0.3, 1 / 3])}
    assert layer_densities(share) == ["fc1 1; out 0.3", "fc1 0.05; out 0.3333"]
    assert layer_densities({}) == []


def masks(run: Run) -> Masks:
    """Return masks of all weights but for three replicates' faults: none, an empty layer, and no path."""
    out = mask_rules.ones({f"{layer.name}.weight": torch.ones(3, *layer.shape) for layer in run.layers})
    out["fc2.weight"][1] = False
    out["fc1.weight"][2, 8:] = False
    out["fc2.weight"][2, :, :8] = False
    out["out.weight"][2, :, 5:] = False
    return out


def test_what_has_collapsed_is_named() -> None:
    """LeNet-16-8 on 64 pixels: of the last replicate units 0 to 7 are read, written are 8 to 15."""
    own = masks(RUN)
    found = on_paths(RUN, mask_rules.layer_density(own), connected(RUN.layers, own))
    assert found["collapsed"] == ["", "fc2", "no path"]
    assert found["effective_density"].tolist() == [1, 0, 0]
    assert found["dead_units"].tolist() == [0, 24, 24]
    assert found["dead_inputs"].tolist() == [0, 64, 64]
    np.testing.assert_array_equal(found["bytes_smaller"], [4 * (64 * 16 + 16 * 8 + 8 * 4), np.nan, np.nan])
    others = sizes(RUN, mask_rules.layer_density(own))
    least = np.minimum(np.minimum(others["bytes_dense"], others["bytes_bitmap"]), others["bytes_csr"])
    assert found["bytes_best"].tolist() == least.tolist()


def test_a_smaller_network_may_be_the_best_format() -> None:
    """Half of the first layer's units are gone: with the rows of the first the columns of the second."""
    own = mask_rules.ones({f"{layer.name}.weight": torch.ones(3, *layer.shape) for layer in RUN.layers})
    own["fc1.bias"] = torch.ones(3, 16, dtype=torch.bool)
    for name in ("fc1.weight", "fc1.bias"):
        own[name][:, :8] = False
    found = on_paths(RUN, mask_rules.layer_density(own), connected(RUN.layers, own))
    assert found["bytes_smaller"].tolist() == found["bytes_best"].tolist() == [4 * (64 * 8 + 8 * 8 + 8 * 4)] * 3
    assert found["flops_smaller"].tolist() == [2 * (64 * 8 + 8 * 8 + 8 * 4)] * 3
    assert found["dead_units"].tolist() == [8] * 3
    assert found["effective_density"].tolist() == pytest.approx(
        [(64 * 8 + 8 * 8 + 8 * 4) / (64 * 16 + 16 * 8 + 32)] * 3
    )


def test_where_nothing_was_found_nothing_is_told_but_empty_layers() -> None:
    found = on_paths(RUN, mask_rules.layer_density(masks(RUN)), {})
    assert found["collapsed"] == ["", "fc2", ""]
    for name in ("effective_density", "dead_units", "dead_inputs", "bytes_smaller"):
        assert np.isnan(found[name]).all()


def test_a_network_whose_layers_do_not_say_what_they_read_is_not_asked() -> None:
    @dataclass(frozen=True)
    class Two(Module):
        def build(self) -> nn.Module:
            return nn.Sequential(nn.Linear(5, 3), nn.Linear(3, 2))

    with pytest.raises(SpecError, match="0 reads '' and writes '0'; paths are known where each layer"):
        Connected(run_of(Two()))
