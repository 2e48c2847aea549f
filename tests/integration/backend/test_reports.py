# SPDX-License-Identifier: GPL-2.0-or-later
"""T-14: reports, what they do and what nobody learns of them; and what operators do, with the program
itself beside a running backend."""

import json
import os
import secrets
import signal
import sqlite3
import time
import uuid

import pytest

from backendlib import (
    WAIT_SECONDS, NO_MATCH, WebSocket, read_answer, request_bytes, run, wait_until)
from cell import TimeShift, workers
from pgserver import Postgres
from redislib import Redis

CANARY = "canary-in-confidence"
NOTE = CANARY + "-note"
NO_LIMITS = {"SESSIONS_PER_ADDRESS": "0", "SIGHTINGS_PER_MINUTE": "100000", "SIGHTINGS_BURST": "100000",
             "DISTINCT_TOKENS_PER_HOUR": "100000", "MESSAGES_PER_SECOND": "100000"}
POLL_SECONDS, WAITED_SECONDS = 2, 5     # as SighejCasebook looks, and waits for the database
TURN_SECONDS, N_TURNS_MAX = 0.25, 8      # a look is made to come so often, and not on and on: nobody answers pings
READY_IN_A_ROW = 8                       # the workers take turns
ANSWERED = {"date", "x-request-id", "ratelimit"}  # differ from one answer to the next, whatever it says


@pytest.fixture(scope="module")
def clock(tmp_path_factory):
    return TimeShift(tmp_path_factory.mktemp("clock"))


@pytest.fixture(scope="module")
def postgres():
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture(scope="module")
def redis_of_all():
    redis = Redis()
    yield redis
    redis.close()


class Installation:
    """A running backend, and its operators."""

    def __init__(self, make_backend, clock, settings):
        self.clock, self.settings, self.people = clock, settings, []
        self.backend = make_backend(**NO_LIMITS, **clock.environment(), **settings)
        self.settings.setdefault("STATE_DIRECTORY", str(self.backend.state))
        self.backend.wait_until_ready()

    def reports(self, *words, status=0):
        """What `sighej-backend reports` prints."""
        done = run("reports", *words, SUDO_USER="anna", **self.settings)
        assert done.returncode == status, done
        return done.stdout if status == 0 else done.stdout + done.stderr

    def list(self):
        return json.loads(self.reports("list", "--all", "--json"))["reports"]

    def pass_time(self, seconds):
        """And until all is as before: time that is turned is time that a command has waited, and a worker that
        waits for Redis at that moment is away from it until it has connected again."""
        self.clock.advance(seconds, self.backend.pid)
        for _ in range(READY_IN_A_ROW):
            self.backend.wait_until_ready()

    def until(self, condition, what):
        """What a look at the database brings about, without waiting for it."""
        turns = [0]

        def is_so():
            if len(turns) <= N_TURNS_MAX and time.monotonic() > turns[-1] + TURN_SECONDS:
                turns.append(time.monotonic())
                self.pass_time(POLL_SECONDS)
            return condition()

        wait_until(is_so, what)

    def until_waiting(self, n):
        """So many reports wait for the database."""
        wait_until(lambda: f"sighej_reports_waiting {n}\n" in self.backend.request(
            "GET", "/metrics", admin=True).body.decode(), f"{n} reports to wait")

    def person(self, opening=None):
        self.people.append(Person(self.backend, opening))
        return self.people[-1]

    def close(self):
        """Or the backend, when it stops, waits for each of them."""
        for person in self.people:
            person.ws.close()

    def stop(self):
        self.close()
        assert self.backend.stop() == 0

    def kill(self):
        """All of it, in the middle of whatever it does."""
        for pid in [*workers(self.backend.pid), self.backend.pid]:
            os.kill(pid, signal.SIGKILL)
        assert self.backend.process.wait(WAIT_SECONDS) == -signal.SIGKILL
        self.backend.stop()

    # what others see

    def change(self, statement):
        """What somebody can do who has the database and not the key file."""

    def files(self):
        """Everything on a disk, as bytes."""


class Embedded(Installation):
    def change(self, statement):
        with sqlite3.connect(self.backend.state / "ledger.sqlite", timeout=WAIT_SECONDS) as database:
            database.execute("DROP TRIGGER audit_is_never_changed")
            database.execute(statement)

    def files(self):
        return [path.read_bytes() for path in self.backend.state.iterdir() if path.name != "interest.key"]


