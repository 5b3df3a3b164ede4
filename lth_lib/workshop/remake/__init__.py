"""What was trained is trained again, by another version of the engine or another kernel, and compared."""

from lth_lib.workshop.machine_file import read_json
from lth_lib.workshop.remake.drift import drift
from lth_lib.workshop.remake.kernels import KERNELS, STEPS, fresh_blocks, two_kernels, write_kernels
from lth_lib.workshop.remake.runs import COMPARED, FOLDER, chains, remake, write_runs

__all__ = [
    "COMPARED",
    "FOLDER",
    "KERNELS",
    "STEPS",
    "chains",
    "drift",
    "fresh_blocks",
    "read_json",
    "remake",
    "two_kernels",
    "write_kernels",
    "write_runs",
]
