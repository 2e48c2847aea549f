# SPDX-License-Identifier: GPL-2.0-or-later
"""The advertiser against a BlueZ that does as it is told: each move of its drawing, each fault it may meet.

The fake itself judges that one advertising request at a time is in flight; time is turned.
"""
import os
import re
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, os.path.join(TOP, "tests", "lib")]

from fakebluez import FakeBluez, service_data  # noqa: E402
from radioprobe import Probe  # noqa: E402

ADVERTISER = os.path.join(TOP, "daemon", "bluez", "sighej-bluez-advertiser.c")
REALM = 0x35
# Numbers no machine has: where the kernel can be asked about them, it does not know them.
ONE, OTHER = "hci10", "hci11"
A, B, C = (f"{number:020x}" for number in (0xa, 0xb, 0xc))
RETRY_S = [1.6, 3.2, 6.4]               # the first waits with their jitter, and to spare
RELEASED_S, CLEAR_S, LEFT_SCAN_RETRY_S = 1.1, 5.1, 0.6
UNREGISTER_LIMIT_S, REGISTER_LIMIT_S = 5.1, 30.1
FAILED, NOT_READY = "org.bluez.Error.Failed", "org.bluez.Error.NotReady"
DENIED = "org.freedesktop.DBus.Error.AccessDenied"

walked = set()


def data_of(token):
    return service_data(REALM, bytes.fromhex(token))


class Desk:
    """A fake with one adapter (or those named), and a probe on it."""

    def __init__(self, run, clock):
        self.run, self.clock, self.bluez, self.probe = run, clock, None, None

    def make(self, *adapters, scan=False, rfkill="/nonexistent", limits=False, orders=()):
        """limits: the time limits of its calls are turned too."""
        self.bluez = FakeBluez(self.run, adapters=adapters or (ONE + " extended",))
        for order in orders:
            self.bluez.tell(order)
        self.probe = Probe(self.run, self.bluez, part="advertiser", rfkill=rfkill,
                           env={"TIMESHIFT_MONOTONIC": "1"} if limits else None)
        if scan:
            self.probe.order("scan on")
            self.probe.wait_last("scanning", "yes")
        return self

    def tell(self, order):
        return self.bluez.tell(order)

    def order(self, line):
        self.probe.order(line)

    def advertise(self, token=A):
        self.order("payload " + token)
        self.wait_on_air(token)
        return self

    def wait_on_air(self, token=A, adapter=ONE):
        """The token, on the air alone; and the probe says so."""
        self.probe.wait_last("on-air", "yes " + token)
        assert self.bluez.wait_on_air(adapter) == [data_of(token)]

    def wait_silent(self, adapter=ONE):
        self.probe.until(lambda: self.probe.last("on-air") in ("no", None), "it says it is silent")
        self.bluez.wait_on_air(adapter, 0)

    def turn_until(self, seconds, condition, what):
        """Lets so much time pass, again and again, for its wait may begin a moment later than we know of."""
        self.probe.until(lambda: condition() or self.clock.advance(seconds), what)

    def turn_limit_until(self, method, limit_s, condition, what):
        """The same where limits are turned too: the first call of that method is given up, none after it."""
        def turn():
            if self.probe.state() == "retrying":
                self.clock.advance(RETRY_S[0])
            elif self.count(method) == 1:
                self.clock.advance(limit_s)
        self.probe.until(lambda: condition() or turn(), what)

    def count(self, method):
        return len(self.bluez.calls(method))

    def close(self):
        walked.update(self.probe.moves())
        assert set(self.probe.moves()) <= allowed_moves()
        self.bluez.assert_fair()


def allowed_moves():
    with open(ADVERTISER, encoding="utf-8") as file:
        table = re.search(r"allowed_moves\[.*?= \{\n(.*?)\n\};", file.read(), re.DOTALL)[1]
    entries = re.findall(r"\[SIGHEJ_BLUEZ_ADVERTISER_([A-Z_]+)\]\s*=(.*?)(?=\[SIGHEJ|\Z)", table, re.DOTALL)
    return {(word(state), word(to)) for state, moves in entries for to in re.findall(r"BIT \(([A-Z_]+)\)", moves)}


