# SPDX-License-Identifier: GPL-2.0-or-later
"""F-05: what networks do to a WebSocket: half-open, dribble, reset in mid-frame, delay, loss.

Nothing is lost and nothing comes twice under another number (N-1, N-2), and half-open is found in 45 s.
"""
import random
import re
import secrets
import time

import pytest

from backendlib import WebSocket, wait_until
from faultlib import SIGHEJ_V1, Through, open_socket, repeats
from faultproxy import DOWN, UP, FaultProxy

HALF_OPEN_SECONDS = 45
TICK_SECONDS = 2  # deadlines are coarse
BYTES = {UP: 300, DOWN: 1500}  # fewer than a test sends that way
NUDGES = 12
RAISED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "1000000", "SIGHTINGS_BURST": "1000000"}
LOST = (EOFError, ConnectionResetError, BrokenPipeError)


@pytest.fixture(scope="module")
def backend(module_backend):
    return module_backend(**RAISED)


@pytest.fixture
def proxy(backend):
    with FaultProxy(f"tcp:127.0.0.1:{backend.port}", seed=secrets.randbits(32)) as one:
        yield one


def nudge(backend, ann):
    """Somebody new meets her: one nudge more is in her outbox."""
    bob = backend.open_session()
    assert backend.match(bob, ann.token).json["match"] is False
    answer = backend.match(ann, bob.token).json
    assert answer["match"] is True
    return answer


def collect(ws, wanted, seen):
    """Reads nudges into seen {seq: id} until it holds as many as are wanted; acknowledges each."""
    while len(seen) < wanted:
        message = ws.receive_json("nudge")
        assert seen.setdefault(message["seq"], message["id"]) == message["id"]
        ws.send({"type": "ack", "seq": message["seq"]})


def resumed(place, session, seen):
    ws = WebSocket(place, f"/ws/{session.token}", authorization=session.bearer, **SIGHEJ_V1)
    assert ws.receive_json("snapshot")
    ws.send({"type": "resume", "after": max(seen, default=0)})
    return ws


def n_live(backend):
    """WebSockets in use, as the backend counts them: its other connections come and go."""
    text = backend.request("GET", "/metrics", admin=True).body.decode()
    return int(re.search(r'(?m)^sighej_sockets\{state="live"\} (\d+)', text)[1])


def soon(condition):
    end = time.monotonic() + 0.2
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.01)
    return False


def expect_all(seen, n):
    assert sorted(seen) == list(range(1, n + 1)) and len(set(seen.values())) == n


@repeats()
def test_F_05_byte_by_byte(backend, proxy, turn):
    proxy.set(slice_bytes=1)
    ann, seen = open_socket(Through(backend, proxy)), {}
    bob = backend.open_session()
    assert backend.match(bob, ann.session.token).json["match"] is False
    ann.send({"type": "sighting", "id": 1, "detected_token": bob.token})
    kinds = {message["type"]: message for message in (ann.receive_json(), ann.receive_json())}
    assert kinds["sighting_result"]["match"] is True
    assert kinds["nudge"]["seq"] == 1
    ann.send({"type": "ack", "seq": 1})
    nudge(backend, ann.session)
    collect(ann, 1, seen)
    assert list(seen) == [2]
    ann.close()


@repeats(few=8)
@pytest.mark.parametrize("way", [UP, DOWN])
def test_F_05_reset_in_the_middle(backend, proxy, way, turn):
    """At a byte drawn by lot, in a frame of either side; then resumed at once."""
    session, seen = backend.open_session(), {}
    ws = resumed(Through(backend, proxy), session, seen)
    proxy.set(way, cut_at=random.Random(turn).randrange(1, BYTES[way]))
    for number in range(NUDGES):
        nudge(backend, session)
        try:
            collect(ws, number + 1, seen)
        except LOST:
            ws = resumed(Through(backend, proxy), session, seen)
            collect(ws, number + 1, seen)
    assert proxy.n_accepted == 2
    expect_all(seen, NUDGES)
    ws.close()


@repeats()
def test_F_05_delay_and_five_percent_loss(backend, proxy, turn):
    session, seen = backend.open_session(), {}
    ws = resumed(Through(backend, proxy), session, seen)
    proxy.set(delay_s=0.02, loss_percent=5)
    for number in range(NUDGES):
        nudge(backend, session)
    collect(ws, NUDGES, seen)
    assert proxy.n_accepted == 1
    expect_all(seen, NUDGES)
    ws.close()


@repeats()
def test_F_05_half_open_is_found_in_45_seconds(shifted_backend, turn):
    """Both sides believe to be connected; the backend's clock is turned."""
    backend, clock = shifted_backend
    with FaultProxy(f"tcp:127.0.0.1:{backend.port}") as proxy:
        session, seen, passed = backend.open_session(), {}, 0
        ws = resumed(Through(backend, proxy), session, seen)
        nudge(backend, session)
        collect(ws, 1, seen)
        assert n_live(backend) == 1
        proxy.set(swallow=True)
        nudge(backend, session)
        for step in [15, 15, 10] + 10 * [1]:
            clock.advance(step)
            passed += step
            if soon(lambda: n_live(backend) == 0):
                break
        assert 20 < passed <= HALF_OPEN_SECONDS + TICK_SECONDS
        ws.close()
        ws = resumed(backend, session, seen)
        collect(ws, 2, seen)
        expect_all(seen, 2)
        ws.close()


def test_F_05_a_stall_is_no_loss(backend, proxy):
    session, seen = backend.open_session(), {}
    ws = resumed(Through(backend, proxy), session, seen)
    proxy.set(stall=True)
    nudge(backend, session)
    proxy.clear()
    collect(ws, 1, seen)
    ws.close()
    wait_until(lambda: proxy.n_links == 0, "the end to pass")
