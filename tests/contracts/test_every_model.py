"""What every model must be, new ones included, whatever its data and its layers are."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
import torch
from examples import data_of, every, examples, made

from lth_lib import masks as mask_rules
from lth_lib.data import Dataset, Marked, normalise
from lth_lib.models import BatchNorm, Layer, Model, Start, between, drawn, initial
from lth_lib.models.model import Shape, dense
from lth_lib.pruning.granularity import Channel, Granularity, Groups, Unit, Weight, pool, spread
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError


def inputs(value: Model) -> tuple[Dataset, torch.Tensor, torch.Tensor]:
    """Return data that a model takes, and four of its inputs and targets."""
    data = data_of(value)
    assert data is not None
    arrays = data.load()
    return data, normalise(arrays.train.x[:4], arrays), arrays.train.y[:4]


@every(Model)
def test_a_model_has_the_layers_that_it_says_and_uses_them(value: Model) -> None:
    data, x, y = inputs(value)
    layers = value.layers(data.shape, data.classes)
    params, statistics = initial(value, data.shape, data.classes, (0,))
    assert len({layer.name for layer in layers}) == len(layers)
    weights = {f"{layer.name}.weight": layer for layer in layers if layer.weighted}
    assert value.kinds(data.shape, data.classes) == {name: layer.kind for name, layer in weights.items()}
    assert all(layer.kind for layer in layers), "a scope chooses by it"
    assert {name: tuple(params[name].shape[1:]) for name in weights} == {n: layer.shape for n, layer in weights.items()}
    assert {layer.name for layer in layers if f"{layer.name}.bias" in params} == {o.name for o in layers if o.bias}
    one, held = ({name: tensor[0] for name, tensor in tree.items()} for tree in (params, statistics))

    def score(p: Tree) -> torch.Tensor:
        logits = value.apply(p, x, BatchNorm(held, training=True))
        assert logits.shape == (*y.shape, data.classes)
        return logits.log_softmax(-1)[..., 0].sum()

    gradient = torch.func.grad(score)(one)
    assert all(bool((gradient[name] != 0).any()) for name in params), "every parameter matters"


@every(Model)
def test_a_model_gives_the_same_for_an_input_whatever_else_is_in_the_batch_it_is_scored_in(value: Model) -> None:
    data, x, _ = inputs(value)
    params, statistics = initial(value, data.shape, data.classes, (0,))
    one, held = ({name: tensor[0] for name, tensor in tree.items()} for tree in (params, statistics))
    whole = value.apply(one, x, BatchNorm(held, training=False))
    alone = value.apply(one, x[1:2], BatchNorm(held, training=False))
    torch.testing.assert_close(whole[1:2], alone, rtol=1e-4, atol=1e-5)


def grouped(granularity: Granularity, layers: tuple[Layer, ...]) -> Groups:
    """Return the groups of a granularity; none where no layer says what it reads, and the granularity refuses."""
    try:
        return granularity.groups(layers)
    except SpecError:
        assert not between(layers), "it refuses a network whose layers say what they read"
        return {}


def logits_without(value: Model, granularity: Granularity) -> torch.Tensor:
    """Return the logits, in double precision, of a network without the first group of each of its sets."""
    data, x, _ = inputs(value)
    params, statistics = initial(value, data.shape, data.classes, (0,))
    groups = grouped(granularity, value.layers(data.shape, data.classes))
    kept = {name: torch.arange(1 + max(int(i.max()) for i in ids.values()))[None] > 0 for name, ids in groups.items()}
    mask_rules.establish(params, spread(kept, groups))
    one, held = ({name: tensor[0].double() for name, tensor in tree.items()} for tree in (params, statistics))
    return value.apply(one, x.double() if x.is_floating_point() else x, BatchNorm(held, training=True))


@every(Model)
def test_a_channel_that_nobody_writes_is_as_good_as_one_that_nobody_reads(value: Model) -> None:
    unwritten, unread = (logits_without(value, granularity) for granularity in (Unit(), Channel()))
    torch.testing.assert_close(unwritten, unread, rtol=1e-9, atol=1e-9)
    assert (unwritten - logits_without(value, Weight())).abs().max() > 1e-6, "what is gone mattered"


@every(Granularity)
@pytest.mark.parametrize("model", examples(Model), ids=lambda model: type(model).__name__)
def test_a_granularity_divides_parameters_into_groups_of_equally_many_entries(value: Granularity, model: Model) -> None:
    data, _, _ = inputs(model)
    layers = model.layers(data.shape, data.classes)
    if not (groups := grouped(value, layers)):
        return
    params, _ = initial(model, data.shape, data.classes, (0,), device="meta")
    sets = value.sets(layers)
    assert [*sets] == [*groups]
    named = [part for parts in groups.values() for part in parts]
    assert len(set(named)) == len(named), "no parameter is in two sets"
    for name, parts in groups.items():
        count = torch.Size(sets[name].shape).numel()
        for part, ids in parts.items():
            assert ids.shape == params[part].shape[1:]
            assert (ids.flatten().bincount(minlength=count) == ids.numel() // count).all()
    assert {f"{layer.name}.weight" for layer in layers} & set(named)
    lie = {name: pooled.shape[1:] for name, pooled in pool(params, groups).items()}
    assert lie == {name: torch.Size(one.shape) for name, one in sets.items()}, "a set's shape is how its groups lie"


@dataclass(frozen=True)
class Recurrent(Model):
    """Tokens read one after the other; its layers are of other kinds, and do not say what they read."""

    tokens: int
    width: int

    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        wide = self.width
        cells = [Layer(name, (wide, wide), "recurrent", bias=name == "old") for name in ("old", "new")]
        return (Layer("token", (self.tokens, wide), "table", bias=False), *cells, Layer("out", (classes, wide), "out"))

    def start(self, shape: Shape, classes: int, seed: int, salt: str) -> Start:
        return drawn(self.layers(shape, classes), seed, salt)

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        h = torch.zeros(len(x), self.width, dtype=p["token.weight"].dtype)
        for step in range(x.shape[1]):
            read = torch.nn.functional.embedding(x[:, step], p["token.weight"])
            h = torch.tanh(dense(p, "old", h) + dense(p, "new", read))
        return dense(p, "out", h)


def test_a_model_of_another_kind_is_taken_as_what_it_says_it_is() -> None:
    value = made(Recurrent)[0]
    assert data_of(value) == Marked()
    test_a_model_has_the_layers_that_it_says_and_uses_them(value)
    test_a_model_gives_the_same_for_an_input_whatever_else_is_in_the_batch_it_is_scored_in(value)
    test_a_channel_that_nobody_writes_is_as_good_as_one_that_nobody_reads(value)
    for granularity in examples(Granularity):
        test_a_granularity_divides_parameters_into_groups_of_equally_many_entries(granularity, value)