def word(state):
    return state.lower().replace("_", "-")


@pytest.fixture
def desk(run, clock):
    one = Desk(run, clock)
    yield one
    one.close()


# ---- as it should be ----

@pytest.mark.parametrize("kind", ["extended", "legacy"])
def test_a_token_comes_changes_and_goes(desk, kind):
    desk.make(f"{ONE} {kind}", scan=True).advertise(A).advertise(B)
    desk.order("payload none")
    desk.wait_silent()
    changes = [(event.on, event.data, event.public) for event in desk.bluez.air()]
    assert changes == [(True, data_of(A), False), (False, data_of(A), False),
                       (True, data_of(B), False), (False, data_of(B), False)]
    # Each registration is an object of its own, so that it gets an address of its own.
    paths = [call.detail for call in desk.bluez.calls("RegisterAdvertisement")]
    assert len(set(paths)) == 2
    assert [call.detail for call in desk.bluez.calls("UnregisterAdvertisement")] == paths
    # Our own scan stands still for the change on a legacy controller, and only there.
    assert (("check", "pausing-scan") in desk.probe.moves()) == (kind == "legacy")
    desk.probe.wait_last("scanning", "yes")
    assert desk.probe.last("trouble") == ""


def test_only_the_last_of_many_tokens_is_registered(desk):
    desk.make(orders=["hang RegisterAdvertisement"])
    desk.order("payload " + A)
    desk.bluez.wait_calls("RegisterAdvertisement")
    for token in [A, B, C] * 10:
        desk.order("payload " + token)
    desk.order("payload " + B)
    desk.tell("let RegisterAdvertisement")
    desk.wait_on_air(B)
    assert [call.method for call in desk.bluez.calls() if call.method.endswith("Advertisement")] \
        == ["RegisterAdvertisement", "UnregisterAdvertisement", "RegisterAdvertisement"]


def test_tokens_change_while_a_crowd_is_heard(desk):
    desk.make(f"{ONE} legacy", scan=True)
    desk.tell(f"crowd {ONE} 200 400 60 realm={REALM}")
    for token in [A, B, C] * 3:
        desk.advertise(token)
    desk.tell(f"crowd {ONE} stop")
    on = [event.time for event in desk.bluez.air() if event.on]
    off = [event.time for event in desk.bluez.air() if not event.on]
    gaps = sorted(b - a for a, b in zip(off, on[1:]))
    print(f"between two tokens: median {gaps[len(gaps) // 2] * 1000:.0f} ms, most {gaps[-1] * 1000:.0f} ms")
    assert len(gaps) == 8
    assert desk.probe.last("trouble") == ""


def test_withdrawn_while_a_registration_is_under_way(desk):
    desk.make(orders=["hang RegisterAdvertisement"])
    desk.order("payload " + A)
    desk.bluez.wait_calls("RegisterAdvertisement")
    desk.order("payload none")
    desk.probe.ask("check", "check")
    assert desk.count("UnregisterAdvertisement") == 0
    desk.tell("let RegisterAdvertisement")
    desk.bluez.wait_calls("UnregisterAdvertisement", answered=True)
    desk.wait_silent()
    desk.probe.wait_state("idle")


# ---- refused, slow, lost ----

def test_another_program_s_scan_is_waited_for(desk):
    desk.make(f"{ONE} legacy", orders=[f"foreign-scan {ONE} on"])
    desk.order("payload " + A)
    for n_tries in (1, 2, 3):
        desk.bluez.wait_calls("RegisterAdvertisement", n_tries, answered=True)
        desk.probe.wait_last("trouble", "scan-conflict")
        desk.probe.until(lambda: desk.probe.moves().count(("registering", "retrying")) == n_tries, "refused")
        desk.clock.advance(RETRY_S[n_tries - 1])
    desk.tell(f"foreign-scan {ONE} off")
    desk.turn_until(RETRY_S[2], lambda: desk.probe.last("on-air") == "yes " + A, "tried again")
    desk.wait_on_air(A)
    desk.probe.wait_last("trouble", "")


