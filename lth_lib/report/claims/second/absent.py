"""Claims that have a number and no rule: what each says, and what a test of it would need."""

from __future__ import annotations

import dataclasses

DEEP = "a study of this network on CIFAR-10; the library has the network, and no study trains it"
ORDERS = "the same network trained in two orders of its data; the library measures barriers, and no study asks for one"
LATENCY = "trained sparse networks, timed on a GPU with kernels made for their sparsity"


@dataclasses.dataclass(frozen=True)
class Absent:
    """A claim that is not tested, what is published of it, and what is not here that a test would need."""

    number: int
    text: str
    published: str
    needs: str


ABSENT = (
    Absent(
        8,
        "Conv-4: a ticket stops earlier than the dense network, and another is more accurate.",
        "3.5 times as early at 9.2 %, +3.5 points at 11.1 %",
        DEEP,
    ),
    Absent(
        9,
        "Conv-6: a ticket stops earlier than the dense network, and another is more accurate.",
        "2.5 times as early at 15.1 %, +3.3 points at 26.4 %",
        DEEP,
    ),
    Absent(
        10,
        "VGG-19 at a learning rate of 0.01 stays near the dense network.",
        "within 1 point down to 3.5 %; the paper does not call these winning tickets",
        DEEP,
    ),
    Absent(
        11,
        "VGG-19 at a learning rate of 0.1 has winning tickets, with warm-up.",
        "down to 1.5 %",
        DEEP,
    ),
    Absent(
        12,
        "ResNet-18, which is the ResNet-20 of others, has winning tickets, with warm-up.",
        "90.5 % accurate at 27.1 % of the weights, tickets down to 11.8 %",
        DEEP,
    ),
    Absent(
        15,
        "Larger networks have tickets only when they go back to an early step, not to the start.",
        "back to a step between 0.1 and 7 % of training",
        "a study of a network that has none at the start; only LeNet-300-100 is rewound here",
    ),
    Absent(
        16,
        "Tickets match the dense network only when they are stable: when the order of the data does not matter.",
        "a barrier of less than 2 % between two orders",
        ORDERS,
    ),
    Absent(
        19,
        "Sparse networks are faster on a GPU: a little where single weights go, most where whole units do.",
        "1.2 to 2 times; with 2:4 about twice; with units 5 to 8 times; no source given",
        LATENCY,
    ),
    Absent(
        20,
        "A network of random weights contains a network that needs no training.",
        "a theorem on networks that are wide enough",
        "masks that are learned in networks of many widths; the library learns masks, and no study varies the width",
    ),
    Absent(
        21,
        "Of the initial values, signs matter and sizes matter less.",
        "masks alone read 86 % of MNIST and 41 % of CIFAR-10, without training",
        "a study of signs; the library has such weights, and only a page that trains a small network uses them",
    ),
    Absent(
        22,
        "The mask can be found early in training, which saves most of it.",
        "up to 4.7 times less energy, by its authors",
        "masks that are drawn and compared while a network trains",
    ),
    Absent(
        23,
        "Pruned, quantised and coded, a network is a fraction of its size.",
        "35 to 49 times smaller; LeNet-300-100 40 times",
        "weights that share their values, and a code for them; the formats here keep 32 bits for each",
    ),
    Absent(
        25,
        "BERT has tickets, and among structured ones the bad are as good as the good.",
        "at 40 to 90 % sparsity",
        "a trained language model, and the tasks that it is fine-tuned for",
    ),
    Absent(
        26,
        "Graph networks have tickets whose graph is pruned together with the weights.",
        "of graphs of citations",
        "graphs, and masks of their edges",
    ),
    Absent(
        27,
        "Diffusion models have tickets with very few weights.",
        "90 to 99 % removed, of small models",
        "a network that removes noise, and a measure of the pictures it makes",
    ),
    Absent(
        28,
        "Reinforcement learning needs more weights than learning the same behaviour from examples.",
        "no size given",
        "a world to act in",
    ),
    Absent(
        29,
        "The tutorial: its code, which prunes 20 % in each of five rounds, adheres to the hypothesis.",
        "no size given",
        "the tutorial's code, run as it is printed",
    ),
)
"""Every claim of the sources that has no rule, by number; with the rules they leave out no number."""
