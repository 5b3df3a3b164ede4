"""Classes of one's own are known to a command when the files that define them are named."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from lth_lib.spec import refuse, require


def bring(names: Iterable[str]) -> None:
    """Import modules, or files `FILE.py`, whose classes results are of; raises `SpecError` where one cannot be."""
    for name in names:
        _bring(name)


def _bring(name: str) -> None:
    """Import a module, or a file `FILE.py`, whose classes results are of; raises `SpecError` where it cannot be."""
    file = Path(name)
    try:
        if file.suffix == ".py":
            sys.path.insert(0, str(file.parent.absolute()))
        found = import_module(file.stem if file.suffix == ".py" else name).__file__
    except (Exception, SystemExit) as fault:  # whatever the code of others raises
        refuse(
            f"--with was {name!r}, whose import fails ({type(fault).__name__}: {fault}); give a module, or a file .py."
        )
    meant = file.suffix != ".py" or (found is not None and file.samefile(found))
    require(meant, f"--with was {name!r}, but {file.stem} is another module here ({found}); give it another name.")