class Cell(Installation):
    def __init__(self, make_backend, clock, postgres, redis, **more):
        super().__init__(make_backend, clock, {**redis.settings, "WORKERS": "2",
                                               "DATABASE_URL": postgres.make_database(), **more})
        self.postgres, self.redis = postgres, redis

    def change(self, statement):
        self.postgres.query(self.settings["DATABASE_URL"],
                            "DROP TRIGGER audit_is_never_changed ON audit; " + statement)

    def files(self):
        on_disk = [path.read_bytes() for path in self.postgres.data.rglob("*") if path.is_file()]
        return [*on_disk, self.redis.dump()]


@pytest.fixture
def install(make_backend, clock):
    """Makes one; all sockets are closed before the backends are told to stop."""
    made = []

    def make(kind, *arguments, **more):
        made.append(kind(make_backend, clock, *arguments, **more))
        return made[-1]

    yield make
    for installation in made:
        installation.close()


@pytest.fixture(params=["embedded", "cell"])
def installation(request, install):
    if request.param == "embedded":
        return install(Embedded, {})
    return install(Cell, request.getfixturevalue("postgres"), request.getfixturevalue("redis_of_all"))


class Person:
    """Open, with a socket."""

    def __init__(self, backend, opening=None):
        self.backend = backend
        self.session = backend.open_session(opening_id=opening or secrets.token_hex(16))
        self.ws = WebSocket(backend, f"/ws/{self.session.token}", Authorization=self.session.bearer,
                            Sec_WebSocket_Protocol="sighej.v1")
        self.ws.receive_json("snapshot")

    def see(self, other):
        return self.backend.match(self.session, other.session.token)

    def meets(self, other):
        """Each reports that it hears the other. Returns: whether they are nudged"""
        other.see(self)
        return self.see(other).json["match"]

    def take(self):
        """The next nudge's ticket."""
        nudge = self.ws.receive_json("nudge")
        self.ws.send({"type": "ack", "seq": nudge["seq"]})
        return nudge["ticket"]

    def is_nudged_with(self, other):
        """Returns: this one's ticket"""
        assert self.meets(other)
        other.take()
        return self.take()

    def report(self, ticket, reason="harassment", **more):
        return self.say("reports", {"ticket": ticket, "reason": reason, **more})

    def appeal(self, text, key=None):
        return self.say("appeals", {"text": text}, key)

    def say(self, what, body, key=None):
        headers = {"Idempotency_Key": key} if key else {}
        return self.backend.request("POST", f"/api/v1/{what}", body, authorization=self.session.bearer, **headers)

    def begin_to_say(self, what, body, key):
        """Returns: a connection on which the answer will come"""
        connection = self.backend.connect()
        connection.sendall(request_bytes("POST", f"/api/v1/{what}", body, connection_="close",
                                         authorization=self.session.bearer, Idempotency_Key=key))
        return connection

    def show(self):
        return self.backend.request("GET", "/session", authorization=self.session.bearer).json


def reported_by(installation, n):
    """Somebody whom @n others have reported."""
    dan = installation.person()
    for i in range(n):
        one = installation.person()
        answer = one.report(one.is_nudged_with(dan), text=f"{CANARY}-text-{i}",
                            attached=[f"{CANARY}-attached-{i}", "two\nlines"])
        assert (answer.status, answer.body) == (202, b"{}")
        assert len(installation.list()) == i + 1, "what was answered is written"
    return dan


def alike(answer):
    return answer.status, answer.body, {k: v for k, v in answer.headers.items() if k not in ANSWERED}


def n_left(answer):
    return int(answer.headers["ratelimit"].split("r=")[1].split(";")[0])


def until_muted(installation, dan):
    """Each look is somebody new: who was nudged with him once stays so. An outbox that is full would
    look like it, so he takes what he gets."""
    def is_muted():
        if not installation.person().meets(dan):
            return True
        dan.take()
        return False
    installation.until(is_muted, "nobody to be matched with the muted")


