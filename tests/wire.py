"""A client on a bare socket, which can be made to hang up at the worst moment."""

import json
import socket
from types import TracebackType
from typing import Any, Literal
from urllib.parse import urlsplit

Answer = tuple[int, dict[str, Any]]
Cut = Literal["", "asking", "asked", "answered"]
"""Where the line breaks: half the question sent; all of it, nobody there for the answer; half the answer heard."""


class Broken(Exception):
    """No whole answer came: nobody on this side knows what became of the question."""


class Wire:
    """One HTTP/1.1 line that stays open; made anew after it broke."""

    def __init__(self, url: str, patience: float = 30) -> None:
        parts = urlsplit(url)
        self._address, self._patience = (parts.hostname or "", parts.port or 80), patience
        self._line: socket.socket | None = None

    def __enter__(self) -> "Wire":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
        self._line = None

    def ask(self, method: str, path: str, content: object = None, *, cut: Cut = "", **headers: str) -> Answer:
        """The answer's status and JSON. Raises Broken."""
        body = b"" if content is None else json.dumps(content).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._address[0]}:{self._address[1]}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        lines += ["Content-Type: application/json", f"Content-Length: {len(body)}"] if body else []
        try:
            return self._exchange("\r\n".join(lines).encode() + b"\r\n\r\n" + body, cut)
        except (OSError, ValueError) as error:
            raise Broken(str(error)) from error
        finally:
            if cut:
                self.close()

    def _exchange(self, question: bytes, cut: Cut) -> Answer:
        if self._line is None:
            self._line = socket.create_connection(self._address, timeout=self._patience)
            self._line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            self._line.sendall(question[: len(question) * 2 // 3] if cut == "asking" else question)
            if cut in ("asking", "asked"):
                raise Broken(cut)
            return self._answer(self._line, cut)
        except BaseException:
            self.close()
            raise

    def _answer(self, line: socket.socket, cut: Cut) -> Answer:
        content = _more(line, b"")
        if cut == "answered":
            raise Broken(cut)
        while b"\r\n\r\n" not in content:
            content = _more(line, content)
        head, _, rest = content.partition(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        while len(rest) < length:
            rest = _more(line, rest)
        return int(head[9:12]), json.loads(rest)


def _more(line: socket.socket, content: bytes) -> bytes:
    part = line.recv(65536)
    if not part:
        raise Broken("hung up")
    return content + part
