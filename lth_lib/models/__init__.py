"""A network written for one replicate, which of its tensors may be pruned, and which channels its layers share."""

from lth_lib.models.built import refuse_chance as refuse_chance
from lth_lib.models.channels import Channels as Channels
from lth_lib.models.channels import between as between
from lth_lib.models.channels import chained as chained
from lth_lib.models.model import BatchNorm as BatchNorm
from lth_lib.models.model import Layer as Layer
from lth_lib.models.model import Model as Model
from lth_lib.models.model import Shapes as Shapes
from lth_lib.models.model import Start as Start
from lth_lib.models.model import check_layers as check_layers
from lth_lib.models.model import conv as conv
from lth_lib.models.model import dense as dense
from lth_lib.models.model import drawn as drawn
from lth_lib.models.model import glorot as glorot
from lth_lib.models.model import initial as initial
from lth_lib.models.model import shapes as shapes
from lth_lib.models.module import Module as Module
from lth_lib.models.networks import VGG as VGG
from lth_lib.models.networks import Conv as Conv
from lth_lib.models.networks import LeNet as LeNet
from lth_lib.models.networks import ResNet as ResNet
from lth_lib.models.products import products as products
from lth_lib.models.transformer import Transformer as Transformer
