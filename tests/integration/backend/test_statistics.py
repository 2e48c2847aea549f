# SPDX-License-Identifier: GPL-2.0-or-later
"""N-5: counts are never lost and never doubled, whatever dies or hangs between the store and
PostgreSQL, as long as the store has them. The store in memory dies with the process: what it had
not passed on is at most a second old, or three while the database does not answer."""

import contextlib
import os
import pathlib
import random
import resource
import signal
import sqlite3
import statistics
import subprocess
import threading
import time

import pytest

from backendlib import (Backend, WAIT_SECONDS, read_answer, request_bytes, wait_until)
from pgserver import Postgres
from redislib import Redis

SLOW = os.environ.get("SIGHEJ_SLOW") == "1"
KILLS = 100 if SLOW else 4
STEPS = range(1, 26) if SLOW else (1, 3)
# What a dead worker had taken is another's after 30 s: as if they were over.
END_LEASES = """for _, id in ipairs (redis.call ('LRANGE', 'counts:batches', 0, -1)) do
  redis.call ('HDEL', 'counts:batch:' .. id, 'taken_at') end"""
UNWRITTEN_SECONDS = 1.0 + 0.75  # SIGHEJ_TALLY_FLUSH_MS, and time to do it on a busy machine
INTERESTS = ("devops", "hardstyle")  # of two categories
NO_LIMITS = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "1000000",
             "SIGHTINGS_BURST": "1000000", "SIGHEJ_LOG_LEVEL": "message",
             "G_DEBUG": "fatal-criticals"}  # a database that is away is worth a warning


@pytest.fixture(scope="module")
def redis():
    made = Redis()
    yield made
    made.close()


@pytest.fixture(scope="module")
def server():
    postgres = Postgres()
    yield postgres
    postgres.remove()


class Cell:
    """One database, and backends one after the other on the same state folder."""

    def __init__(self, server, folder):
        self.server = server
        self.folder = folder
        self.url = server.make_database()
        self.spool = folder / "state" / "spool.sqlite"
        self.backends = []

    def start(self, preexec=None, **settings):
        place = self.folder / str(len(self.backends))
        place.mkdir()
        settings = {**NO_LIMITS, "STATE_DIRECTORY": str(self.folder / "state"), "DATABASE_URL": self.url,
                    **settings}
        self.backends.append(Backend(place, preexec=preexec, **settings))
        return self.backends[-1]

    def totals(self):
        """(sessions, matches, pings, categories) over all days: a test may see midnight."""
        rows = self.server.query(
            self.url, "SELECT coalesce (sum (total_sessions), 0), coalesce (sum (total_matches), 0), "
            "coalesce (sum (total_pings), 0), (SELECT coalesce (sum (count), 0) FROM "
            "interest_category_counts) FROM daily_stats")
        return tuple(int(number) for number in rows.split("|"))

    def n_spooled(self):
        if not self.spool.exists():
            return 0
        with contextlib.closing(sqlite3.connect(self.spool, timeout=WAIT_SECONDS)) as database:
            if not database.execute("SELECT * FROM sqlite_schema").fetchone():
                return 0  # it is just being made
            return database.execute("SELECT count(*) FROM batches").fetchone()[0]

    def wait_for(self, totals):
        wait_until(lambda: self.totals() == totals, f"{totals} in the database")

    def end(self):
        for backend in self.backends:
            if backend.process.returncode is None:
                assert backend.stop() == 0, backend.log()
            log = backend.log()
            assert "CRITICAL" not in log and "ERROR: " not in log, log
            assert "postgresql://" not in log


@pytest.fixture
def cell(server, tmp_path):
    if server.process.poll() is not None:
        server.start()
    made = Cell(server, tmp_path)
    yield made
    if server.process.poll() is not None:
        server.start()
    server.thaw()
    made.end()


def kill(backend):
    backend.process.kill()
    backend.process.wait()
    backend.stop()


def meet(backend):
    """Two sessions, three pings, one match."""
    one, two = backend.open_session(interests=INTERESTS), backend.open_session(interests=INTERESTS)
    backend.match(one, two.token)
    assert backend.match(two, one.token).json["match"] is True
    backend.match(one, two.token)


