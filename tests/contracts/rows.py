"""Replicates alone, in another order, and beside others."""

from __future__ import annotations

import dataclasses
from dataclasses import replace
from typing import Any

import tiny
import torch
from tiny import random_masks, setting, weights_of

from lth_lib.experiments.run import MaskSpec, Run
from lth_lib.masks import Masks
from lth_lib.pruning.criteria import Subject
from lth_lib.replicates import Tree
from lth_lib.spec import Spec

ORDER = [2, 0, 1]


def permuted(tree: Tree) -> Tree:
    return {name: tensor[ORDER] for name, tensor in tree.items()}


def copy(tree: Tree) -> Tree:
    return {name: tensor.clone() for name, tensor in tree.items()}


def subject(masks: Masks | None = None) -> Subject:
    return tiny.subject(setting(), masks, at=1)


def rows_of(given: Subject, rows: list[int]) -> Subject:
    """Return the subject of some of its replicates, in this order."""
    weights, masks, params = (
        {n: t[rows] for n, t in tree.items()} for tree in (given.weights, given.masks, given.params)
    )
    seeds = tuple(given.seeds[row] for row in rows)
    probe = replace(given.probe, seeds=seeds)
    return replace(given, weights=weights, masks=masks, params=params, seeds=seeds, probe=probe)


class Trained:
    """Finished runs whose replicates are functions of their seeds, some of which diverged."""

    def __init__(self, *diverged: int) -> None:
        self.gone = diverged

    def weights(self, run: Run) -> tuple[Tree, Tree]:
        params, statistics = weights_of(run.setting, run.seeds)
        for value in params.values():
            value[self.diverged(run)] = torch.nan
        return params, statistics

    def diverged(self, run: Run) -> torch.Tensor:
        return torch.tensor([seed in self.gone for seed in run.seeds])

    def masks(self, spec: MaskSpec, run: Run) -> Masks:
        return random_masks(run.setting, 0.5, run.seeds)

    def end_masks(self, run: Run) -> Masks:
        return self.masks(run.ticket.masks, run)


def with_runs(value: Any, **fields: Any) -> Any:
    """Return a spec in which every run has these fields."""
    if isinstance(value, tuple):
        return tuple(with_runs(one, **fields) for one in value)
    if not isinstance(value, Spec):
        return value
    held = {field.name: with_runs(getattr(value, field.name), **fields) for field in dataclasses.fields(value)}
    return replace(value, **(held | fields if isinstance(value, Run) else held))
