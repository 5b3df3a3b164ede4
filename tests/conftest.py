"""Tests are small, so one thread is fastest; and results are equal bit for bit only at one number of threads."""

from __future__ import annotations

import torch

torch.set_num_threads(1)
