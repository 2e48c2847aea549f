# SPDX-License-Identifier: GPL-2.0-or-later
"""Linkability, attacked by us: several daemons change tokens, and sniffer.py tries to join them.

A controller of its own listens to everything; what it reports to the HCI trace is all that the
sniffer knows. Each daemon has its own TimeShift, and the middle of each token's life is cut out: as
soon as enough of a token is heard its daemon's clock jumps, by whole seconds so that fractions of a
second stay what they were, to shortly before the epoch's end. The change itself, and the silence,
take the time they take. Put back what was cut, and the trace is one of hours.
"""
import contextlib
import hashlib
import hmac
import os
import random
import re
import socket
import statistics
import struct
import time

import pytest

import hcitrace
import sniffer
from stack import Backend, Daemon, Stack, TimeShift, wait_until

SLOW = os.environ.get("SIGHEJ_SLOW") == "1"
ROTATIONS = 20 if SLOW else 7
NAMES = ["anna", "bo", "cleo", "dan", "eve"]
OPEN_S = 14400
REOPEN_S = 6000                 # asked for again when so much is left, as a person would
RENEW_S = 7200 - 60             # age at which a session is renewed
PACKETS = 5                     # of a token before its life is cut short
NOT_LATER_S = 1.2               # before its epoch's end: at most a second early it leaves the air
WALK_TIMEOUT_S = 30 * ROTATIONS
N_RATES = 3 * (len(sniffer.MARKS) + 1)
BOUND_P = 1e-6 / N_RATES        # a daemon that leaks nothing fails here less than once in a million runs
HCI_COMMAND, ETH_P_ALL, SO_RCVBUFFORCE, SO_TIMESTAMP = b"\x01", 3, 33, 29
ETHERNET_BYTES, ETHERTYPE_IP, PACKET_BYTES_MAX = 14, b"\x08\0", 65536 + 14
WIRE_BYTES = 64 * 1024 * 1024   # of loopback traffic between two looks at it: far more than there is


class Ear:
    """A controller that listens to everything, told so through a raw socket."""

    PARAMETERS = {"legacy": (0x200b, struct.pack("<BHHBB", 0, 16, 16, 0, 0)),
                  "extended": (0x2041, struct.pack("<BBBBHH", 0, 0, 1, 0, 16, 16))}
    ENABLE = {"legacy": (0x200c, b"\1\0"), "extended": (0x2042, b"\1\0" + bytes(4))}

    def __init__(self, stack, index):
        self.socket = socket.socket(socket.AF_BLUETOOTH, socket.SOCK_RAW, socket.BTPROTO_HCI)
        self.socket.bind((index,))
        for opcode, parameters in (self.PARAMETERS[stack.kind], self.ENABLE[stack.kind]):
            self.socket.send(HCI_COMMAND + struct.pack("<HB", opcode, len(parameters)) + parameters)

    def close(self):
        self.socket.close()


class Wire:
    """What daemons and backend told each other of sessions, read off the loopback."""

    def __init__(self):
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(ETH_P_ALL))
        self.socket.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, WIRE_BYTES)
        self.socket.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMP, 1)
        self.socket.bind(("lo", 0))
        self.socket.setblocking(False)
        self.asked, self.sessions = {}, {}      # port -> (first token, seed); first token -> (time, seed)

    def take(self, when, packet):
        tcp = packet[ETHERNET_BYTES + 4 * (packet[ETHERNET_BYTES] & 0xf):]
        source, target = struct.unpack_from(">HH", tcp)
        seed = re.search(rb'"token_seed": ?"([0-9a-f]{64})"', tcp)
        token = re.search(rb'"ble_token": ?"([0-9a-f]{20})"', tcp)
        if seed and token:
            self.asked[source] = token[1].decode(), bytes.fromhex(seed[1].decode())
        elif target in self.asked and b"HTTP/1.1 2" in tcp:
            token, seed = self.asked.pop(target)
            self.sessions[token] = when, seed

    def update(self):
        while True:
            try:
                packet, (stamp,), _, _ = self.socket.recvmsg(PACKET_BYTES_MAX, socket.CMSG_SPACE(16))
            except BlockingIOError:
                return
            seconds, microseconds = struct.unpack("qq", stamp[2])
            if packet[ETHERNET_BYTES - 2:ETHERNET_BYTES] == ETHERTYPE_IP:
                self.take(seconds + microseconds / 1e6, packet)

    def close(self):
        self.socket.close()


