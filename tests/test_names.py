"""The names that a user needs first are at the top, and cost nothing until they are asked for."""

from __future__ import annotations

import subprocess
import sys

import pytest

import lth_lib


@pytest.mark.parametrize("name", lth_lib.__all__)
def test_a_name_is_that_of_its_module(name: str) -> None:
    found = getattr(lth_lib, name)
    assert found.__name__ == name
    assert found.__module__.startswith("lth_lib.")
    assert name in dir(lth_lib)


def test_a_name_that_is_none_is_refused_with_those_there_are() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'Magic'; it has Adam, Geometric, "):
        lth_lib.Magic  # noqa: B018


def test_the_package_alone_loads_no_torch() -> None:
    program = "import lth_lib, sys; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