def expected(n_meetings):
    return (2 * n_meetings, n_meetings, 3 * n_meetings, 4 * n_meetings)


class Load(threading.Thread):
    """Meets until it is told to stop."""

    def __init__(self, backend):
        super().__init__()
        self.backend = backend
        self.n_meetings = 0
        self.done = False
        self.start()

    def run(self):
        while not self.done:
            meet(self.backend)
            self.n_meetings += 1

    def wait_for(self, n_more):
        goal = self.n_meetings + n_more
        wait_until(lambda: self.n_meetings >= goal or not self.is_alive(), "the load")

    def stop(self):
        self.done = True
        self.join()
        return self.n_meetings


def test_counts_reach_the_database(cell):
    backend = cell.start()
    for _ in range(3):
        meet(backend)
    stats = backend.request("GET", "/stats", admin=True).json
    assert (stats["total_sessions_today"], stats["total_matches_today"], stats["total_pings_today"]) \
        == (6, 3, 9)
    cell.wait_for(expected(3))
    assert backend.stop() == 0
    assert cell.totals() == expected(3)
    assert "warning: " not in backend.log()


def test_two_instances_share_the_database(cell, tmp_path):
    one = cell.start()
    two = cell.start(STATE_DIRECTORY=str(tmp_path / "other"))
    for _ in range(4):
        meet(one)
        meet(two)
    cell.wait_for(expected(8))


@pytest.mark.parametrize("trouble", ["stop", "kill", "freeze"])
def test_N_5_F_04_database_in_trouble_under_load(cell, server, trouble):
    backend = cell.start()
    load = Load(backend)
    load.wait_for(5)
    getattr(server, trouble)()
    wait_until(lambda: cell.n_spooled() > 0, "a batch in the spool")
    load.wait_for(5)
    if trouble == "freeze":
        server.thaw()
    else:
        server.start()
    load.wait_for(5)
    cell.wait_for(expected(load.stop()))
    wait_until(lambda: "the database has all counters of the spool" in backend.log(), "the end of it")
    assert backend.stop() == 0
    assert cell.totals() == expected(load.n_meetings)
    assert cell.n_spooled() == 0
    assert backend.log().count("warning: ") == 1


def test_N_5_a_stop_while_the_database_is_away_keeps_the_counts(cell, server):
    backend = cell.start()
    cell.wait_for(expected(0))
    server.freeze()
    meet(backend)
    begin = time.monotonic()
    assert backend.stop() == 0
    assert time.monotonic() - begin < 10
    assert cell.n_spooled() > 0
    server.thaw()
    cell.start()
    cell.wait_for(expected(1))
    wait_until(lambda: cell.n_spooled() == 0, "an empty spool")


def test_starts_while_the_database_is_away(cell, server):
    server.stop()
    begin = time.monotonic()
    backend = cell.start()
    assert time.monotonic() - begin < 5
    meet(backend)
    wait_until(lambda: cell.n_spooled() > 0, "a batch in the spool")
    server.start()
    wait_until(lambda: cell.n_spooled() == 0, "an empty spool")
    cell.wait_for(expected(1))


# ---- killed at each step ----

def trace(backend, call, step, log):
    """Kills it, for real, with its @step-th @call from now on. A thread that ends while strace
    attaches makes it give up, so it may try again."""
    said = ""
    for _ in range(5):
        tracer = subprocess.Popen(
            ["strace", "-f", "-p", str(backend.pid), "-o", str(log), "-e", f"trace={call}",
             "-e", f"inject={call}:signal=KILL:when={step}"], stderr=subprocess.PIPE, text=True)
        for line in tracer.stderr:
            if "attached" in line:
                return tracer
            said += line
        tracer.wait(WAIT_SECONDS)
        tracer.stderr.close()
    raise AssertionError(f"strace cannot trace: {said}")


def end_of(backend, tracer):
    """Whether it was killed before it ended by itself."""
    status = backend.process.wait(WAIT_SECONDS)
    tracer.wait(WAIT_SECONDS)
    tracer.stderr.close()
    backend.stop()
    assert status in (0, -signal.SIGKILL), backend.log()
    return status != 0


