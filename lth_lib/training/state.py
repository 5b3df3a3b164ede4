"""The state is everything mutable of one training: what begins, is advanced, and is written to resume from."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.replicates import Tree
from lth_lib.training.kernels import Slots


@dataclass
class TrainState:
    """Everything mutable of one training, all replicates together.

    `masks` are those of now, which a dynamics replaces, `begun` those of the beginning. `slots` holds the optimiser's
    tensors, `best` the parameters and statistics at each replicate's first minimum of validation loss, `top` those at
    its first maximum of validation accuracy, both of the evaluations after the last replacement. `diverged_at` is the
    step at which its loss ceased to be finite (-1: never), `history` the metrics of each evaluation so far, [R] each,
    beside `step`, the step of each.
    """

    step: int
    params: Tree
    statistics: Tree
    masks: Masks
    begun: Masks
    best: Tree
    best_loss: torch.Tensor
    best_step: torch.Tensor
    top: Tree
    top_accuracy: torch.Tensor
    top_step: torch.Tensor
    diverged_at: torch.Tensor
    slots: Slots = field(default_factory=dict)
    history: dict[str, list[np.ndarray]] = field(default_factory=dict)


def beginning(params: Tree, statistics: Tree, masks: Masks, start: int, diverged: torch.Tensor) -> TrainState:
    """Return the state before the first step, the masks established; replicates in `diverged` [R] stay frozen."""
    # What comes transposed is laid out anew: kernels take views of a state's rows.
    params, statistics, masks = (
        {name: value.clone(memory_format=torch.contiguous_format) for name, value in tree.items()}
        for tree in (params, statistics, masks)
    )
    mask_rules.check(masks, params)
    mask_rules.establish(params, masks)
    rows = diverged.shape[0]
    device = diverged.device
    state = TrainState(
        step=start,
        params=params,
        statistics=statistics,
        masks=masks,
        begun=dict(masks),
        best={name: value.clone() for name, value in (params | statistics).items()},
        best_loss=torch.full((rows,), torch.inf, device=device),
        best_step=torch.full((rows,), start, device=device),
        top={name: value.clone() for name, value in (params | statistics).items()},
        top_accuracy=torch.full((rows,), -torch.inf, device=device),
        top_step=torch.full((rows,), start, device=device),
        diverged_at=torch.full((rows,), -1, device=device),
    )
    freeze(state, diverged, torch.full((rows,), start, device=device))
    return state


def freeze(state: TrainState, rows: torch.Tensor, step: torch.Tensor) -> None:
    """Set the surviving weights of some replicates, bool [R], to NaN for good, and note the step of each, [R].

    A kernel may go on training copies of its own. What the optimiser makes of those is not kept either: a process
    that resumes from this state has none of them.
    """
    state.diverged_at = torch.where(rows & (state.diverged_at < 0), step, state.diverged_at)
    for row in rows.nonzero().flatten().tolist():
        for name, value in state.params.items():
            value[row] = torch.nan
            if name in state.masks:
                value[row].masked_fill_(~state.masks[name][row], 0)
        for tree in state.slots.values():
            for value in tree.values():
                if value.dim():
                    value[row] = 0
