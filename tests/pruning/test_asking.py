"""Criteria that ask the network, worked by hand on a network of two weights, and what must hold on any."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import pytest
import tiny
import torch
import torch.nn.functional as F
from tiny import setting

from lth_lib.models import LeNet
from lth_lib.pruning.criteria import (
    SNIP,
    Criterion,
    GraSP,
    Inverted,
    Magnitude,
    OnBatch,
    Random,
    Subject,
    SynFlow,
    Taylor,
)
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.scope import Global
from lth_lib.replicates import Tree
from lth_lib.spec import SpecError

A, B = [0.5, -1.0], [2.0, 3.0]
X = [1.5, 0.5]


@dataclass(frozen=True)
class TwoWeights:
    """Two replicates of a network whose logits are a b x and 0; the label is always the first."""

    def examples(self, count: int, *purpose: int | str) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor(X)[:, None].expand(2, count), torch.zeros(2, count, dtype=torch.int64)

    def loss(
        self, params: Tree, masks: Tree, x: torch.Tensor, y: torch.Tensor, temperature: float = 1.0
    ) -> torch.Tensor:
        return F.softplus(-self.output(params, masks, x) / temperature).mean(1)

    def output(self, params: Tree, masks: Tree, x: torch.Tensor) -> torch.Tensor:
        return math.prod(params[name] * masks[name] for name in "ab")[:, None] * x

    def reads(self, params: Tree, masks: Tree, x: torch.Tensor) -> Tree:
        return {"a": x, "b": (params["a"] * masks["a"])[:, None] * x}


def two(a: list[bool] | None = None) -> Subject:
    weights = {"a": torch.tensor(A), "b": torch.tensor(B)}
    masks = {"a": torch.tensor(a or [True, True]), "b": torch.tensor([True, True])}
    return Subject(weights, masks, {"a": "fc", "b": "out"}, (0, 1), params=weights, probe=TwoWeights())


def derivatives(row: int, temperature: float = 1.0) -> tuple[float, float, float]:
    """Return a b x / T and the first and second derivative, by it, of the loss log(1 + exp(-z))."""
    z = A[row] * B[row] * X[row] / temperature
    wrong = 1 / (1 + math.exp(z))
    return z, -wrong, wrong * (1 - wrong)


def scored(criterion: Criterion, given: Subject, row: int) -> list[float]:
    scores = criterion.score(given)
    return [scores[name][row].item() for name in "ab"]


@pytest.mark.parametrize("row", [0, 1])
def test_snip_is_the_slope_by_the_masks_worked_by_hand(row: int) -> None:
    z, slope, _ = derivatives(row)
    # m enters as m_a a m_b b x, so by either mask the derivative at 1 is that by z, times z
    assert scored(SNIP(3), two(), row) == pytest.approx([abs(slope * z)] * 2)


def test_snip_sees_the_loss_at_the_masks_as_they_are() -> None:
    given = two(a=[False, True])
    # without a nothing passes, and the loss is flat in b; a itself would be felt
    assert scored(SNIP(), given, 0) == pytest.approx([0.5 * A[0] * B[0] * X[0], 0])
    assert scored(SNIP(), given, 1) == scored(SNIP(), two(), 1)


@pytest.mark.parametrize("row", [0, 1])
def test_taylor_is_the_square_of_weight_times_slope_worked_by_hand(row: int) -> None:
    _, slope, _ = derivatives(row)
    by_a, by_b = slope * B[row] * X[row], slope * A[row] * X[row]
    assert scored(Taylor(3), two(), row) == pytest.approx([(A[row] * by_a) ** 2, (B[row] * by_b) ** 2])


@pytest.mark.parametrize("row", [0, 1])
@pytest.mark.parametrize("temperature", [1.0, 5.0])
def test_grasp_is_weight_times_hessian_times_gradient_worked_by_hand(row: int, temperature: float) -> None:
    _, slope, bend = derivatives(row, temperature)
    a, b, x = A[row], B[row], X[row] / temperature
    gradient = (slope * b * x, slope * a * x)
    aa, ab, bb = bend * (b * x) ** 2, bend * a * b * x * x + slope * x, bend * (a * x) ** 2
    flow = (aa * gradient[0] + ab * gradient[1], ab * gradient[0] + bb * gradient[1])
    assert scored(GraSP(temperature=temperature), two(), row) == pytest.approx([a * flow[0], b * flow[1]], rel=1e-5)


def test_grasp_lets_go_what_raises_the_gradients_norm_when_it_shrinks() -> None:
    """The sign: the squared norm of the gradient changes by -2 w (H g) of each part of w that goes."""
    given = tiny.subject(setting())
    loss_of = torch.func.grad(lambda w: given.asked.loss(given.params | w, given.factors, x, y, 200.0).sum())
    x, y = given.asked.examples(100, "score", 0)
    double = {name: weight.double() for name, weight in given.weights.items()}
    given = replace(given, weights=double, params={name: value.double() for name, value in given.params.items()})
    x = x.double()

    def norm(weights: Tree) -> torch.Tensor:
        return torch.stack([g[0].square().sum() for g in loss_of(weights).values()]).sum()

    name, part = "fc2.weight", 1e-4
    scores = GraSP().score(tiny.subject(setting()))[name][0]
    for at in (int(scores.argmax()), int(scores.argmin())):
        place = divmod(at, scores.shape[1])
        less = {n: w.clone() for n, w in double.items()}
        less[name][0][place] *= 1 - part
        change = (norm(less) - norm(double)) / part
        assert change.item() == pytest.approx(-2 * scores[place].item(), rel=1e-2)
    assert scores.min() < 0 < scores.max()


@pytest.mark.parametrize("row", [0, 1])
def test_synflow_of_a_chain_of_two_is_the_flow_in_each(row: int) -> None:
    assert scored(SynFlow(), two(), row) == pytest.approx([abs(A[row] * B[row])] * 2)
    assert SynFlow().score(two())["a"].dtype == torch.float64


def test_inverted_scores_are_the_negative_ones_and_the_other_half_stays() -> None:
    given = tiny.subject(setting())
    kept, rest = (Pruner(one).prune(given, 0.5) for one in (Magnitude(), Inverted(Magnitude())))
    assert all(torch.equal(kept[name], ~rest[name]) for name in kept)


def test_at_a_dense_mask_taylor_is_snip_squared() -> None:
    given = tiny.subject(setting())
    squared = {name: score.double().square() for name, score in SNIP(50).score(given).items()}
    torch.testing.assert_close(Taylor(50).score(given), squared)


def test_taylor_tells_apart_what_float32_could_not_square() -> None:
    given = two()
    small = {name: weight * 1e-15 for name, weight in given.weights.items()}
    scores = Taylor().score(replace(given, weights=small, params=small))
    assert 0 < scores["a"][0] < torch.finfo(torch.float32).tiny
    assert scores["a"][0] != scores["a"][1]


def test_masks_of_what_is_not_a_weight_are_left_to_the_network() -> None:
    """A structured granularity masks biases too: they are seen, and not scored."""
    given = tiny.subject(setting())
    masks = given.masks | {"fc1.bias": torch.zeros(3, 16, dtype=torch.bool)}
    begun = given.params | {"fc1.bias": torch.ones(3, 16)}
    for criterion in (SNIP(20), Taylor(20), GraSP(20), SynFlow()):
        scores = criterion.score(replace(given, masks=masks, params=begun))
        assert scores.keys() == given.weights.keys()
        assert tiny.same_tree(scores, criterion.score(given)), "biases of zero"


@pytest.mark.parametrize("criterion", [SNIP(50), Taylor(50), GraSP(50)], ids=str)
def test_other_rounds_and_seeds_score_by_other_examples(criterion: OnBatch) -> None:
    given = tiny.subject(setting())
    first, second = criterion.score(given), criterion.score(replace(given, round=1))
    assert not torch.equal(first["out.weight"], second["out.weight"])
    assert tiny.same_tree(criterion.score(given), first)


def deep(seeds: tuple[int, ...] = (0, 1)) -> Subject:
    """Return a chain of layers of very different sizes."""
    given = setting()
    return tiny.subject(replace(given, model=LeNet((40, 3, 40))), seeds=seeds)


def test_synflow_conserves_its_sum_from_layer_to_layer() -> None:
    given = deep()
    masks = Pruner(Random()).prune(given, 0.3)
    sums = [score.flatten(1).sum(1) for score in SynFlow().score(replace(given, masks=masks)).values()]
    assert all((total > 0).all() for total in sums)
    for total in sums[1:]:
        torch.testing.assert_close(total, sums[0], rtol=1e-12, atol=0)


def test_synflow_in_rounds_empties_no_layer_where_at_once_it_would() -> None:
    given, left = deep(), 0.02
    rounds = 100
    pruner = Pruner(SynFlow(), scope=Global())
    at_once, slowly = pruner.prune(given, 1 - left), pruner.prune(given, 1 - left ** (1 / rounds), rounds)
    assert any(not mask[row].any() for mask in at_once.values() for row in (0, 1))
    assert all(mask[row].any() for mask in slowly.values() for row in (0, 1))


def test_synflow_reads_no_data_but_its_shape() -> None:
    given = tiny.subject(setting())
    other = replace(given, probe=replace(given.probe, seeds=(7, 8, 9)))
    assert tiny.same_tree(SynFlow().score(given), SynFlow().score(other))


@pytest.mark.parametrize("kind", [SNIP, Taylor, GraSP])
def test_impossible_batches_are_refused(kind: type[OnBatch]) -> None:
    with pytest.raises(SpecError, match="batch was 0"):
        kind(batch=0)
    with pytest.raises(SpecError, match="temperature was 0"):
        GraSP(temperature=0.0)


def test_a_subject_of_weights_alone_cannot_be_asked() -> None:
    with pytest.raises(SpecError, match="give it a probe"):
        SNIP().score(replace(two(), probe=None))
