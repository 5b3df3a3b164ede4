"""A result is what was measured of a finished run, with its provenance."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np

from lth_lib import masks as mask_rules
from lth_lib.experiments.costs import flops, layer_densities, on_paths, sizes
from lth_lib.experiments.facts import facts
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import Run
from lth_lib.masks import Masks
from lth_lib.results.store.files import read_npz
from lth_lib.results.store.places import Place

END_MASKS = "end_masks.npz"
MASK_BYTES = 2 << 20
"""Masks that are larger than this, packed and compressed, are not stored with a result."""


@dataclass(frozen=True)
class Result:
    """A finished run: its metrics, masks and provenance.

    `metrics` holds `step` [S] and, for each evaluation and replicate [S, R], losses, accuracies (fractions)
    and density; and for each replicate [R] what was found at the end and at the best validation loss. `paths` holds
    what `Connected` finds of its end masks, nothing where those are not at hand; None if nobody has looked.
    """

    run: Run
    folder: Place
    metrics: dict[str, np.ndarray] = field(repr=False)
    provenance: dict[str, Any] = field(repr=False)
    paths: Mapping[str, np.ndarray] | None = field(default=None, repr=False)

    @cached_property
    def masks(self) -> Masks | None:
        """The masks, where they are stored with this run; a control's are its ticket's."""
        path = self.folder / "masks.npz"
        return read_masks(path) if path.exists() else None

    @cached_property
    def end_masks(self) -> Masks | None:
        """The masks at its end, where it made its own and they are stored; else those of its beginning."""
        path = self.folder / END_MASKS
        return read_masks(path) if path.exists() else self.masks

    @cached_property
    def facts(self) -> dict[str, Any]:
        """What a table says of it beside its metrics: of its spec, its provenance, and the size of what is kept."""
        lacking = {"seconds": np.nan, "device": "", "kernel": "", "threads": np.nan}
        made = {name: self.provenance.get(name, empty) for name, empty in lacking.items()}
        run, share = self.run, self.layer_density
        layers = layer_densities(share) or ""
        told = facts(run) | made | sizes(run, share) | {"flops": flops(run, share), "layer_densities": layers}
        return told if self.paths is None else told | on_paths(run, share, self.paths)

    @property
    def learned(self) -> bool:
        """Whether its forward learned what to keep, with gradients of all weights."""
        return self.run.setting.recipe.forward.remasks

    @property
    def layer_density(self) -> dict[str, np.ndarray]:
        """Kept over all weights of each layer, [R] each."""
        prefix = "layer_density/"
        return {name.removeprefix(prefix): value for name, value in self.metrics.items() if name.startswith(prefix)}

    @property
    def empty_layers(self) -> tuple[tuple[int, str], ...]:
        """The (seed, layer) pairs in which nothing is left: such a network computes a constant."""
        share = self.layer_density
        return tuple((seed, name) for name in share for row, seed in enumerate(self.run.seeds) if share[name][row] == 0)


class Results(Mapping[Run, Result]):
    """Finished runs, by run, and the answers of measurements."""

    def __init__(self, found: dict[str, Result], answers: dict[str, dict[str, np.ndarray]] | None = None) -> None:
        """Hold results and answers by digest."""
        self._found, self._answers = found, answers or {}

    def __getitem__(self, run: Run) -> Result:
        """Return the result of a run."""
        return self._found[run.digest]

    def __contains__(self, run: object) -> bool:
        """Say whether a run has a result."""
        return isinstance(run, Run) and run.digest in self._found

    def __iter__(self) -> Iterator[Run]:
        """Iterate over the runs."""
        return (result.run for result in self._found.values())

    def __len__(self) -> int:
        """Return how many runs there are."""
        return len(self._found)

    def answer(self, question: Measurement) -> dict[str, np.ndarray] | None:
        """Return the arrays of a measurement, or None if it could not be taken of what is stored."""
        return self._answers.get(question.digest)


def read_masks(path: Place) -> Masks:
    """Return the masks of one file."""
    return mask_rules.unpack(read_npz(path))
