"""A scope says which groups compete, and counts weights."""

from lth_lib.pruning.scope.base import Scope as Scope
from lth_lib.pruning.scope.erk import ERK as ERK
from lth_lib.pruning.scope.layers import Global as Global
from lth_lib.pruning.scope.layers import Layerwise as Layerwise
from lth_lib.pruning.scope.neighbours import Neighbours as Neighbours
