"""Tidy table in, axes out."""

from lth_lib.report.figures.alongside import alongside, alt_alongside, moved
from lth_lib.report.figures.behind import note, numbers, numbers_by
from lth_lib.report.figures.density import by_density, layer_density
from lth_lib.report.figures.differences import alt_differences, differences, reach
from lth_lib.report.figures.key import key_html
from lth_lib.report.figures.layers import alt_by_layer, by_layer
from lth_lib.report.figures.learning import learning_curves, limits
from lth_lib.report.figures.loop import Moment, loop_html
from lth_lib.report.figures.masks import RATIO, alt_mask, grids, mask_image, over_expected
from lth_lib.report.figures.methods import PRICES, WHEN, alt_fronts, alt_ranked, fronts, named, ranked
from lth_lib.report.figures.network import alt_network, network
from lth_lib.report.figures.scorecard import scorecard_html
from lth_lib.report.figures.sheet import on_phone
from lth_lib.report.figures.speed import timings
from lth_lib.report.figures.style import QUANTITIES, Look, Quantity, new_axes, style
from lth_lib.report.figures.units import alt_gallery, gallery
from lth_lib.report.figures.values import survival
from lth_lib.report.figures.words import alt, alt_curves, alt_layers, verdicts_html

__all__ = [
    "PRICES",
    "QUANTITIES",
    "RATIO",
    "WHEN",
    "Look",
    "Moment",
    "Quantity",
    "alongside",
    "alt",
    "alt_alongside",
    "alt_by_layer",
    "alt_curves",
    "alt_differences",
    "alt_fronts",
    "alt_gallery",
    "alt_layers",
    "alt_mask",
    "alt_network",
    "alt_ranked",
    "by_density",
    "by_layer",
    "differences",
    "fronts",
    "gallery",
    "grids",
    "key_html",
    "layer_density",
    "learning_curves",
    "limits",
    "loop_html",
    "mask_image",
    "moved",
    "named",
    "network",
    "new_axes",
    "note",
    "numbers",
    "numbers_by",
    "on_phone",
    "over_expected",
    "ranked",
    "reach",
    "scorecard_html",
    "style",
    "survival",
    "timings",
    "verdicts_html",
]
