"""Training of fully connected networks on a CPU, compiled by numba, which is imported with this folder only."""

from lth_lib.training.kernels.compiled.kernel import CompiledKernel as CompiledKernel
