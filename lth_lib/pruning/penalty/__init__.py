"""A penalty is added to the loss, by the parameters and by what the loss sees of them."""

from lth_lib.pruning.penalty.base import Penalty as Penalty
from lth_lib.pruning.penalty.scales import Scales as Scales
from lth_lib.pruning.penalty.unseen import Unseen as Unseen
