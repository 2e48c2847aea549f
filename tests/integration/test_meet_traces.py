# SPDX-License-Identifier: GPL-2.0-or-later
"""What a meet leaves behind: two real daemons talk and show each other where they are, through a real
backend with Redis and PostgreSQL, and one reports the other. Nothing of it is anywhere in the clear, and
nothing stays but the report, sealed. Once all of them log to systemd's journal, once to files."""
import base64
import os
import pathlib
import re
import socket
import struct
import subprocess
import threading

import pytest
from gi.repository import GLib

from faultproxy import FaultProxy
from geoclue import Geoclue
from people import People
from pgserver import Postgres, programs
from redislib import Redis
from sighejrun import Bus, Run
from test_meet_story import Side

SAID = {"anna": "canary one: at the red umbrella", "bo": "kanariefugl to: ved den grønne bus"}
REPORTED = "canary three: what the operators are told"
# A minute has no 71st second: no time in a log looks like these.
PLACES = {"anna": (71.934567891, 104.278912345), "bo": (71.934987652, 104.279123457)}
LEFT_MS_MAX = 2000
# How many waves a session has left is known until it ends; who was woken; the number of the last change; and
# that a report was answered, should it be sent again.
MAY_STAY = re.compile(r"record:waves:[0-9a-f-]{36}|wake:[0-9a-f]{16}|record-version|idem:[0-9a-f]{64}(:[0-9a-f]{64})?")
MONITOR_BYTES = 65536
# Beside what journald adds itself, which begins with "_".
FIELDS = {"MESSAGE", "PRIORITY", "SYSLOG_IDENTIFIER", "GLIB_DOMAIN", "GLIB_OLD_LOG_API", "CODE_FILE", "CODE_LINE",
          "CODE_FUNC", "MESSAGE_ID", "SIGHEJ_STATE", "SIGHEJ_REASON", "SIGHEJ_HTTP_STATUS", "SIGHEJ_PROBLEM", "TRACE_ID"}
STATES = {"off", "opening", "open", "paused", "waiting", "closing"}
INTERESTS = [b"devops", b"kanariefugleavl"]
# Every word between quotes on the wire that is drawn, derived or sealed: an id, a token, a key, a ticket, a letter.
OPAQUE = re.compile(rb'"([0-9A-Za-z_-]{16,})"')
NAMED = re.compile(rb'"(\w+)":"[0-9A-Za-z_-]{16,}"')
WIRE_HAS = {"ble_token", "body", "nudge", "opening_id", "peer_key", "public_key", "session_id", "session_secret", "ticket",
            "token_seed"}
WORD = re.compile(rb"[a-z_-]+")


# ---- what is looked for


def forms_of_text(text):
    """As it is, in hex, and in base64 at each of its three places."""
    data = text.encode()
    yield data
    yield data.hex().encode()
    for skipped in range(3):
        whole = base64.b64encode(bytes(skipped) + data).rstrip(b"=")[4:-4]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))


def forms_of_number(number):
    """As text of a few digits and more, scaled, and as the machine has it."""
    yield f"{number:.9f}"[:7].encode()
    yield f"{number:.9f}".replace(".", "")[:9].encode()
    yield struct.pack("<d", number)
    yield struct.pack(">d", number)


def forms(texts, numbers):
    return ({form for text in texts for form in forms_of_text(text)}
            | {form for number in numbers for form in forms_of_number(number)})


def forms_of_opaque(word):
    """As it goes over the wire, and the bytes behind it."""
    yield word
    if re.fullmatch(rb"([0-9a-f]{2})+", word):
        yield bytes.fromhex(word.decode())
    elif len(word) % 4 != 1:
        yield base64.urlsafe_b64decode(word + b"=" * (-len(word) % 4))


CANARIES = forms([*SAID.values(), REPORTED], [number for place in PLACES.values() for number in place])


def find(data, where, wanted=frozenset(CANARIES)):
    """(where, canary) of each that is in there."""
    return [(where, form) for form in wanted if form in data]


# ---- where it is looked for


class Monitor:
    """Every command that Redis is given, scripts' own as well."""

    def __init__(self, redis):
        self.data, self.connection = bytearray(), socket.socket(socket.AF_UNIX)
        self.connection.connect(redis.path)
        self.connection.sendall(b"MONITOR\r\n")
        assert self.connection.recv(5) == b"+OK\r\n"
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def _read(self):
        while data := self.connection.recv(MONITOR_BYTES):
            self.data += data

    def stop(self):
        """All it said, as it was before it was escaped."""
        self.connection.shutdown(socket.SHUT_RDWR)
        self.thread.join()
        self.connection.close()
        return re.sub(rb"\\(x[0-9a-f]{2}|.)", lambda match: unescape(match[1]), bytes(self.data))


