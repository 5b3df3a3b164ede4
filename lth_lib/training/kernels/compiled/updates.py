"""What the optimiser does to a vector of weights, at once after their gradient, while they are in the cache.

The weights come with the optimiser's own arrays: (weights, exp_avg, exp_avg_sq) are Adam's, (weights,
momentum_buffer) are SGD's, and their number says which of the two is meant. `rule` holds the numbers of one step.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numba.extending import overload

from lth_lib.training.kernels.compiled.vectors import at, of, sqrt, store, where_bits
from lth_lib.training.recipe import SGD, Adam, Optimiser

Slotted = Any
"""The weights and the optimiser's arrays, float32 [n] each."""


def updates(lanes: int) -> Callable[..., Any]:
    """Return the function that updates a vector of so many weights, for either optimiser.

    Lanes whose bit is not set are masked: their gradient is zero, and so they are after any update.
    """
    load, splat = of(lanes)

    def adam(held: Slotted, k: int, bits: int, gradient: Any, rule: Any) -> Any:
        weights, first, second = held
        beta1, rest1, beta2, rest2, epsilon, rate, root = rule
        g = where_bits(bits, gradient)
        m = splat(beta1) * load(first, k) + splat(rest1) * g
        v = splat(beta2) * load(second, k) + splat(rest2) * (g * g)
        new = load(weights, k) - splat(rate) * m / (sqrt(v) * splat(root) + splat(epsilon))
        new = where_bits(bits, new)  # without an epsilon what is masked would be 0 / 0
        store(first, k, m)
        store(second, k, v)
        store(weights, k, new)
        return new

    def sgd(held: Slotted, k: int, bits: int, gradient: Any, rule: Any) -> Any:
        weights, moved = held
        momentum, decay, rate = rule
        old = load(weights, k)
        g = where_bits(bits, gradient) + splat(decay) * old
        m = splat(momentum) * load(moved, k) + g
        new = old - splat(rate) * m
        store(moved, k, m)
        store(weights, k, new)
        return new

    def update(held: Slotted, k: int, bits: int, gradient: Any, rule: Any) -> Any:
        """Update the weights from k on; return them."""
        raise NotImplementedError("only compiled code calls this")

    @overload(update)
    def by_slots(held: Slotted, k: int, bits: int, gradient: Any, rule: Any) -> Any:
        return adam if held.count == 3 else sgd

    return update


def numbers(held: Slotted, rules: Any, step: int) -> Any:
    """Return the numbers of a step, out of those of all steps: read once, they stay in registers."""
    raise NotImplementedError("only compiled code calls this")


@overload(numbers)
def _numbers(held: Slotted, rules: Any, step: int) -> Any:
    def of_adam(held: Slotted, rules: Any, step: int) -> Any:
        k = step * 7
        betas = at(rules, k), at(rules, k + 1), at(rules, k + 2), at(rules, k + 3)
        return (*betas, at(rules, k + 4), at(rules, k + 5), at(rules, k + 6))

    def of_sgd(held: Slotted, rules: Any, step: int) -> Any:
        return at(rules, step * 3), at(rules, step * 3 + 1), at(rules, step * 3 + 2)

    return of_adam if held.count == 3 else of_sgd


def rules_of(optimiser: Optimiser, rates: Sequence[float], taken: int) -> np.ndarray:
    """Return the numbers of each of the steps that follow `taken` ones, one step after the other."""
    if isinstance(optimiser, SGD):
        return np.array([(optimiser.momentum, optimiser.weight_decay, rate) for rate in rates], np.float32).ravel()
    assert isinstance(optimiser, Adam)
    one, two = optimiser.beta1, optimiser.beta2
    fixed = (one, 1 - one, two, 1 - two, optimiser.epsilon)
    steps = range(taken + 1, taken + 1 + len(rates))
    # The moments begin at zero; both are divided by what that leaves out (Kingma & Ba 2015, section 3).
    rows = [(*fixed, rate / (1 - one**t), 1 / math.sqrt(1 - two**t)) for rate, t in zip(rates, steps, strict=True)]
    return np.array(rows, np.float32).ravel()
