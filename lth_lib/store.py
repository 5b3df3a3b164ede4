"""Results are kept under the digest of what made them."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load, save

from lth_lib import masks as mask_rules
from lth_lib.masks import Masks
from lth_lib.spec import SpecError, canonical, canonical_json
from lth_lib.tickets import MaskSpec, Run

SUMS = "SHA256SUMS.json"
REQUIRED = ("spec.json", "metrics.npz", "provenance.json", SUMS)


HERE = Path(__file__).resolve().parent.parent


def committed() -> Store:
    """Return the store of the book: its committed results, and the scratch folder `LTH_STORE` names (or .store)."""
    return Store(HERE / "book" / "results", os.environ.get("LTH_STORE", HERE / ".store"))


class StoreError(RuntimeError):
    """What is stored is not what it says it is: names the file and what to do."""


@dataclass(frozen=True)
class Result:
    """A finished run: its metrics, masks and provenance.

    `metrics` holds `step` [S] and, for each evaluation and replicate [S, R], losses, accuracies (fractions)
    and density; and for each replicate [R] what was found at the end and at the best validation loss.
    """

    run: Run
    folder: Path
    metrics: dict[str, np.ndarray] = field(repr=False)
    provenance: dict[str, Any] = field(repr=False)

    @cached_property
    def masks(self) -> Masks | None:
        """The masks, where they are stored with this run; a control's are its ticket's."""
        path = self.folder / "masks.npz"
        return read_masks(path) if path.exists() else None

    @property
    def layer_density(self) -> dict[str, np.ndarray]:
        """Kept over all weights of each layer, [R] each."""
        prefix = "layer_density/"
        return {name.removeprefix(prefix): value for name, value in self.metrics.items() if name.startswith(prefix)}

    @property
    def empty_layers(self) -> tuple[tuple[int, str], ...]:
        """The (seed, layer) pairs in which nothing is left."""
        share = self.layer_density
        return tuple((seed, name) for name in share for row, seed in enumerate(self.run.seeds) if share[name][row] == 0)


class Store:
    """A folder of results, committed or not, and a scratch folder of weights and checkpoints that never is."""

    def __init__(self, results: Path | str, scratch: Path | str) -> None:
        """Name the folders; they are made when something is written."""
        self.results, self.scratch = Path(results), Path(scratch)

    def folder(self, digest: str) -> Path:
        """Return where the result of a digest is, or would be."""
        return self.results / "runs" / digest

    def has(self, run: Run) -> bool:
        """Say whether the run is finished and stored; `read` tells whether it is whole."""
        return self.folder(run.digest).exists()

    def find(self, digest: str) -> Path:
        """Return the folder of the one result whose digest begins so; raises `StoreError` unless there is one."""
        found = [folder for folder in self.folders() if folder.name.startswith(digest)]
        if len(found) != 1:
            known = f"{len(found)} results begin so" if found else "no result begins so"
            raise StoreError(f"digest was {digest!r}; {known}, of those in {self.results / 'runs'}.")
        check_folder(found[0])
        return found[0]

    def read(self, run: Run) -> Result:
        """Return a stored result; raises `StoreError` if it is missing or altered."""
        folder = self.folder(run.digest)
        if not self.has(run):
            raise StoreError(f"There is no result for the digest {run.digest} in {self.results}.")
        check_folder(folder)
        metrics = dict(np.load(folder / "metrics.npz", allow_pickle=False))
        return Result(run, folder, metrics, json.loads((folder / "provenance.json").read_text()))

    def write(self, run: Run, metrics: dict[str, np.ndarray], masks: Masks | None, provenance: dict[str, Any]) -> None:
        """Store a result whole or not at all; if another process was first, its equal result stays."""
        final = self.folder(run.digest)
        final.parent.mkdir(parents=True, exist_ok=True)
        folder = Path(tempfile.mkdtemp(prefix=".", dir=final.parent))
        try:
            folder.chmod(0o755)
            (folder / "spec.json").write_text(canonical_json(run))
            (folder / "provenance.json").write_text(json.dumps(provenance, indent=1, sort_keys=True) + "\n")
            np.savez_compressed(folder / "metrics.npz", **metrics)  # type: ignore[arg-type]
            if masks is not None:
                np.savez_compressed(folder / "masks.npz", **mask_rules.pack(masks))  # type: ignore[arg-type]
            sums = {path.name: file_digest(path) for path in sorted(folder.iterdir())}
            (folder / SUMS).write_text(json.dumps(sums, indent=1, sort_keys=True) + "\n")
            if not final.exists():
                os.replace(folder, final)
        except OSError:
            if not final.exists():
                raise
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def write_weights(self, digest: str, tensors: dict[str, torch.Tensor]) -> None:
        """Store the weights at a run's end in the scratch folder."""
        write_bytes(self._weights(digest), save({name: value.cpu().contiguous() for name, value in tensors.items()}))

    def read_weights(self, digest: str) -> dict[str, torch.Tensor] | None:
        """Return the weights at a run's end, or None if they are not kept here and must be made again."""
        path = self._weights(digest)
        return load(path.read_bytes()) if path.exists() else None

    def _weights(self, digest: str) -> Path:
        return self.scratch / "weights" / f"{digest}.safetensors"

    def find_masks(self, spec: MaskSpec) -> Masks | None:
        """Return the masks of a spec if a result here holds them."""
        wanted = json.loads(json.dumps(canonical(spec)))
        for folder in self.folders():
            path, made_by = folder / "masks.npz", folder / "spec.json"
            if path.exists() and made_by.exists() and json.loads(made_by.read_text())["ticket"]["masks"] == wanted:
                check_folder(folder)
                return read_masks(path)
        return None

    def folders(self) -> Iterator[Path]:
        """Yield the folder of each stored result."""
        root = self.results / "runs"
        if root.exists():
            yield from sorted(path for path in root.iterdir() if path.is_dir() and not path.name.startswith("."))

    def verify(self) -> list[str]:
        """Return one sentence for everything stored that is not what it says it is."""
        faults = []
        for folder in self.folders():
            try:
                check_folder(folder)
                check_arrays(folder)
            except (ValueError, KeyError, OSError, EOFError, zlib.error, zipfile.BadZipFile, SpecError) as fault:
                faults.append(f"{folder} cannot be read ({fault}); remove it and run `make compute` to make it again.")
            except StoreError as fault:
                faults.append(str(fault))
        return faults


