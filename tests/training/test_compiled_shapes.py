"""The compiled kernel takes any widths, batches, numbers and masks, and reads over no end."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest
import tiny
import torch
from compiled_trials import BOTH, assert_same_steps, masks_of, of

from lth_lib.training.recipe import SGD, Adam, Rate


@BOTH
@pytest.mark.parametrize("batch", [1, 17, 64, 100, 130])
@pytest.mark.parametrize("hidden", [(7, 5), (66, 3, 13), (1,)], ids=str)
def test_any_widths_depth_and_batch(
    kind: str, hidden: tuple[int, ...], batch: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of(hidden, batch)
    assert_same_steps(given, masks_of(given, 0.6))


@pytest.mark.skipif(sys.platform != "linux", reason="memory is protected by the system's own call")
def test_no_array_is_read_or_written_over_its_ends() -> None:
    ran = tiny.python("import fenced; fenced.main()")
    said, wrong = ran.communicate()
    assert (ran.returncode, said) == (0, "alive\n"), wrong


@BOTH
@pytest.mark.parametrize(
    "optimiser",
    [Adam(0.5, 0.9, 1e-3), SGD(), SGD(momentum=0.9), SGD(weight_decay=0.1), SGD(momentum=0.5, weight_decay=0.1)],
    ids=str,
)
def test_any_numbers_of_the_optimisers(kind: str, optimiser: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of((17, 5), 20, optimiser, rate=Rate(0.05, warmup=2, drops=(3,)))
    assert_same_steps(given, masks_of(given, 0.6))


@BOTH
@pytest.mark.parametrize("empty", ["fc1.weight", "fc2.weight", "out.weight"])
def test_a_layer_without_survivors(kind: str, empty: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of((17, 5), 20)
    masks = masks_of(given, 0.6)
    masks[empty][:] = False
    assert_same_steps(given, masks)


@BOTH
def test_biases_may_be_masked(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of((17, 5), 20)
    masks = masks_of(given, 0.6)
    for name, value in tiny.weights_of(given)[0].items():
        if name.endswith("bias"):
            masks[name] = torch.arange(value.shape[1]).expand(value.shape) % 2 == 0
    ours = assert_same_steps(given, masks)
    assert (ours.state.params["fc1.bias"][:, 1::2] == 0).all()


@BOTH
def test_weights_may_come_in_another_layout(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of((17, 5), 20)
    params, _ = tiny.weights_of(given)
    turned = {name: value.transpose(0, -1).contiguous().transpose(0, -1) for name, value in params.items()}
    assert not turned["fc1.weight"].is_contiguous()
    masks = {name: mask.transpose(1, 2).contiguous().transpose(1, 2) for name, mask in masks_of(given, 0.6).items()}
    ours = assert_same_steps(given, masks, turned)
    assert tiny.same_tree(ours.state.params, tiny.finish(tiny.trainer(given, masks, params=params)).state.params)


@BOTH
def test_of_equal_logits_the_first_is_the_answer(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.use_kernel(kind, monkeypatch)
    given = of((7,), 20)
    training = tiny.trainer(given, masks_of(given, 0.6))
    nothing = {name: torch.zeros_like(value) for name, value in training.state.params.items()}
    for name, answer in (("all equal", 0), ("two equal", 1)):
        nothing["out.bias"][:, 1:] = float(answer)
        _, accuracy = training.evaluate(nothing, training.arrays.test)
        wanted = (training.arrays.test.y == answer).double().mean().item()
        np.testing.assert_allclose(accuracy, wanted, err_msg=name)
