"""Beside the checkpoints of a run stands what they do not tell: how long it took, from what, and by which commits."""

from __future__ import annotations

import json
import math
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from lth_lib.results.store import Place, read_json, write_bytes

FILE = "about.json"
FORMER = ("seconds", "parents.json")
"""What older checkpoints have in its place."""


@dataclass
class About:
    """Of a training: the seconds before this process, the weights it took, and the commits that trained it, in order.

    `parents` are the runs whose weights were taken, and how these differ from the stored results; None is not known.
    """

    seconds: float = 0.0
    parents: dict[str, Any] | None = None
    commits: list[str] = field(default_factory=list)
    began: float = field(default_factory=time.monotonic)

    def go_on(self, commit: str) -> None:
        """Begin to count the seconds of this process, whose library is of a commit."""
        self.began = time.monotonic()
        if self.commits[-1:] != [commit]:
            self.commits.append(commit)

    def spent(self) -> float:
        """Return the seconds so far, of this process and those before it."""
        return self.seconds + time.monotonic() - self.began

    def write(self, folder: Place) -> None:
        """Write it, before the checkpoint it is about: who is killed between them names too much, not too little."""
        said = {"seconds": round(self.spent(), 1), "parents": self.parents, "commits": self.commits}
        write_bytes(folder / FILE, json.dumps(said).encode())


def read(folder: Place) -> About:
    """Return what stands beside checkpoints; what cannot be believed there is not known."""
    with suppress(Exception):  # whatever the reading of what may be anybody's meets
        said = read_json(folder / FILE)
        parents, commits = said["parents"], said["commits"]
        if isinstance(parents, dict) and isinstance(commits, list) and commits:
            return About(_number(said["seconds"]), parents, [str(commit) for commit in commits])
    return _former(folder)


def _number(said: str | float) -> float:
    """Return seconds; raises `ValueError` where there are none."""
    seconds = float(said)
    if not 0 <= seconds < math.inf:
        raise ValueError(said)
    return seconds


def _former(folder: Place) -> About:
    """Return what stands beside older checkpoints, which do not say by whom they were trained."""
    found = About(commits=["unknown"])
    with suppress(Exception):
        found.seconds = _number((folder / FORMER[0]).read_text())
    with suppress(Exception):
        found.parents = read_json(folder / FORMER[1])
    return found
