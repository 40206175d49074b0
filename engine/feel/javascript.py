"""Runs our bundles in QuickJS, one realm for each thread; the only importer of ``quickjs``. Knows nothing of FEEL or forms.

Another JavaScript engine needs a ``Realm`` of its own (``v8.py`` is one), chosen by name in ``Realms``.

A realm has no files, no network, no modules and no way back into Python. It belongs to the thread and the process that made it:
after a fork the child makes its own. A realm that ran out of time or memory is dropped, the next call gets a fresh one.
"""

from __future__ import annotations

import os
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, TypeVar

import quickjs

Result = TypeVar("Result")
#: The JavaScript engine that computes; the second needs the extra ``fallback``.
EngineName = Literal["quickjs", "mini-racer"]

BUNDLES = Path(__file__).parent / "bundles"


class ScriptError(Exception):
    """The script threw; the text is the engine's."""


class TimedOut(ScriptError):
    """The call used up its CPU time."""


class OutOfMemory(ScriptError):
    """The call needs more heap than it may use."""


class TooDeep(ScriptError):
    """The call nests deeper than the stack allows."""


class Realm(ABC):
    """One bundle loaded into a JavaScript engine, with its limits. Not for use by two threads."""

    def __init__(self) -> None:
        self.facts: dict[str, Any] = {}
        self.is_usable = True
        self.calls = 0

    @abstractmethod
    def call(self, name: str, *arguments: Any) -> Any:
        """Call the bundle's function ``name`` (``OBJECT.function``); only text, numbers, booleans and None cross."""

    @abstractmethod
    def with_patience(self, work: Callable[[], Result]) -> Result:
        """Do ``work`` (calls of this realm that may be repeated), again with more time when it was cut short by others."""

    @abstractmethod
    def run_pending_jobs(self) -> None:
        """Run promise jobs until none is left."""


class QuickJsRealm(Realm):
    """One QuickJS context."""

    def __init__(self, source: str, heap: int, stack: int, cpu_seconds: float):
        super().__init__()
        self._context = quickjs.Context()
        self._context.set_max_stack_size(stack)
        self._context.eval(source)
        self._context.set_memory_limit(heap)
        self._cpu_seconds = cpu_seconds
        self._context.set_time_limit(cpu_seconds)
        self._functions: dict[str, Callable[..., Any]] = {}

    def call(self, name: str, *arguments: Any) -> Any:
        function = self._functions.get(name)
        if function is None:
            function = self._functions[name] = self._context.eval(name)
        self.calls += 1
        try:
            return function(*arguments)
        except (quickjs.JSException, MemoryError) as error:
            raise self._classified(error) from None

    def with_patience(self, work: Callable[[], Result]) -> Result:
        """Once more with four times the limit when others used up the time.

        QuickJS counts the CPU of the whole process. When this thread's own is far below the limit, other threads used it up.
        """
        began = time.thread_time()
        try:
            return work()
        except TimedOut:
            if time.thread_time() - began >= 0.8 * self._cpu_seconds:
                raise
        self._context.set_time_limit(4 * self._cpu_seconds)
        self.is_usable = True
        answer = work()
        self._context.set_time_limit(self._cpu_seconds)
        return answer

    def run_pending_jobs(self) -> None:
        try:
            while self._context.execute_pending_job():
                pass
        except (quickjs.JSException, MemoryError) as error:
            raise self._classified(error) from None

    def _classified(self, error: Exception) -> ScriptError:
        text = str(error).split("\n")[0]
        if isinstance(error, quickjs.StackOverflow) or "call stack size exceeded" in text or "stack overflow" in text:
            return TooDeep(text)
        if "interrupted" in text:
            self.is_usable = False
            return TimedOut(text)
        if isinstance(error, MemoryError) or text in ("", "null") or any(sign in text.lower() for sign in MEMORY_SIGNS):
            self.is_usable = False
            return OutOfMemory(text)
        return ScriptError(text)


MEMORY_SIGNS = ("out of memory", "string too long", "invalid string length", "invalid array length", "invalid array index")


class Realms:
    """Hands every thread its own realm of one bundle; ``prepare`` is called with each new realm."""

    def __init__(
        self, bundle: str, heap: int, stack: int, cpu_seconds: float, prepare: Callable[[Realm], None], engine: EngineName = "quickjs"
    ):
        self._engine = engine
        self._bundle, self._heap, self._stack, self._cpu_seconds, self._prepare = bundle, heap, stack, cpu_seconds, prepare
        self._local = threading.local()
        self._source: str | None = None

    def mine(self) -> Realm:
        """The realm of this thread in this process."""
        realm: Realm | None = getattr(self._local, "realm", None)
        if realm is None or not realm.is_usable or self._local.process != os.getpid():
            realm = self._fresh()
        return realm

    def _fresh(self) -> Realm:
        realm = self._kind()(self._read_bundle(), self._heap, self._stack, self._cpu_seconds)
        self._prepare(realm)
        self._local.realm, self._local.process = realm, os.getpid()
        return realm

    def _kind(self) -> Callable[[str, int, int, float], Realm]:
        if self._engine == "quickjs":
            return QuickJsRealm
        from engine.feel.v8 import V8Realm  # here, since it is a choice that few make

        return V8Realm

    def _read_bundle(self) -> str:
        if self._source is None:
            path = BUNDLES / self._bundle
            if not path.is_file():
                raise RuntimeError(f"Expected the built bundle {path} but it is missing. Run ./dev setup.")
            self._source = path.read_text(encoding="utf-8")
        return self._source
