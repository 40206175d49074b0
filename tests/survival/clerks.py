"""Clerks at their browsers: threads that open the inbox and complete what they find, over HTTP, and remember what was answered."""

from __future__ import annotations

import http.client
import random
import re
from collections.abc import Callable
from threading import Event, Thread
from urllib.parse import urlencode

from tests.survival.installation import ACCOUNT, PASSWORD

TASK = re.compile(r'href="/tasks/(\d+-\d+)"')
TOKEN = re.compile(r'name="csrf-token" content="([^"]+)"')
TIMEOUT = 20.0

#: What a client sees of a server that was killed.
CUT_OFF = (OSError, http.client.HTTPException)


def log_in(port: int) -> str:
    """The cookie of a session; it is signed, so that every process of the installation knows it."""
    _, page, cookie = _ask(port, "GET", "/login", "")
    fields = {"login": ACCOUNT, "password": PASSWORD, "csrf_token": _token(page)}
    status, _, cookie = _ask(port, "POST", "/login", cookie, fields)
    assert status == 303, f"Expected to log in but the answer was {status}."
    _, _, with_token = _ask(port, "GET", "/", cookie)  # the first page puts the forms' token into the session
    return with_token


class Clerks:
    """Several clerks under one account, at whichever web process answers."""

    def __init__(self, cookie: str, ports: Callable[[], list[int]], number: int, seed: int):
        self.answered: list[str] = []
        self.refused: dict[int, int] = {}
        self.cut_off = 0
        self.answered_by: set[int] = set()  # ports
        self._cookie, self._ports, self._stop = cookie, ports, Event()
        self._threads = [Thread(target=self._work, args=(random.Random(seed + n),), daemon=True) for n in range(number)]
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _work(self, chance: random.Random) -> None:
        while not self._stop.is_set():
            ports = self._ports()
            try:
                if not ports or not self._complete_some(chance.choice(ports), chance):
                    self._stop.wait(0.05)
            except CUT_OFF:
                self.cut_off += 1
                self._stop.wait(0.02)

    def _complete_some(self, port: int, chance: random.Random) -> int:
        _, page, _ = _ask(port, "GET", "/", self._cookie)
        found, token = sorted(set(TASK.findall(page))), _token(page)
        chosen = chance.sample(found, min(3, len(found)))
        for task_id in chosen:
            status, _, _ = _ask(port, "POST", f"/tasks/{task_id}", self._cookie, {"csrf_token": token})
            if status == 303:
                self.answered.append(task_id)
                self.answered_by.add(port)
            else:
                self.refused[status] = self.refused.get(status, 0) + 1
        return len(chosen)


def _ask(port: int, method: str, address: str, cookie: str, fields: dict[str, str] | None = None) -> tuple[int, str, str]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
    headers = {"Cookie": cookie, "Content-Type": "application/x-www-form-urlencoded"}
    try:
        connection.request(method, address, urlencode(fields) if fields is not None else None, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        cookies = [text.split(";")[0] for text in answer.headers.get_all("Set-Cookie", ())]
        return answer.status, page, "; ".join(cookies)
    finally:
        connection.close()


def _token(page: str) -> str:
    found = TOKEN.search(page)
    return found.group(1) if found else ""
