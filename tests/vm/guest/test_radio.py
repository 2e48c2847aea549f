# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon's BlueZ radio alone, driven by radio-probe, judged by the HCI trace."""
import contextlib
import os
import pwd
import signal
import subprocess
import time

import pytest
from gi.repository import Gio, GLib

import bluez
from stack import ADAPTER, TimeShift, call, get_property, has_owner, program, wait_until

TOKENS = ["b4b57748198574854a05", "da2dbcdf1a09268f2cd5", "5849252c6a22372476be"]
HEAD = "1e214a4548474953849e694c0e5bd2c1f7a3"
SERVICE_HEAD = "1135c5"             # version 1 and OPEN, realm 0x35, -59 dBm

SILENCE_S = 2                       # the most that may pass from an order or a death to silence
CLEAR_S = 5                         # how long settings must be harmless before it advertises again
WINDOW_S = 15                       # of listening; plain discovery would give 2 samples
DOUBT_S = 11                        # of listening to an adapter that did not stop
EMPTY_S = 91                        # of hearing nothing until a scan is restarted
REACTION_S = 1                      # from Discoverable to silence; 0.2 on a real processor


def data_of(token):
    return HEAD + SERVICE_HEAD + token


class Probe:
    """radio-probe on one adapter: orders by tell(), events as (time, words)."""

    def __init__(self, stack, name, adapter, clock=None, wrapper=()):
        path = stack.path("probe-%s" % name)
        self.out = open(path + ".out", "w+")
        self.log_path = path + ".log"
        with open(self.log_path, "a") as log:
            self.popen = subprocess.Popen(
                [*wrapper, program("tests/vm/radio-probe"), adapter], stdin=subprocess.PIPE, stdout=self.out, stderr=log,
                text=True, start_new_session=True, user="nobody", group=pwd.getpwnam("nobody").pw_gid, extra_groups=[],
                env=dict(os.environ, G_DEBUG="fatal-criticals", **(clock.environment({}) if clock else {})))
        if clock is not None:
            clock.processes.append(self)
        self.wait_for(lambda words: words == ["ready"])

    def is_running(self):
        return self.popen.poll() is None

    def tell(self, order):
        self.popen.stdin.write(order + "\n")
        self.popen.stdin.flush()
        return time.time()

    @property
    def events(self):
        with open(self.out.name) as f:
            lines = f.read().split("\n")[:-1]
        return [(float(when), words) for when, *words in (line.split(" ") for line in lines)]

    def last(self, kind):
        """The words after the last event of that kind."""
        return next((words[1:] for _, words in reversed(self.events) if words[0] == kind), None)

    def wait_for(self, check, timeout_s=30, after=0, what="event"):
        """Waits for an event whose words check() likes; returns its time."""
        def look():
            assert self.popen.poll() is None or check(["ended"]), "the probe ended with %d" % self.popen.returncode
            return [when for when, words in self.events if when >= after and check(words)]
        return wait_until(look, timeout_s, what)[0]

    def wait_last(self, kind, *words, timeout_s=30):
        wait_until(lambda: self.last(kind) == list(words), timeout_s,
                   "%s %s, not %s" % (kind, " ".join(words), self.last(kind)))
        return time.time()

    def heard(self, token, after=0):
        return [(when, int(words[2])) for when, words in self.events
                if words[0] == "heard" and words[1] == SERVICE_HEAD + token and when >= after]

    def counters(self):
        before = time.time()
        self.tell("count")
        self.wait_for(lambda w: w[:2] == ["count", "radio.bluetoothd-lost"], after=before - 0.001)
        return {words[1]: int(words[2]) for _, words in self.events if words[0] == "count"}

    def catch_up(self):
        """Until it has taken all that the bus has sent it so far."""
        self.wait_for(lambda words: words == ["caught-up"], after=self.tell("catch-up") - 0.001)

    def log(self):
        with open(self.log_path, errors="replace") as f:
            return f.read()

    def quit(self):
        if self.popen.poll() is None:
            self.tell("quit")
        wait_until(lambda: self.popen.poll() is not None, 15, "probe ended")
        return self.popen.returncode

    def kill(self):
        self.popen.kill()
        self.popen.wait()
        return time.time()


