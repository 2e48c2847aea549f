# SPDX-License-Identifier: GPL-2.0-or-later
"""Hostile clients: refused as R-01 to R-15 say, while an honest client is served all the time.

How fast it is served is printed; tests/bench/bench_hostile.py measures it beside a server that is not attacked.
"""
import pytest

import attacks
from backendlib import sanitized
from faultlib import Attack, Honest, percentile, rss_kib

SECONDS = 2
GROWTH_KIB_MAX = 96 * 1024  # 2,000 connections of 48 KiB with all that libsoup has for one
SANITIZED_SLOWLORIS = 300
RAISED = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "1000000", "SIGHTINGS_BURST": "1000000",
          "MESSAGES_PER_SECOND": "100000"}


@pytest.fixture
def backend(make_backend):
    return make_backend(SIGHEJ_LOG_LEVEL="message", **RAISED)


def endure(backend, capsys, attack, *arguments):
    """The attack's tale. Meanwhile each request, report and nudge of the honest client is answered as it should
    be, and the server does not grow."""
    honest = Honest(backend)
    before = rss_kib(backend.pid)
    with Attack(attack, backend.port, *arguments) as running:
        honest.measure(SECONDS)
        growth = rss_kib(backend.pid) - before
    taken = [percentile(honest.seconds, share) * 1000 for share in (0.5, 0.99)]
    honest.close()
    with capsys.disabled():
        print(f"\n{attack.__name__}: honest p50 {taken[0]:.1f} ms, p99 {taken[1]:.1f} ms of {len(honest.seconds)}; "
              f"{growth} KiB more; {dict(running.told)}")
    if not sanitized():  # whose memory is not the program's
        assert growth < GROWTH_KIB_MAX
    return running.told


def test_R_03_a_slowloris_of_2000_sockets(make_backend, capsys):
    backend = make_backend(SIGHEJ_LOG_LEVEL="message", HEADER_TIMEOUT_SECONDS="2", **RAISED)
    many = SANITIZED_SLOWLORIS if sanitized() else attacks.SLOWLORIS
    told = endure(backend, capsys, attacks.slowloris, many)
    assert told["most"] >= many * 0.9
    assert told["dropped"] >= many // 2 and told["opened"] > many


def test_T_13_a_flood_of_requests(backend, capsys):
    assert endure(backend, capsys, attacks.request_flood)["answers"] > 100


def victim(backend):
    """A session whose secret the attacker has: his own."""
    session = backend.open_session()
    return session.token, session.bearer


def test_R_08_fragments_that_never_end(backend, capsys):
    told = endure(backend, capsys, attacks.endless_fragments, victim(backend))
    assert set(told) <= {1009, 1008, None} and told[1009] > 0


def test_R_07_bombs_are_not_inflated(backend, capsys):
    told = endure(backend, capsys, attacks.deflate_bombs, victim(backend))
    assert told.pop("accepted") == 0 and set(told) <= {1002, None} and told[1002] > 0


def test_R_05_nothing_is_smuggled(backend, capsys):
    told = endure(backend, capsys, attacks.smuggling)
    assert told and set(told) <= {"400", "411"}


def test_R_09_slow_readers(backend, capsys):
    assert endure(backend, capsys, attacks.slow_readers, victim(backend))["cut"] > 0


def test_R_04_large_bodies(backend, capsys):
    told = endure(backend, capsys, attacks.large_bodies)
    assert told["413"] > 0 and set(told) <= {"413", ""}
