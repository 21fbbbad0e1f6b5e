"""Downloads from a server that misbehaves: refused with one clear error, and nothing left behind."""

import errno
import hashlib
import io
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace

import pooch.downloaders
import pytest

from ibcourse.data import DataError, download
from ibcourse.data.download import Source, fetch

CONTENT = bytes(range(256)) * 1000
SHA256 = "sha256:" + hashlib.sha256(CONTENT).hexdigest()
MD5 = "md5:" + hashlib.md5(CONTENT).hexdigest()
FAULTS = {
    "page": "is a web page",
    "cut": "IncompleteRead",
    "short": "not the original, or only a part of it",
    "other": "not the original, or only a part of it",
    "empty": "is empty",
    "missing": "404",
    "broken": "503",
    "loop": "redirects",
    "nowhere": "No connection adapters",
    "reset": "Remote end closed connection",
    "length": "cannot be read",
    "hang": "timed out",
    "stall": "timed out",
    "large": "larger than 300000 bytes",
    "endless": "larger than 300000 bytes",
}


class Handler(BaseHTTPRequestHandler):
    """A server that misbehaves, one way for each first part of a path."""

    def log_message(self, *_):
        pass

    def do_GET(self):
        self.server.asked.append(self.path)
        getattr(self, self.path.split("/")[1])()

    def send(self, content, status=200, length=None, **headers):
        self.send_response(status)
        if length != "unknown":
            self.send_header("Content-Length", str(len(content) if length is None else length))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def good(self):
        self.send(CONTENT)

    def slow(self):
        self.server.gate.wait(20)
        self.send(CONTENT)

    def page(self):
        self.send(b"\n<!DOCTYPE HTML>\n<html>Please sign in</html>", **{"Content-Type": "text/html"})

    def cut(self):
        self.send(CONTENT[:1000], length=len(CONTENT))

    def short(self):
        self.send(CONTENT[:1000], length="unknown")

    def other(self):
        self.send(CONTENT[::-1])

    def empty(self):
        self.send(b"")

    def missing(self):
        self.send(b"no such file", status=404)

    def broken(self):
        self.send(b"", status=503)

    def loop(self):
        self.send(b"", status=302, Location=self.path)

    def nowhere(self):
        self.send(b"", status=302, Location="file:///etc/passwd")

    def reset(self):
        self.connection.shutdown(socket.SHUT_RDWR)

    def length(self):
        self.send(CONTENT, length="many")

    def hang(self):
        self.server.closing.wait(20)

    def stall(self):
        self.send(CONTENT[:1000], length=len(CONTENT))
        self.wfile.flush()
        self.server.closing.wait(20)

    def large(self):
        self.send(CONTENT, length=10**12)
        self.server.closing.wait(20)

    def endless(self):
        self.send(b"", length="unknown")
        for _ in range(100):
            self.wfile.write(CONTENT)


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, *_):
        """A client that gives up is what the tests want."""


@pytest.fixture
def server() -> Iterator[SimpleNamespace]:
    """The address of the server, the paths that were asked for, and the gate at which ``/slow`` waits."""
    with Server(("127.0.0.1", 0), Handler) as running:
        running.asked, running.gate, running.closing = [], threading.Event(), threading.Event()
        thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        yield SimpleNamespace(
            address=f"http://127.0.0.1:{running.server_port}", asked=running.asked, gate=running.gate
        )
        running.closing.set()
        running.gate.set()
        running.shutdown()
        thread.join()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """An empty cache, and no folder of the reader's own."""
    monkeypatch.setattr(pooch, "os_cache", lambda name: tmp_path / "cache" / name)
    monkeypatch.delenv("IBCOURSE_DATA", raising=False)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    return tmp_path / "cache" / "ibcourse"


def source(server, *ways, checksum=SHA256):
    mirrors = tuple(f"{server.address}/{way}/" for way in ways)
    return Source("toy", mirrors, {"file.gz": checksum}, most=300_000)