def end(probe):
    """Whatever the test has done to it."""
    try:
        if probe.popen.poll() is None:
            assert probe.quit() == 0
            assert probe.events[-1][1] == ["stopped"]
    finally:
        if probe.popen.poll() is None:
            probe.kill()
        probe.out.close()


@pytest.fixture
def probes(stack):
    """Makes probes that are gone, and silent, when the test ends."""
    with contextlib.ExitStack() as ends:
        def make(name, number, clock=None):
            adapter = os.path.basename(stack.adapter_path(number))
            probe = Probe(stack, "%s-%d" % (name, int(time.time() * 1000)), adapter, clock)
            ends.callback(end, probe)
            return probe
        yield make


def assert_only_ours(stack, number, since, tokens):
    """Nothing but these tokens was on the air since then, and never from the public address."""
    intervals = [o for o in stack.trace().on_air_intervals(number) if o.start >= since]
    assert {o.data for o in intervals} <= {data_of(t) for t in tokens}
    assert {o.response for o in intervals} <= {""}
    assert {o.address_kind for o in intervals} <= {"nonresolvable"}
    assert {o.pdu for o in intervals} <= {"ADV_NONCONN_IND"}
    return intervals


def advertise(stack, probe, token, number=0):
    probe.tell("payload " + token)
    probe.wait_last("on-air", "yes", token)
    one, = stack.wait_on_air(number)
    assert one.data == data_of(token)
    return one


@pytest.fixture(params=["stable", "experimental"])
def either_stack(stack, request):
    """The stack with and without bluetoothd's experimental interfaces."""
    if request.param == "experimental":
        stack.restart_bluetoothd(experimental=True)
    yield stack
    if request.param == "experimental":
        stack.restart_bluetoothd(experimental=False)


def test_our_31_bytes_and_no_others_until_withdrawn(either_stack, probes):
    since = time.time()
    probe = probes("a", 0)
    probe.wait_last("trouble", "")
    advertise(either_stack, probe, TOKENS[0])
    told = probe.tell("payload none")
    either_stack.wait_on_air(0, lambda now: not now, SILENCE_S)
    probe.wait_last("on-air", "no")
    intervals = assert_only_ours(either_stack, 0, since, TOKENS[:1])
    assert intervals[-1].end - told <= SILENCE_S
    print("silent %.0f ms after the order" % ((intervals[-1].end - told) * 1000))


def test_token_and_address_change_together_under_our_own_scan(either_stack, probes):
    since = time.time()
    probe = probes("a", 0)
    probe.tell("scan on")
    probe.wait_last("scanning", "yes")
    for token in TOKENS:
        advertise(either_stack, probe, token)
    assert probe.last("scanning") == ["yes"]
    assert probe.last("trouble") == [""]
    intervals = assert_only_ours(either_stack, 0, since, TOKENS)
    # Each token from one address, each address with one token.
    pairs = {(o.data, o.address) for o in intervals}
    assert len(pairs) == len({data for data, _ in pairs}) == len({address for _, address in pairs}) == len(TOKENS)
    gaps = [b.start - a.end for a, b in zip(intervals, intervals[1:])]
    print("gap at rotation: " + " ".join("%.0f ms" % (gap * 1000) for gap in gaps))
    wait_until(lambda: get_property(either_stack.bus, "org.bluez", either_stack.adapter_path(0), ADAPTER,
                                    "Discovering"), what="scan goes on")


