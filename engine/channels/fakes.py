"""Gateways of one's own for trials and tests: an HTTP gateway and a mail server on this machine. They keep what they were sent."""

from __future__ import annotations

import hmac
import socketserver
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread

from engine.channels.http_gateway import signature


@dataclass
class FakeGateway:
    """Takes each key once. ``status`` is what it answers (200: it takes the message); while ``holds`` is set it answers nobody."""

    secret: str = ""
    status: int = 200
    url: str = ""
    requests: list[tuple[str, bytes]] = field(default_factory=list)
    taken: dict[str, bytes] = field(default_factory=dict)
    forged: int = 0
    holds: Event = field(default_factory=Event)
    release: Event = field(default_factory=Event)

    def answer(self, key: str, timestamp: str, given: str, body: bytes) -> int:
        """The status for one request."""
        self.requests.append((key, body))
        if self.holds.is_set():
            self.release.wait(30)
        if not hmac.compare_digest(given, signature(self.secret.encode(), timestamp, key, body)):
            self.forged += 1
            return 401
        if self.status != 200:
            return self.status
        if key in self.taken:
            return 409
        self.taken[key] = body
        return 200


@contextmanager
def http_gateway(secret: str = "") -> Iterator[FakeGateway]:
    """A gateway that listens on this machine until the end of the block."""
    gateway = FakeGateway(secret)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
            key, timestamp, given = (self.headers.get(name, "") for name in ("Idempotency-Key", "X-Doudi-Timestamp", "X-Doudi-Signature"))
            status = gateway.answer(key, timestamp, given, body)
            answer = b'{"id": "gateway-%d"}' % len(gateway.taken)
            try:
                self.send_response(status)
                if 300 <= status < 400:
                    self.send_header("Location", f"{gateway.url}/elsewhere")
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)
            except OSError:
                self.close_connection = True  # whoever asked has gone

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing: addresses of people would stand in the log."""

    with _running(ThreadingHTTPServer(("127.0.0.1", 0), Handler)) as (host, port):
        gateway.url = f"http://{host}:{port}"
        try:
            yield gateway
        finally:
            gateway.release.set()


@dataclass
class FakeMailServer:
    """Takes every e-mail. ``answer`` to DATA may be a refusal such as “550 no”."""

    host: str = ""
    port: int = 0
    answer: str = "250 taken"
    letters: list[bytes] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)


@contextmanager
def mail_server() -> Iterator[FakeMailServer]:
    """A mail server on this machine until the end of the block; it speaks as much SMTP as a client needs."""
    server = FakeMailServer()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self._say("220 fake ready")
            while line := self.rfile.readline():
                word = line.decode("ascii", "replace").strip()
                if word.upper().startswith("QUIT"):
                    self._say("221 bye")
                    return
                self._answer(word)

        def _answer(self, word: str) -> None:
            if word.upper().startswith("RCPT TO:"):
                server.recipients.append(word[8:].split(">")[0].strip(" <"))
            if word.upper() != "DATA":
                self._say("250 ok")
                return
            self._say("354 go on")
            lines = list(iter(self.rfile.readline, b".\r\n"))
            if server.answer.startswith("250"):
                server.letters.append(b"".join(lines))
            self._say(server.answer)

        def _say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    with _running(socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)) as (host, port):
        server.host, server.port = host, port
        yield server


@contextmanager
def _running(server: socketserver.TCPServer) -> Iterator[tuple[str, int]]:
    serve: Callable[[], None] = lambda: server.serve_forever(poll_interval=0.02)  # noqa: E731 - the thread needs one without arguments
    thread = Thread(target=serve, name="fake gateway", daemon=True)
    thread.start()
    try:
        host, port = server.socket.getsockname()
        yield host, port
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
