from __future__ import annotations

import torch
import torch.nn.functional as F

from lth_lib.data import Classification, NextToken


def logits(*shape: int) -> torch.Tensor:
    return torch.arange(float(torch.Size(shape).numel())).mul(0.7).sin().view(shape)


def test_classification_by_torch() -> None:
    output, y = logits(5, 3), torch.tensor([0, 2, 1, 1, 0])
    torch.testing.assert_close(Classification().loss(output, y), F.cross_entropy(output, y, reduction="none"))
    assert Classification().right(output, y).tolist() == (output.argmax(1) == y).float().tolist()


def test_next_token_is_the_mean_over_what_is_asked() -> None:
    output, y = logits(2, 4, 3), torch.tensor([[-1, 0, 2, -1], [1, 1, 1, 2]])
    loss = NextToken().loss(output, y)
    torch.testing.assert_close(loss[0], F.cross_entropy(output[0, 1:3], y[0, 1:3]))
    torch.testing.assert_close(loss[1], F.cross_entropy(output[1], y[1]))
    torch.testing.assert_close(loss.mean(), (loss[0] + loss[1]) / 2)
    right = output.argmax(-1) == y
    assert NextToken().right(output, y).tolist() == [right[0, 1:3].float().mean(), right[1].float().mean()]


def test_a_sequence_of_which_nothing_is_asked_has_lost_nothing() -> None:
    y = torch.full((1, 4), -1)
    assert NextToken().loss(logits(1, 4, 3), y).tolist() == NextToken().right(logits(1, 4, 3), y).tolist() == [0.0]


def test_positions_that_are_not_asked_have_no_gradient() -> None:
    output = logits(1, 3, 4).requires_grad_()
    NextToken().loss(output, torch.tensor([[-1, 2, -1]])).sum().backward()
    assert output.grad[0, 1].abs().sum() > 0
    assert output.grad[0, [0, 2]].tolist() == [[0.0] * 4] * 2
