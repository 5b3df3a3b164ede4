"""A scope says which groups compete, counting weights: layer by layer, all together, N of M, Erdos-Renyi."""

from lth_lib.pruning.scope.base import Scope, left_of
from lth_lib.pruning.scope.erk import ERK
from lth_lib.pruning.scope.layers import Global, Layerwise
from lth_lib.pruning.scope.neighbours import Neighbours

__all__ = ["ERK", "Global", "Layerwise", "Neighbours", "Scope", "left_of"]
