from __future__ import annotations

import numpy as np
import pytest
import torch

from lth_lib.data import DataError, Held, NextToken
from lth_lib.data import held as file
from lth_lib.spec import SpecError

X = torch.arange(300.0).sin().view(50, 3, 2)
Y = torch.arange(50) % 4
TOKENS = torch.arange(200).view(40, 5) % 7


def test_arrays_are_named_by_what_they_hold() -> None:
    one = Held.of(X, Y)
    assert (one.shape, one.classes, one.trained) == ((3, 2), 4, 40)
    assert Held.of(X.clone(), Y.clone()).digest == one.digest
    others = [Held.of(X + 1, Y), Held.of(X, (Y + 1) % 4), Held.of(X.reshape(50, 6), Y), Held.of(X.flip(0), Y)]
    assert len({other.digest for other in (one, *others)}) == 5


def test_a_tenth_validates_and_a_tenth_tests_and_nothing_is_lost() -> None:
    arrays = Held.of(X, Y).load()
    splits = (arrays.train, arrays.valid, arrays.test)
    assert [len(split.y) for split in splits] == [40, 5, 5]
    seen = torch.cat([split.x for split in splits])
    assert torch.equal(seen.flatten(1).sort(0).values, X.flatten(1).sort(0).values)
    again = Held.of(X, Y).load()
    assert torch.equal(again.test.x, arrays.test.x)
    assert arrays.fingerprint == Held.of(X, Y).fingerprint


def test_one_target_for_each_position_is_the_next_token() -> None:
    data = Held.of(TOKENS[:, :-1], TOKENS[:, 1:])
    assert data.task == NextToken()
    assert data.classes == 7


def test_changing_the_arrays_afterwards_is_another_data_set() -> None:
    x = X.clone()
    before = Held.of(x, Y)
    x += 1
    assert Held.of(x, Y) != before


def test_what_the_caller_does_to_its_arrays_does_not_reach_the_data_set() -> None:
    x = X.clone()
    data = Held.of(x, Y)
    x.zero_()
    assert data.load().train.x.any()


def test_arrays_that_are_not_here_are_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    data = Held.of(X, Y)
    monkeypatch.setattr(file, "_HELD", {})
    with pytest.raises(DataError, match=r"not in this process; give them to Held\.of\(x, y\) again"):
        data.load()


@pytest.mark.parametrize(
    ("x", "y", "said"),
    [
        ([[0.0, 1.0]], Y, "x was list; give a tensor or a NumPy array"),
        (X, torch.tensor(3), "y was Tensor; give a tensor or a NumPy array, examples along its first axis"),
        (X.to(torch.uint8), Y, "x was uint8: pictures or tokens"),
        (X.to(torch.complex64), Y, "x was torch.complex64; it is real numbers"),
        (TOKENS[:, 1:], torch.full((40, 4), -1), "y has examples of which nothing is asked"),
        (X, Y.float(), "y was torch.float32; it is whole numbers"),
        (X, Y[:-1], "x has 50 examples and y 49 targets"),
        (X[:20], Y[:20], "x has 20 examples; give at least 30"),
        (X, Y.view(50, 1, 1), "y has the shape"),
        (X, Y - 1, "y has the target -1; targets are 0 to"),
        (X, Y * 2, r"no example of the classes \[1, 3, 5\]; targets are 0, 1, \.\.\. without gaps"),
        (X, Y + 1, r"no example of the classes \[0\]"),
        (X, Y * 10**15, r"no example of the classes \[1, 2, 3, 4, 5\]"),
        (np.full((50, 2), "a"), Y, "x was an array of <U1; give numbers, or tokens as whole numbers"),
        (np.full((50, 2), None), Y, "x was an array of object; give numbers"),
        (X.to_sparse(), Y, r"x was a tensor that does not hold each number as it is \(torch.float32, torch.sparse_coo"),
        (X.to("meta"), Y, "on meta"),
        (torch.full_like(X, torch.nan), Y, "x holds numbers that are not finite"),
    ],
)
def test_what_is_no_data_set_is_refused_in_a_sentence(x: torch.Tensor, y: torch.Tensor, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        Held.of(x, y)


def test_the_same_numbers_in_other_types_are_the_same_data() -> None:
    held = Held.of(X, Y)
    assert Held.of(X.double().numpy(), Y.numpy().astype("int32")) == held
    assert Held.of(TOKENS.to(torch.int32), TOKENS.numpy()) == Held.of(TOKENS, TOKENS)
