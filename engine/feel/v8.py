"""The same realm in V8, by ``mini-racer``: the fallback where QuickJS cannot be had. Knows nothing of FEEL or forms.

Weaker than QuickJS: its time limit is wall time, its memory limit is looked at only when V8 collects garbage (the peak may be several
times as high), it does not survive a fork, and it costs some 30 MB more.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar

from engine.feel.javascript import MEMORY_SIGNS, OutOfMemory, Realm, ScriptError, TimedOut, TooDeep

Result = TypeVar("Result")


class V8Realm(Realm):
    """One V8 isolate with one bundle. ``stack`` is V8's own, about 1 MB."""

    def __init__(self, source: str, heap: int, stack: int, cpu_seconds: float):
        super().__init__()
        self._library = _library()
        self._racer = self._library.MiniRacer()
        self._racer.eval(source)
        self._racer.set_hard_memory_limit(heap)
        self._seconds = cpu_seconds
        self._functions: dict[str, Any] = {}

    def call(self, name: str, *arguments: Any) -> Any:
        racer = self._library
        self.calls += 1
        try:
            function = self._functions.get(name) or self._functions.setdefault(name, self._racer.eval(name))
            answer = function(*arguments, timeout_sec=self._seconds)
        except racer.JSTimeoutException:
            raise self._given_up(TimedOut("interrupted")) from None
        except racer.JSOOMException as error:
            raise self._given_up(OutOfMemory(str(error))) from None
        except (racer.JSEvalException, racer.JSValueError, UnicodeError) as error:
            raise self._classified(str(error).split("\n")[0]) from None
        return None if answer is racer.JSUndefined else answer

    def with_patience(self, work: Callable[[], Result]) -> Result:
        return work()

    def run_pending_jobs(self) -> None:
        """V8 runs them by itself when a call ends."""

    def _given_up(self, error: ScriptError) -> ScriptError:
        self.is_usable = False
        self._functions.clear()
        with suppress(Exception):  # whatever the isolate says: it goes. The question lets the cancelled call end before its loop closes.
            self._racer.eval("0", timeout_sec=self._seconds)
        self._racer.close()
        return error

    def _classified(self, text: str) -> ScriptError:
        if "call stack size exceeded" in text:
            return TooDeep(text)
        if self._racer.was_hard_memory_limit_reached() or any(sign in text.lower() for sign in MEMORY_SIGNS):
            return self._given_up(OutOfMemory(text))
        return ScriptError(text)


def _library() -> Any:
    """The module, imported by name: it is an extra that most installations do without."""
    try:
        library = importlib.import_module("py_mini_racer")
    except ImportError:
        raise RuntimeError('Expected the package mini-racer but it is not installed: pip install "doudi[fallback]".') from None
    library.init_mini_racer(flags=(*library.DEFAULT_V8_FLAGS, *_FLAGS), ignore_duplicate_init=True)
    return library


_FLAGS = ("--disallow-code-generation-from-strings",)
