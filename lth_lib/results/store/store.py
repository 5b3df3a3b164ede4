"""A store keeps results in one place, and in another what can be made again: weights and checkpoints."""

from __future__ import annotations

import hashlib
import json
import re
import warnings
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from typing import Any

import numpy as np
import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from lth_lib import masks as mask_rules
from lth_lib.environment import CHECKOUT, HERE, named
from lth_lib.experiments.measure import Measurement
from lth_lib.experiments.run import MaskSpec, Run
from lth_lib.masks import Masks
from lth_lib.results.store.check import check_answer, check_held, check_provenance, check_run
from lth_lib.results.store.files import (
    ADVICE,
    check_folder,
    check_writable,
    read_json,
    read_npz,
    to_npz,
    write_bytes,
    write_folder,
)
from lth_lib.results.store.places import Place, StoreError, local, make_way, names, place, remove, set_aside, whole
from lth_lib.results.store.result import END_MASKS, Result, read_masks
from lth_lib.spec import Spec, canonical_json, json_digest

KINDS = {"runs": ("metrics.npz", check_run), "measurements": ("values.npz", check_answer)}
"""For each kind of result, the file that its folder must have and what it must pass."""

DIGEST = re.compile("[0-9a-f]{64}", re.ASCII)


def committed() -> Store:
    """Return the store of the book: its results and .store, or the places that `LTH_RESULTS` and `LTH_STORE` name."""
    results, scratch = named("LTH_RESULTS"), named("LTH_STORE")
    store = Store(results or HERE / "book" / "results", scratch or HERE / ".store")
    if not (CHECKOUT or (results and scratch)):
        warnings.warn(
            f"The library is installed without its book, so results are kept in {store.results}, and weights and "
            f"checkpoints in {store.scratch}; LTH_RESULTS and LTH_STORE name other places.",
            stacklevel=2,
        )
    return store