def test_silence_after_sigkill(stack, probes):
    probe = probes("a", 0)
    advertise(stack, probe, TOKENS[0])
    killed = probe.kill()
    stack.wait_on_air(0, lambda now: not now, SILENCE_S)
    end = stack.trace().on_air_intervals(0)[-1].end
    print("silent %.0f ms after SIGKILL" % ((end - killed) * 1000))
    assert end - killed <= SILENCE_S


def test_withdrawn_while_the_registration_is_pending(stack, probes):
    since = time.time()
    probe = probes("a", 0)
    probe.wait_last("trouble", "")
    probe.tell("payload %s\npayload none" % TOKENS[0])
    assert probe.quit() == 0
    assert probe.events[-1][1] == ["stopped"]
    stack.wait_on_air(0, lambda now: not now, SILENCE_S)
    assert_only_ours(stack, 0, since, TOKENS[:1])


def test_only_the_last_of_many_payloads_stays(stack, probes):
    probe = probes("a", 0)
    for i in range(20):
        probe.tell("payload " + TOKENS[i % 3])
    probe.wait_last("on-air", "yes", TOKENS[19 % 3])
    one, = stack.wait_on_air(0)
    assert one.data == data_of(TOKENS[19 % 3])
    counters = probe.counters()
    assert counters["radio.register-failed"] == 0
    assert counters["radio.registered"] < 20


def test_discoverable_set_by_another_program_takes_it_off_the_air(stack, probes):
    probe = probes("a", 0)
    advertise(stack, probe, TOKENS[0])
    exposed = stack.set_discoverable(0, True)
    probe.wait_last("trouble", "privacy-blocked")
    probe.wait_last("privacy", "blocked")
    stack.wait_on_air(0, lambda now: not [o for o in now if o.data == data_of(TOKENS[0])], REACTION_S)
    public = [o for o in stack.trace().on_air_intervals(0) if o.start >= exposed and o.data == data_of(TOKENS[0])
              and o.address_kind == "public"]
    print("from the public address: " + " ".join("%.0f ms" % ((o.end - o.start) * 1000) for o in public))
    assert all(o.end - o.start <= REACTION_S for o in public)

    stack.set_discoverable(0, False)
    clear = time.time()
    probe.wait_for(lambda words: words == ["on-air", "yes", TOKENS[0]], after=clear)
    again = probe.wait_last("trouble", "") - clear
    assert CLEAR_S - 0.5 <= again
    ours = [o for o in stack.wait_on_air(0) if o.data == data_of(TOKENS[0])]
    assert [o.address_kind for o in ours] == ["nonresolvable"]
    # On extended controllers the kernel leaves an advertising set of its own on air.
    probe.tell("payload none")
    probe.wait_last("on-air", "no")
    stack.set_powered(0, False)
    stack.set_powered(0, True)


def test_a_discoverable_adapter_is_not_advertised_with(stack, probes):
    stack.set_discoverable(0, True)
    clock = TimeShift(stack.folder)
    probe = probes("a", 0, clock)
    probe.tell("payload " + TOKENS[0])
    probe.wait_last("trouble", "privacy-blocked")
    assert not [o for o in stack.wait_on_air(0, lambda now: True) if o.data == data_of(TOKENS[0])]
    stack.set_discoverable(0, False)
    probe.wait_last("privacy", "guarded")
    clock.advance(CLEAR_S)
    probe.wait_last("on-air", "yes", TOKENS[0])
    probe.tell("payload none")
    probe.wait_last("on-air", "no")
    stack.set_powered(0, False)
    stack.set_powered(0, True)


def test_privacy_is_guarded_and_told(stack, probes):
    probe = probes("a", 0)
    probe.wait_last("privacy", "guarded")


