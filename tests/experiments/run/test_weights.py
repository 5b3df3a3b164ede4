"""Where the weights of a ticket come from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import tiny
import torch
from made import GIVEN, Trained, chain, made
from tiny import SEEDS, ones

from lth_lib.experiments.run import Initial, Run, Ticket
from lth_lib.experiments.weights import Constant, Final, Signed
from lth_lib.models import ResNet, initial


def test_another_salt_is_another_initialisation_of_the_same_seeds() -> None:
    one, other = (initial(GIVEN.model, GIVEN.data.shape, 4, SEEDS, salt)[0] for salt in ("", "x"))
    assert not torch.equal(one["fc1.weight"], other["fc1.weight"])
    assert (one["fc1.bias"] == 0).all()


def test_constant_weights_are_the_deviation_of_each_layers_initialisation() -> None:
    for given in (GIVEN, replace(GIVEN, data=tiny.Colour(), model=ResNet(1))):
        params, statistics = Constant().make(Run(given, seeds=SEEDS), Trained())
        drawn, begun = tiny.weights_of(given)
        for name, value in params.items():
            if name in tiny.kinds_of(given):
                assert value.unique().numel() == 1
                own = drawn[name].std()
                assert value.flatten()[0] == pytest.approx(own, rel=5 / np.sqrt(value.numel()))
            else:
                assert torch.equal(value, drawn[name])
        assert tiny.same_tree(statistics, begun)
    weight = Constant().make(Run(GIVEN, seeds=SEEDS), Trained())[0]["fc1.weight"]
    assert weight[0, 0, 0].item() == pytest.approx((2 / (64 + 16)) ** 0.5)


def test_signs_come_from_the_one_and_magnitudes_and_the_rest_from_the_other() -> None:
    dense = chain(0)[0]
    run = Run(GIVEN, Ticket(weights=Signed(Final(dense), Initial("other"))), seeds=SEEDS)
    params, (signs, _) = made(run)[1], Trained().weights(dense)
    sizes, _ = initial(GIVEN.model, GIVEN.data.shape, 4, SEEDS, "other")
    for name, value in params.items():
        if name in ones(GIVEN):
            assert torch.equal(value.sign(), signs[name].sign())
            assert torch.equal(value.abs(), sizes[name].abs())
        else:
            assert torch.equal(value, sizes[name])
    assert run.ticket.parents() == (dense,)
    own = Signed(Initial(), Initial())
    assert tiny.same_tree(own.make(run, Trained())[0], tiny.weights_of(GIVEN)[0])


def test_a_signed_constant_has_two_values_in_a_layer() -> None:
    params = made(Run(GIVEN, Ticket(weights=Signed(Initial(), Constant())), seeds=SEEDS))[1]
    assert all(params[name].unique().numel() == 2 for name in ones(GIVEN))
