"""What a machine has found out is a JSON file of its name."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

from lth_lib.results.store import write_bytes


def file_name(device: str, more: str = "") -> str:
    """Return the name of the file of a machine, by its processor's name."""
    return re.sub("[^a-z0-9]+", "-", device.lower()).strip("-") + f"{more}.json"


def write_json(path: Path, found: dict[str, Any]) -> Path:
    """Write what was found so that two versions of it can be compared line by line; return where."""
    write_bytes(path, (json.dumps(found, indent=1, sort_keys=True) + "\n").encode())
    return path


def read_json(folder: Path) -> list[dict[str, Any]]:
    """Return what every machine has found out that has a file in a folder."""
    return [json.loads(path.read_text()) for path in sorted(folder.glob("*.json"))]