def epoch_ends(seed):
    """When the epochs of a session end, in seconds of its age (BLE 3)."""
    def sign(key, message):
        return hmac.new(key, message, hashlib.sha256).digest()
    key = sign(sign(bytes(32), seed), b"SigHej/1 epoch\1")
    ends = [0]
    while ends[-1] < RENEW_S:
        epoch = sign(key, b"dur" + struct.pack(">I", len(ends) - 1))
        ends.append(ends[-1] + 600 + struct.unpack(">H", epoch[:2])[0] % 301)
    return ends[1:]


class Walker:
    """One daemon, and where it is in its schedule."""

    def __init__(self, stack, number, backend, rng):
        folder = stack.path("clock-%d" % number)
        os.makedirs(folder, exist_ok=True)
        self.stack, self.rng, self.clock = stack, rng, TimeShift(folder)
        self.index = int(os.path.basename(stack.adapter_path(number))[3:])
        self.daemon = Daemon(stack, NAMES[number], "hci%d" % self.index, backend=backend.uri, clock=self.clock,
                             config={"Log": {"Level": "debug"}})
        # As if this one had come so much later than it did.
        self.shifts = [(0.0, rng.uniform(0, sniffer.EPOCH_MAX_S))]
        self.tokens, self.jumped = [], None
        self.session, self.ends = None, []      # when it began; when its epochs end that are to come

    def put_back(self, when):
        """A time of the trace with what had been cut out before."""
        return when + next(shift for since, shift in reversed(self.shifts) if since <= when)

    def open(self):
        self.daemon.call("SetInterests", "(as)", ["devops"])
        self.daemon.call("Open", "(u)", OPEN_S)

    def jump(self, seconds):
        self.shifts.append((time.time(), self.shifts[-1][1] + seconds))
        self.clock.advance(seconds)

    def note_token(self, trace, wire):
        on_air = trace.on_air_now(self.index)
        if not on_air or on_air[0].data in self.tokens:
            return
        self.tokens.append(on_air[0].data)
        session = wire.sessions.get(on_air[0].data[-sniffer.TOKEN_DIGITS:])
        if session is not None:
            self.session = self.put_back(session[0])
            self.ends = epoch_ends(session[1])
        else:
            assert self.ends, "the session's registration was not seen"
            self.ends.pop(0)

    def advance(self, trace, wire, heard):
        """Cuts out the middle of the token's life as soon as enough of it was heard."""
        self.note_token(trace, wire)
        if not self.tokens or self.jumped == self.tokens[-1] or len(heard.get(self.tokens[-1], ())) < PACKETS:
            return
        if self.daemon.get("Backend") != "online":
            return
        age = self.put_back(time.time()) - self.session
        self.jumped = self.tokens[-1]
        self.jump(max(0, int(min(self.ends[0], RENEW_S) - age - NOT_LATER_S)))
        if self.daemon.get("OpenUntil") - (time.time() + self.clock.seconds) < REOPEN_S:
            self.daemon.call("Open", "(u)", OPEN_S)


