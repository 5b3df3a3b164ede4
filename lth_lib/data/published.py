"""What was published: each data set's files, counts and fingerprints."""

from __future__ import annotations

from lth_lib.data.sources import Source

_EITHER = (
    "set LTH_DATA to the folder that holds {0}/train-*.parquet and {0}/test-*.parquet (the Hugging Face data set {1}), "
    "or to one with torchvision's files of it"
)
_REINSTALL = "it is a part of the package: check it out or install it again"

MNIST = Source(
    name="mnist",
    folder="mnist",
    shape=(1, 28, 28),
    counts=(60_000, 10_000),
    contents=(
        "3655811c0e1223700a4714a92a51f55bd215ed7dc1fa2baa4326a2b58042d82d",
        "634538fb34c5277fce98470b8b285d1e8419eb87f328da42ef1faf690d2c3911",
    ),
    published="MNIST",
    get=_EITHER.format("mnist", "ylecun/mnist"),
)
FASHION_MNIST = Source(
    name="fashion_mnist",
    folder="fashion_mnist",
    shape=(1, 28, 28),
    counts=(60_000, 10_000),
    contents=(
        "0c69d5cdeb902b69084012f812f066de080317bb3c64f43ca87f910d8ec86906",
        "90c92c0507755a7d443edde8297ce4d0f131e42884e2e87e7fc9b81ffe215258",
    ),
    published="FashionMNIST",
    get=_EITHER.format("fashion_mnist", "zalando-datasets/fashion_mnist"),
)
CIFAR10 = {
    "exact": Source(
        name="cifar10",
        folder="cifar10",
        shape=(3, 32, 32),
        counts=(50_000, 10_000),
        contents=None,
        published="CIFAR10",
        get="set LTH_DATA to the folder that holds torchvision's cifar-10-batches-py/",
    ),
    "jpeg75": Source(
        name="cifar10-jpeg75",
        folder="cifar10",
        shape=(3, 32, 32),
        counts=(50_000, 10_000),
        contents=(
            "6713bdffc687c5e3489ebf568b0f2fb8f9d730e82ba22e77b550a932aa168428",
            "50c38556c507344ce977cec8c9e3ddb926ef893e59a79fba6bdddfe7dd3d18a0",
        ),
        published=None,
        get="set LTH_DATA to the folder that holds its JPEG files of quality 75 as cifar10/train-*.parquet and "
        "cifar10/test-*.parquet",
        jpeg=True,
    ),
}
MNIST_SAMPLE = Source(
    name="the sample of MNIST",
    folder="mnist",
    shape=(1, 28, 28),
    counts=(10_000, 2_000),
    contents=(
        "8d949432221ae12f674ae7b849620416dfd40945de4742b6fe3e9e65edeb5aa6",
        "788f8ada8b9fbe2180c71bf9ef51dbe3c812f2554c4cb4a1a8a4934e667f7320",
    ),
    published=None,
    get=_REINSTALL,
)
FASHION_MNIST_SAMPLE = Source(
    name="the sample of Fashion-MNIST",
    folder="fashion_mnist",
    shape=(1, 28, 28),
    counts=(5_000, 1_000),
    contents=(
        "0c59d0bfb4a4555b25c8ae9cf7358f418f88bee3164273c0ec818014e0879ef2",
        "602963d21a97be999ff0ddd5c48ddc812487633cd7468ab322a8bc0b37d1e04e",
    ),
    published=None,
    get=_REINSTALL,
)
CIFAR10_SAMPLE = Source(
    name="the sample of CIFAR-10",
    folder="cifar10",
    shape=(3, 32, 32),
    counts=(5_000, 1_000),
    contents=(
        "5694a45e18065858f5189cf9608127e1d2d0f3b9dde3cad787a51080fee44962",
        "e99930f3a93cde304a34da49f7efb1a59173b3b5082e90f9e117797eb789016a",
    ),
    published=None,
    get=_REINSTALL,
    jpeg=True,
)