@pytest.mark.parametrize("privacy", ["device", "limited-device"])
def test_with_kernel_privacy_addresses_are_resolvable_even_when_discoverable(stack, probes, privacy):
    stack.restart_bluetoothd(main_conf="[General]\nPrivacy=%s\n" % privacy)
    probe = probes("a", 0)
    since = time.time()
    probe.wait_last("privacy", "private" if stack.kind == "extended" else "linkable")
    assert advertise(stack, probe, TOKENS[0]).address_kind == "resolvable"
    stack.set_discoverable(0, True)
    probe.tell("payload " + TOKENS[1])
    probe.wait_last("on-air", "yes", TOKENS[1])
    probe.tell("payload none")
    probe.wait_last("on-air", "no")
    ours = [o for o in stack.trace().on_air_intervals(0) if o.start >= since and o.data.startswith(HEAD)]
    assert {o.address_kind for o in ours} == {"resolvable"}
    probe.quit()
    stack.restart_bluetoothd()


def test_a_power_cycle_brings_a_new_address(stack, probes):
    probe = probes("a", 0)
    first = advertise(stack, probe, TOKENS[0])
    stack.set_powered(0, False)
    probe.wait_last("trouble", "bluetooth-off")
    probe.wait_last("on-air", "no")
    powered = time.time()
    stack.set_powered(0, True)
    again = probe.wait_for(lambda words: words == ["on-air", "yes", TOKENS[0]], after=powered)
    probe.wait_last("trouble", "")
    print("on air %.0f ms after power" % ((again - powered) * 1000))
    one, = stack.wait_on_air(0)
    assert one.data == data_of(TOKENS[0])
    assert one.address_kind == "nonresolvable"
    assert one.address != first.address


def test_withdrawn_while_powered_off_it_does_not_come_back(stack, probes):
    probe = probes("a", 0)
    advertise(stack, probe, TOKENS[0])
    stack.set_powered(0, False)
    probe.wait_last("trouble", "bluetooth-off")
    probe.tell("payload none")
    powered = time.time()
    stack.set_powered(0, True)
    probe.wait_last("trouble", "")
    # Legacy: the kernel advertises again by itself until it is told not to.
    stack.wait_on_air(0, lambda now: not now, SILENCE_S)
    for again in assert_only_ours(stack, 0, powered, TOKENS[:1]):
        print("on air for %.0f ms at power-on" % ((again.end - again.start) * 1000))
        assert again.end - again.start <= REACTION_S
    assert probe.quit() == 0


def test_a_software_switch_is_named(stack, probes):
    folder = "/sys/class/rfkill"
    name = os.path.basename(stack.adapter_path(0))
    switch, = [os.path.join(folder, s) for s in os.listdir(folder)
               if open(os.path.join(folder, s, "name")).read().strip() == name]
    probe = probes("a", 0)
    advertise(stack, probe, TOKENS[0])
    with open(os.path.join(switch, "soft"), "w") as f:
        f.write("1")
    probe.wait_last("trouble", "bluetooth-blocked-soft")
    probe.wait_last("on-air", "no")
    with open(os.path.join(switch, "soft"), "w") as f:
        f.write("0")
    probe.wait_last("on-air", "yes", TOKENS[0])
    probe.wait_last("trouble", "")


@pytest.mark.parametrize("signum", [signal.SIGTERM, signal.SIGKILL])
def test_bluetoothd_restarted(stack, probes, signum):
    probe = probes("a", 0)
    probe.tell("scan on")
    advertise(stack, probe, TOKENS[0])
    probe.wait_last("scanning", "yes")
    stack.stop_bluetoothd(signum)
    probe.wait_last("trouble", "bluetooth-lost" if signum == signal.SIGKILL else "bluetooth-missing")
    probe.wait_last("on-air", "no")
    probe.wait_last("scanning", "no")
    back = time.time()
    stack.start_bluetoothd()
    again = probe.wait_for(lambda words: words == ["on-air", "yes", TOKENS[0]], after=back)
    probe.wait_last("trouble", "")
    probe.wait_last("scanning", "yes")
    print("on air %.0f ms after bluetoothd's start" % ((again - back) * 1000))
    one, = stack.wait_on_air(0)
    assert (one.data, one.address_kind) == (data_of(TOKENS[0]), "nonresolvable")