def test_T_14_three_reporters_mute_and_a_granted_appeal_undoes_it(installation):
    dan = reported_by(installation, 2)
    assert installation.person().meets(dan), "two are not enough"
    dan.take()
    third = installation.person()
    ticket = third.is_nudged_with(dan)
    assert third.report(ticket, "danger", text=CANARY).status == 202
    until_muted(installation, dan)

    installation.until(lambda: dan.show()["nudges_waiting"] == 0, "what he took has left his outbox")
    eve = installation.person()
    before, stranger = dan.show(), alike(eve.backend.match(eve.session, secrets.token_hex(10)))
    assert stranger[1] == NO_MATCH
    for _ in range(3):
        assert alike(dan.see(eve)) == alike(eve.see(dan)) == stranger
    assert {**dan.show(), "expires_at": ""} == {**before, "expires_at": ""}
    assert installation.person().meets(eve), "who is not muted is matched"
    assert all(report["muted_until"] for report in installation.list())

    assert dan.appeal(f"{CANARY}-appeal").status == 202
    assert installation.list()[0]["n_appeals"] == 1
    shown = installation.reports("show", "1")
    for words in (f"| {CANARY}-text-0", f"| {CANARY}-attached-0", "| lines", f"| {CANARY}-appeal",
                  "mute by three reporters"):
        assert words in shown
    installation.reports("act", "1", "unmute", f"--note={NOTE}")
    installation.until(lambda: eve.meets(dan), "the mute to be gone")
    assert {report["state"] for report in installation.list()} == {"dismissed"}
    assert NOTE in installation.reports("show", "2")
    assert "as they were written" in installation.reports("verify")
    assert_nothing_in_clear(installation)


def assert_nothing_in_clear(installation):
    """N-7: not on the disks of the databases, not in Redis, not in a log."""
    files = installation.files()
    assert any(b"harassment" in data for data in files), "these are not the files"
    assert not any(CANARY.encode() in data for data in files)
    assert CANARY not in installation.backend.log()


def test_T_14_an_operator_mutes_and_another_instance_obeys(install, postgres, redis_of_all, tmp_path):
    one = install(Cell, postgres, redis_of_all)
    dan = reported_by(one, 1)
    installation = install(Installation, {**one.settings, "STATE_DIRECTORY": str(tmp_path / "other")})
    dan.backend = installation.backend
    installation.reports("act", "1", "mute")
    until_muted(installation, dan)
    eve = installation.person()
    assert not eve.meets(dan)
    one.reports("act", "1", "unmute")
    one.until(lambda: eve.meets(dan), "the mute to be gone")


def test_T_14_a_restarted_backend_still_mutes(install):
    """Sessions in memory are gone, and who comes back with the same opening is muted as before."""
    first = install(Embedded, {})
    opening = secrets.token_hex(16)
    dan, one = first.person(opening), first.person()
    assert one.report(one.is_nudged_with(dan)).status == 202
    assert len(first.list()) == 1
    first.reports("act", "1", "mute")
    first.stop()

    second = install(Embedded, dict(first.settings))
    dan = second.person(opening)

    until_muted(second, dan)
    second.reports("act", "1", "unmute")
    eve = second.person()
    second.until(lambda: eve.meets(dan), "the mute to be gone")


def test_T_14_a_report_looks_the_same_whatever_it_is_worth(install):
    installation = install(Embedded, {"REPORTS_PER_HOUR": "100"})
    ann, bob, cat = (installation.person() for _ in range(3))
    good = ann.is_nudged_with(bob)
    foreign = cat.is_nudged_with(bob)
    answers = [ann.report(ticket, text=CANARY) for ticket in
               (foreign, "Zm9v", good[:-1] + ("A" if good[-1] != "A" else "B"), secrets.token_urlsafe(100),
                good, good)]
    bob.backend.request("DELETE", "/session", authorization=bob.session.bearer)
    answers += [ann.report(good), ann.appeal(CANARY), cat.report(good)]
    assert {answer.status for answer in answers} == {202}
    assert all(alike(answer) == alike(answers[0]) for answer in answers)
    left = [n_left(answer) for answer in answers[:-1]]
    assert left == list(range(99, 99 - len(left), -1)), "each is charged"
    assert [report["n_reporters"] for report in installation.list()] == [1, 1, 1]


def said_alike(answers):
    """But for what differs in every problem: all its members and headers are the same."""
    def strip(answer):
        return {**answer.json, "trace_id": 0, "instance": 0} if answer.status != 202 else answer.json, alike(answer)[2]
    return all(strip(answer) == strip(answers[0]) for answer in answers)


