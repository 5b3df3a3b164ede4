"""A network is read as it was written, and its file is as large as the table says."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
import tiny
import torch
from safetensors.torch import save_file
from tiny import Colour

from lth_lib.experiments.costs import sizes
from lth_lib.experiments.run import Run
from lth_lib.masks import Masks, establish, layer_density, ones
from lth_lib.models import Conv, LeNet, Model, ResNet, initial
from lth_lib.pruning.criteria import Random, Subject
from lth_lib.pruning.formats import FORMATS, read_network, write_network
from lth_lib.pruning.granularity import Granularity, Unit, Weight
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.removal import shrink, weights_left
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError
from lth_lib.training.recipe import Setting

SEEDS, ROW = (0, 1), 1
NETWORKS = [LeNet((17, 9)), Conv(1, (10,)), ResNet(1)]
every_network = pytest.mark.parametrize("model", NETWORKS, ids=["LeNet", "Conv-2", "ResNet"])
every_format = pytest.mark.parametrize("form", FORMATS)


def ticket(model: Model, granularity: Granularity) -> tuple[Tree, Tree, Masks]:
    """Return parameters without zeros, statistics, and masks by chance of a third of the groups, established."""
    params, statistics = initial(model, Colour.shape, Colour.classes, SEEDS)
    params = {name: value + 0.01 for name, value in params.items()}
    weights = {name: params[name] for name in model.kinds(Colour.shape, Colour.classes)}
    subject = Subject(weights, ones(weights), model.layers(Colour.shape, Colour.classes), SEEDS)
    masks = Pruner(Random(), granularity).prune(subject, 2 / 3)
    establish(params, masks)
    return params, statistics, masks


def row(tree: Tree) -> Tree:
    return {name: value[ROW] for name, value in tree.items()}


def payload(path: Path) -> int:
    """Return a file's bytes behind its header, which begins with its own length."""
    with path.open("rb") as file:
        (header,) = struct.unpack("<Q", file.read(8))
    return path.stat().st_size - 8 - header


@every_network
@every_format
@pytest.mark.parametrize("granularity", [Weight(), Unit()], ids=["weights", "units"])
def test_what_is_read_has_the_bits_of_what_was_written(
    model: Model, form: str, granularity: Granularity, tmp_path: Path
) -> None:
    params, _, masks = ticket(model, granularity)
    write_network(tmp_path / "n", row(params), row(masks), form)
    assert tiny.same_tree(read_network(tmp_path / "n"), row(params))


@every_network
@every_format
def test_a_file_is_as_large_as_the_table_says_and_its_header_small(model: Model, form: str, tmp_path: Path) -> None:
    params, _, masks = ticket(model, Weight())
    run = Run(Setting(Colour(), model, tiny.setting().recipe), seeds=SEEDS)
    told = int(sizes(run, layer_density(masks))[f"bytes_{form}"][ROW])
    weights = {name: params[name] for name in masks}
    write_network(tmp_path / "n", row(weights), row(masks), form)
    assert payload(tmp_path / "n") == told
    assert 0 < (tmp_path / "n").stat().st_size - told < 100 + 350 * len(masks), "at most 350 bytes for each layer"
    write_network(tmp_path / "all", row(params), row(masks), form)
    others = sum(value[ROW].nbytes for name, value in params.items() if name not in masks)
    assert payload(tmp_path / "all") == told + others, "biases and batch norm are what else is in it"


@every_network
def test_the_smaller_network_is_a_dense_file_of_the_weights_that_are_left(model: Model, tmp_path: Path) -> None:
    params, statistics, masks = ticket(model, Unit())
    layers = model.layers(Colour.shape, Colour.classes)
    small = shrink(layers, params, statistics, masks, ROW)
    weights = {f"{layer.name}.weight": small.params[f"{layer.name}.weight"] for layer in layers}
    write_network(tmp_path / "n", weights, {}, "dense")
    assert payload(tmp_path / "n") == 4 * sum(own[ROW] for own in weights_left(layers, masks).values())
    assert payload(tmp_path / "n") < sum(params[name][ROW].nbytes for name in weights) / 2
    assert tiny.same_tree(read_network(tmp_path / "n"), weights)


def test_what_is_masked_is_written_as_zero(tmp_path: Path) -> None:
    for form in FORMATS:
        write_network(tmp_path / form, {"a.weight": torch.ones(2, 3)}, {"a.weight": torch.eye(2, 3) > 0}, form)
        assert torch.equal(read_network(tmp_path / form)["a.weight"], torch.eye(2, 3))


def test_another_format_or_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SpecError, match="form was 'zip'; a network is written as one of dense, bitmap, csr"):
        write_network(tmp_path / "n", {}, {}, "zip")
    (tmp_path / "n").write_bytes(b"no such file")
    save_file({"x": torch.zeros(1)}, tmp_path / "other")
    for name in ("n", "other"):
        with pytest.raises(SpecError, match="is no network that `write_network` wrote"):
            read_network(tmp_path / name)