def test_used_up_instances_are_waited_for(desk):
    desk.make(orders=[f"instances {ONE} 0"])
    desk.order("payload " + A)
    desk.probe.wait_last("trouble", "radio-stalled")
    call, = desk.bluez.calls("RegisterAdvertisement")
    assert call.result == "org.bluez.Error.NotPermitted"
    assert "other programs use all the advertisements" in desk.probe.check("bluetooth.adapter")[1]
    desk.tell(f"instances {ONE} 1")
    desk.turn_until(RETRY_S[0], lambda: desk.probe.last("on-air") == "yes " + A, "tried again")
    desk.wait_on_air(A)
    desk.probe.wait_last("trouble", "")
    assert desk.probe.check("bluetooth.adapter")[0] == "ok"


@pytest.mark.parametrize("error, trouble", [(FAILED, "radio-stalled"), (NOT_READY, "bluetooth-off"),
                                            (DENIED, "bluetooth-denied")])
def test_a_refusal_is_explained_and_survived(desk, error, trouble):
    desk.make(orders=[f"fail RegisterAdvertisement {error} 1"])
    desk.order("payload " + A)
    desk.probe.wait_last("trouble", trouble)
    desk.turn_until(RETRY_S[0], lambda: desk.probe.last("on-air") == "yes " + A, "tried again")
    desk.wait_on_air(A)
    desk.probe.wait_last("trouble", "")


def test_withdrawn_while_it_waits_to_try_again(desk):
    desk.make(orders=[f"fail RegisterAdvertisement {FAILED} 1"])
    desk.order("payload " + A)
    desk.probe.wait_state("retrying")
    desk.order("payload none")
    desk.probe.wait_moves("registering", "retrying", "idle")
    assert desk.count("RegisterAdvertisement") == 1


def test_a_registration_without_an_answer_is_undone_first(desk):
    desk.make(limits=True, orders=["lose RegisterAdvertisement"])
    desk.order("payload " + A)
    desk.bluez.wait_calls("RegisterAdvertisement", answered=True)
    desk.turn_limit_until("RegisterAdvertisement", REGISTER_LIMIT_S,
                          lambda: desk.probe.last("on-air") == "yes " + A, "tried again")
    desk.wait_on_air(A)
    desk.probe.wait_moves("registering", "retrying", "check", "unregistering", "check", "registering", "on")


@pytest.mark.parametrize("fault", ["fail UnregisterAdvertisement %s 1" % FAILED, "lose UnregisterAdvertisement"])
def test_a_withdrawal_that_fails_is_repeated(desk, fault):
    desk.make(limits=True).advertise(A)
    desk.tell(fault)
    desk.order("payload none")
    desk.bluez.wait_calls("UnregisterAdvertisement", answered=True)
    desk.turn_limit_until("UnregisterAdvertisement", UNREGISTER_LIMIT_S,
                          lambda: desk.probe.state() == "idle", "withdrawn")
    desk.wait_silent()
    assert desk.count("UnregisterAdvertisement") == 2


def test_a_withdrawal_that_takes_long_is_waited_for(desk):
    desk.make().advertise(A)
    desk.tell("slow UnregisterAdvertisement 100")
    desk.order("payload none")
    desk.probe.wait_state("idle")
    desk.wait_silent()
    assert desk.count("UnregisterAdvertisement") == 1


def test_what_bluez_does_not_have_is_withdrawn(desk):
    desk.make().advertise(A)
    desk.tell("fail UnregisterAdvertisement org.bluez.Error.DoesNotExist 1")
    desk.order("payload none")
    desk.probe.wait_moves("on", "unregistering", "check", "idle")


def test_what_bluez_drops_is_registered_again(desk):
    desk.make().advertise(A)
    desk.tell("release " + ONE)
    desk.probe.wait_moves("on", "retrying")
    desk.turn_until(RELEASED_S, lambda: desk.probe.state() == "on", "registered again")
    desk.wait_on_air(A)
    assert desk.count("RegisterAdvertisement") == 2
    assert desk.count("UnregisterAdvertisement") == 0
    assert desk.probe.counter("released") == 1


