"""What a command has trained, written into one file after each run, and at the end what the next ones go on from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from lth_lib.experiments.run import Run
from lth_lib.results.bundle import file, kept, results
from lth_lib.results.deadline import Stopped
from lth_lib.results.store import Place, Store, write_bytes
from lth_lib.results.store import names as names_in
from lth_lib.spec import Spec

NOTE = "bundled"
"""The file in the scratch place that names what is not new: what was there before bundles, and what they hold."""


class Bundle:
    """A file that grows: what it held, then what is new in a store, in the order in which it came to exist.

    What the file held already is added to the store first, so that a machine that begins with nothing goes on
    where another stopped. It holds at most `file.LIMIT` bytes; results that find no room stay in the store, and the
    next bundle that is written beside it has them, as it has those that a process was killed before it could write.
    """

    def __init__(self, path: Path, store: Store, wanted: Sequence[Spec]) -> None:
        """Read the file, if there is one, and write it, so that one that cannot be written is refused before work."""
        self.path, self.store, self.wanted = path, store, wanted
        self._left: list[str] = []
        stored = set(self._stored())
        self._held = stored & self._noted() if self._place.exists() else stored
        self._note()
        held: dict[str, bytes] = {}
        if path.exists():
            results.add(path, store)
            held = file.read(path)
            kept.restore(held, store)
        self.files = {name: content for name, content in held.items() if not name.startswith("kept/")}
        self._kept = {name: content for name, content in held.items() if name.startswith("kept/")}
        self._held |= results.folders(self.files).keys()
        self._write()

    def update(self) -> None:
        """Write the file anew with what is new in the store; raises `Stopped` when it is full."""
        before = len(self.files)
        self._left = []
        for result in [name for name in self._stored() if name not in self._held]:
            self._take(result)
        if len(self.files) > before:
            self._write()
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
        self._kept, rest = kept.pack(missing, self.store, file.LIMIT - file.size(self.files))
        self._write()
        if rest:
            full += f" Too large to go on from elsewhere, and made again there: {rest}."
        return (
            f"{self.path} has {len(results.folders(self.files))} results and {len(self._kept)} files to go on from, in "
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
            self._held.add(result)

    def _write(self) -> None:
        """Write the results, and what the file had to go on from while there is room: at the end comes newer."""
        files = dict(self.files)
        for name, content in self._kept.items():
            if file.size(files | {name: content}) > file.LIMIT:
                break
            files[name] = content
        file.write(self.path, files)
        self._note()  # after the file: who is killed between them packs a result twice, and leaves none out

    @property
    def _place(self) -> Place:
        return self.store.scratch / NOTE

    def _noted(self) -> set[str]:
        try:
            return set(self._place.read_text().splitlines())
        except (OSError, ValueError):  # a result is then packed twice, and none left out
            return set()

    def _note(self) -> None:
        write_bytes(self._place, "".join(f"{name}\n" for name in sorted(self._held)).encode())

    def _stored(self) -> Iterable[str]:
        """Return the results in the store, "runs/DIGEST" and "measurements/DIGEST", those that are wanted in order."""
        there = [f"{kind}/{name}" for kind in ("runs", "measurements") for name in names_in(self.store.results / kind)]
        order = {spec.digest: number for number, spec in enumerate(self.wanted)}
        return sorted(there, key=lambda result: order.get(result.partition("/")[2], -1))