@pytest.mark.parametrize("call, is_away", [("sendto", False), ("pwrite64", True), ("fdatasync", True)])
def test_N_5_killed_at_each_step_of_a_flush(cell, server, tmp_path, call, is_away):
    """All or nothing, once; and all, when it was on a disk before."""
    n_kills = 0
    cell.start().stop()
    for step in STEPS:
        before = cell.totals()
        backend = cell.start(ASAN_OPTIONS="detect_leaks=0")
        wait_until(cell.spool.exists, "the spool")
        meet(backend)
        if is_away:
            server.stop()
        tracer = trace(backend, call, step, tmp_path / "trace")
        backend.process.terminate()
        killed = end_of(backend, tracer)
        n_kills += killed
        kept = cell.n_spooled()
        if is_away:
            server.start()
        kept = kept or cell.totals() != before
        cell.start()
        wait_until(lambda: cell.n_spooled() == 0, "an empty spool")
        after = tuple(now - then for now, then in zip(cell.totals(), before))
        assert after == expected(1) if kept or not killed else after in (expected(0), expected(1))
        cell.backends[-1].stop()
        assert tuple(now - then for now, then in zip(cell.totals(), before)) == after
    assert n_kills > 0


@pytest.mark.parametrize("call", ["sendto", "fdatasync", "pwrite64"])
def test_N_5_killed_at_each_step_of_a_drain(cell, server, tmp_path, call):
    """What is in the spool is counted once, at whatever step."""
    n_kills = 0
    for n_meetings, step in enumerate(STEPS, 1):
        server.stop()
        backend = cell.start(ASAN_OPTIONS="detect_leaks=0")
        meet(backend)
        wait_until(lambda: cell.n_spooled() > 0, "a batch in the spool")
        tracer = trace(backend, call, step, tmp_path / "trace")
        server.start()
        wait_until(lambda: backend.process.poll() is not None or cell.n_spooled() == 0, "a death, or none")
        if backend.process.poll() is None:
            backend.process.terminate()
        n_kills += end_of(backend, tracer)
        cell.start()
        wait_until(lambda: cell.n_spooled() == 0, "an empty spool")
        cell.backends[-1].stop()
        assert cell.totals() == expected(n_meetings)
    assert n_kills > 0


class Registrar(threading.Thread):
    """Opens sessions until the backend dies, and notes when each was acknowledged."""

    def __init__(self, backend):
        super().__init__()
        self.backend = backend
        self.acknowledged = []
        self.n_sent = 0
        self.start()

    def run(self):
        try:
            while True:
                self.n_sent += 1
                self.backend.open_session(interests=INTERESTS)
                self.acknowledged.append(time.monotonic())
        except (OSError, AssertionError, ValueError):
            pass  # it was killed


def test_N_5_killed_at_any_time_loses_a_second_at_most(cell, server):
    """With the store in memory. The database is there in one half of the kills and stops in the
    other, half a second before."""
    sure = sent = 0
    for i in range(KILLS):
        backend = cell.start()
        registrar = Registrar(backend)
        time_to_live = 0.2 + 3 * (i + random.random()) / KILLS
        if i % 2:
            registrar.join(max(0, time_to_live - 0.5))
            server.stop()
            registrar.join(0.5)
        else:
            registrar.join(time_to_live)
        died_at = time.monotonic()
        kill(backend)
        registrar.join()
        sent += registrar.n_sent
        sure += sum(at < died_at - UNWRITTEN_SECONDS for at in registrar.acknowledged)
        if i % 2:
            server.start()
    cell.start()
    wait_until(lambda: cell.n_spooled() == 0, "an empty spool")
    sessions, _, _, categories = cell.totals()
    print(f"{KILLS} kills: {sent} sessions opened, {sessions} counted, {sure} had to be")
    assert 0 < sure <= sessions <= sent
    assert categories == 2 * sessions


