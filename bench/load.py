"""A load of requests against a real server, and what they cost it: rates, waits, and processor time of all its processes."""

import os
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlsplit

TICKS = os.sysconf("SC_CLK_TCK")
HELLO = """
from flask import Flask
app = Flask("hello")
@app.get("/")
def hello():
    return "hello"
"""


@dataclass(frozen=True)
class Load:
    """What came of a load: answers by status, seconds in all, each answer's milliseconds.

    Processor milliseconds per answer: `cpu` of the server, `aside` of the worker, which sends the mails meanwhile.
    """

    statuses: Counter[int]
    seconds: float
    waits: Sequence[float]
    cpu: float
    aside: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return len(self.waits) / self.seconds

    @property
    def p50(self) -> float:
        return quantiles(self.waits, n=100)[49]

    @property
    def p99(self) -> float:
        return quantiles(self.waits, n=100)[98]


def request(method: str, url: str, body: bytes = b"", **headers: str) -> bytes:
    """One HTTP/1.1 request, as it goes over the wire."""
    parts = urlsplit(url)
    path = parts.path + (f"?{parts.query}" if parts.query else "")
    lines = [f"{method} {path} HTTP/1.1", f"Host: {parts.netloc}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    if body:
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def press(url: str, requests: Sequence[bytes], *, at_once: int, mark: str) -> Load:
    """Sends all requests over `at_once` connections that stay open; `mark` finds the server's processes."""
    parts, shares = urlsplit(url), [requests[n::at_once] for n in range(at_once)]
    told: list[list[tuple[int, float]]] = [[] for _ in shares]
    ready = threading.Barrier(at_once + 1)

    def one(number: int) -> None:
        with socket.create_connection((parts.hostname, parts.port), timeout=60) as line:
            line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            ready.wait()
            for content in shares[number]:
                began = time.perf_counter()
                line.sendall(content)
                told[number].append((_status(line), (time.perf_counter() - began) * 1000))

    threads = [threading.Thread(target=one, args=(number,)) for number in range(at_once)]
    for thread in threads:
        thread.start()
    before = cpu_seconds(mark, "granian"), cpu_seconds(mark, "work")
    ready.wait()
    began = time.perf_counter()
    for thread in threads:
        thread.join()
    seconds = time.perf_counter() - began
    answers = [answer for share in told for answer in share]
    assert len(answers) == len(requests)
    after = cpu_seconds(mark, "granian"), cpu_seconds(mark, "work")
    cpu, aside = ((late - early) * 1000 / len(answers) for early, late in zip(before, after, strict=True))
    return Load(Counter(status for status, _ in answers), seconds, [wait for _, wait in answers], cpu, aside)


def _status(line: socket.socket) -> int:
    """Reads one whole answer; its status."""
    content = b""
    while b"\r\n\r\n" not in content:
        part = line.recv(65536)
        assert part, "the server hung up"
        content += part
    head, _, rest = content.partition(b"\r\n\r\n")
    lower = head.lower()
    status = int(head[9:12])
    if b"content-length:" in lower:
        length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
    else:
        assert status in (204, 304), head
        length = 0
    while len(rest) < length:
        rest += line.recv(65536)
    return status


def cpu_seconds(mark: str, word: str) -> float:
    """Processor time, so far, of every process with this mark in its environment and this word in its command."""
    total = 0.0
    for one in Path("/proc").glob("[0-9]*"):
        try:
            words = {Path(part).name for part in (one / "cmdline").read_text(errors="replace").split("\0")}
            if word in words and mark.encode() in (one / "environ").read_bytes():
                fields = (one / "stat").read_text().rpartition(")")[2].split()
                total += (int(fields[11]) + int(fields[12])) / TICKS
        except OSError:
            continue
    return total


def hello(folder: Path, port: int) -> tuple[str, Callable[[], None]]:
    """A bare Flask on the same server with the same workers: (address, what stops it)."""
    (folder / "hello.py").write_text(HELLO)
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port),
         "--workers", "2", "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "hello:app"],
        cwd=folder, env=os.environ | {"NUIT_RUN": f"hello-{port}"},
    )  # fmt: skip
    url = f"http://127.0.0.1:{port}/"
    for _ in waiting(30):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            continue

    def stop() -> None:
        process.terminate()
        process.wait(20)

    return url, stop


def waiting(seconds: float) -> Iterator[None]:
    """Ten times a second for so many seconds at most."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        yield
        time.sleep(0.1)
    raise TimeoutError