def unescape(code):
    """What stands behind a backslash, as Redis writes it."""
    names = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"a": b"\a", b"b": b"\b"}
    return bytes([int(code[1:], 16)]) if len(code) > 1 else names.get(code, code)


class Wiretap:
    """What daemons and backend tell each other, in the clear as behind the proxy that does TLS."""

    def __init__(self, address):
        self.proxy, self.read = FaultProxy(f"tcp:{address}"), {}
        self.proxy.tap = self.take
        self.uri = "http://" + self.proxy.address.removeprefix("tcp:")

    def take(self, link, way, data):
        self.read.setdefault((link, way), bytearray()).extend(data)
        return data

    def opaque(self):
        words = {word for data in list(self.read.values()) for word in OPAQUE.findall(data)}
        return {word for word in words if not WORD.fullmatch(word)}

    def names(self):
        """Of the members that have such a value."""
        return {name.decode() for data in list(self.read.values()) for name in NAMED.findall(data)}


class Cell:
    """Redis, PostgreSQL and one backend on both."""

    def __init__(self, run, redis, postgres, journal=None):
        self.run, self.redis, self.postgres, self.journal = run, redis, postgres, journal
        run.prefix = journal.prefix if journal else []
        redis.ask("CONFIG", "SET", "rdbcompression", "no")
        self.monitor = Monitor(redis)
        self.url = postgres.make_database()
        self.backend = run.backend(config="[Log]\nLevel=debug\n[Stores]\n"
                                          f"RedisUrl=unix://{redis.path}\nDatabaseUrl={self.url}\n")
        self.wire = Wiretap(self.backend.address)

    def cli(self, *words):
        return subprocess.run(["redis-cli", "-s", self.redis.path, *words], capture_output=True, text=True,
                              check=True).stdout.splitlines()

    def keys(self):
        return set(self.cli("--scan"))

    def sql(self):
        """What an operator's dump has."""
        return subprocess.run([programs() / "pg_dump", "--data-only", "-d", self.url], check=True,
                              capture_output=True, **self.postgres.owner).stdout

    def wait_reports(self, n):
        Run.until(lambda: self.postgres.query(self.url, "SELECT count(*) FROM reports") == str(n), f"{n} reports")

    def files_of_sql(self):
        return read_folder(self.postgres.folder)

    def scan(self):
        """All places that can be looked at while it goes on."""
        found = find(self.redis.dump(), "Redis") + find(self.sql(), "SQL")
        found += find(read_folder(self.run.top), "a state folder")
        for place, data in self.logs():
            found += find(data, place)
        return found

    def logs(self):
        """(where, bytes) of all that our programs said."""
        for process in self.run.started:
            if not isinstance(process, Bus):
                yield f"the log of {process.name}", process.text().encode()
        if self.journal:
            yield "the journal", self.journal.export()
            yield "the journal's files", self.journal.stored()

    def check_logs(self):
        """There is nothing in them either of what went over the wire, of keys, of interests."""
        assert WIRE_HAS <= self.wire.names()
        words = {form for word in self.wire.opaque() for form in forms_of_opaque(word)}
        secret = words | self.keys_on_disk() | set(INTERESTS)
        assert [name for place, data in self.logs() for name in find(data, place, secret)] == []
        if self.journal:
            self.check_fields()

    def keys_on_disk(self):
        return {form for path in pathlib.Path(self.run.top).rglob("*.key")
                for form in (path.read_bytes().strip(), path.read_bytes().hex().encode())}

    def check_fields(self):
        """The journal has the fields that are described, and no other."""
        entries = self.journal.entries("_TRANSPORT=journal")
        assert {name for entry in entries for name in entry if not name.startswith("_")} <= FIELDS
        told = {name: {entry[name] for entry in entries if name in entry} for name in FIELDS}
        assert {"opening", "open"} <= told["SIGHEJ_STATE"] <= STATES and told["SIGHEJ_REASON"] <= {"", "user"}
        assert {"101", "201", "202"} <= told["SIGHEJ_HTTP_STATUS"]
        assert all(re.fullmatch("[0-9a-f]{32}", trace) for trace in told["TRACE_ID"])


def read_folder(top):
    """The bytes of every file below it."""
    read = bytearray()
    for folder, _, names in os.walk(top):
        for name in names:
            path = os.path.join(folder, name)
            if os.path.isfile(path) and not os.path.islink(path):
                try:
                    with open(path, "rb") as file:
                        read += file.read() + b"\n"
                except FileNotFoundError:
                    pass  # it went meanwhile
    return bytes(read)


@pytest.fixture(scope="module")
def postgres():
    server = Postgres()
    yield server
    server.remove()


@pytest.fixture
def redis():
    one = Redis()
    yield one
    one.close()


@pytest.fixture
def cell(request, redis, postgres, run):
    """The run ends first: its backend shall not miss what it works with."""
    logs = getattr(request, "param", None)
    return Cell(run, redis, postgres, request.getfixturevalue(logs) if logs else None)