class Run:
    """Daemons that change tokens until each has done so ROTATIONS times, and what was heard of it."""

    def __init__(self, stack, rng):
        self.stack, self.rng = stack, rng
        self.follower = hcitrace.Follower(stack.path("hci.btsnoop"))
        self.walkers, self.heard, self.n_read = [], {}, 0

    def take_reports(self, trace):
        reports = trace.reports(self.ear_index)
        for report in reports[self.n_read:]:
            self.heard.setdefault(report.data, []).append(report)
        self.n_read = len(reports)

    def step(self):
        trace = self.follower.update()
        self.wire.update()
        self.take_reports(trace)
        for walker in self.walkers:
            if len(walker.tokens) <= ROTATIONS:
                walker.advance(trace, self.wire, self.heard)
        return all(len(walker.tokens) > ROTATIONS for walker in self.walkers)

    def walk(self):
        self.ear_index = int(os.path.basename(self.stack.adapter_path(len(NAMES)))[3:])
        self.wire, ear = Wire(), Ear(self.stack, self.ear_index)
        with Backend(self.stack) as backend, contextlib.ExitStack() as ends:
            ends.callback(self.wire.close)
            ends.callback(ear.close)
            self.walkers = [Walker(self.stack, n, backend, self.rng) for n in range(len(NAMES))]
            for walker in self.walkers:
                ends.callback(walker.daemon.stop)
                walker.daemon.start()
            for walker in self.walkers:
                walker.open()
            wait_until(self.step, WALK_TIMEOUT_S, "%d rotations" % ROTATIONS)
        self.trace = self.follower.update()

    def lives(self):
        """The whole tokens as the sniffer heard them; each one's last was cut off by the end of the test."""
        owners = {data: n for n, walker in enumerate(self.walkers) for data in walker.tokens[:ROTATIONS]}
        return sniffer.listen(self.trace.reports(self.ear_index), owners,
                              lambda owner, when: self.walkers[owner].put_back(when))


def make_run(kind, experimental):
    rng = random.Random(20)
    with Stack("linkability-" + kind, controllers=kind, count=len(NAMES) + 1, experimental=experimental,
               orders=["rssi * * -60 4"]) as stack:
        run = Run(stack, rng)
        run.walk()
        return run


@pytest.fixture(scope="module", params=["legacy"] + (["extended"] if SLOW else []))
def run(request):
    return make_run(request.param, request.param == "extended")


def assert_chance(title, groups):
    print(title)
    rates = sniffer.attack_away(groups, random.Random(7))
    for one in rates:
        print("  %s" % one)
    assert min(one.p for one in rates) > BOUND_P


def test_the_trace_is_worth_attacking(run):
    lives = run.lives()
    assert len(lives) == len(NAMES)
    for life in lives:
        assert len(life) == ROTATIONS
        assert all(h.interval > 0 for h in life)
    lasted = [h.end - h.start for life in lives for h in life]
    print("%d tokens, each on the air for %.0f to %.0f s" % (len(lasted), min(lasted), max(lasted)))


def test_no_mark_is_kept_or_distinguishes(run):
    everything = [h for life in run.lives() for h in life]
    assert len({h.token for h in everything}) == len(everything)
    assert len({h.address for h in everything}) == len(everything)
    assert len({h.rest for h in everything}) == 1
    assert everything[0].rest[:2] == ("ADV_NONCONN_IND", "nonresolvable")


def test_away_is_no_better_than_chance(run):
    lives = run.lives()
    assert_chance("away across the change", sniffer.changes(lives))
    assert_chance("away for a whole token", sniffer.changes(lives, 2))
    print("by age %s" % sniffer.attack_away(sniffer.changes(lives), random.Random(7), sniffer.RHYTHM)[1])


def test_watching_tells_by_nothing_but_time(run):
    """Neither address nor payload, sequence, interval or power; one's end and the other's beginning do."""
    lives = run.lives()
    assert_chance("never blinking, but for the gap", sniffer.changes(lives, witnessed=True))
    gaps = [b.start - a.end for life in lives for a, b in zip(life, life[1:])]
    print("gaps heard: %.2f to %.2f s, median %.2f" % (min(gaps), max(gaps), statistics.median(gaps)))
    print("never blinking\n  %s" % sniffer.attack_watching(lives, sniffer.GapModel(gaps), random.Random(7)))


def test_scan_requests_tell_no_more(run):
    """Who listens actively asks, from an address that can be heard: never the public one, and one that
    a token was sent from is not asked from once the next token is there."""
    for walker in run.walkers:
        on_air = run.trace.on_air_intervals(walker.index)
        ends = {o.address: after.start for o, after in zip(on_air, on_air[1:])}
        scans = [s for s in run.trace.scans(walker.index) if s.active]
        assert scans
        assert {s.address_kind for s in scans} <= {"nonresolvable", "resolvable"}
        for scan in scans:
            assert (scan.end or run.trace.last_time) <= ends.get(scan.address, run.trace.last_time)
