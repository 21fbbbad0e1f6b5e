"""Small images with labels: scikit-learn's digits, MNIST, Fashion-MNIST and CIFAR-10."""

import gzip
import io
import lzma
import os
import tarfile
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from ibcourse.data.download import DataError, Source, fetch, own_folder

# SHA-256 of the original files, computed from copies whose md5 is the published one.
_MNIST = Source(
    "mnist",
    ("https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/"),
    {
        "train-images-idx3-ubyte.gz": (
            "sha256:440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
        ),
        "train-labels-idx1-ubyte.gz": (
            "sha256:3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
        ),
        "t10k-images-idx3-ubyte.gz": (
            "sha256:8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
        ),
        "t10k-labels-idx1-ubyte.gz": (
            "sha256:f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
        ),
    },
    most=16_000_000,
)
# As torchvision's source states them; not verified here.
_FASHION = Source(
    "fashion-mnist",
    (
        "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
        "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
    ),
    {
        "train-images-idx3-ubyte.gz": "md5:8d4fb7e6c68d591d4c3dfef9ec88bf0d",
        "train-labels-idx1-ubyte.gz": "md5:25c81989df183df01b3e8a0aad5dffbe",
        "t10k-images-idx3-ubyte.gz": "md5:bef4ecab320f06d8554ea6380940ec79",
        "t10k-labels-idx1-ubyte.gz": "md5:bb300cfdad3c16e7a12a480ee83cd310",
    },
    most=64_000_000,
)
_CIFAR10_FILE = "cifar-10-binary.tar.gz"
_BATCH = 10_000 * 3073  # bytes
# As the publisher's page states it; not verified here.
_CIFAR10 = Source(
    "cifar10",
    ("https://www.cs.toronto.edu/~kriz/",),
    {_CIFAR10_FILE: "md5:c32a1d4ab5d03f1284b67883e8d87530"},
    most=200_000_000,
)
_IDX_SHAPES: dict[str, tuple[int, ...]] = {
    "train-images-idx3-ubyte.gz": (60_000, 28, 28),
    "train-labels-idx1-ubyte.gz": (60_000,),
    "t10k-images-idx3-ubyte.gz": (10_000, 28, 28),
    "t10k-labels-idx1-ubyte.gz": (10_000,),
}
_AGAIN = "Replace it and try again."
_FASHION_CLASSES = (
    "T-shirt/top",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
)
_CIFAR10_CLASSES = (
    "airplane",
    "automobile",
    "bird",
    "cat",
    "deer",
    "dog",
    "frog",
    "horse",
    "ship",
    "truck",
)


@dataclass(frozen=True, eq=False)
class Images:
    """Images with labels, for training and for testing.

    Attributes
    ----------
    name : str
        The name by which `load` knows them.
    x_train, x_test : array of uint8, shape (N, C, H, W)
        Images, channels, rows and columns; 0 is black, or no ink.
    y_train, y_test : array of int64, shape (N,)
        The class of each image.
    white : int
        The largest value that a pixel can have.
    classes : tuple of str
        What each class is.
    source : str
        Where they come from, and under what licence.
    note : str
        What to know before citing a result; "" if nothing.
    """

    name: str
    x_train: np.ndarray = field(repr=False)
    y_train: np.ndarray = field(repr=False)
    x_test: np.ndarray = field(repr=False)
    y_test: np.ndarray = field(repr=False)
    white: int
    classes: tuple[str, ...]
    source: str
    note: str = ""


def digits() -> Images:
    """Return scikit-learn's 1797 handwritten digits of 8 by 8 pixels: 1437 for training, 360 for testing.

    Examples
    --------
    >>> digits().x_train.shape
    (1437, 1, 8, 8)
    """
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split

    data = load_digits()
    x = data.images[:, None].astype(np.uint8)
    y = data.target.astype(np.int64)
    x_train, x_test, y_train, y_test = train_test_split(x, y, test_size=360, stratify=y, random_state=0)
    return Images(
        "digits",
        x_train,
        y_train,
        x_test,
        y_test,
        white=16,
        classes=tuple("0123456789"),
        source="E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning "
        "Repository (1998), its test part as shipped with scikit-learn; CC BY 4.0; split by scikit-learn's "
        "train_test_split, stratified by class, random_state 0",
    )


