"""Runs the site and its worker in one process until it is told to stop. Knows waitress and signals; knows no page."""

from __future__ import annotations

import gc
import signal
from collections.abc import Callable
from dataclasses import dataclass
from types import FrameType
from typing import Any

import waitress

from engine.errors import Conflict, InvalidInput
from engine.worker import Worker

#: What a proxy in front may tell us about the request it passes on.
PROXY_HEADERS = {"x-forwarded-for", "x-forwarded-host", "x-forwarded-proto"}


@dataclass(frozen=True)
class Address:
    """Where to listen, and the proxy whose headers are believed."""

    host: str
    port: int
    threads: int
    trusted_proxy: str | None = None


def serve(site: Any, worker: Worker | None, address: Address, announce: Callable[[str], None]) -> None:
    """Serve the WSGI application ``site`` until SIGTERM or Ctrl-C; requests and jobs in hand are finished first."""
    server = _listen(site, address)
    if worker is not None:
        worker.start()
    previous = signal.signal(signal.SIGTERM, _stop)
    announce(f"http://{_readable(address.host)}:{_port_of(server)}/")
    gc.freeze()  # as in __main__: pages and templates are loaded by now
    try:
        server.run()  # ends in good order on SystemExit and KeyboardInterrupt
    finally:
        signal.signal(signal.SIGTERM, previous)
        server.close()
        if worker is not None:
            worker.stop()


def run_worker(worker: Worker, announce: Callable[[str], None]) -> None:
    """Work off due jobs until SIGTERM or Ctrl-C; the job in hand is finished first."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: worker.stop())
    announce(worker.id)
    worker.run_forever()


def _listen(site: Any, address: Address) -> Any:
    proxy: dict[str, Any] = {}
    if address.trusted_proxy:
        proxy = {"trusted_proxy": address.trusted_proxy, "trusted_proxy_headers": PROXY_HEADERS, "clear_untrusted_proxy_headers": True}
    try:
        return waitress.create_server(site, host=address.host, port=address.port, threads=address.threads, ident=None, **proxy)
    except ValueError as error:  # waitress cannot make an address of it
        raise InvalidInput(f"Expected an address to listen on but got {address.host}:{address.port}. Choose another --host.") from error
    except OSError as error:
        raise Conflict(
            f"Expected to listen on {address.host}:{address.port} but {error.strerror or error}. Choose another --host or --port."
        ) from error


def _port_of(server: Any) -> int:
    """The port in use: the one the system chose when 0 was asked for."""
    sockets = getattr(server, "effective_listen", None)
    return int(sockets[0][1] if sockets else server.effective_port)


def _readable(host: str) -> str:
    return "127.0.0.1" if host in ("0.0.0.0", "::") else host


def _stop(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)
