"""A probe asks: what torch's own modules answer, by streams of each seed, and nothing is changed by it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import pytest
import tiny
import torch
import torch.nn.functional as F
from tiny import SEEDS, setting, weights_of

from lth_lib.data import normalise
from lth_lib.masks import Masks
from lth_lib.models import BatchNorm, Conv, Layer, Model, Module, ResNet, drawn
from lth_lib.pruning.criteria import SNIP, GraSP
from lth_lib.pruning.forward import Forward
from lth_lib.replicates import Tree, stream
from lth_lib.spec import SpecError
from lth_lib.training.probe import Probe
from lth_lib.training.recipe import Setting


def probe_of(given: Setting) -> tuple[Probe, Tree, Tree]:
    """Return a probe, the parameters, and random masks as 0 and 1."""
    params, statistics = weights_of(given)
    masks = {name: mask.float() for name, mask in tiny.random_masks(given, 0.5).items()}
    return Probe(given, statistics, SEEDS), params, masks


def normed() -> tuple[Probe, Tree, Tree]:
    """Return a probe of a residual network whose running statistics are not those of its beginning."""
    probe, params, masks = probe_of(replace(setting(), data=tiny.Colour(), model=ResNet(1)))
    statistics = {
        name: value + torch.from_numpy(stream(0, "moved", name).random(value.shape, "f4"))
        for name, value in probe.statistics.items()
    }
    return replace(probe, statistics=statistics), params, masks


def test_examples_are_those_of_a_stream_of_each_seed() -> None:
    probe, _, _ = probe_of(setting())
    arrays = probe.setting.data.load()
    x, y = probe.examples(5, "score", 2)
    assert x.shape == (3, 5, 1, 8, 8)
    for row, seed in enumerate(SEEDS):
        index = stream(seed, "probe", "score", 2).choice(200, 5, replace=False)
        assert torch.equal(x[row], normalise(arrays.train.x[index], arrays))
        assert torch.equal(y[row], arrays.train.y[index])
    assert not torch.equal(probe.examples(5, "score", 3)[0], x)
    assert not torch.equal(x[0], x[1])


def test_examples_are_distinct_and_no_more_than_there_are() -> None:
    probe, _, _ = probe_of(setting())
    x, _ = probe.examples(200)
    assert all(len(own.flatten(1).unique(dim=0)) == 200 for own in x)
    with pytest.raises(SpecError, match="201 examples of Grey, which has 200"):
        probe.examples(201)


def plain(params: Tree, masks: Tree, row: int) -> torch.nn.Sequential:
    """Return one replicate as torch's own modules."""
    layers = []
    for name in ("fc1", "fc2", "out"):
        weight = params[f"{name}.weight"][row] * masks[f"{name}.weight"][row]
        layers += [torch.nn.Linear(*reversed(weight.shape)), torch.nn.ReLU()]
        layers[-2].weight.data, layers[-2].bias.data = weight, params[f"{name}.bias"][row]
    return torch.nn.Sequential(torch.nn.Flatten(), *layers[:-1])


def test_loss_output_and_what_layers_read_are_those_of_plain_modules() -> None:
    probe, params, masks = probe_of(setting())
    x, y = probe.examples(20)
    loss, output, reads = probe.loss(params, masks, x, y), probe.output(params, masks, x), probe.reads(params, masks, x)
    assert list(reads) == ["fc1.weight", "fc2.weight", "out.weight"]
    for row in range(len(SEEDS)):
        network = plain(params, masks, row)
        torch.testing.assert_close(output[row], network(x[row]))
        torch.testing.assert_close(loss[row], F.cross_entropy(network(x[row]), y[row]))
        for read, before in zip(reads.values(), (1, 3, 5), strict=True):
            torch.testing.assert_close(read[row], network[:before](x[row]))
    torch.testing.assert_close(probe.loss(params, masks, x, y, 3.0)[0], F.cross_entropy(output[0] / 3, y[0]))


def test_convolutions_are_read_and_normalised_by_the_running_statistics() -> None:
    probe, params, masks = normed()
    x, _ = probe.examples(4)
    reads = probe.reads(params, masks, x)
    assert reads.keys() == masks.keys()
    seen = {name: (value * masks[name] if name in masks else value)[1] for name, value in params.items()}
    held = {name: value[1] for name, value in probe.statistics.items()}
    norm = BatchNorm(held, training=False)
    first = torch.relu(norm(seen, "conv1", F.conv2d(x[1], seen["conv1.weight"], padding=1)))
    assert torch.equal(reads["conv1.weight"], x)
    torch.testing.assert_close(reads["stage1.1.a.weight"][1], first)
    logits = probe.setting.model.apply(seen, x[1], norm)
    torch.testing.assert_close(probe.output(params, masks, x)[1], logits)
    alone = probe.output(params, masks, x[:, :1])
    torch.testing.assert_close(alone, probe.output(params, masks, x)[:, :1], rtol=1e-4, atol=1e-5)


