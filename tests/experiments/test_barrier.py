"""A barrier: none from a network to itself, the same from either end, and what plain modules find along the line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from tiny import SEEDS, setting

from lth_lib.data import normalise
from lth_lib.experiments.measure import Barrier
from lth_lib.experiments.run import Run
from lth_lib.experiments.studies import imp, reinitialised
from lth_lib.models import BatchNorm, LeNet, ResNet
from lth_lib.pruning.pruner import Pruner
from lth_lib.pruning.schedule import Geometric
from lth_lib.results.compute import compute
from lth_lib.results.engine import Engine
from lth_lib.results.store import Store
from lth_lib.spec import SpecError

DENSE, TICKET = imp(setting(steps=30), Pruner(), Geometric(0.5, 1), seeds=SEEDS)
AGAIN = replace(TICKET, order="again")
NORMED = Run(
    replace(setting(tiny.SGDM, steps=6, segment=3, test_every=3), data=tiny.Colour(), model=ResNet(1)), seeds=SEEDS
)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Store:
    store = tiny.store(tmp_path_factory.mktemp("barriers"))
    compute([TICKET, AGAIN, NORMED, replace(NORMED, order="again")], store, train=True, progress=False)
    return store


def asked(store: Store, question: Barrier) -> dict[str, np.ndarray]:
    answer = compute([question], store, train=True, progress=False).answer(question)
    assert answer is not None
    return answer


def ends(store: Store, run: Run) -> dict[str, torch.Tensor]:
    params, statistics = Engine(store, "cpu", 60, progress=False).weights(run)
    return params | statistics


def test_from_a_network_to_itself_there_is_none(trained: Store) -> None:
    for statistics in ("interpolated", "recomputed"):
        answer = asked(trained, Barrier(NORMED, NORMED, 4, statistics))
        assert answer["barrier"].tolist() == [0, 0, 0]
        assert (answer["error"] == answer["error"][:, :1]).all()


def test_it_is_the_same_from_either_end(trained: Store) -> None:
    one, other = (asked(trained, Barrier(*pair, points=8)) for pair in ((TICKET, AGAIN), (AGAIN, TICKET)))
    np.testing.assert_array_equal(one["barrier"], other["barrier"])
    np.testing.assert_array_equal(one["error"], other["error"][:, ::-1])


def test_it_is_what_plain_modules_find_along_the_line(trained: Store) -> None:
    answer = asked(trained, Barrier(TICKET, AGAIN, points=6))
    arrays = TICKET.setting.data.load()
    x, y = normalise(arrays.test.x, arrays), arrays.test.y
    a, b = ends(trained, TICKET), ends(trained, AGAIN)
    layers = [torch.nn.Linear(64, 16), torch.nn.Linear(16, 8), torch.nn.Linear(8, 4)]
    network = torch.nn.Sequential(torch.nn.Flatten(), layers[0], torch.nn.ReLU(), layers[1], torch.nn.ReLU(), layers[2])
    for row in range(len(SEEDS)):
        errors = []
        for share in np.linspace(0, 1, 6).tolist():
            for name, layer in zip(("fc1", "fc2", "out"), layers, strict=True):
                for kind in ("weight", "bias"):
                    key = f"{name}.{kind}"
                    getattr(layer, kind).data = torch.lerp(a[key][row], b[key][row], share)
            errors.append((network(x).argmax(1) != y).double().mean().item())
        np.testing.assert_allclose(answer["error"][row], errors, atol=0.02)
        assert answer["error"][row, [0, -1]].tolist() == pytest.approx([errors[0], errors[-1]])
        by_hand = max(answer["error"][row]) - (errors[0] + errors[-1]) / 2
        assert answer["barrier"][row] == pytest.approx(by_hand)
    assert (answer["barrier"] >= 0).all()


def test_statistics_of_the_batch_normalisation_are_interpolated_or_recomputed(trained: Store) -> None:
    pair = NORMED, replace(NORMED, order="again")
    between, anew = (asked(trained, Barrier(*pair, 3, kind))["error"] for kind in ("interpolated", "recomputed"))
    arrays = NORMED.setting.data.load()
    x, y = normalise(arrays.test.x, arrays), arrays.test.y
    a, b = (ends(trained, run) for run in pair)
    for row in range(len(SEEDS)):
        middle = {name: torch.lerp(a[name][row], b[name][row], 0.5) for name in a}
        logits = NORMED.setting.model.apply(middle, x, BatchNorm(middle, training=False))
        assert between[row, 1] == pytest.approx((logits.argmax(1) != y).double().mean().item(), abs=0.02)
    assert not np.array_equal(between, anew)


@pytest.mark.parametrize(
    ("other", "fields", "message"),
    [
        (AGAIN, {"points": 2}, "points was 2"),
        (AGAIN, {"statistics": "none"}, "statistics was 'none'"),
        (DENSE, {}, "other masks"),
        (replace(TICKET, setting=setting()), {}, "other setting"),
        (Run(setting(steps=30), seeds=(7, 8, 9)), {}, "other (masks|seeds)"),
        (Run(replace(setting(steps=30), model=LeNet((16, 9))), seeds=SEEDS), {}, "other setting"),
    ],
)
def test_ends_without_a_line_between_them_are_refused(other: Run, fields: dict[str, Any], message: str) -> None:
    with pytest.raises(SpecError, match=message):
        Barrier(TICKET, other, **fields)


def test_a_line_may_lie_between_other_initial_weights() -> None:
    assert Barrier(TICKET, reinitialised(TICKET)).runs() == (TICKET, reinitialised(TICKET))
