"""A dynamics replaces masks while training."""

from lth_lib.pruning.dynamics.base import Dynamics as Dynamics
from lth_lib.pruning.dynamics.gradual import Gradual as Gradual
from lth_lib.pruning.dynamics.rigl import RigL as RigL
from lth_lib.pruning.dynamics.set import SET as SET
