"""A small transformer: a network of sequences whose layer norms have no weights to prune."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from lth_lib.models.model import BatchNorm, Layer, Model, Shape, Start, dense, drawn
from lth_lib.replicates import Tree
from lth_lib.spec import require


@dataclass(frozen=True)
class Transformer(Model):
    """Blocks of attention and of a hidden layer four times as wide, each behind a layer norm (Vaswani et al. 2017).

    Inputs are tokens [B, T] below `tokens`. `causal`: a position attends to itself and those before it, and each has
    logits, [B, T, classes], as a next token needs; else they are of the mean over positions, [B, classes].
    """

    tokens: int
    width: int = 32
    depth: int = 2
    heads: int = 2
    causal: bool = False

    def __post_init__(self) -> None:
        """Refuse sizes that are no network."""
        super().__post_init__()
        for name in ("tokens", "width", "depth", "heads"):
            require(getattr(self, name) > 0, f"{name} was {getattr(self, name)!r}; it is 1 or more.")
        require(self.width % self.heads == 0, f"width was {self.width}; it is a multiple of heads, {self.heads}.")

    def layers(self, shape: Shape, classes: int) -> tuple[Layer, ...]:
        """Return the embeddings, each block's q, k, v, o, up and down with their norms, and out."""
        require(len(shape) == 1, f"A transformer was given inputs of shape {shape}; it takes tokens of shape (T,).")
        wide = self.width
        out = [Layer("token", (self.tokens, wide), "embed", bias=False)]
        out.append(Layer("place", (shape[0], wide), "embed", bias=False))
        for block in self._blocks():
            out.append(Layer(f"{block}.norm1", (wide,), "norm", bias=False))
            # A bias of k would add the same to all scores of a query, which their softmax does not see.
            out += [Layer(f"{block}.{name}", (wide, wide), "attention", bias=name != "k") for name in "qkvo"]
            out.append(Layer(f"{block}.norm2", (wide,), "norm", bias=False))
            out.append(Layer(f"{block}.up", (4 * wide, wide), "fc"))
            out.append(Layer(f"{block}.down", (wide, 4 * wide), "fc", reads=f"{block}.up"))
        return (*out, Layer("norm", (wide,), "norm", bias=False), Layer("out", (classes, wide), "out"))

    def start(self, shape: Shape, classes: int, seed: int, salt: str) -> Start:
        """Return Glorot's weights."""
        return drawn(self.layers(shape, classes), seed, salt)

    def apply(self, p: Tree, x: torch.Tensor, norm: BatchNorm) -> torch.Tensor:
        """Return the logits."""
        h = F.embedding(x, p["token.weight"]) + p["place.weight"]
        for block in self._blocks():
            h = h + self._attend(p, block, _norm(p, f"{block}.norm1", h))
            h = h + dense(p, f"{block}.down", F.gelu(dense(p, f"{block}.up", _norm(p, f"{block}.norm2", h))))
        h = _norm(p, "norm", h)
        return dense(p, "out", h if self.causal else h.mean(1))

    def _blocks(self) -> list[str]:
        return [f"block{i + 1}" for i in range(self.depth)]

    def _attend(self, p: Tree, block: str, x: torch.Tensor) -> torch.Tensor:
        q, k, v = (self._heads(dense(p, f"{block}.{name}", x)) for name in "qkv")  # [B, heads, T, width / heads]
        scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
        if self.causal:
            later = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool, device=x.device).triu(1)
            scores = scores.masked_fill(later, -torch.inf)
        return dense(p, f"{block}.o", (scores.softmax(-1) @ v).transpose(1, 2).flatten(2))

    def _heads(self, x: torch.Tensor) -> torch.Tensor:
        return x.unflatten(2, (self.heads, -1)).transpose(1, 2)


def _norm(p: Tree, name: str, x: torch.Tensor) -> torch.Tensor:
    """Return x [..., width] with mean 0 and deviation 1 over its last axis, scaled and shifted."""
    return F.layer_norm(x, x.shape[-1:], p[f"{name}.scale"], p[f"{name}.shift"])
