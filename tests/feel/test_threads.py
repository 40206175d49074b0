"""Many threads, and time used up by others."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from engine.errors import ExpressionFailed
from engine.feel import Feel, Limits, javascript
from engine.feel.javascript import QuickJsRealm, TimedOut


def test_threads_do_not_see_each_others_data(feel: Feel) -> None:
    def work(number: int) -> bool:
        return all(feel.evaluate("a + b", {"a": number, "b": step}) == number + step for step in range(50))

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(work, range(24)))


def test_every_thread_has_its_own_realm(feel: Feel) -> None:
    here = feel._realms.mine()
    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(feel._realms.mine).result() is not here
    assert feel._realms.mine() is here


def test_a_thread_that_runs_into_the_limit_does_not_disturb_another(feel: Feel) -> None:
    short = Feel(Limits(cpu_seconds=0.2))
    with ThreadPoolExecutor(2) as pool:
        stuck = pool.submit(short.evaluate, "for i in 1..10000000000 return 0", {})
        fine = [pool.submit(feel.evaluate, "1 + x", {"x": number}) for number in range(200)]
        assert [future.result() for future in fine] == list(range(1, 201))
        with pytest.raises(ExpressionFailed):
            stuck.result()


def test_a_realm_is_dropped_after_it_ran_out_of_time() -> None:
    feel = Feel(Limits(cpu_seconds=0.1))
    feel.evaluate("1", {})
    before = feel._realms.mine()
    with pytest.raises(ExpressionFailed, match=r"超过 0\.1 秒"):
        feel.evaluate("for i in 1..10000000000 return 0", {})
    assert feel._realms.mine() is not before


def test_work_cut_short_by_other_threads_is_done_once_more() -> None:
    realm = QuickJsRealm("globalThis.T = { one: () => 1 }", heap=8 << 20, stack=1 << 18, cpu_seconds=1)
    attempts = []

    def interrupted_once() -> int:
        attempts.append(1)
        if len(attempts) == 1:
            raise TimedOut("interrupted")
        return int(realm.call("T.one"))

    assert realm.with_patience(interrupted_once) == 1
    assert len(attempts) == 2
    assert realm.is_usable


def test_work_that_used_its_own_time_is_not_repeated() -> None:
    realm = QuickJsRealm("globalThis.T = { spin: () => { for (;;); } }", heap=8 << 20, stack=1 << 18, cpu_seconds=0.05)
    attempts = []

    def spin() -> None:
        attempts.append(1)
        realm.call("T.spin")

    with pytest.raises(TimedOut):
        realm.with_patience(spin)
    assert len(attempts) == 1
    assert not realm.is_usable


def test_a_forked_child_evaluates_on_its_own() -> None:
    script = (
        "import os\nfrom engine.feel import Feel\nfeel = Feel()\nfeel.evaluate('1', {})\nchild = os.fork()\n"
        "value = feel.evaluate('x + 1', {'x': 1})\n"
        "if child == 0: os._exit(value)\n"
        "assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == value == 2"
    )
    root = Path(__file__).resolve().parents[2]
    assert subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, check=False).returncode == 0


def test_without_the_built_bundle_the_error_says_what_to_run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(javascript, "BUNDLES", tmp_path)
    with pytest.raises(RuntimeError, match=r"\./dev setup"):
        Feel().evaluate("1", {})
