"""What networks are made for: CIFAR-10, and images as small as most of them take."""

from __future__ import annotations

from lth_lib.data import CIFAR10

CIFAR, SMALL = CIFAR10(), (3, 8, 8)