def entries(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.parametrize("checksum", [SHA256, MD5])
def test_a_good_file_is_downloaded_once(server, cache, checksum):
    path = fetch(source(server, "good", checksum=checksum), "file.gz")
    assert path == cache / "toy" / "file.gz"
    assert path.read_bytes() == CONTENT
    assert fetch(source(server, "good", checksum=checksum), "file.gz") == path
    assert server.asked == ["/good/file.gz"]
    assert entries(cache / "toy") == ["file.gz"]


@pytest.fixture
def impatient(way, monkeypatch):
    """Wait for a server that hangs no longer than a second; the others get the time that they need."""
    if way in ("hang", "stall"):
        monkeypatch.setattr(download, "TIMEOUT", (1, 1))
    start = time.monotonic()
    yield
    assert time.monotonic() - start < 10


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(("way", "words"), FAULTS.items(), ids=FAULTS)
def test_a_bad_answer_is_refused_and_leaves_nothing(server, cache, way, words):
    with pytest.raises(DataError) as caught:
        fetch(source(server, way), "file.gz")
    message = str(caught.value)
    assert "toy needs the file file.gz" in message
    assert f"{server.address}/{way}/file.gz" in message
    assert words in message
    assert str(cache / "toy") in message
    assert "Check the network" in message
    assert "IBCOURSE_DATA" in message
    assert entries(cache / "toy") == []


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize("way", FAULTS)
def test_the_next_mirror_is_tried(server, cache, way):
    assert fetch(source(server, way, "good"), "file.gz").read_bytes() == CONTENT
    assert (server.asked[0], server.asked[-1]) == (f"/{way}/file.gz", "/good/file.gz")
    assert entries(cache / "toy") == ["file.gz"]


def test_a_full_disk_is_no_reason_to_ask_the_next_mirror(server, cache, monkeypatch):
    class Full(io.FileIO):
        def write(self, content):
            super().write(content[:1000])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(pooch.downloaders, "open", Full, raising=False)
    with pytest.raises(DataError, match=r"toy: file.gz cannot be written into .*No space left.*Make room"):
        fetch(source(server, "good", "good"), "file.gz")
    assert server.asked == ["/good/file.gz"]
    assert entries(cache / "toy") == []


def test_a_cache_that_cannot_be_made_is_named(server, cache):
    cache.parent.mkdir()
    cache.write_text("a file where the folder belongs")
    with pytest.raises(DataError, match=f"file.gz cannot be written into {cache / 'toy'}"):
        fetch(source(server, "good"), "file.gz")
    assert server.asked == []


def test_without_a_network_one_error_says_what_to_do(cache):
    closed = Source("toy", ("http://127.0.0.1:1/", "http://127.0.0.1:2/"), {"file.gz": SHA256}, most=300_000)
    with pytest.raises(DataError) as caught:
        fetch(closed, "file.gz")
    assert str(caught.value).splitlines()[0] == "toy needs the file file.gz, and no right one was found:"
    assert str(caught.value).count("Connection refused") == 2
    assert "Max retries" not in str(caught.value)  # but the cause
    assert f"put the file into {cache / 'toy'} yourself" in str(caught.value)
    assert entries(cache / "toy") == []


def test_without_pooch_the_error_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "pooch", None)
    with pytest.raises(DataError, match=r"pip install \"ibcourse\[labs\]\""):
        fetch(Source("toy", ("http://127.0.0.1:9/",), {"a": "md5:0"}, 10), "a")


def test_a_damaged_file_in_the_cache_is_replaced(server, cache):
    (cache / "toy").mkdir(parents=True)
    (cache / "toy" / "file.gz").write_bytes(CONTENT[:100])
    assert fetch(source(server, "good"), "file.gz").read_bytes() == CONTENT
    assert entries(cache / "toy") == ["file.gz"]


def test_a_damaged_file_in_the_cache_is_refused_without_a_network(server, cache):
    (cache / "toy").mkdir(parents=True)
    (cache / "toy" / "file.gz").write_bytes(CONTENT[:100])
    with pytest.raises(DataError, match=r"cache/ibcourse/toy/file\.gz is not the original(.|\n)*404"):
        fetch(source(server, "missing"), "file.gz")


