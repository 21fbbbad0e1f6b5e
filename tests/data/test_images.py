"""Images and the toy problem: what they hold, and readers that refuse what is damaged."""

import gzip
import hashlib
import io
import lzma
import tarfile
import tracemalloc

import numpy as np
import pytest
from scipy.io import loadmat

from ibcourse.data import DataError, images, load
from ibcourse.data.images import read_idx
from ibcourse.data.toy import FILE


def check(found, sizes, shape, white):
    for x, y, size in zip((found.x_train, found.x_test), (found.y_train, found.y_test), sizes, strict=True):
        assert x.shape == (size, *shape)
        assert y.shape == (size,)
        assert (x.dtype, y.dtype) == (np.uint8, np.int64)
        assert x.flags.c_contiguous
        assert x.flags.writeable
        assert set(y) == set(range(10))
    assert (found.x_train.max(), found.white) == (white, white)
    assert len(found.classes) == 10
    assert len(found.source) > 20


def test_digits_are_those_of_scikit_learn_split_by_class():
    from sklearn.datasets import load_digits

    found = load("digits")
    check(found, (1437, 360), (1, 8, 8), 16)
    assert found.note == ""
    ours = np.concatenate([found.x_train, found.x_test])[:, 0]
    theirs = load_digits().images
    assert sorted(map(bytes, ours)) == sorted(map(bytes, theirs.astype(np.uint8)))
    counts = np.bincount(found.y_test)
    np.testing.assert_allclose(counts, 360 * np.bincount(load_digits().target) / 1797, atol=1)


def test_the_split_of_the_digits_is_fixed():
    found = load("digits")
    digest = hashlib.sha256(found.x_test.tobytes() + found.y_test.tobytes()).hexdigest()
    assert digest == "3ea49a6c5c1f0810a1e9f1178f9d79a4469c14576fbaaec2880a46a2f2a8928b"


def test_the_toy_problem_has_every_input_once_and_nearly_one_bit():
    toy = load("szt")
    assert toy.inputs.dtype == np.uint8
    assert sorted(toy.inputs @ (1 << np.arange(12))) == list(range(4096))
    content = loadmat(FILE)
    np.testing.assert_array_equal(toy.inputs, content["F"])
    np.testing.assert_array_equal(toy.labels, content["y"].ravel())
    p = np.bincount(toy.labels) / 4096
    assert -p @ np.log2(p) == pytest.approx(0.99916, abs=5e-6)


def idx(array, kind=8):
    header = bytes([0, 0, kind, array.ndim]) + b"".join(n.to_bytes(4, "big") for n in array.shape)
    return header + array.tobytes()


def batch(rng, n=20):
    labels = rng.permutation(np.arange(n, dtype=np.uint8) % 10)
    pixels = rng.integers(256, size=(n, 3072), dtype=np.uint8)
    return labels, pixels, np.concatenate([labels[:, None], pixels], axis=1).tobytes()


def archive(batches, member="cifar-10-batches-bin/{}"):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, content in batches.items():
            info = tarfile.TarInfo(member.format(name))
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return out.getvalue()