def test_T_14_what_was_answered_survives_a_kill(installation):
    dan = reported_by(installation, 2)
    assert dan.appeal(CANARY).status == 202
    installation.kill()
    assert [report["n_appeals"] for report in installation.list()] == [1, 1]
    assert "5 rows" not in installation.reports("verify") and "3 rows" in installation.reports("verify")


def test_T_14_a_database_that_is_away_is_said_to_all_alike(install, postgres, redis_of_all):
    """And each is one report, however often it is sent with its key."""
    installation = install(Cell, postgres, redis_of_all, WORKERS="1", G_DEBUG="fatal-criticals")
    ann, bob, cat = (installation.person() for _ in range(3))
    bodies = [{"ticket": ticket, "reason": "spam"} for ticket in
              (ann.is_nudged_with(bob), "Zm9v", ann.is_nudged_with(cat))]
    keys = [str(uuid.uuid4()) for _ in bodies]
    postgres.stop()
    try:
        waiting = [ann.begin_to_say("reports", body, key) for body, key in zip(bodies, keys)]
        waiting.append(bob.begin_to_say("appeals", {"text": CANARY}, keys[0]))
        installation.until_waiting(len(waiting))
        installation.pass_time(WAITED_SECONDS)
        answers = [read_answer(connection) for connection in waiting]
        assert {answer.status for answer in answers} == {503} and int(answers[0].headers["retry-after"]) >= 1
        assert said_alike(answers), "also what is left of the limit"
        assert sorted(n_left(answer) for answer in answers) == [4, 5, 6, 6], "what is not taken is given back"

        waiting = [ann.begin_to_say("reports", body, key) for body, key in zip(bodies[:2], keys)]
        installation.until_waiting(2)
    finally:
        postgres.start()
    answers = []
    installation.until(lambda: answers.append(read_answer(waiting.pop(0))) or not waiting, "the first answers")
    assert {answer.status for answer in answers} == {202}
    for _ in range(2):
        assert ann.say("reports", bodies[0], keys[0]).status == 200
    installation.kill()
    assert [report["n_reporters"] for report in installation.list()] == [1]


