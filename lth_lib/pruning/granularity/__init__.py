"""A granularity divides the parameters into groups that stay or go together."""

from lth_lib.pruning.granularity.base import Granularity as Granularity
from lth_lib.pruning.granularity.base import Groups as Groups
from lth_lib.pruning.granularity.base import Set as Set
from lth_lib.pruning.granularity.base import Sets as Sets
from lth_lib.pruning.granularity.base import pool as pool
from lth_lib.pruning.granularity.base import spread as spread
from lth_lib.pruning.granularity.channels import Channel as Channel
from lth_lib.pruning.granularity.channels import Unit as Unit
from lth_lib.pruning.granularity.weight import Weight as Weight
