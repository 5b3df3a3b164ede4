"""A scope says which groups compete, counting weights: by layer or output, all together, N of M, Erdos-Renyi."""

from lth_lib.pruning.scope.base import Scope, left_of
from lth_lib.pruning.scope.erk import ERK
from lth_lib.pruning.scope.layers import Global, Layerwise
from lth_lib.pruning.scope.neighbours import Neighbours
from lth_lib.pruning.scope.outputs import PerOutput

__all__ = ["ERK", "Global", "Layerwise", "Neighbours", "PerOutput", "Scope", "left_of"]