def test_N_5_killed_at_any_time_loses_nothing_that_is_in_redis(cell, server, redis):
    """Each counts what was acknowledged, and at most the one that was under way."""
    acknowledged = sent = 0
    for i in range(KILLS):
        backend = cell.start(**redis.settings)
        registrar = Registrar(backend)
        registrar.join(0.2 + 1.5 * (i + random.random()) / KILLS)
        if i % 2:
            server.stop()
            registrar.join(0.5)
        kill(backend)
        registrar.join()
        acknowledged += len(registrar.acknowledged)
        sent += registrar.n_sent
        if i % 2:
            server.start()
    redis.ask("EVAL", END_LEASES, "0")
    cell.start(**redis.settings)
    wait_until(lambda: cell.totals()[0] >= acknowledged, "all that was acknowledged")
    wait_until(lambda: cell.n_spooled() == 0, "an empty spool")
    cell.backends[-1].stop()
    sessions, _, _, categories = cell.totals()
    print(f"{KILLS} kills: {acknowledged} sessions acknowledged, {sessions} counted, {sent} sent")
    assert acknowledged <= sessions <= sent
    assert categories == 2 * sessions


# ---- people notice nothing ----

def latencies(backend, n):
    """Of @n POST /session on one connection, seconds."""
    taken = []
    with backend.connect() as connection:
        for _ in range(n):
            body = {"ble_token": os.urandom(10).hex(), "interests": list(INTERESTS)}
            begin = time.perf_counter()
            connection.sendall(request_bytes("POST", "/session", body))
            assert read_answer(connection).status == 201
            taken.append(time.perf_counter() - begin)
    return taken


def test_F_04_requests_do_not_feel_a_frozen_database(cell, server):
    backend = cell.start()
    latencies(backend, 200)
    well, frozen = [], []
    for _ in range(3):
        well += latencies(backend, 300)
        server.freeze()
        frozen += latencies(backend, 300)
        server.thaw()
    p99 = [statistics.quantiles(taken, n=100)[98] * 1000 for taken in (well, frozen)]
    print(f"p99 of POST /session: {p99[0]:.2f} ms, {p99[1]:.2f} ms while the database is frozen")
    assert p99[1] < 1000  # who waits for the database waits until its deadline, which is seconds
    cell.wait_for((2000, 0, 0, 4000))


# ---- the disk of this machine ----

def test_F_11_a_full_disk_leaves_the_counts_in_the_store(cell, server):
    backend = cell.start(preexec=lambda: signal.signal(signal.SIGXFSZ, signal.SIG_IGN))
    log = cell.spool.with_name("spool.sqlite-wal")
    wait_until(lambda: log.exists() and log.stat().st_size > 3 * 4096, "the spool's three pages")

    def limit(n_bytes):
        resource.prlimit(backend.pid, resource.RLIMIT_FSIZE, (n_bytes, resource.RLIM_INFINITY))
    limit(4 * 4096)
    server.stop()
    load = Load(backend)
    wait_until(lambda: "there is no spool for counters" in backend.log(), "a full disk")
    load.wait_for(5)
    assert backend.request("GET", "/health/live").status == 200
    limit(resource.RLIM_INFINITY)
    server.start()
    cell.wait_for(expected(load.stop()))
    assert not list(cell.spool.parent.glob("*.corrupt-*"))


def test_F_11_no_spool_at_all(cell):
    cell.spool.mkdir(parents=True)
    backend = cell.start()
    meet(backend)
    cell.wait_for(expected(1))
    assert "there is no spool for counters" in backend.log()


def test_a_damaged_spool_is_moved_aside_and_said(cell):
    cell.spool.parent.mkdir()
    cell.spool.write_bytes(b"this is a letter, not a database" * 100)
    backend = cell.start()
    meet(backend)
    cell.wait_for(expected(1))
    wait_until(lambda: cell.n_spooled() == 0, "a new spool")
    aside = list(pathlib.Path(cell.spool.parent).glob("spool.sqlite.corrupt-*"))
    assert len(aside) == 1 and aside[0].read_bytes().startswith(b"this is a letter")
    assert aside[0].name in backend.log()


def test_a_newer_database_is_refused(cell, tmp_path):
    cell.start().stop()
    cell.server.query(cell.url, "INSERT INTO schema_migrations VALUES (99)")
    with pytest.raises(AssertionError, match="it did not start.*DatabaseUrl.*use the newer release"):
        cell.start()
