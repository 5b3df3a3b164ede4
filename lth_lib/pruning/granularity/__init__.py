"""A granularity divides the parameters into groups that stay or go together: weights, units, channels."""

from lth_lib.pruning.granularity.base import Granularity, Groups, Set, Sets, check_groups, pool, spread
from lth_lib.pruning.granularity.channels import Channel, Unit
from lth_lib.pruning.granularity.weight import Weight

__all__ = ["Channel", "Granularity", "Groups", "Set", "Sets", "Unit", "Weight", "check_groups", "pool", "spread"]
