"""A line before the night that a test may cut, for pages and service workers alike."""

import threading
from contextlib import suppress
from http.client import HTTPConnection, HTTPException
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

SCANS = "/api/v1/scans"
DROPPED = ("connection", "transfer-encoding", "content-length", "content-encoding", "server", "date")


class Passage:
    """As long as it is `cut`, no scan goes through."""

    def __init__(self, behind: str) -> None:
        self.cut = False
        self.behind = urlsplit(behind).netloc
        passage = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                passage.carry(self)

            def do_POST(self) -> None:
                passage.carry(self)

            def log_message(self, *_words: object) -> None:
                """Says nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    def carry(self, asked: BaseHTTPRequestHandler) -> None:
        """One question there, its answer back; a question that is cut gets none."""
        body = asked.rfile.read(int(asked.headers.get("Content-Length") or 0))
        if self.cut and asked.path == SCANS:
            asked.close_connection = True
            return
        with suppress(OSError, HTTPException):  # a page that has gone waits for nothing
            self._carry(asked, body)

    def _carry(self, asked: BaseHTTPRequestHandler, body: bytes) -> None:
        headers = {
            name: value
            for name, value in asked.headers.items()
            if name.lower() not in ("accept-encoding", "connection")
        }
        line = HTTPConnection(self.behind, timeout=120)
        line.request(asked.command, asked.path, body=body or None, headers=headers)
        answer = line.getresponse()
        content = answer.read()
        asked.send_response(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in DROPPED:
                asked.send_header(name, value)
        asked.send_header("Content-Length", str(len(content)))
        asked.end_headers()
        asked.wfile.write(content)
        line.close()
