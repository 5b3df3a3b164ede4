"""A bundle is results in one file, checked when they are added, and what the next ones go on from."""

from lth_lib.results.bundle.bundle import Bundle
from lth_lib.results.bundle.kept import restore
from lth_lib.results.bundle.results import add

__all__ = ["Bundle", "add", "restore"]