def test_the_bus_starts_bluetoothd_when_a_token_was_left_on_air(stack, probes):
    """In a system with systemd the service file of Debian does it; here one of ours stands for it."""
    probe = probes("a", 0)
    advertise(stack, probe, TOKENS[0])
    with stack.started_by_the_bus():
        stack.kill_bluetoothd()
        probe.tell("payload none")
        wait_until(lambda: has_owner(stack.bus, "org.bluez"), what="bluetoothd started by the bus")
        stack.wait_on_air(0, lambda now: not now)
        assert probe.quit() == 0
        assert probe.events[-1][1] == ["stopped"]


def test_a_controller_unplugged_and_plugged_in(stack, probes):
    probe = probes("a", 0)
    advertise(stack, probe, TOKENS[0])
    stack.tell("unplug 0")
    probe.wait_last("trouble", "bluetooth-missing")
    probe.wait_last("adapter", "/")
    stack.tell("plug")
    plugged = time.time()
    wait_until(lambda: len(stack.adapters()) == 2, what="two adapters again")
    probe.tell("adapter auto")
    probe.wait_for(lambda words: words == ["on-air", "yes", TOKENS[0]], after=plugged)
    probe.wait_last("trouble", "")


def test_another_adapter_is_taken_when_asked(stack, probes):
    since = time.time()
    probe = probes("a", 0)
    advertise(stack, probe, TOKENS[0])
    probe.tell("adapter " + stack.adapter_path(1))
    stack.wait_on_air(0, lambda now: not now)
    one, = stack.wait_on_air(1)
    assert one.data == data_of(TOKENS[0])
    probe.wait_last("adapter", stack.adapter_path(1))
    probe.wait_last("on-air", "yes", TOKENS[0])
    first, = assert_only_ours(stack, 0, since, TOKENS[:1])
    assert first.end <= one.start


def test_what_was_left_on_an_adapter_that_was_off_is_taken_off_when_it_is_on(stack, probes):
    probe = probes("a", 0)
    advertise(stack, probe, TOKENS[0])
    stack.set_powered(0, False)
    probe.wait_last("trouble", "bluetooth-off")
    probe.tell("adapter " + stack.adapter_path(1))
    probe.wait_last("on-air", "yes", TOKENS[0])
    powered = time.time()
    stack.set_powered(0, True)
    stack.wait_on_air(0, lambda now: not now, SILENCE_S)
    for again in assert_only_ours(stack, 0, powered, TOKENS[:1]):
        assert again.end - again.start <= REACTION_S
    assert [o.data for o in stack.wait_on_air(1)] == [data_of(TOKENS[0])]


def test_used_up_slots_are_waited_for(stack, probes):
    others = []
    while True:
        other = bluez.Advertisement(stack, stack.adapter_path(0), bytes([0xff] * 12 + [len(others)]))
        try:
            other.register()
        except GLib.Error as error:
            assert "org.bluez.Error.NotPermitted" in error.message
            other.forget()
            break
        others.append(other)
    probe = probes("a", 0)
    probe.tell("payload " + TOKENS[0])
    probe.wait_last("trouble", "radio-stalled")
    for other in others:
        other.unregister()
    probe.wait_last("on-air", "yes", TOKENS[0])
    probe.wait_last("trouble", "")


