"""When two data sets are the same."""

from __future__ import annotations

from lth_lib.data.cache import fingerprint
from lth_lib.data.examples import Both


def same(one: Both, two: Both) -> bool:
    return fingerprint(*one) == fingerprint(*two) and [x.content for x in one] == [x.content for x in two]
