"""A picture and a network are drawn."""

from __future__ import annotations

import numpy as np
import pytest
from matplotlib.collections import LineCollection, PathCollection

from lth_lib.report import figures
from lth_lib.report.figures.network import SHOWN
from lth_lib.spec import SpecError

PICTURE = np.eye(4)
NAMES, SIZES = ("pixels", "units", "classes"), (784, 3, 2)


def test_each_unit_is_connected_with_each_of_the_next_layer() -> None:
    read, drawn = figures.network(PICTURE, NAMES, SIZES).figure.axes
    assert np.array_equal(read.get_images()[0].get_array(), PICTURE)
    lines = [len(one.get_segments()) for one in drawn.collections if isinstance(one, LineCollection)]
    assert lines == [SHOWN * 3, 3 * 2], "of the widest layer only a few units are drawn"
    units = [len(one.get_offsets()) for one in drawn.collections if isinstance(one, PathCollection)]
    assert units == [SHOWN, 3, 2]
    assert [text.get_text() for text in drawn.texts] == ["784\npixels", "3\nunits", "2\nclasses"]


def test_it_is_said_in_words() -> None:
    assert figures.alt_network(NAMES, SIZES).endswith(": 784 pixels, then 3 units, then 2 classes.")


def test_names_and_sizes_belong_together() -> None:
    with pytest.raises(SpecError, match="2 names for 3 layers"):
        figures.network(PICTURE, NAMES[:2], SIZES)
