"""Numbers and lists in the words of the rules."""

from __future__ import annotations

from collections.abc import Iterable

_NUMERALS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")


def numeral(count: int) -> str:
    """Return a count as a word, or in digits above ten."""
    return _NUMERALS[count] if count < len(_NUMERALS) else str(count)


def enumerated(items: Iterable[object]) -> str:
    """Return items as `a, b and c`."""
    *most, last = map(str, items)
    return f"{', '.join(most)} and {last}" if most else last


def hundredths(value: float) -> str:
    """Return a fraction in points or per cent, without the word; never minus zero."""
    return f"{value * 100 + 0:g}"
