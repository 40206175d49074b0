"""The same realm in V8, by ``mini-racer``: the fallback where QuickJS cannot be had. Knows nothing of FEEL or forms.

Weaker than QuickJS: its time limit is wall time, its memory limit is looked at only when V8 collects garbage (the peak may be several
times as high), it does not survive a fork, and it costs some 30 MB more.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeVar

from engine.feel.javascript import MEMORY_SIGNS, OutOfMemory, Realm, ScriptError, TimedOut, TooDeep

if TYPE_CHECKING:
    from py_mini_racer import MiniRacer

Result = TypeVar("Result")


class V8Realm(Realm):
    """One V8 isolate with one bundle. ``stack`` is V8's own, about 1 MB."""

    def __init__(self, source: str, heap: int, stack: int, cpu_seconds: float):
        super().__init__()
        self._racer = _racer()
        self._racer.eval(source)
        self._racer.set_hard_memory_limit(heap)
        self._seconds = cpu_seconds
        self._functions: dict[str, Any] = {}

    def call(self, name: str, *arguments: Any) -> Any:
        import py_mini_racer as racer

        self.calls += 1
        try:
            function: Any = self._functions.get(name) or self._functions.setdefault(name, self._racer.eval(name))
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


def _racer() -> MiniRacer:
    try:
        import py_mini_racer
    except ImportError:
        raise RuntimeError('Expected the package mini-racer but it is not installed: pip install "doudi[fallback]".') from None
    py_mini_racer.init_mini_racer(flags=(*py_mini_racer.DEFAULT_V8_FLAGS, *_FLAGS), ignore_duplicate_init=True)
    return py_mini_racer.MiniRacer()


_FLAGS = ("--disallow-code-generation-from-strings",)