def check_folder(folder: Path) -> None:
    """Raise `StoreError` unless the folder is named by its spec and every file has its recorded hash."""
    advice = "remove the folder and run `make compute` to make it again"
    missing = [name for name in REQUIRED if not (folder / name).exists()]
    if missing:
        raise StoreError(f"{folder} lacks {', '.join(missing)}; {advice}.")
    name = hashlib.sha256((folder / "spec.json").read_bytes()).hexdigest()
    if name != folder.name:
        raise StoreError(f"{folder} holds the spec of {name}; {advice}.")
    try:
        sums = dict(json.loads((folder / SUMS).read_text()))
    except (ValueError, TypeError) as fault:
        raise StoreError(f"{folder / SUMS} is not a list of hashes ({fault}); {advice}.") from fault
    held = {path.name for path in folder.iterdir()} - {SUMS}
    if held != set(sums):
        raise StoreError(f"{folder} holds {sorted(held)} but {SUMS} lists {sorted(sums)}; {advice}.")
    for name, recorded in sums.items():
        if file_digest(folder / name) != recorded:
            raise StoreError(f"{folder / name} does not match its SHA-256 in {SUMS}; {advice}.")


def check_arrays(folder: Path) -> None:
    """Raise `StoreError` unless the metrics are whole: one row for each evaluation, one column for each seed."""
    seeds = len(json.loads((folder / "spec.json").read_text())["seeds"])
    metrics = dict(np.load(folder / "metrics.npz", allow_pickle=False))
    rows = len(metrics["step"])
    diverged = metrics["diverged_at"] >= 0
    for name, value in metrics.items():
        if name != "step" and value.shape not in ((rows, seeds), (seeds,)):
            raise StoreError(f"{folder}: {name} has the shape {value.shape}; it must be {(rows, seeds)} or {(seeds,)}.")
        if name.startswith("valid") and np.isnan(value[:, ~diverged]).any():
            raise StoreError(f"{folder}: {name} has gaps in replicates that did not diverge.")
    if (folder / "masks.npz").exists():
        _check_masks(folder, metrics["density"][-1])


def _check_masks(folder: Path, recorded: np.ndarray) -> None:
    measured = mask_rules.density(read_masks(folder / "masks.npz"))
    if not np.allclose(measured, recorded, atol=1e-6):
        raise StoreError(f"{folder}: the masks have density {measured}, the metrics say {recorded}.")


def read_masks(path: Path) -> Masks:
    """Return the masks of one file."""
    return mask_rules.unpack(dict(np.load(path, allow_pickle=False)))


def file_digest(path: Path) -> str:
    """Return the SHA-256 of a file as 64 hexadecimal digits."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file under a temporary name, then rename it, so that it is never half there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=".", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