def test_a_forbidden_bus_name_is_told(stack, probes):
    policy = "/etc/dbus-1/system.d/zz-forbid.conf"

    def reload():
        call(stack.bus, "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "ReloadConfig")
    with open(policy, "w") as f:
        f.write('<busconfig><policy user="nobody"><deny send_destination="org.bluez"/></policy></busconfig>')
    reload()
    try:
        probe = probes("a", 0)
        probe.tell("payload " + TOKENS[0])
        probe.wait_last("trouble", "bluetooth-denied")
    finally:
        os.unlink(policy)
        reload()


def switches(probe):
    """How often any thread of the probe went to sleep: each wake-up ends with that."""
    folder = "/proc/%d/task" % probe.popen.pid
    return sum(int(line.split()[1]) for task in os.listdir(folder)
               for line in open(os.path.join(folder, task, "status")) if line.startswith("voluntary_ctxt_switches"))


def test_devices_do_not_wake_an_idle_radio(stack, probes):
    idle, busy = probes("a", 0), probes("b", 1)
    idle.wait_last("privacy", "guarded")
    stack.tell("peer witness 3A:00:00:00:00:01 %s 100 -50" % bluez.on_air(bytes.fromhex(SERVICE_HEAD + TOKENS[2])))
    before = switches(idle)
    busy.tell("scan on")
    wait_until(lambda: len(busy.heard(TOKENS[2])) >= 3, what="heard by the other")
    busy.tell("scan off")
    busy.wait_last("scanning", "no")
    stack.tell("unpeer witness")
    # Adapter1 of the busy one says Discovering on and off at each scan, and nothing more.
    print("the idle one slept %d times, the busy one heard %d" % (switches(idle) - before, len(busy.heard(TOKENS[2]))))
    assert switches(idle) - before <= 40


@contextlib.contextmanager
def watch_scans(stack, probe):
    """Yields wait(n): until the n-th scan of the probe runs, and it knows that BlueZ says so, too. A clock that is
    turned before that makes it believe that bluetoothd does not answer, or does not do what it was told."""
    said = []

    def on_changed(_bus, _sender, _path, _interface, _member, arguments):
        if arguments.unpack()[1].get("Discovering"):
            said.append(True)

    def wait(n):
        wait_until(lambda: len(said) >= n and probe.log().count("scanner: starting -> on") >= n, what="scan %d runs" % n)
        probe.catch_up()

    subscription = stack.bus.signal_subscribe("org.bluez", "org.freedesktop.DBus.Properties", "PropertiesChanged",
                                              stack.adapter_path(0), ADAPTER, Gio.DBusSignalFlags.NONE, on_changed)
    try:
        yield wait
    finally:
        stack.bus.signal_unsubscribe(subscription)


def listen_to_nothing(stack, probe, clock):
    """Lets the 90 s pass after which a scan is restarted, and once more."""
    with watch_scans(stack, probe) as wait:
        probe.tell("scan on")
        for n_scans in (1, 2):
            wait(n_scans)
            clock.advance(EMPTY_S)
        wait(3)
    assert probe.counters()["radio.scan-starts"] == 3


def test_an_empty_place_is_no_fault_of_the_radio(stack, probes):
    clock = TimeShift(stack.folder)
    probe = probes("a", 0, clock)
    listen_to_nothing(stack, probe, clock)
    wait_until(lambda: probe.counters()["radio.scan-silences"] == 1, what="told")
    assert probe.last("trouble") == [""]
    stack.tell("peer witness 3A:00:00:00:00:01 %s 100 -50" % bluez.on_air(bytes.fromhex(SERVICE_HEAD + TOKENS[2])))
    wait_until(lambda: probe.heard(TOKENS[2]), what="heard")
    assert probe.last("scanning") == ["yes"]
    stack.tell("unpeer witness")


def test_a_stuck_controller_shows_when_its_scan_is_restarted(stack, probes):
    clock = TimeShift(stack.folder)
    probe = probes("a", 0, clock)
    with watch_scans(stack, probe) as wait:
        probe.tell("scan on")
        wait(1)
    stack.tell("freeze 0")
    clock.advance(EMPTY_S)
    # It does not stop, is started by BlueZ's word alone, listened to for 10 s, and told to stop again.
    wait_until(lambda: probe.counters()["radio.scan-starts"] == 2, 60, "started by its word alone")
    clock.advance(DOUBT_S)
    probe.wait_last("trouble", "radio-stalled", timeout_s=60)
    # The kernel's discovery hangs from then on, whatever the controller does: only power helps.
    stack.tell("thaw 0")
    stack.set_powered(0, False)
    stack.set_powered(0, True)
    probe.wait_last("scanning", "yes")
    probe.wait_last("trouble", "")


# Extended controllers change their address while they scan.
@pytest.mark.parametrize("running_stack", ["legacy"], indirect=True)
def test_a_foreign_scan_on_a_legacy_controller_is_a_conflict_that_ends(stack, probes):
    foreign = bluez.Scanner(stack, stack.adapter_path(0))
    foreign.start()
    wait_until(lambda: get_property(stack.bus, "org.bluez", foreign.adapter, ADAPTER, "Discovering"))
    probe = probes("a", 0)
    probe.tell("payload " + TOKENS[0])
    probe.wait_last("trouble", "scan-conflict")
    assert stack.trace().on_air_now(0) == []
    foreign.stop()
    probe.wait_last("on-air", "yes", TOKENS[0])
    probe.wait_last("trouble", "")


def test_a_neighbour_is_heard_with_its_strength(either_stack, probes):
    either_stack.tell("rssi 0 1 -71")
    anna, bo = probes("a", 0), probes("b", 1)
    bo.tell("scan on")
    anna.tell("payload " + TOKENS[0])
    wait_until(lambda: bo.heard(TOKENS[0]), what="heard")
    assert {rssi for _, rssi in bo.heard(TOKENS[0])} == {-71}
    assert not anna.heard(TOKENS[0])


def test_how_often_a_neighbour_is_heard(either_stack, probes):
    """Every packet with a monitor; a sample every few seconds by restarts without."""
    anna, bo = probes("a", 0), probes("b", 1)
    advertise(either_stack, anna, TOKENS[0])
    bo.tell("scan on")
    wait_until(lambda: bo.heard(TOKENS[0]), what="heard")
    first = bo.heard(TOKENS[0])[0][0]
    wait_until(lambda: time.time() >= first + WINDOW_S, 40, "listening")
    samples = [when for when, _ in bo.heard(TOKENS[0]) if when < first + WINDOW_S]
    reports = [r for r in either_stack.trace().reports(1) if r.data == data_of(TOKENS[0]) and
               first - 0.5 <= r.time < first + WINDOW_S]
    longest = max(b - a for a, b in zip(samples, samples[1:] + [first + WINDOW_S]))
    print("%d samples of %d reports in %d s, longest wait %.1f s" % (len(samples), len(reports), WINDOW_S, longest))
    if either_stack.experimental:
        assert len(samples) >= 0.9 * len(reports) > 20
    else:
        assert len(samples) >= 4 and longest <= 8


def test_a_rotated_neighbour_is_heard_under_its_new_token(stack, probes):
    anna, bo = probes("a", 0), probes("b", 1)
    bo.tell("scan on")
    for token in TOKENS:
        anna.tell("payload " + token)
        wait_until(lambda token=token: bo.heard(token), what="heard")


def test_nothing_is_heard_once_the_scan_is_off(stack, probes):
    stack.tell("peer witness 3A:00:00:00:00:01 %s 100 -50" % bluez.on_air(bytes.fromhex(SERVICE_HEAD + TOKENS[2])))
    bo, control = probes("b", 1), probes("c", 0)
    bo.tell("scan on")
    wait_until(lambda: bo.heard(TOKENS[2]), what="heard")
    bo.tell("scan off")
    bo.wait_last("scanning", "no")
    off = time.time()
    control.tell("scan on")
    wait_until(lambda: control.heard(TOKENS[2]), what="heard by the other")
    stack.tell("unpeer witness")
    assert not bo.heard(TOKENS[2], after=off + 0.1)