def test_T_14_a_report_that_was_written_late_is_one(install):
    """The database takes it after the answer was that it did not: the next time it is known."""
    installation = install(Embedded, {})
    ann, bob = installation.person(), installation.person()
    body, key = {"ticket": ann.is_nudged_with(bob), "reason": "spam"}, str(uuid.uuid4())
    with sqlite3.connect(installation.backend.state / "ledger.sqlite", timeout=WAIT_SECONDS,
                         isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        connection = ann.begin_to_say("reports", body, key)
        installation.until_waiting(1)
        installation.pass_time(WAITED_SECONDS)
        assert read_answer(connection).status == 503
        other.execute("ROLLBACK")
    other.close()
    answer = ann.say("reports", body, key)
    assert (answer.status, answer.body) == (202, b"{}")
    installation.kill()
    assert len(installation.list()) == 1


def test_a_report_that_is_sent_again_is_kept_once(install):
    installation = install(Embedded, {})
    ann, bob = installation.person(), installation.person()
    body = {"ticket": ann.is_nudged_with(bob), "reason": "spam"}
    for what, said in (("reports", body), ("appeals", {"text": "no"})):
        key = str(uuid.uuid4())
        for status in (202, 200, 200):
            answer = (ann if what == "reports" else bob).say(what, said, key)
            assert (answer.status, answer.body) == (status, b"{}")
    assert [report["n_appeals"] for report in installation.list()] == [1]


def test_who_has_no_session_reports_nobody(backend):
    for path, body in (("reports", {"ticket": "Zm9v", "reason": "spam"}), ("appeals", {"text": "no"})):
        for bearer in ({}, {"authorization": "Bearer nobody"}):
            assert backend.request("POST", f"/api/v1/{path}", body, **bearer).status == 401
        assert backend.request("POST", f"/api/v1/{path}", {}, **bearer).status == 400


def test_the_limit_holds_at_the_exact_count(install):
    installation = install(Embedded, {"REPORTS_PER_HOUR": "3"})
    ann = installation.person()
    statuses = [ann.report("Zm9v").status for _ in range(2)] + [ann.appeal("no").status]
    refused = ann.report("Zm9v")
    assert statuses == [202, 202, 202] and refused.status == 429
    assert int(refused.headers["retry-after"]) in range(1, 1201)
    assert refused.headers["ratelimit-policy"] == '"reports";q=3;w=3600'


def test_what_operators_do(installation):
    reported_by(installation, 2)
    first, second = installation.list()
    assert (first["id"], first["reason"], first["state"], first["n_reporters"]) == (1, "harassment", "open", 2)
    assert first["reported"] == second["reported"] and first["reporter"] != second["reporter"]

    assert installation.reports("close", "1").startswith("   1  ")
    again = installation.reports("close", "1")
    assert again.startswith("it is open no more; nothing was done\n") and "closed" in again
    assert json.loads(installation.reports("act", "2", "none", "--json"))["state"] == "dismissed"
    assert installation.reports("list") == "no open reports\n"
    assert [report["state"] for report in installation.list()] == ["closed", "dismissed"]
    lines = [json.loads(line) for line in installation.reports("export").splitlines()]
    assert [line["text"] for line in lines] == [f"{CANARY}-text-0", f"{CANARY}-text-1"]
    assert lines[1]["actions"][0]["deed"] == "none" and lines[1]["actions"][0]["actor"] == "anna"
    assert json.loads(installation.reports("export", "2"))["attached"] == [f"{CANARY}-attached-1", "two\nlines"]

    good = json.loads(installation.reports("verify", "--json"))
    assert good["good"] is True and good["fault"] is None and len(good["hash"]) == 64
    installation.change("UPDATE audit SET actor = 'nobody' WHERE deed = 'closed'")
    found = json.loads(installation.reports("verify", "--json", status=4))
    assert found["good"] is False and "was changed" in found["fault"]
    assert "keep a copy of the database" in installation.reports("verify", status=4)


@pytest.mark.parametrize("words, status, why", [
    ([], 2, "say list, show, close, act, verify or export"),
    (["look"], 2, "'look' is none of"),
    (["show"], 2, "say which report"),
    (["show", "-1x"], 2, "nknown option"),
    (["show", "one"], 2, "is no number of a report"),
    (["act", "1"], 2, "mute, unmute or none"),
    (["list", "1"], 2, "'1' is too much"),
    (["close", "1", "--note=x"], 2, "--note goes with act"),
    (["show", "1", "--all"], 2, "--all goes with list"),
    (["list", "--config=/nonexistent"], 78, "there is no file"),
    (["list"], 78, "there is no ledger"),
])
def test_operators_are_told_what_to_do(tmp_path, words, status, why):
    done = run("reports", *words, STATE_DIRECTORY=str(tmp_path))
    assert done.returncode == status, done
    assert why in done.stderr and done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == [], "it makes no database"


def test_a_report_that_is_not_there(install):
    installation = install(Embedded, {})
    for words in (["show", "7"], ["close", "7"], ["act", "7", "mute"], ["export", "7"]):
        assert "there is no report 7" in installation.reports(*words, status=3)
    assert installation.reports("list", "--all") == "no reports\n"
    assert installation.reports("verify") == "the audit is empty: nothing was reported yet\n"


def test_who_is_open_no_more_cannot_be_muted(install):
    installation = install(Embedded, {})
    reported_by(installation, 1)
    installation.settings.update(installation.clock.environment())
    for hours, status in ((3.9, 0), (0.2, 1)):
        installation.pass_time(hours * 3600)
        assert ("nobody to mute" in installation.reports("act", "1", "mute", status=status)) is (status == 1)
    assert [report["state"] for report in installation.list()] == ["acted"]
    installation.pass_time(4 * 3600)
    shown = installation.reports("act", "1", "unmute")
    assert shown.startswith("nobody was muted; what was reported until now counts no more\n")
    assert "muted until" not in shown and "dismissed" in shown
    assert json.loads(installation.reports("act", "1", "unmute", "--json"))["muted_until"] is None


def test_another_key_file_is_said(install, tmp_path):
    installation = install(Embedded, {})
    reported_by(installation, 1)
    other = tmp_path / "other.key"
    other.write_bytes(secrets.token_bytes(32))
    other.chmod(0o600)
    installation.settings["INTEREST_KEY_FILE"] = str(other)
    for words in (["show", "1"], ["act", "1", "mute"], ["export"]):
        assert "another key file" in installation.reports(*words, status=78)
    assert "another key file" in installation.reports("verify", status=4)
