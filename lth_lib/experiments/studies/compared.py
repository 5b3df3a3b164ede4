"""How networks are trained that are compared: whatever they begin with, all end at a tenth of the rate.

With one rate to the end a network is still thrown about by it, and a lower rate alone then gains more than methods
differ by: what is fine-tuned, at a tenth, would win by that.
"""

from __future__ import annotations

from dataclasses import replace

from lth_lib.data import MNIST, MNISTFew
from lth_lib.experiments.studies.fashion import clothes
from lth_lib.experiments.studies.scales import scaled
from lth_lib.training.recipe import Rate, Recipe, Setting

TENTH = 0.1
EXAMPLES = 10_000
"""What tells how the loss would change is asked of so many: a trained network is sure of most, and few tell it much."""


def digits(scale: str) -> Setting:
    """Return the network on MNIST, or on a few of it, trained as long as on clothes; its rate stays as it is."""
    return replace(clothes(scale), data=MNIST() if scaled(scale).kept else MNISTFew())


def falling(setting: Setting) -> Setting:
    """Return a setting whose rate is a tenth in the last fifth, and one test before, so that all of its end is that."""
    recipe = setting.recipe
    last = recipe.steps - recipe.steps // 5 - recipe.test_every
    return _with(setting, recipe, replace(_rate(recipe), drops=(max(0, last),)))


def tuned(setting: Setting, *, short: bool = True) -> Setting:
    """Return how a network is fine-tuned: at a tenth of the rate, for a fifth of the steps or for all of them."""
    recipe = _parts(setting.recipe, 5, 25) if short else setting.recipe
    return _with(setting, recipe, Rate(_rate(recipe).base * TENTH))


def briefly(setting: Setting) -> Setting:
    """Return how a network is trained on a little: at a tenth of the rate, for a twentieth of the steps."""
    recipe = _parts(setting.recipe, 20, 30)
    return _with(setting, recipe, Rate(_rate(recipe).base * TENTH))


def scored_on(setting: Setting, examples: int = EXAMPLES) -> int:
    """Return how many examples a score is taken on: of a rehearsal's sample at most a fifth, to be quick."""
    return min(examples, (setting.data.trained or 5 * examples) // 5)


def _parts(recipe: Recipe, share: int, evaluations: int) -> Recipe:
    """Return one part of so many of a recipe's steps, evaluated so often that its end can be read too."""
    steps = recipe.steps // share
    segment = max(1, min(recipe.segment, steps // evaluations))
    return replace(recipe, steps=steps, segment=segment, test_every=segment)


def _with(setting: Setting, recipe: Recipe, rate: Rate) -> Setting:
    return replace(setting, recipe=replace(recipe, rate=rate))


def _rate(recipe: Recipe) -> Rate:
    assert isinstance(recipe.rate, Rate)
    return recipe.rate
