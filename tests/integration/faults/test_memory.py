# SPDX-License-Identifier: GPL-2.0-or-later
"""F-13: allocations that fail, from the start through session, match, nudge and stop.

The n-th allocation fails, or it and the 100 after it. The backend may end (GLib does, R-18) or refuse;
it may not hang, and what it leaves behind must be good enough for the next start.
"""
import collections
import os
import random
import signal
import struct
import subprocess
import time

import pytest

import backendlib
from backendlib import WAIT_SECONDS, Backend, sanitized
from faultlib import SIGHEJ_V1, SLOW

SOURCE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "lib", "failmalloc.c")
SAMPLES = 1000 if SLOW else 30  # of each phase
BURST = 100
HUNG_SECONDS = 10  # then it is killed by an alarm, which is no good end
# What GLib does when there is no memory, what main () does when it cannot start, and how a library
# ends that goes on with the NULL it was given. All of them leave the rest to the next start.
ENDS = {-signal.SIGTRAP, -signal.SIGABRT, -signal.SIGSEGV, 0, 1, 78}

pytestmark = pytest.mark.skipif(sanitized(), reason="a sanitizer brings an allocator of its own")


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    path = tmp_path_factory.mktemp("failmalloc") / "failmalloc.so"
    subprocess.run(["cc", "-O1", "-fPIC", "-shared", "-o", path, SOURCE], check=True)
    return str(path)


class Plan:
    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.write(bytes(24))

    def set(self, fail_from, n_fail):
        with open(self.path, "r+b") as file:  # it is mapped, and must never be short
            file.write(struct.pack("=3Q", 0, fail_from, n_fail))

    def count(self):
        with open(self.path, "rb") as file:
            return struct.unpack("=3Q", file.read())[0]


def story(backend):
    """Two people meet. Every request may fail; none may hang."""
    ann, bob = backend.open_session(), backend.open_session()
    sockets = [backendlib.WebSocket(backend, f"/ws/{one.token}", authorization=one.bearer, **SIGHEJ_V1)
               for one in (ann, bob)]
    for ws in sockets:
        ws.receive_json("snapshot")
    sockets[0].send({"type": "sighting", "id": 1, "detected_token": bob.token})
    sockets[0].receive_json("sighting_result")
    assert backend.match(bob, ann.token).json["match"]
    for ws in sockets:
        ws.send({"type": "ack", "seq": ws.receive_json("nudge")["seq"]})
    for one, ws in zip((ann, bob), sockets):
        assert backend.request("DELETE", "/session", authorization=one.bearer).status == 204
        ws.close()


def is_answer(problem):
    """Whether the client was answered, or told by a closed connection; not left waiting."""
    return not isinstance(problem, TimeoutError) and "waited in vain" not in str(problem)


def dies(backend):
    """A dying process still takes a moment; one that lives answers."""
    try:
        return backend.request("GET", "/health/live").status != 200
    except (OSError, AssertionError):
        backend.process.wait(WAIT_SECONDS)
        return True


def run_once(folder, library, plan, at_start=(0, 0), later=(0, 0), patient=False):
    """How it ended. @at_start, @later: the first allocation that fails, and how many, of either phase."""
    plan.set(*at_start)
    begin = time.monotonic()
    try:
        backend = Backend(folder, preexec=lambda: signal.alarm(HUNG_SECONDS), LD_PRELOAD=library, FAILMALLOC_FILE=plan.path, G_DEBUG="",
                          SIGHEJ_LOG_LEVEL="message", STATE_DIRECTORY=str(folder / "state"))
    except AssertionError as problem:
        assert "did not start" in str(problem)
        assert time.monotonic() - begin < HUNG_SECONDS - 1, "it hung at its start"
        return "did not start"
    plan.n_start = plan.count()
    plan.set(*later)
    failed = None
    try:
        story(backend)
    except (AssertionError, OSError, EOFError, KeyError, ValueError) as problem:
        failed = problem
    assert failed is None or not patient, failed
    assert failed is None or is_answer(failed), f"it hung: {failed!r}\n{backend.log()}"
    if failed is not None and not dies(backend):
        plan.set(0, 0)
        story(backend)  # as if nothing had been
    status = backend.stop()
    assert status in ENDS, f"it ended with {status}\n{backend.log()}"
    return "as told" if status == 0 and failed is None else "refused" if status == 0 else f"with {status}"


def test_F_13_any_allocation_may_fail(library, tmp_path, capsys):
    plan, ends, chooser = Plan(str(tmp_path / "plan")), collections.Counter(), random.Random(13)

    def attempt(turn, **how):
        folder = tmp_path / str(turn)
        folder.mkdir(exist_ok=True)
        return run_once(folder, library, plan, **how)

    assert attempt(0, patient=True) == "as told"
    totals = {"at_start": plan.n_start, "later": plan.count()}
    for phase, total in totals.items():
        assert total > 500
        for turn, number in enumerate(chooser.sample(range(1, total), min(SAMPLES, total - 1)), 1):
            ends[attempt(turn, **{phase: (number, 1 if turn % 2 else BURST)})] += 1
            if turn % 5 == 0:  # the same state folder, with memory again: the key, the ledger are whole
                assert attempt(turn, patient=True) == "as told"
    with capsys.disabled():
        print(f"\nF-13: {sum(ends.values())} of {sum(totals.values())} allocations failed: {dict(ends)}")
    assert sum(ends.values()) > ends["as told"]
    assert ends[f"with {-signal.SIGSEGV}"] <= sum(ends.values()) // 20