def test_asking_changes_nothing() -> None:
    probe, params, masks = normed()
    trees = [{name: value.clone() for name, value in tree.items()} for tree in (params, masks, probe.statistics)]
    x, y = probe.examples(4)
    probe.reads(params, masks, x)
    torch.func.grad(lambda p: probe.loss(p, masks, x, y).sum())(params)
    for tree, before in zip((params, masks, probe.statistics), trees, strict=True):
        assert tiny.same_tree(tree, before)


def test_it_computes_in_float32_whatever_the_training_does_and_in_float64_when_asked() -> None:
    probe, params, masks = normed()
    low = replace(probe, setting=replace(probe.setting, recipe=replace(probe.setting.recipe, precision="bfloat16")))
    x, _ = probe.examples(4)
    assert torch.equal(low.output(params, masks, x), probe.output(params, masks, x))
    trees = ({name: value.double() for name, value in tree.items()} for tree in (params, masks))
    double = probe.output(*trees, x.double())
    assert double.dtype == torch.float64
    torch.testing.assert_close(double.float(), probe.output(params, masks, x), rtol=1e-3, atol=1e-4)


@dataclass(frozen=True)
class Halved(Forward):
    remasks: ClassVar[bool] = False

    @property
    def groups(self) -> None:
        return None

    def check(self, layers: tuple[Layer, ...]) -> None:
        pass

    def seen(self, params: Tree, masks: Tree) -> Tree:
        return {name: value * (0.5 * masks[name] if name in masks else 1) for name, value in params.items()}

    def beside(self, masked: Tree, seeds: tuple[int, ...]) -> Tree:
        return {}

    def trains(self, name: str) -> bool:
        return True

    def leaves(self, params: Tree, masks: Masks) -> tuple[Tree, Masks]:
        return params, masks


def test_it_sees_what_the_recipes_forward_lets_the_loss_see() -> None:
    probe, params, masks = probe_of(setting())
    halved, _, _ = probe_of(setting(forward=Halved()))
    x, _ = probe.examples(4)
    half = {name: 0.5 * mask for name, mask in masks.items()}
    torch.testing.assert_close(halved.output(params, masks, x), probe.output(params, half, x))


@pytest.mark.parametrize("model", [Conv(1, (8,), 8), ResNet(1)], ids=str)
def test_convolutions_can_be_derived_by_weights_and_masks_twice(model: Model) -> None:
    given = replace(setting(), data=tiny.Colour(), model=model)
    for criterion in (SNIP(4), GraSP(4)):
        scores = criterion.score(tiny.subject(given))
        assert all(score.isfinite().all() and (score != 0).any() for score in scores.values())
        assert {score.dtype for score in scores.values()} == {torch.float32}


class Hidden(Model):
    """Multiplies with its weight where nobody sees it."""

    def layers(self, shape, classes):
        return tiny.setting().model.layers(shape, classes)

    def start(self, shape, classes, seed, salt):
        return drawn(self.layers(shape, classes), seed, salt)

    def apply(self, p, x, norm):
        return tiny.setting().model.apply({name: value + 0 for name, value in p.items()}, x, norm)


def test_a_layer_whose_reading_was_not_seen_is_named() -> None:
    probe, params, masks = probe_of(setting())
    hidden = replace(probe, setting=replace(probe.setting, model=Hidden()))
    with pytest.raises(SpecError, match=r"fc1\.weight"):
        hidden.reads(params, masks, probe.examples(2)[0])


def test_moments_are_of_the_vectors_that_outputs_are_products_with() -> None:
    probe, params, masks = normed()
    x, _ = probe.examples(4)
    reads, moments = probe.reads(params, masks, x), probe.moments(params, masks, x)
    seen = {name: value * masks[name] if name in masks else value for name, value in params.items()}
    assert moments.keys() == masks.keys()
    strided = "stage2.1.a.weight"
    for name, stride in {"conv1.weight": 1, strided: 2, "stage2.1.shortcut.weight": 2}.items():
        kernel = seen[name][1].double()
        outputs = F.conv2d(reads[name][1].double(), kernel, stride=stride, padding=kernel.shape[-1] // 2)
        rows = kernel.flatten(1)
        squares = torch.einsum("oi,ij,oj->o", rows, moments[name][1], rows)
        torch.testing.assert_close(squares, outputs.square().mean((0, 2, 3)))
    read = reads["out.weight"][2].double()
    torch.testing.assert_close(moments["out.weight"][2], read.T @ read / 4)


def test_moments_of_what_is_no_plain_product_are_refused_by_name() -> None:
    @dataclass(frozen=True)
    class Grouped(Module):
        def build(self):
            return torch.nn.Sequential(
                torch.nn.Conv2d(1, 4, 3), torch.nn.Conv2d(4, 4, 3, groups=2), torch.nn.Flatten(), torch.nn.Linear(64, 4)
            )

    probe, params, masks = probe_of(replace(setting(), model=Grouped()))
    with pytest.raises(SpecError, match="has 2 groups and padding"):
        probe.moments(params, masks, probe.examples(2)[0])
