"""What a command has trained, written into one file after each run, and at the end what the next ones go on from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lth_lib.bundle import file, kept, results
from lth_lib.deadline import Stopped
from lth_lib.spec import Spec
from lth_lib.store import Store, write_bytes
from lth_lib.store import names as names_in
from lth_lib.tickets import Run

NOTE = "unbundled"
"""The file in the scratch place that names the results for which a bundle had no room."""


class Bundle:
    """A file that grows: what it held, then what is new in a store, in the order in which it came to exist.

    What the file held already is added to the store first, so that a machine that begins with nothing goes on
    where another stopped. It holds at most `file.LIMIT` bytes; results that find no room stay in the store, and the
    next bundle that is written beside it has them.
    """

    def __init__(self, path: Path, store: Store, wanted: Sequence[Spec]) -> None:
        """Read the file, if there is one, and note what the store has, which is not new."""
        self.path, self.store, self.wanted = path, store, wanted
        self.files: dict[str, bytes] = {}
        if path.exists():
            results.add(path, store)
            self.files = file.read(path)
            kept.restore(self.files, store)
        self.files = {name: content for name, content in self.files.items() if not name.startswith("kept/")}
        self._left = self._noted()
        self._seen = set(self._stored()) - set(self._left)

    def update(self) -> None:
        """Write the file anew with what is new in the store; raises `Stopped` when it is full."""
        before = len(self.files)
        self._left = []
        for result in [name for name in self._stored() if name not in self._seen]:
            self._take(result)
        if len(self.files) > before:
            file.write(self.path, self.files)
        self._note()
        if self._left:
            raise Stopped(f"Stopped, since {self.path} is full; `unbundle` it, and name another file to go on.")

    def close(self) -> str:
        """Write the file with what the next runs go on from; say what is in it and what is not."""
        full = ""
        try:
            self.update()
        except Stopped:
            full = f" Left out for want of room: {', '.join(name[:18] for name in self._left)}, which the next has."
        missing = [spec for spec in self.wanted if isinstance(spec, Run) and not self.store.has(spec)]
        going_on, rest = kept.pack(missing, self.store, file.LIMIT - file.size(self.files))
        file.write(self.path, self.files | going_on)
        if rest:
            full += f" Too large to go on from elsewhere, and made again there: {rest}."
        return (
            f"{self.path} has {len(results.folders(self.files))} results and {len(going_on)} files to go on from, in "
            f"{self.path.stat().st_size / 1e6:.1f} MB; `python -m lth_lib unbundle` adds them.{full}"
        )

    def _take(self, result: str) -> None:
        """Take a result in, if there is room."""
        content = results.folder(self.store.results / result)
        larger = self.files | {f"{result}/{name}": each for name, each in content.items()}
        if file.size(larger) > file.LIMIT:
            self._left.append(result)
        else:
            self.files = larger
            self._seen.add(result)

    def _stored(self) -> Iterable[str]:
        """Return the results in the store, "runs/DIGEST" and "measurements/DIGEST", those that are wanted in order."""
        there = [f"{kind}/{name}" for kind in ("runs", "measurements") for name in names_in(self.store.results / kind)]
        order = {spec.digest: number for number, spec in enumerate(self.wanted)}
        return sorted(there, key=lambda result: order.get(result.partition("/")[2], -1))

    def _noted(self) -> list[str]:
        """Return what earlier bundles had no room for."""
        path = self.store.scratch / NOTE
        return path.read_text().splitlines() if path.exists() else []

    def _note(self) -> None:
        """Note what had no room."""
        if self._left or self._noted():
            write_bytes(self.store.scratch / NOTE, "".join(f"{name}\n" for name in self._left).encode())