NAMES = [*(f"data_batch_{i}.bin" for i in range(1, 6)), "test_batch.bin"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The folder that ``IBCOURSE_DATA`` names, for data sets that are small here."""
    monkeypatch.setenv("IBCOURSE_DATA", str(tmp_path))
    monkeypatch.delenv("IBCOURSE_RECONSTRUCTED", raising=False)
    monkeypatch.setattr(images, "_BATCH", 20 * 3073)
    for name in "mnist", "fashion-mnist", "cifar10":
        (tmp_path / name).mkdir()
    return tmp_path


def place(folder, monkeypatch, source, contents):
    """Put files there and make their checksums those that the course expects."""
    known = {name: f"sha256:{hashlib.sha256(content).hexdigest()}" for name, content in contents.items()}
    monkeypatch.setattr(images, source, getattr(images, source)._replace(checksums=known))
    for name, content in contents.items():
        (folder / getattr(images, source).name / name).write_bytes(content)


@pytest.fixture
def idx_files(monkeypatch):
    rng = np.random.default_rng(0)
    shapes = dict(zip(images._IDX_SHAPES, [(40, 28, 28), (40,), (20, 28, 28), (20,)], strict=True))
    monkeypatch.setattr(images, "_IDX_SHAPES", shapes)
    arrays = {
        name: rng.permutation(np.arange(np.prod(shape)) % (10 if len(shape) == 1 else 256)).reshape(shape)
        for name, shape in shapes.items()
    }
    return {name: array.astype(np.uint8) for name, array in arrays.items()}


@pytest.mark.parametrize(("name", "source"), [("mnist", "_MNIST"), ("fashion-mnist", "_FASHION")])
def test_what_the_four_files_hold_is_what_is_loaded(folder, monkeypatch, idx_files, name, source):
    place(folder, monkeypatch, source, {key: gzip.compress(idx(array)) for key, array in idx_files.items()})
    found = load(name)
    check(found, (40, 20), (1, 28, 28), 255)
    assert found.name == name
    x_train, y_train, x_test, y_test = idx_files.values()
    np.testing.assert_array_equal(found.x_train[:, 0], x_train)
    np.testing.assert_array_equal(found.y_train, y_train)
    np.testing.assert_array_equal(found.x_test[:, 0], x_test)
    np.testing.assert_array_equal(found.y_test, y_test)
    assert found.note == ""
    assert ("not verified" in found.source) == (name == "fashion-mnist")


def test_permuted_mnist_moves_every_image_in_the_same_way(folder, monkeypatch, idx_files):
    place(folder, monkeypatch, "_MNIST", {key: gzip.compress(idx(x)) for key, x in idx_files.items()})
    plain, permuted = load("mnist"), load("permuted-mnist")
    check(permuted, (40, 20), (1, 28, 28), 255)
    order = np.random.default_rng(0).permutation(784)
    assert "default_rng(0).permutation(784)" in permuted.note
    for before, after in (plain.x_train, permuted.x_train), (plain.x_test, permuted.x_test):
        for i in 0, 100, 783:
            np.testing.assert_array_equal(after.reshape(-1, 784)[:, i], before.reshape(-1, 784)[:, order[i]])
    np.testing.assert_array_equal(permuted.y_train, plain.y_train)
    assert (permuted.name, plain.note) == ("permuted-mnist", "")


def test_cifar10_is_read_from_its_archive(folder, monkeypatch):
    rng = np.random.default_rng(0)
    batches = {name: batch(rng) for name in NAMES}
    content = archive({"readme.html": b"<html>"} | {name: whole for name, (_, _, whole) in batches.items()})
    place(folder, monkeypatch, "_CIFAR10", {"cifar-10-binary.tar.gz": content})
    found = load("cifar10")
    check(found, (100, 20), (3, 32, 32), 255)
    labels, pixels, _ = batches["data_batch_2.bin"]
    np.testing.assert_array_equal(found.y_train[20:40], labels)
    np.testing.assert_array_equal(found.x_train[20:40, 2, 1, 3], pixels[:, 2 * 1024 + 32 + 3])
    np.testing.assert_array_equal(found.y_test, batches["test_batch.bin"][0])
    np.testing.assert_array_equal(found.x_test.reshape(20, -1), batches["test_batch.bin"][1])
    assert found.note == ""
    assert "not verified" in found.source
    assert {path.name for path in (folder / "cifar10").iterdir()} == {"cifar-10-binary.tar.gz"}


def test_a_reconstruction_is_taken_only_when_told_so_and_is_called_one(folder, monkeypatch):
    rng = np.random.default_rng(0)
    for name in NAMES:
        (folder / "cifar10" / f"{name}.xz").write_bytes(lzma.compress(batch(rng)[2]))
    with pytest.raises(DataError, match=r"cifar10: .* holds a reconstruction.*IBCOURSE_RECONSTRUCTED to 1"):
        load("cifar10")
    monkeypatch.setenv("IBCOURSE_RECONSTRUCTED", "1")
    found = load("cifar10")
    check(found, (100, 20), (3, 32, 32), 255)
    assert "reconstruction" in found.note
    assert "MD5" not in found.source


def test_the_original_is_preferred_to_a_reconstruction(folder, monkeypatch):
    rng = np.random.default_rng(0)
    place(folder, monkeypatch, "_CIFAR10", {images._CIFAR10_FILE: archive({n: batch(rng)[2] for n in NAMES})})
    (folder / "cifar10" / "data_batch_1.bin.xz").write_bytes(b"")
    monkeypatch.setenv("IBCOURSE_RECONSTRUCTED", "1")
    assert load("cifar10").note == ""


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (lzma.compress(bytes(20 * 3073 + 1)), "has more than 61460 bytes"),
        (lzma.compress(bytes(3073)), "has 3073 of 61460 bytes"),
        (lzma.compress(bytes(20 * 3073))[:-40], "has"),
        (b"", "0 of 61460 bytes"),
        (b"no xz", "cannot be read"),
        (lzma.compress(bytes([10]) + bytes(20 * 3073 - 1)), "has a label 10; CIFAR-10 has 0 to 9"),
    ],
    ids=["long", "short", "cut", "empty", "other", "label"],
)
def test_a_damaged_batch_is_refused(folder, monkeypatch, content, words):
    monkeypatch.setenv("IBCOURSE_RECONSTRUCTED", "1")
    for name in NAMES:
        (folder / "cifar10" / f"{name}.xz").write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        load("cifar10")
    assert str(folder / "cifar10" / "data_batch_1.bin.xz") in str(caught.value)


def test_one_batch_in_the_place_of_another_is_refused(folder, monkeypatch):
    monkeypatch.setenv("IBCOURSE_RECONSTRUCTED", "1")
    rng = np.random.default_rng(0)
    for name in NAMES:
        (folder / "cifar10" / f"{name}.xz").write_bytes(lzma.compress(batch(rng)[2]))
    second = (folder / "cifar10" / "data_batch_2.bin.xz").read_bytes()
    (folder / "cifar10" / "data_batch_3.bin.xz").write_bytes(second)
    with pytest.raises(DataError, match=r"data_batch_3.bin.xz is equal to .*data_batch_2.bin.xz"):
        load("cifar10")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (archive({"data_batch_1.bin": bytes(20 * 3073)}), "test_batch|data_batch_2"),
        (archive({name: bytes(20 * 3073) for name in NAMES}, "../../{}"), "data_batch_1"),
        (archive({name: bytes(20 * 3073 + 1) for name in NAMES}), "more than 61460 bytes"),
        (archive({name: bytes(20 * 3073) for name in NAMES})[:-100], "cannot be read"),
        (gzip.compress(b"no tar"), "cannot be read"),
        (b"no gzip", "cannot be read"),
    ],
    ids=["incomplete", "elsewhere", "long", "cut", "no-tar", "no-gzip"],
)
def test_a_damaged_archive_is_refused_whatever_its_checksum(folder, monkeypatch, content, words):
    place(folder, monkeypatch, "_CIFAR10", {images._CIFAR10_FILE: content})
    with pytest.raises(DataError, match=words):
        load("cifar10")
    assert {path.name for path in folder.iterdir()} == {"mnist", "fashion-mnist", "cifar10"}


def test_a_member_that_is_no_file_is_refused(folder, monkeypatch):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name in NAMES:
            info = tarfile.TarInfo(f"cifar-10-batches-bin/{name}")
            info.type = tarfile.DIRTYPE
            tar.addfile(info)
    place(folder, monkeypatch, "_CIFAR10", {images._CIFAR10_FILE: out.getvalue()})
    with pytest.raises(DataError, match=r"data_batch_1\.bin has 0 of 61460 bytes"):
        load("cifar10")


@pytest.mark.parametrize("reader", ["idx", "xz", "tar"])
def test_a_bomb_is_unpacked_no_further_than_the_known_size(folder, monkeypatch, reader):
    bomb = bytes(10**8)
    if reader == "idx":
        (folder / "file.gz").write_bytes(gzip.compress(idx(np.zeros((3, 2, 2), np.uint8)) + bomb, 1))
    elif reader == "xz":
        monkeypatch.setenv("IBCOURSE_RECONSTRUCTED", "1")
        (folder / "cifar10" / "data_batch_1.bin.xz").write_bytes(lzma.compress(bomb, preset=0))
    else:
        place(folder, monkeypatch, "_CIFAR10", {images._CIFAR10_FILE: archive({NAMES[0]: bomb})})
    del bomb
    tracemalloc.start()
    with pytest.raises(DataError):
        read_idx(folder / "file.gz", (3, 2, 2)) if reader == "idx" else load("cifar10")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 5e6


GOOD = idx(np.arange(12, dtype=np.uint8).reshape(3, 2, 2))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (gzip.compress(idx(np.zeros((3, 2, 2), np.uint8), kind=9)), "starts with the bytes 00 00 09 03"),
        (gzip.compress(idx(np.zeros((3, 4), np.uint8))), "starts with the bytes 00 00 08 02"),
        (gzip.compress(idx(np.zeros((2, 2, 3), np.uint8))), "expected 00 00 08 03 00 00 00 03 00 00 00 02"),
        (gzip.compress(GOOD[:-1]), "has 27 of 28 bytes"),
        (gzip.compress(GOOD + b"x"), "has more than 28 bytes"),
        (gzip.compress(b""), "starts with the bytes of nothing"),
        (gzip.compress(GOOD)[:-12], "cannot be read"),
        (gzip.compress(GOOD)[:10] + b"\xff" * 20, "cannot be read"),
        (b"<html>", "cannot be read"),
    ],
    ids=["kind", "axes", "shape", "short", "long", "empty", "cut", "noise", "page"],
)
def test_a_damaged_idx_file_is_refused(tmp_path, content, words):
    path = tmp_path / "file.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=words) as caught:
        read_idx(path, (3, 2, 2))
    assert str(path) in str(caught.value)


def test_an_idx_file_is_read(tmp_path):
    path = tmp_path / "file.gz"
    path.write_bytes(gzip.compress(GOOD))
    np.testing.assert_array_equal(read_idx(path, (3, 2, 2)), np.arange(12).reshape(3, 2, 2))
