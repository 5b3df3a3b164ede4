"""What a training goes on from travels too, where there is room: weights and checkpoints, compressed."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping, Sequence

from lth_lib.experiments.run import Run
from lth_lib.results import about
from lth_lib.results.bundle.file import AROUND
from lth_lib.results.plan import begun_from
from lth_lib.results.store import Place, Store, StoreError, names, write_bytes

CHUNK = 1 << 20
ABOUT = (about.FILE, *about.FORMER)
"""What stands beside the checkpoints of a run."""

LARGEST = 1 << 30
"""Bytes that a file may have when it is restored."""


def pack(runs: Sequence[Run], store: Store, room: int) -> tuple[dict[str, bytes], str]:
    """Return what these runs go on from, the soonest needed first, until there is no room; and what that was."""
    packed: dict[str, bytes] = {}
    for words, path in _wanted(runs, store):
        name = "kept/" + str(path).removeprefix(str(store.scratch)).lstrip("/")
        whole = _read(path)
        if name in packed or whole is None:
            continue
        room -= 2 * len(name) + AROUND
        content = _compressed(whole, room)
        if content is None:
            return packed, f"{words} ({len(whole) / 1e6:.0f} MB)"
        packed[name], room = content, room - len(content)
    return packed, ""


def restore(files: Mapping[str, bytes], store: Store) -> int:
    """Put back into the scratch place what a training goes on from, where there is none; return how many files.

    Readers check it. Checkpoints of a run are put back together or not at all: those that are here are this machine's.
    """
    going_on = {store.scratch / name.removeprefix("kept/"): name for name in files if name.startswith("kept/")}
    new = [path for path in going_on if not path.exists()]
    begun = {path.parent for path in new if any(name.endswith(".safetensors") for name in names(path.parent))}
    for path in (new := [path for path in new if path.parent not in begun]):
        try:
            write_bytes(path, zlib.decompressobj().decompress(files[going_on[path]], LARGEST))
        except zlib.error as fault:
            raise StoreError(f"{going_on[path]} cannot be unpacked ({fault}); name another bundle.") from fault
    return len(new)


def _wanted(runs: Sequence[Run], store: Store) -> Iterator[tuple[str, Place]]:
    """Yield, in words and by name, the files from which the first of some runs goes on, then those of the next."""
    for run, parents in zip(runs, begun_from(runs, store), strict=True):
        for parent in parents:
            yield f"the weights of run {parent.digest[:12]}", store.weights(parent.digest)
        folder = store.checkpoints(run.digest)
        written = names(folder)
        newest = [name for name in written if name.endswith(".safetensors")][-1:]
        for name in [*(name for name in ABOUT if newest and name in written), *newest]:
            yield f"the checkpoint of run {run.digest[:12]}", folder / name


def _read(path: Place) -> bytes | None:
    """Return the bytes of a file; None where there is none, which a training does not go on from either."""
    try:
        return path.read_bytes()
    except OSError:
        return None


def _compressed(content: bytes, room: int) -> bytes | None:
    """Return bytes compressed, or None as soon as there is no room for them: noise takes seconds to compress."""
    squeeze, out, size = zlib.compressobj(1), [], 0
    for start in range(0, len(content) + 1, CHUNK):
        last = start + CHUNK > len(content)
        out.append(squeeze.compress(content[start : start + CHUNK]) + (squeeze.flush() if last else b""))
        size += len(out[-1])
        if size > room:
            return None
    return b"".join(out)
