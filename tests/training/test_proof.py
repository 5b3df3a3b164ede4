"""A device that trains otherwise than the CPU is found before anything is trained on it."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from lth_lib.masks import Masks
from lth_lib.training import kernels, proof
from lth_lib.training.kernels import CapturedKernel, Kernel, LiftedKernel
from lth_lib.training.proof import ProofError, prove
from lth_lib.training.train import InvariantError


def as_on_a_gpu(monkeypatch: pytest.MonkeyPatch, share: float = 1.0) -> None:
    """Train by the steps that a GPU records and replays, their rate multiplied by a share."""

    class Off(LiftedKernel):
        def step(self, x: torch.Tensor, y: torch.Tensor, rate: float | torch.Tensor) -> torch.Tensor:
            return super().step(x, y, rate * share)

    def choose(*given: object) -> Kernel:
        return CapturedKernel(Off(*given), lambda body: body)

    monkeypatch.setattr(kernels, "choose", choose)


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "TRAININGS", [one for one in proof.TRAININGS if one[0] is proof.LINEAR])


def test_this_processor_is_proven() -> None:
    assert prove("cpu").startswith("cpu trains as the CPU does: no loss is farther")


def test_the_kernel_of_a_gpu_finds_the_same(short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    as_on_a_gpu(monkeypatch)
    prove("cpu")


@pytest.mark.parametrize("share", [1.01, float("nan")])
def test_other_steps_are_found(share: float, short: None, monkeypatch: pytest.MonkeyPatch) -> None:
    as_on_a_gpu(monkeypatch, share)
    with pytest.raises(ProofError, match=r"cpu is not fit to train: after 12 steps of LeNet in float32 a loss is"):
        prove("cpu")


@pytest.mark.parametrize("way", [way for way in proof.WAYS if way])
def test_steps_of_masks_that_are_no_longer_are_found(way: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proof, "TRAININGS", [(proof.LINEAR, way)])
    kept: list[Kernel] = []

    def choose(*given: object) -> Kernel:
        """Go on by the steps that were recorded first, on whatever masks."""
        kept.append(CapturedKernel(LiftedKernel(*given), lambda body: body))
        return kept[0] if "replaced" in way else Dense(*given)

    class Dense(LiftedKernel):
        def __init__(self, setting: Any, params: Any, statistics: Any, masks: Masks, slots: Any) -> None:
            super().__init__(setting, params, statistics, {n: torch.ones_like(m) for n, m in masks.items()}, slots)

    monkeypatch.setattr(kernels, "choose", choose)
    with pytest.raises((ProofError, InvariantError), match=f"in float32{way} a loss is|masked entries are not zero"):
        prove("cpu")


def test_a_proof_learns_something() -> None:
    train, _ = proof.losses(proof._setting(proof.LINEAR, "float32"), "cpu")
    assert (train[-1] < 0.5 * train[0]).all(), "else a device that does nothing would pass"


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_this_gpu_is_proven() -> None:
    prove("cuda")
