"""How to compute is said in the words of the library, where it is said wrongly."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import tiny

from lth_lib.experiments.run import Run
from lth_lib.results.compute import compute
from lth_lib.spec import SpecError


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"executor": "ray"}, r"executor was 'ray'; it is Local\(\) or, of lth_lib.results.cluster, OnRay\(address\)"),
        ({"deadline": 5}, r"deadline was 5; it is Deadline\(minutes\)"),
        ({"checkpoint_every": "often"}, "checkpoint_every was 'often'; it is a number of seconds, 0 or more"),
        ({"checkpoint_every": -1}, "checkpoint_every was -1; it is a number of seconds"),
    ],
)
def test_how_is_refused_in_a_sentence(given: dict[str, Any], said: str, tmp_path: Path) -> None:
    store = tiny.store(tmp_path)
    with pytest.raises(SpecError, match=said):
        compute([Run(tiny.setting(), seeds=(0,))], store, train=True, **given)
    assert not any(store.folders())