@pytest.fixture
def meet(cell):
    """Two who have said something to each other and see where the other is. Their sides, and the keys of
    before they waved."""

    def make(**options):
        people, places = People(cell.run, cell.backend), {}
        for name in SAID:
            bus = cell.run.bus(f"{name}-system-bus")
            places[name] = Geoclue(bus)
            people(name, *(word.decode() for word in INTERESTS), backend=cell.wire.uri,
                   env={"DBUS_SYSTEM_BUS_ADDRESS": bus.address}, **options)
        sides = [Side(one) for one in people.all.values()]
        people.open()
        people.wait_nudges()
        before = cell.keys()
        for side in sides:
            side.wave()
        for side in sides:
            Run.until(side.meets, f"{side.daemon.name} has a meet")
            side.path = side.meets()[0][0]
            side.wait("Trust", "verified")
        for side in sides:
            side.call("SharePosition", "(b)", True)
        for side in sides:
            side.wait("Sharing", "on")
            places[side.daemon.name].move(*PLACES[side.daemon.name])
        for side, peer in (sides, sides[::-1]):
            Run.until(lambda s=side: s.get("PeerPlace") != ("", ""), f"{side.daemon.name} sees the other")
            side.call("SendMessage", "(s)", SAID[side.daemon.name])
            peer.wait_heard(SAID[side.daemon.name])
        number, = [n for n, own, _time, _text, _mark in sides[0].call("GetMessages", "(tu)", 0, 0)[0] if not own]
        sides[0].call("Report", "(sa{sv})", "spam", {"text": GLib.Variant("s", REPORTED),
                                                     "messages": GLib.Variant("at", [number])})
        cell.wait_reports(1)
        return sides, before
    return make


def end_met(sides):
    for side in sides:
        side.call("ConfirmMet")
    for side in sides:
        side.wait_over("met")


def end_at_once(sides):
    sides[0].call("End", "(s)", "")
    for side in sides:
        side.wait_over("ended")


def test_the_search_finds_what_is_there(cell, tmp_path):
    """Each form of others, in each place."""
    text, number = "canary four: planted", 73.812345679
    planted = forms([text], [number])
    for i, form in enumerate(planted):
        (tmp_path / str(i)).write_bytes(b"x" + form + b"y")
        subprocess.run(["redis-cli", "-s", cell.redis.path, "-x", "SET", f"canary{i}"], input=b"<" + form + b">",
                       check=True, capture_output=True)
    cell.postgres.query(cell.url, f"CREATE TABLE planted AS SELECT '{text}'::text, {number}::numeric")
    for data in (read_folder(tmp_path), cell.redis.dump(), cell.monitor.stop()):
        assert {form for _, form in find(data, "here", planted)} == planted
    assert {form for _, form in find(cell.sql(), "SQL", planted)} == {text.encode(), b"73.8123"}
    assert text.encode() in cell.files_of_sql()


def test_the_search_finds_what_is_in_the_journal(journal):
    """Each form, in a field of its own and, but for bytes, in a line."""
    text = "canary five: planted"
    planted = forms([text], [73.812345679])
    for form in planted:
        journal.write_field("SIGHEJ_PLANTED", b"<" + form + b">")
    for data in (journal.export(), journal.stored()):
        assert {form for _, form in find(data, "here", planted)} == planted
    later = set(forms_of_text("canary six: planted"))
    for form in later:
        journal.write_line(b"<" + form + b">")
    for data in (journal.export(), journal.stored(), journal.text().encode()):
        assert {form for _, form in find(data, "here", later)} == later


@pytest.mark.parametrize(("end", "cell"), [(end_met, "journal"), (end_at_once, None)], indirect=["cell"])
def test_nothing_is_in_the_clear_and_nothing_stays(cell, meet, end):
    sides, before = meet()
    during = cell.keys()
    assert any(key.startswith("record:meet:") for key in during - before)
    assert cell.scan() == []
    cell.check_logs()

    end(sides)
    # How long it may still be there is Redis' own word, however slow this machine is.
    for key in cell.keys() - before:
        if key.startswith(("record:meet:", "record:cue:")):
            assert 0 <= int(cell.cli("PTTL", key)[0]) <= LEFT_MS_MAX or key not in cell.keys(), key
    Run.until(lambda: not any(key.startswith(("record:meet:", "record:cue:")) for key in cell.keys()),
              "the keys of the meet are gone")
    left = cell.keys() - before
    assert all(MAY_STAY.fullmatch(key) for key in left), left
    assert cell.scan() == []

    for process in reversed(cell.run.started):
        process.stop()
    assert cell.scan() == []
    cell.check_logs()
    cell.wire.proxy.close()
    assert find(cell.monitor.stop(), "what Redis was told") + find(cell.files_of_sql(), "SQL") == []
