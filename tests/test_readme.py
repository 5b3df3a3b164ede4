"""What README.md says in Python runs, one block after the other, as a newcomer would try it."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import lth_lib

ROOT = Path(lth_lib.__file__).parents[1]
BEFORE = """\
import sys, torch, types
torch.set_num_threads(1)
x = torch.randn(120, 20, generator=torch.Generator().manual_seed(0))
y = torch.arange(120) % 4
"""
CRITERION = "lth_lib.pruning.criteria.distance"
QUICK = {"batch=60": "batch=30", "steps=1000, segment=50, test_every=50": "steps=20, segment=1, test_every=1"}
QUICK |= {"Geometric(0.5, 4), seeds=(0, 1, 2)": "Geometric(0.5, 1), seeds=(0, 1)"}
AFTER = """
assert stats.tidy(study.found(results))["accuracy_at_end"].notna().all(), "the leading reading is not empty"
assert len(runs) == 2 and setting.layers[0].name == "0"
"""


def blocks() -> list[str]:
    return re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(encoding="utf-8"), re.S)


def test_every_python_block_of_the_readme_runs(tmp_path: Path) -> None:
    criterion, *others = blocks()
    program = "\n".join(others)
    for said, quick in QUICK.items():
        assert said in program, "else it would train for minutes"
        program = program.replace(said, quick)
    (tmp_path / "distance.py").write_text(criterion)
    (tmp_path / "program.py").write_text(
        f"{BEFORE}import distance\nsys.modules[{CRITERION!r}] = distance\n{program}{AFTER}"
    )
    ran = subprocess.run(
        [sys.executable, "program.py"], cwd=tmp_path, env={"PYTHONPATH": str(ROOT), "HOME": str(tmp_path)}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert (tmp_path / "ticket.svg").stat().st_size > 0