# ---- power, switches, adapters ----

@pytest.mark.parametrize("kind", ["extended", "legacy"])
@pytest.mark.parametrize("how", ["off", "off release"])
def test_a_power_cycle_begins_anew(desk, kind, how):
    desk.make(f"{ONE} {kind}", scan=True).advertise(A)
    desk.tell(f"power {ONE} {how}")
    desk.probe.wait_last("trouble", "bluetooth-off")
    desk.probe.wait_last("on-air", "no")
    desk.tell(f"power {ONE} on")
    desk.turn_until(RELEASED_S, lambda: desk.probe.state() == "on", "registered again")
    desk.wait_on_air(A)
    desk.probe.wait_last("trouble", "")
    assert desk.count("RegisterAdvertisement") == 2


def test_withdrawn_while_off_it_is_taken_off_at_power_on(desk):
    desk.make(f"{ONE} legacy").advertise(A)
    desk.tell(f"power {ONE} off")
    desk.probe.wait_state("asleep")
    desk.order("payload none")
    assert desk.count("UnregisterAdvertisement") == 0
    desk.tell(f"power {ONE} on")
    desk.probe.wait_moves("asleep", "check", "unregistering", "check", "idle")
    desk.wait_silent()


def test_a_failed_withdrawal_sleeps_through_power_off(desk):
    desk.make(f"{ONE} legacy", orders=[f"fail UnregisterAdvertisement {FAILED} 1"]).advertise(A)
    desk.order("payload none")
    desk.probe.wait_state("retrying")
    desk.tell(f"power {ONE} off")
    desk.probe.wait_last("trouble", "bluetooth-off")
    desk.turn_until(RETRY_S[0], lambda: desk.probe.state() == "asleep", "tried again")
    desk.tell(f"power {ONE} on")
    desk.probe.wait_moves("retrying", "check", "asleep", "check", "unregistering", "check", "idle")
    desk.wait_silent()


def write_switch(folder, name, soft, hard):
    os.makedirs(folder / name, exist_ok=True)
    for file, text in (("type", "bluetooth"), ("name", name), ("soft", soft), ("hard", hard)):
        (folder / name / file).write_text(f"{text}\n")


@pytest.mark.parametrize("soft, hard, word", [(1, 0, "bluetooth-blocked-soft"), (0, 1, "bluetooth-blocked-hard"),
                                              (1, 1, "bluetooth-blocked-hard")])
def test_a_switch_is_named(desk, tmp_path, soft, hard, word):
    write_switch(tmp_path, ONE, 0, 0)
    desk.make(rfkill=str(tmp_path)).advertise(A)
    write_switch(tmp_path, ONE, soft, hard)
    desk.tell(f"power {ONE} off")
    desk.probe.wait_last("trouble", word)
    desk.probe.wait_last("on-air", "no")
    write_switch(tmp_path, ONE, 0, 0)
    desk.tell(f"power {ONE} on")
    desk.wait_on_air(A)
    desk.probe.wait_last("trouble", "")


def test_an_adapter_goes_and_comes(desk):
    desk.make().advertise(A)
    desk.tell("adapter remove " + ONE)
    desk.probe.wait_last("trouble", "bluetooth-missing")
    desk.probe.wait_last("on-air", "no")
    desk.tell(f"adapter add {OTHER} legacy")
    desk.turn_until(RELEASED_S, lambda: desk.probe.last("on-air") == "yes " + A, "advertised again")
    desk.wait_on_air(A, OTHER)
    assert desk.probe.last("adapter") == "/org/bluez/" + OTHER


def test_the_adapter_is_changed_while_it_advertises(desk):
    desk.make(ONE + " extended", OTHER + " legacy", scan=True).advertise(A)
    desk.order("adapter " + OTHER)
    desk.wait_on_air(A, OTHER)
    assert desk.bluez.on_air(ONE) == []
    order = [(event.adapter, event.on) for event in desk.bluez.air()]
    assert order == [(ONE, True), (ONE, False), (OTHER, True)]
    desk.probe.wait_last("scanning", "yes")