def test_the_readers_own_folder_comes_first(server, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("IBCOURSE_DATA", str(tmp_path / "own"))
    (tmp_path / "own" / "toy").mkdir(parents=True)
    path = tmp_path / "own" / "toy" / "file.gz"
    path.write_bytes(CONTENT)
    assert fetch(source(server, "good"), "file.gz") == path
    assert server.asked == []
    assert not cache.exists()


def test_a_file_that_the_readers_own_folder_lacks_is_downloaded(server, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("IBCOURSE_DATA", str(tmp_path))
    assert fetch(source(server, "good"), "file.gz") == cache / "toy" / "file.gz"


def test_a_wrong_file_in_the_readers_own_folder_is_refused_and_kept(server, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("IBCOURSE_DATA", str(tmp_path))
    (tmp_path / "toy").mkdir()
    (tmp_path / "toy" / "file.gz").write_text("<html>")
    with pytest.raises(
        DataError, match=r"toy: .*file\.gz is a web page.*Replace it by the original, or unset"
    ):
        fetch(source(server, "good"), "file.gz")
    assert (tmp_path / "toy" / "file.gz").read_text() == "<html>"
    assert server.asked == []


def test_a_folder_that_is_not_there_is_named(server, cache, tmp_path, monkeypatch):
    monkeypatch.setenv("IBCOURSE_DATA", str(tmp_path / "misspelt"))
    with pytest.raises(DataError, match=r"IBCOURSE_DATA is .*misspelt, which is no folder"):
        fetch(source(server, "good"), "file.gz")


def test_what_a_killed_download_left_is_removed_a_day_later(server, cache):
    for name, age in (".download-old", 2), (".download-new", 0):
        left = cache / "toy" / name
        left.mkdir(parents=True)
        (left / "file.gz").write_bytes(CONTENT[:100])
        os.utime(left, 2 * (time.time() - age * download.DAY,))
    fetch(source(server, "good"), "file.gz")
    assert entries(cache / "toy") == [".download-new", "file.gz"]


@pytest.fixture
def start(server, tmp_path):
    """Start a process of its own that fetches the file."""
    running = []

    def start(way):
        program = (
            "import signal\n"
            "signal.signal(signal.SIGINT, signal.default_int_handler)\n"  # a background job ignores it
            "from ibcourse.data.download import Source, fetch\n"
            f"fetch({source(server, way)}, 'file.gz')"
        )
        environment = {key: value for key, value in os.environ.items() if key != "IBCOURSE_DATA"}
        environment |= {"XDG_CACHE_HOME": str(tmp_path / "cache"), "NO_PROXY": "127.0.0.1"}
        running.append(
            subprocess.Popen([sys.executable, "-c", program], env=environment, stderr=subprocess.PIPE)
        )
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.communicate()


def wait_until(happened):
    end = time.monotonic() + 20
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.skipif(sys.platform != "linux", reason="places the cache by XDG_CACHE_HOME")
def test_two_processes_do_not_spoil_each_others_file(server, start, tmp_path):
    processes = [start("slow"), start("slow")]
    wait_until(lambda: len(server.asked) == 2)
    server.gate.set()
    for process in processes:
        _, complaint = process.communicate(timeout=20)
        assert process.returncode == 0, complaint
    assert (tmp_path / "cache/ibcourse/toy/file.gz").read_bytes() == CONTENT
    assert entries(tmp_path / "cache/ibcourse/toy") == ["file.gz"]


@pytest.mark.skipif(sys.platform != "linux", reason="places the cache by XDG_CACHE_HOME")
def test_an_interrupt_leaves_nothing(server, start, tmp_path):
    process = start("stall")
    folder = tmp_path / "cache" / "ibcourse" / "toy"
    wait_until(lambda: any(folder.glob("*/file.gz")))
    process.send_signal(signal.SIGINT)
    _, complaint = process.communicate(timeout=20)
    assert process.returncode == -signal.SIGINT, complaint
    assert entries(folder) == []
