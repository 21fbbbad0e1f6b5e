"""Data sets by name, what the lessons count in them, and records of long runs."""

from collections.abc import Callable
from functools import partial
from typing import Any

from ibcourse import pip_install
from ibcourse.data.download import DataError
from ibcourse.data.images import Images, cifar10, digits, fashion_mnist, mnist, permuted_mnist
from ibcourse.data.known import Task, known_information
from ibcourse.data.prose import letter_counts, letter_pair_counts, prose, topic_word_counts
from ibcourse.data.records import record, write_record
from ibcourse.data.tables import Measurements, breast_cancer, photograph
from ibcourse.data.toy import ToyProblem, szt

__all__ = [
    "DataError",
    "Images",
    "Measurements",
    "Task",
    "ToyProblem",
    "letter_counts",
    "letter_pair_counts",
    "load",
    "record",
    "topic_word_counts",
    "write_record",
]

_LOADERS: dict[str, Callable[[], Any]] = {
    "prose": prose,
    "china": partial(photograph, "china"),
    "flower": partial(photograph, "flower"),
    "breast-cancer": breast_cancer,
    "digits": digits,
    "mnist": mnist,
    "permuted-mnist": permuted_mnist,
    "fashion-mnist": fashion_mnist,
    "cifar10": cifar10,
    "szt": szt,
    "known-information": known_information,
}


def load(name: str) -> Any:
    """Return a data set of the course.

    =========================== ==========================================================================
    ``"digits"``                `Images`: 1797 handwritten digits of 8 by 8 pixels, which scikit-learn brings
    ``"mnist"``                 `Images`: 70,000 handwritten digits of 28 by 28 pixels
    ``"permuted-mnist"``        `Images`: the same, with the pixels of all in one other order
    ``"fashion-mnist"``         `Images`: 70,000 pictures of clothes of 28 by 28 pixels
    ``"cifar10"``               `Images`: 60,000 colour pictures of 32 by 32 pixels
    ``"szt"``                   `ToyProblem`: 4096 strings of 12 bits, each with a label
    ``"known-information"``     dict of `Task`: pairs of random vectors whose information is known
    ``"prose"``                 str: the English text of Python's help topics
    ``"china"``, ``"flower"``   array of uint8, shape (427, 640, 3): photographs in red, green and blue
    ``"breast-cancer"``         `Measurements` of 569 tumours
    =========================== ==========================================================================

    Parameters
    ----------
    name : str
        One of these.

    Returns
    -------
    Images, ToyProblem, dict of Task, str, array or Measurements
        The data; arrays are the caller's own.

    Raises
    ------
    ValueError
        If there is no data set of that name; the message lists those there are.
    DataError
        If a file is missing and cannot be downloaded, or is not the right one; or if a library is missing.

    Notes
    -----
    MNIST, Fashion-MNIST and CIFAR-10 are downloaded at first use into the user's cache, and checked by their
    checksums.  Without a network, put the files into a folder of this layout, and set the environment
    variable ``IBCOURSE_DATA`` to it::

        mnist/          train-images-idx3-ubyte.gz  train-labels-idx1-ubyte.gz
                        t10k-images-idx3-ubyte.gz   t10k-labels-idx1-ubyte.gz
        fashion-mnist/  the same four names
        cifar10/        cifar-10-binary.tar.gz

    A reconstruction of CIFAR-10, ``data_batch_1.bin.xz`` to ``data_batch_5.bin.xz`` and
    ``test_batch.bin.xz`` in place of the archive, is taken only if ``IBCOURSE_RECONSTRUCTED`` is 1.
    ``Images.note`` then says so, and so must every result.

    Examples
    --------
    >>> images = load("digits")
    >>> images.x_train.shape, images.x_test.shape
    ((1437, 1, 8, 8), (360, 1, 8, 8))
    """
    if name not in _LOADERS:
        raise ValueError(f'there is no data set "{name}"; expected one of: {", ".join(_LOADERS)}.')
    try:
        return _LOADERS[name]()
    except ModuleNotFoundError as error:
        raise DataError(
            f"{name} needs {error.name}, which is not installed: {pip_install('labs')}."
        ) from error