def test_the_adapter_is_changed_while_it_registers(desk):
    desk.make(ONE + " extended", OTHER + " extended", orders=["hang RegisterAdvertisement"])
    desk.order("payload " + A)
    desk.bluez.wait_calls("RegisterAdvertisement")
    desk.order("adapter " + OTHER)
    desk.tell("let RegisterAdvertisement")
    desk.wait_on_air(A, OTHER)
    assert desk.bluez.on_air(ONE) == []


def test_an_abler_adapter_is_taken_and_the_sleeper_woken(desk):
    desk.make(ONE + " legacy", OTHER + " legacy off").advertise(A)
    desk.tell(f"power {OTHER} on")
    assert desk.probe.last("adapter") == "/org/bluez/" + ONE
    desk.tell(f"power {ONE} off")
    desk.wait_on_air(A, OTHER)
    assert desk.probe.last("adapter") == "/org/bluez/" + OTHER
    desk.tell(f"power {ONE} on")
    desk.bluez.wait_calls("UnregisterAdvertisement", answered=True)
    assert desk.bluez.wait_on_air(ONE, 0) == []
    assert desk.bluez.on_air(OTHER) == [data_of(A)]


# ---- bluetoothd's end, in each state ----

def get_on(desk):
    desk.advertise(B)


def get_registering(desk):
    desk.tell("hang RegisterAdvertisement")
    desk.order("payload " + B)


def get_unregistering(desk):
    desk.advertise(A)
    desk.tell("hang UnregisterAdvertisement")
    desk.order("payload " + B)


def get_pausing_scan(desk):
    desk.order("scan on")
    desk.probe.wait_last("scanning", "yes")
    desk.tell("hang StopDiscovery")
    desk.order("payload " + B)


def get_asleep(desk):
    desk.advertise(B)
    desk.tell(f"power {ONE} off")


def get_blocked(desk):
    desk.tell(f"discoverable {ONE} on")
    desk.probe.wait_last("privacy", "blocked")
    desk.order("payload " + B)


def get_retrying(desk):
    desk.tell(f"fail RegisterAdvertisement {FAILED} 1")
    desk.order("payload " + B)


STATES = {"on": get_on, "registering": get_registering, "unregistering": get_unregistering,
          "pausing-scan": get_pausing_scan, "asleep": get_asleep, "blocked": get_blocked, "retrying": get_retrying}


def let_all(desk):
    for method in ("RegisterAdvertisement", "UnregisterAdvertisement", "StopDiscovery"):
        desk.tell("let " + method)


@pytest.mark.parametrize("state", STATES)
def test_bluetoothd_dies(desk, state):
    desk.make(f"{ONE} legacy")
    STATES[state](desk)
    desk.probe.wait_state(state)
    desk.tell("name drop")
    desk.probe.wait_moves(state, "idle")
    # Nobody need start it where nothing can be on the air.
    may_be_on_air = state in ("on", "registering", "unregistering")
    desk.probe.wait_last("trouble", "bluetooth-lost" if may_be_on_air else "bluetooth-missing")
    assert bool(desk.probe.find("asking for its start")) == may_be_on_air
    let_all(desk)
    desk.tell("name take")
    desk.tell(f"power {ONE} on")
    desk.tell(f"discoverable {ONE} off")
    desk.turn_until(LEFT_SCAN_RETRY_S, lambda: desk.probe.last("on-air") == "yes " + B, "on the air again")
    desk.wait_on_air(B)
    desk.probe.wait_last("trouble", "")


def test_what_a_dead_bluetoothd_left_is_told_until_it_is_back(desk):
    desk.make().advertise(A)
    desk.tell("name drop")
    desk.probe.wait_last("trouble", "bluetooth-lost")
    level, text = desk.probe.check("bluetooth.adapter")
    assert level == "error" and "left a token on the air" in text
    desk.order("payload none")
    desk.probe.ask("check", "check")
    assert desk.bluez.on_air(ONE) == [data_of(A)]
    assert desk.probe.find("asking for its start")
    assert desk.probe.last("on-air").startswith("yes")
    desk.tell("name take")
    desk.wait_silent()
    desk.probe.wait_last("trouble", "")


