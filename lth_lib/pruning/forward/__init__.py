"""A forward says what weights the loss sees, what is trained beside them, and the masks it leaves."""

from lth_lib.pruning.forward.base import Forward as Forward
from lth_lib.pruning.forward.masked import Masked as Masked
from lth_lib.pruning.forward.movement import Movement as Movement
from lth_lib.pruning.forward.popup import Popup as Popup
from lth_lib.pruning.forward.srste import SRSTE as SRSTE
