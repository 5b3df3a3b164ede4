"""SynFlow: what flows through a weight."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from lth_lib.pruning.criteria.base import Criterion, Subject
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class SynFlow(Criterion):
    """|w| dR/d|w|, with R the sum of the outputs for an input of ones where every parameter is its absolute value.

    Only the shape of the data is read. What flows into a layer flows out of it, so along a chain each layer has the
    same sum of scores, and the few weights left in a layer the larger ones: pruned in many rounds, as by
    `Pruned(..., density=0.01, rounds=100)`, no layer goes empty (Tanaka et al. 2020). In float64, since the flow of
    a deep network is beyond float32.
    """

    def score(self, subject: Subject) -> Tree:
        """Return |w| dR/d|w| at the masks as they are."""
        x, _ = subject.asked.examples(1, "shape")
        require(x.is_floating_point(), f"SynFlow sends ones through a network; {x.dtype} tokens cannot be ones.")
        params = {name: value.double().abs() for name, value in (subject.params | subject.weights).items()}
        masks = {name: mask.double() for name, mask in subject.factors.items()}
        ones = torch.ones_like(x, dtype=torch.float64)

        def flow(weights: Tree) -> torch.Tensor:
            return subject.asked.output(params | weights, masks, ones).sum()

        weights = {name: params[name] for name in subject.weights}
        return {name: weights[name] * slope for name, slope in torch.func.grad(flow)(weights).items()}