def test_bluetoothd_ends_in_order(desk):
    desk.make(f"{ONE} legacy", scan=True).advertise(B)
    desk.tell("name stop")
    desk.probe.wait_last("trouble", "bluetooth-missing")
    desk.probe.wait_last("on-air", "no")
    desk.tell("name take")
    desk.wait_on_air(B)
    desk.probe.wait_last("scanning", "yes")
    assert not desk.probe.find("asking for its start")


def test_a_scan_left_in_the_kernel_is_asked_past_every_half_second(desk):
    desk.make(f"{ONE} legacy", scan=True).advertise(A)
    desk.tell("name drop")
    desk.tell(f"fail RegisterAdvertisement {FAILED}")
    desk.tell("name take")
    for n_tries in range(2, 7):
        desk.bluez.wait_calls("RegisterAdvertisement", n_tries, answered=True)
        desk.probe.until(lambda: desk.probe.moves().count(("registering", "retrying")) == n_tries - 1, "refused")
        desk.clock.advance(LEFT_SCAN_RETRY_S)
    desk.tell("fail RegisterAdvertisement none")
    desk.turn_until(LEFT_SCAN_RETRY_S, lambda: desk.probe.last("on-air") == "yes " + A, "on the air again")
    desk.probe.wait_last("trouble", "")


# ---- the guard, in each state ----

@pytest.mark.parametrize("state", STATES)
def test_the_guard_trips(desk, state):
    desk.make(f"{ONE} legacy")
    STATES[state](desk)
    desk.probe.wait_state(state)
    if state == "asleep":
        desk.tell(f"discoverable {ONE} on")
        desk.tell(f"power {ONE} on")
    elif state != "blocked":
        desk.tell(f"discoverable {ONE} on")
    desk.probe.wait_last("privacy", "blocked")
    let_all(desk)
    desk.turn_until(RETRY_S[0], lambda: desk.probe.state() == "blocked", "blocked")
    desk.wait_silent()
    desk.probe.wait_last("trouble", "privacy-blocked")
    n_before = desk.count("RegisterAdvertisement")
    desk.tell(f"discoverable {ONE} off")
    desk.probe.wait_last("privacy", "unknown")
    assert desk.count("RegisterAdvertisement") == n_before
    desk.turn_until(CLEAR_S, lambda: desk.probe.last("on-air") == "yes " + B, "clear again")
    desk.wait_on_air(B)
    # What was under way may have shown for a moment; a new one never does.
    registered = [event for event in desk.bluez.air() if event.on and event.public]
    assert len(registered) <= (1 if state in ("on", "registering", "asleep", "unregistering") else 0)


def test_clear_settings_must_stay_so(desk):
    desk.make(orders=[f"discoverable {ONE} on"])
    desk.order("payload " + A)
    desk.probe.wait_state("blocked")
    desk.tell(f"discoverable {ONE} off")
    desk.probe.wait_last("privacy", "unknown")
    desk.clock.advance(CLEAR_S / 2)
    desk.tell(f"connectable {ONE} on")
    desk.probe.wait_last("privacy", "blocked")
    desk.clock.advance(CLEAR_S)
    desk.probe.ask("check", "check")
    assert desk.probe.state() == "blocked" and desk.count("RegisterAdvertisement") == 0
    desk.order("payload none")
    desk.probe.wait_moves("blocked", "idle")


# ---- the drawing ----

def test_every_allowed_move_was_walked(request):
    ours = [item for item in request.session.items if item.path == request.node.path]
    all_tests = {name for name in globals() if name.startswith("test_")}
    if {item.originalname for item in ours} != all_tests or any(getattr(item, "failed", False) for item in ours):
        pytest.skip("not all of the walk was done")
    assert len(allowed_moves()) > 20
    assert walked == allowed_moves()
