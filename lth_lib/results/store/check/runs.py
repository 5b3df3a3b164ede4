"""The metrics and masks of a run are what its spec says, as far as that can be known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from lth_lib.experiments.masks import Pruned
from lth_lib.masks import Masks
from lth_lib.models import Shapes, shapes
from lth_lib.results.store.check import masks as of_masks
from lth_lib.results.store.check import metrics as of_metrics
from lth_lib.results.store.check.known import pruner_of, setting_of, sizes
from lth_lib.results.store.check.metrics import Arrays
from lth_lib.results.store.files import ADVICE, check_folder, read_json, read_npz
from lth_lib.results.store.places import Place, StoreError
from lth_lib.results.store.result import END_MASKS, read_masks
from lth_lib.spec import json_digest

BEGUN = "masks.npz"


def check_run(folder: Place, holders: Mapping[str, str]) -> None:
    """Raise `StoreError` unless a run's metrics and masks are what its spec says.

    `holders` says of masks, by their digest, which run's result holds them: a control has those of its ticket.
    """
    spec, metrics = read_json(folder / "spec.json"), read_npz(folder / "metrics.npz")
    held = {name: read_masks(folder / name) for name in (BEGUN, END_MASKS) if (folder / name).exists()}
    if BEGUN not in held and (others := _of_another(spec, folder.parent, holders)):
        held["those of its ticket"] = others
    for said in _faults(spec, metrics, held):
        raise StoreError(f"{folder}: {said}; {ADVICE}.")


def check_held(folder: Place, holders: Mapping[str, str]) -> None:
    """Raise `StoreError` if masks that were pruned, and are small, are in no result: weights are not kept for long."""
    spec = read_json(folder / "spec.json")
    masks, setting = spec["ticket"]["masks"], setting_of(spec)
    if setting is None or masks["class"] != Pruned.__name__ or json_digest(masks) in holders:
        return
    if of_masks.surely_small(len(spec["seeds"]), shapes(setting.layers)):
        raise StoreError(f"{folder} lacks {BEGUN}, and no other result here holds its masks; {ADVICE}.")


def _of_another(spec: dict[str, Any], runs: Place, holders: Mapping[str, str]) -> Masks | None:
    """Return the masks that a run began with, or others of their layers' densities, from the result that holds them."""
    masks = spec["ticket"]["masks"]
    while masks["class"] == "Shuffled":
        masks = masks["masks"]
    with suppress(Exception):  # `verify` names that result, if anything is wrong with it
        holder = runs / holders[json_digest(masks)]
        check_folder(holder, (BEGUN,))
        return read_masks(holder / BEGUN)
    return None


def _faults(spec: dict[str, Any], metrics: Arrays, held: dict[str, Masks]) -> Iterator[str]:
    """Yield in words what is wrong; what comes later takes it that what came before is right."""
    setting, seeds = setting_of(spec), len(spec["seeds"])
    network = shapes(setting.layers) if setting else None
    yield from of_metrics.named(metrics, {*sizes(network)} if network else None)
    yield from of_metrics.shaped(metrics, seeds)
    yield from of_metrics.stepped(spec, metrics)
    yield from of_metrics.gaps(spec["setting"]["recipe"]["test_every"], metrics)
    yield from of_metrics.afterwards(metrics)
    yield from of_metrics.ranged(metrics, known=setting is not None)
    for masks in held.values():
        yield from of_masks.misshapen(masks, seeds, network)
    pruner = pruner_of(spec)
    if BEGUN in held and setting and pruner:
        yield from of_masks.torn(held[BEGUN], pruner.granularity.groups(setting.layers))
    if setting and setting.recipe.remasks and END_MASKS not in held and of_masks.surely_small(seeds, network or {}):
        yield f"it lacks {END_MASKS}, though it ends with masks of its own, which are small"
    yield from _densities(spec, metrics, held, network)


def _densities(spec: dict[str, Any], metrics: Arrays, held: dict[str, Masks], network: Shapes | None) -> Iterator[str]:
    """Say where densities are not those of the masks, or of one another."""
    remasks = _remasks(spec["setting"]["recipe"])
    if END_MASKS in held and not remasks:
        yield f"it has {END_MASKS}, though it ends with the masks that it began with"
    # Of a run that makes its own masks, those at its end are what the metrics speak of.
    own = held.get(END_MASKS) if remasks else next(iter(held.values()), None)
    if own is not None:
        yield from of_masks.unlike(own, metrics)
    told = network if network is not None else {name: tuple(mask.shape[1:]) for name, mask in (own or {}).items()}
    yield from of_metrics.dense(spec, metrics, remasks, sizes(told))


def _remasks(recipe: dict[str, Any]) -> bool:
    """Say whether a training may end with other masks than it began with; a forward of one's own may."""
    return "dynamics" in recipe or recipe["forward"]["class"] != "Masked"
