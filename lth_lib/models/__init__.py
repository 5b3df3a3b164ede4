"""A network written for one replicate, and which of its tensors may be pruned."""

from lth_lib.models.model import BatchNorm as BatchNorm
from lth_lib.models.model import Layer as Layer
from lth_lib.models.model import Model as Model
from lth_lib.models.model import check_layers as check_layers
from lth_lib.models.model import initial as initial
from lth_lib.models.networks import VGG as VGG
from lth_lib.models.networks import Conv as Conv
from lth_lib.models.networks import LeNet as LeNet
from lth_lib.models.networks import ResNet as ResNet