def mnist() -> Images:
    """Return MNIST: handwritten digits of 28 by 28 pixels, 60,000 and 10,000."""
    return _from_idx(
        _MNIST,
        classes=tuple("0123456789"),
        source="Y. LeCun, C. Cortes and C. J. C. Burges, The MNIST database of handwritten digits; "
        "CC BY-SA 3.0; files checked by SHA-256",
    )


def permuted_mnist() -> Images:
    """Return MNIST with its pixels in another order, the same for all images."""
    images = mnist()
    order = np.random.default_rng(0).permutation(28 * 28)
    x_train, x_test = (
        x.reshape(-1, 28 * 28).take(order, axis=1).reshape(x.shape) for x in (images.x_train, images.x_test)
    )
    return replace(
        images,
        name="permuted-mnist",
        x_train=x_train,
        x_test=x_test,
        note="pixel i is pixel numpy.random.default_rng(0).permutation(784)[i] of MNIST, in every image",
    )


def fashion_mnist() -> Images:
    """Return Fashion-MNIST: pictures of clothes of 28 by 28 pixels, 60,000 and 10,000."""
    return _from_idx(
        _FASHION,
        classes=_FASHION_CLASSES,
        source="H. Xiao, K. Rasul and R. Vollgraf, Fashion-MNIST (2017); MIT; files checked by the MD5 that "
        "torchvision states, which the course has not verified",
    )


def _from_idx(files: Source, classes: tuple[str, ...], source: str) -> Images:
    x_train, y_train, x_test, y_test = (
        read_idx(fetch(files, name), shape) for name, shape in _IDX_SHAPES.items()
    )
    return Images(
        files.name,
        x_train[:, None],
        y_train.astype(np.int64),
        x_test[:, None],
        y_test.astype(np.int64),
        white=255,
        classes=classes,
        source=source,
    )


