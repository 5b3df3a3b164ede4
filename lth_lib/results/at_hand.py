"""What is stored has paths through it, by masks that are stored too, or else by an answer that is."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from lth_lib.experiments.masks import Kept
from lth_lib.experiments.measure import Connected, connected
from lth_lib.experiments.run import Run
from lth_lib.results.store import Place, Result, Results, Store, read_masks
from lth_lib.results.store.result import END_MASKS
from lth_lib.spec import SpecError

Found = dict[str, np.ndarray]
"""What `Connected` finds, and what each layer has left; nothing without masks or what layers read."""


def with_paths(results: Results, store: Store) -> Results:
    """Return results that know what of them is on paths, where that takes no training and no masks made anew."""
    at_hand = _AtHand(results, store)
    return Results({result.run.digest: replace(result, paths=at_hand.found(result)) for result in results.values()})


class _AtHand:
    """The masks that are stored: most are of several runs, and are looked at once."""

    def __init__(self, results: Results, store: Store) -> None:
        """Know which result holds which masks, and what was answered."""
        self._results, self._store = results, store
        held = ((result.run.ticket.masks.digest, result.folder / "masks.npz") for result in results.values())
        self._held = {digest: path for digest, path in held if path.exists()}
        self._answers = {folder.name for folder in store.folders("measurements")}
        self._known: dict[tuple[str, str], Found] = {}

    def found(self, result: Result) -> Found:
        """Return what `Connected` finds of a result, or nothing."""
        run, share = result.run, result.layer_density
        if share and all((kept == 1).all() for kept in share.values()):
            return _whole(run)
        try:
            path = self._path(run)
            if path is None:
                question = Connected(run)
                return self._store.read_answer(question) if question.digest in self._answers else {}
            key = (str(path), run.setting.model.digest)
            if key not in self._known:
                self._known[key] = connected(run.layers, read_masks(path))
            return self._known[key]
        except SpecError:
            return {}

    def _path(self, run: Run) -> Place | None:
        """Return where the masks that a run ends with are, if they are stored."""
        while not run.setting.recipe.remasks:
            masks = run.ticket.masks
            if not isinstance(masks, Kept):
                return self._held.get(masks.digest)
            run = masks.run
        result = self._results.get(run)
        path = result.folder / END_MASKS if result else None
        return path if path is not None and path.exists() else None


def _whole(run: Run) -> Found:
    """Return what is found where every weight is kept, without a look at any."""
    each = {f"{layer.name}.weight": math.prod(layer.shape) for layer in run.layers if layer.weighted}
    found = {"effective_density": 1.0, "dead_inputs": 0, "dead_units": 0, "weights_left": sum(each.values()), **each}
    return {name: np.full(len(run.seeds), value) for name, value in found.items()}