class Store:
    """A place of results, committed or not, and a scratch place of weights and checkpoints that never is."""

    def __init__(self, results: Place | str, scratch: Place | str) -> None:
        """Name the places, folders or fsspec URLs; they are made when something is written."""
        self.results, self.scratch = place(results), place(scratch)
        self._held: dict[str, str] = {}
        self._told: dict[str, str | None] = {}

    def check_writable(self) -> None:
        """Raise `StoreError` unless results, weights and checkpoints can be written: to be known before training."""
        for folder in (*(self.results / kind for kind in KINDS), self.weights("").parent, self.checkpoints("")):
            check_writable(folder)

    def set_folders_aside(self, runs: Iterable[Run]) -> None:
        """Set aside what would be in the way of these runs' weights and checkpoints; raises `StoreError` if it stays.

        A file cannot take the place of a folder, which would be known only when the training is over.
        """
        for run in runs:
            folder = self.checkpoints(run.digest)
            for path in (self.weights(run.digest), *(folder / name for name in names(folder))):
                make_way(path)

    def folder(self, spec: Spec) -> Place:
        """Return where the result of a run or a measurement is, or would be."""
        return self.results / ("runs" if isinstance(spec, Run) else "measurements") / spec.digest

    def has(self, spec: Spec) -> bool:
        """Say whether a run is finished, or a measurement taken, and stored; reading tells whether it is whole."""
        return whole(self.folder(spec))

    def folders(self, kind: str = "runs") -> Iterator[Place]:
        """Yield the place of each stored result of a kind, "runs" or "measurements": a folder, or what has its name."""
        root = self.results / kind
        for name in names(root):
            # Elsewhere than here there is nothing else, and to ask takes time.
            if DIGEST.fullmatch(name) or not local(root) or (root / name).is_dir():
                yield root / name

    def find(self, digest: str) -> Place:
        """Return the folder of the one run whose digest begins so; raises `StoreError` unless there is one."""
        found = [folder for folder in self.folders() if folder.name.startswith(digest)]
        if len(found) != 1:
            known = f"{len(found)} results begin so" if found else "no result begins so"
            raise StoreError(f"digest was {digest!r}; {known}, of those in {self.results / 'runs'}.")
        self._check(found[0])
        return found[0]

    def read(self, run: Run) -> Result:
        """Return a stored result; raises `StoreError` if it is missing or altered."""
        folder = self._checked(run)
        return Result(run, folder, read_npz(folder / "metrics.npz"), read_json(folder / "provenance.json"))

    def read_answer(self, question: Measurement) -> dict[str, np.ndarray]:
        """Return the arrays of a stored measurement; raises `StoreError` if it is missing or altered."""
        return read_npz(self._checked(question) / "values.npz")

    def write(
        self,
        run: Run,
        metrics: dict[str, np.ndarray],
        masks: Masks | None,
        provenance: dict[str, Any],
        end_masks: Masks | None = None,
    ) -> None:
        """Store a result whole or not at all; if another process was first, its equal result stays."""
        files = {"metrics.npz": to_npz(metrics)}
        for name, held in (("masks.npz", masks), (END_MASKS, end_masks)):
            if held is not None:
                files[name] = to_npz(mask_rules.pack(held))
        write_folder(self.folder(run), _about(run, provenance) | files)

    def write_answer(self, question: Measurement, values: dict[str, np.ndarray], provenance: dict[str, Any]) -> None:
        """Store the arrays of a measurement whole or not at all."""
        write_folder(self.folder(question), _about(question, provenance) | {"values.npz": to_npz(values)})

    def write_weights(self, digest: str, tensors: dict[str, torch.Tensor]) -> None:
        """Store the weights at a run's end in the scratch folder, after the checksum of them and of their run."""
        content = save({name: value.cpu().contiguous() for name, value in tensors.items()})
        write_bytes(self.weights(digest), _checksum(digest, content) + content)

    def read_weights(self, digest: str) -> dict[str, torch.Tensor] | None:
        """Return the weights at a run's end, or None if they are not kept here, or damaged, and must be made again."""
        path = self.weights(digest)
        try:
            written = path.read_bytes()
        except FileNotFoundError:
            return None
        except IsADirectoryError:
            written = b""
        checksum, content = written[:32], written[32:]
        with suppress(SafetensorError):
            if _checksum(digest, content) == checksum:
                return load(content)
        with suppress(OSError):  # another process has set it aside, or nobody may
            set_aside(path)
        warnings.warn(f"The weights {path} are damaged and were set aside; they are made again.", stacklevel=2)
        return None

    def has_weights(self, digest: str) -> bool:
        """Say whether the weights at a run's end are kept; reading tells whether they are whole."""
        return self.weights(digest).exists()

    def weights(self, digest: str) -> Place:
        """Return where the weights at a run's end are, or would be."""
        return self.scratch / "weights" / f"{digest}.weights"

    def checkpoints(self, digest: str) -> Place:
        """Return where the checkpoints of a run are while it is trained."""
        return self.scratch / "checkpoints" / digest

    def drop_checkpoints(self, digest: str) -> None:
        """Remove the checkpoints of a run that is finished."""
        remove(self.checkpoints(digest))

    def read_end_masks(self, run: Run) -> Masks | None:
        """Return the masks that a run has ended with, where they are other than at its start and stored with it."""
        path = self._checked(run) / END_MASKS
        return read_masks(path) if path.exists() else None

    def find_masks(self, spec: MaskSpec) -> Masks | None:
        """Return the masks of a spec if a result here holds them."""
        name = self._told[spec.digest] if spec.digest in self._told else self.holders().get(spec.digest)
        if name is None:
            return None
        folder = self.results / "runs" / name
        if not (whole(folder) and (folder / "masks.npz").exists()):
            return None
        self._check(folder)
        return read_masks(folder / "masks.npz")

    def tell(self, holders: Mapping[str, str | None]) -> None:
        """Take it from someone who knows which run's result holds, or will hold, the masks of each digest, if any.

        To look means to read the spec of every result, which takes minutes where there are thousands.
        """
        self._told.update(holders)

    def holders(self) -> dict[str, str]:
        """Return, for the digest of all masks that are held, the digest of a run whose result holds them."""
        runs = names(self.results / "runs")
        for name in runs:
            if name not in self._held:
                self._look(self.results / "runs" / name)
        return {self._held[name]: name for name in reversed(runs) if self._held.get(name)}

    def _look(self, folder: Place) -> None:
        """Note the digest of the masks that a result holds, or none; a result never changes, so it is read once."""
        with suppress(Exception):  # `verify` names it; it is not what is looked for
            if whole(folder):
                self._held[folder.name] = ""
                if (folder / "masks.npz").exists():
                    self._held[folder.name] = json_digest(read_json(folder / "spec.json")["ticket"]["masks"])

    def _checked(self, spec: Spec) -> Place:
        folder = self.folder(spec)
        if not whole(folder):
            raise StoreError(f"There is no result for the digest {spec.digest} in {self.results}.")
        self._check(folder)
        return folder

    def _check(self, folder: Place) -> None:
        file, _ = KINDS[folder.parent.name]
        check_folder(folder, ("spec.json", file, "provenance.json"))

    def verify(self, *, part: bool = False) -> list[str]:
        """Return one sentence for everything stored that is not what it says; of a `part` masks may be elsewhere."""
        faults, holders = [], self.holders()
        for kind, (_, check) in KINDS.items():
            for folder in self.folders(kind):
                try:
                    self._check(folder)
                    check_provenance(folder)
                    check(folder, holders)
                    if kind == "runs" and not part:
                        check_held(folder, holders)
                except StoreError as fault:
                    faults.append(str(fault))
                except Exception as fault:  # what is altered may hold anything, and fail in any way
                    faults.append(f"{folder} cannot be read ({fault!r}); {ADVICE}.")
        return faults


def _checksum(digest: str, content: bytes) -> bytes:
    """Return what tells that these are a run's weights, and not another's under its name."""
    return hashlib.sha256(digest.encode() + content).digest()


def _about(spec: Spec, provenance: dict[str, Any]) -> dict[str, bytes]:
    about = json.dumps(provenance, indent=1, sort_keys=True) + "\n"
    return {"spec.json": canonical_json(spec).encode(), "provenance.json": about.encode()}