def read_idx(path: Path, shape: tuple[int, ...]) -> np.ndarray:
    """Return the bytes of a gzip-compressed IDX file.

    The file starts with two zero bytes, the type of its numbers (8: unsigned bytes), the number of axes, and
    the length of each axis in four bytes, the highest first.  The numbers follow, the last axis first.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    shape : tuple of int
        What it must hold.

    Returns
    -------
    array of uint8
        The numbers, in that shape.

    Raises
    ------
    DataError
        If the file is damaged or holds anything else.
    """
    header = bytes([0, 0, 8, len(shape)]) + np.array(shape, ">u4").tobytes()
    size = len(header) + int(np.prod(shape))
    try:
        with gzip.open(path) as file:
            content = file.read(size + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{path} cannot be read: {error}. {_AGAIN}") from error
    if content[: len(header)] != header:
        raise DataError(
            f"{path} starts with the bytes {content[: len(header)].hex(' ') or 'of nothing'}; expected "
            f"{header.hex(' ')}, unsigned bytes of shape {shape}. {_AGAIN}"
        )
    _check_size(content, size, path)
    return np.frombuffer(content, np.uint8, offset=len(header)).reshape(shape).copy()


def cifar10() -> Images:
    """Return CIFAR-10: colour pictures of 32 by 32 pixels, 50,000 and 10,000.

    Raises
    ------
    DataError
        If `fetch` does, or if the folder that ``IBCOURSE_DATA`` names holds a reconstruction instead of the
        original and ``IBCOURSE_RECONSTRUCTED`` is not 1, or if a batch is damaged or equal to another.
    """
    names = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]
    own = own_folder("cifar10")
    source = (
        "A. Krizhevsky, Learning multiple layers of features from tiny images (2009); "
        "the page of the data set states no licence"
    )
    note = ""
    if own is not None and not (own / _CIFAR10_FILE).exists() and (own / f"{names[0]}.xz").exists():
        if os.environ.get("IBCOURSE_RECONSTRUCTED") != "1":
            raise DataError(
                f"cifar10: {own} holds a reconstruction of the data set (*.bin.xz), not the original file "
                f"{_CIFAR10_FILE}. Set the environment variable IBCOURSE_RECONSTRUCTED to 1 to accept it; "
                "results then say so. Or put the original there, or unset IBCOURSE_DATA to download it."
            )
        files = [f"{own / name}.xz" for name in names]
        with ThreadPoolExecutor() as pool:  # seconds each, and lzma lets the other threads run
            batches = list(pool.map(_unpack_xz, map(Path, files)))
        note = "a reconstruction of CIFAR-10, not the original files: no checksum could be compared"
    else:
        path = fetch(_CIFAR10, _CIFAR10_FILE)
        files = [f"{path}: {name}" for name in names]
        batches = _unpack_tar(path, names)
        source += "; file checked by the MD5 that the page states, which the course has not verified"
    x, y = zip(*map(read_cifar10, batches, files), strict=True)
    for i, batch in enumerate(batches):
        if (same := batches.index(batch)) < i:
            raise DataError(f"{files[i]} is equal to {files[same]}; expected other images. {_AGAIN}")
    return Images(
        "cifar10",
        np.concatenate(x[:5]),
        np.concatenate(y[:5]),
        x[5],
        y[5],
        white=255,
        classes=_CIFAR10_CLASSES,
        source=source,
        note=note,
    )


def read_cifar10(content: bytes, name: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the images and labels of a batch in CIFAR-10's binary version.

    Parameters
    ----------
    content : bytes
        10,000 records of one byte for the label and 3072 for the pixels: the rows of red, of green, of blue.
    name : str
        What error messages call it.

    Returns
    -------
    x : array of uint8, shape (10000, 3, 32, 32)
        The images.
    y : array of int64, shape (10000,)
        The labels, 0 to 9.

    Raises
    ------
    DataError
        If it has another size, or a label above 9.
    """
    _check_size(content, _BATCH, name)
    records = np.frombuffer(content, np.uint8).reshape(-1, 3073)
    if (most := records[:, 0].max()) > 9:
        raise DataError(f"{name} has a label {most}; CIFAR-10 has 0 to 9. {_AGAIN}")
    return records[:, 1:].reshape(-1, 3, 32, 32).copy(), records[:, 0].astype(np.int64)


def _unpack_xz(path: Path) -> bytes:
    try:
        content = path.read_bytes()
        return lzma.LZMADecompressor(memlimit=2**28).decompress(content, max_length=_BATCH + 1)
    except (OSError, EOFError, lzma.LZMAError) as error:
        raise DataError(f"{path} cannot be read: {error}. {_AGAIN}") from error


def _unpack_tar(path: Path, names: list[str]) -> list[bytes]:
    """Return members of the archive by name; nothing is written to the disk."""
    try:
        with gzip.open(path) as file:
            content = file.read(7 * _BATCH)  # six batches and two small texts
        with tarfile.open(fileobj=io.BytesIO(content), mode="r:") as archive:
            members = [archive.extractfile(f"cifar-10-batches-bin/{name}") for name in names]
            return [member.read(_BATCH + 1) if member else b"" for member in members]
    except (OSError, EOFError, zlib.error, tarfile.TarError, KeyError) as error:
        raise DataError(f"{path} cannot be read: {error}. {_AGAIN}") from error


def _check_size(content: bytes, size: int, name: object) -> None:
    if len(content) != size:
        found = f"more than {size}" if len(content) > size else f"{len(content)} of {size}"
        raise DataError(f"{name} has {found} bytes. {_AGAIN}")
