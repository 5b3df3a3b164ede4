"""A spec may hold others hundreds deep: it is sent to another process as a list, the innermost first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

Node = tuple[type, dict[str, Any]]
"""A spec's class and its fields, where a spec in them is its number in the list."""

MADE_AGAIN = "_plain"
"""The name under which a spec keeps what is made again from its fields, and so is not sent."""


@dataclass(frozen=True)
class Number:
    """Stands for a spec that comes earlier in the list."""

    at: int


def flat(whole: Any, spec: type) -> list[Node]:
    """Return what a spec is made of as a list without nesting; Python's own way recurs into each and gives up."""
    numbers: dict[int, int] = {}
    nodes: list[Node] = []
    stack = [(whole, False)]
    while stack:
        one, expanded = stack.pop()
        if id(one) in numbers:
            continue
        if expanded:
            numbers[id(one)] = len(nodes)
            sent = {name: value for name, value in vars(one).items() if name != MADE_AGAIN}
            kept = {name: _changed(value, spec, lambda s: Number(numbers[id(s)])) for name, value in sent.items()}
            nodes.append((type(one), kept))
        else:
            stack.append((one, True))
            stack.extend((inner, False) for value in vars(one).values() for inner in _held(value, spec))
    return nodes


def whole(nodes: list[Node]) -> Any:
    """Return the last spec of a list that `flat` made, with all that it holds, as it was."""
    made: list[Any] = []
    for cls, kept in nodes:
        made.append(object.__new__(cls))
        vars(made[-1]).update({name: _changed(value, Number, lambda n: made[n.at]) for name, value in kept.items()})
    return made[-1]


def _held(value: Any, kind: type) -> Iterator[Any]:
    """Yield what is of a kind in a value: itself, or what tuples hold."""
    if isinstance(value, kind):
        yield value
    elif type(value) is tuple:
        for item in value:
            yield from _held(item, kind)


def _changed(value: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    """Return a value in which `change` has replaced whatever is of a kind."""
    if isinstance(value, kind):
        return change(value)
    return tuple(_changed(item, kind, change) for item in value) if type(value) is tuple else value
