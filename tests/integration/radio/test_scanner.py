# SPDX-License-Identifier: GPL-2.0-or-later
"""The scanner against a BlueZ that does as it is told: each move of its drawing, each fault it may meet.

The fake itself judges that one scanning request at a time is in flight; time is turned.
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

SCANNER = os.path.join(TOP, "daemon", "bluez", "sighej-bluez-scanner.c")
REALM = 0x35
TOKEN = service_data(REALM, 1)
RETRY_S = [1.6, 3.2]                    # the first two waits with their jitter, and to spare
UNDISCOVERING_S, ACTIVATE_S, ANSWER_S = 2.1, 2.1, 15.1
RESTART_S, TRUST_S, SILENCE_S, HOUR_S, DOUBT_S = 1.6, 5.1, 91, 3600, 10.1
FAILED = "org.bluez.Error.Failed"

walked = set()


class Desk:
    """Makes fakes and probes, and keeps what they walked."""

    def __init__(self, run, clock):
        self.run, self.clock, self.made = run, clock, []

    def make(self, experimental=False, adapters=("hci0 extended",), name="desk", scan=True, orders=()):
        bluez = FakeBluez(self.run, adapters=adapters, experimental=experimental, name=name + "-bluez")
        for order in orders:
            bluez.tell(order)
        probe = Probe(self.run, bluez, name)
        self.made.append((bluez, probe))
        if scan:
            probe.order("scan on")
        return bluez, probe

    def scanning(self, **how):
        bluez, probe = self.make(**how)
        probe.wait_state("on")
        probe.wait_last("scanning", "yes")
        bluez.wait_calls("StartDiscovery", answered=True)
        return bluez, probe

    def close(self):
        for bluez, probe in self.made:
            walked.update(probe.moves())
            bluez.assert_fair()


@pytest.fixture
def desk(run, clock):
    one = Desk(run, clock)
    yield one
    one.close()


def methods(bluez):
    return [call.method for call in bluez.calls()
            if call.method.endswith(("Filter", "Discovery", "Monitor"))]


def n_failures(probe):
    return sum(to == "retrying" for _, to in probe.moves())


def retry(desk, probe, n_before=0):
    """Lets the wait before the next try pass; n_before: failures before this one."""
    probe.until(lambda: n_failures(probe) > n_before, f"failure {n_before + 1}")
    desk.clock.advance(RETRY_S[n_before])


def pass_until(desk, probe, seconds, condition, what):
    """Lets so much time pass, again and again, for its wait may begin a moment later than we know of."""
    probe.until(lambda: condition() or desk.clock.advance(seconds), what)


# ---- as it should be ----

def test_without_monitors(desk):
    bluez, probe = desk.scanning()
    assert probe.moves() == [("off", "filtering"), ("filtering", "starting"), ("starting", "on")]
    filtered, = bluez.calls("SetDiscoveryFilter")
    assert sorted(filtered.detail.split(",")) == ["DuplicateData=true", "Transport='le'"]
    probe.order("scan off")
    probe.wait_last("scanning", "no")
    probe.wait_moves("on", "stopping", "off")
    probe.order("scan on")
    probe.wait_moves("off", "starting", "on")
    # The filter stays as long as the adapter does.
    assert methods(bluez) == ["SetDiscoveryFilter", "StartDiscovery", "StopDiscovery", "StartDiscovery"]


def test_with_monitors(desk):
    bluez, probe = desk.scanning(experimental=True)
    assert probe.moves() == [("off", "filtering"), ("filtering", "monitoring"), ("monitoring", "starting"),
                             ("starting", "on")]
    probe.order("scan off")
    probe.wait_moves("on", "stopping", "unmonitoring", "off")
    probe.order("scan on")
    probe.wait_moves("off", "monitoring", "starting", "on")
    assert methods(bluez) == ["SetDiscoveryFilter", "RegisterMonitor", "StartDiscovery", "StopDiscovery",
                              "UnregisterMonitor", "RegisterMonitor", "StartDiscovery"]
    assert bluez.hear(TOKEN)
    probe.wait_event("heard", TOKEN)
    desk.clock.advance(2 * RESTART_S)
    assert probe.counter("scan-restarts") == 0


def test_it_is_restarted_where_each_is_reported_once(desk):
    bluez, probe = desk.scanning(orders=["duplicates hci0 filtered"])
    assert bluez.hear(TOKEN)
    probe.wait_event("heard", TOKEN)
    for n_restarts in (1, 2, 3):
        desk.clock.advance(RESTART_S)
        probe.until(lambda: len(bluez.calls("StartDiscovery")) == 1 + n_restarts, "restarted")
        probe.wait_state("on")
        bluez.until(lambda: bluez.hear(TOKEN), "heard again")
        probe.wait_event("heard", TOKEN, count=1 + n_restarts)
    assert probe.counter("scan-restarts") == 3
    assert probe.last("scanning") == "yes"


def test_it_is_left_alone_where_all_is_reported(desk):
    bluez, probe = desk.scanning(orders=["duplicates hci0 all"])
    for n_heard in range(1, 6):
        assert bluez.hear(TOKEN)
        probe.wait_event("heard", TOKEN, count=n_heard)
        desk.clock.advance(RESTART_S / 2)
    assert probe.counter("scan-restarts") == 0
    # Once it is no longer so, it is restarted again.
    desk.clock.advance(TRUST_S)
    bluez.wait_calls("StartDiscovery", 2)


# ---- refused ----

@pytest.mark.parametrize("method, path", [
    ("SetDiscoveryFilter", ["off", "filtering", "retrying", "off", "filtering"]),
    ("StartDiscovery", ["starting", "retrying", "off", "starting"]),
])
def test_one_refusal_is_a_passing_moment(desk, method, path):
    bluez, probe = desk.make(orders=["fail %s org.bluez.Error.NotReady 1" % method])
    retry(desk, probe)
    probe.wait_moves(*path)
    probe.wait_last("scanning", "yes")
    assert probe.counter("scan-failed") == 1
    assert "radio-stalled" not in [words[-1] for _, words in probe.events]


@pytest.mark.parametrize("method", ["SetDiscoveryFilter", "StartDiscovery"])
def test_two_refusals_are_told(desk, method):
    bluez, probe = desk.make(orders=["fail %s org.bluez.Error.NotReady" % method])
    retry(desk, probe, 0)
    probe.wait_last("trouble", "radio-stalled")
    bluez.tell("fail %s none" % method)
    pass_until(desk, probe, RETRY_S[1], lambda: probe.last("scanning") == "yes", "tried again")
    probe.wait_last("trouble", "")


def test_with_a_monitor_it_is_taken_down_before_the_next_try(desk):
    bluez, probe = desk.make(experimental=True, orders=["fail StartDiscovery %s 1" % FAILED])
    retry(desk, probe)
    probe.wait_moves("starting", "retrying", "unmonitoring", "off", "monitoring", "starting", "on")


def test_a_bus_that_forbids_it_is_told(desk):
    bluez, probe = desk.make(orders=["fail StartDiscovery org.freedesktop.DBus.Error.AccessDenied 1"])
    probe.wait_event("trouble", "bluetooth-denied")
    retry(desk, probe)
    probe.wait_last("trouble", "")


def test_a_refused_monitor_is_done_without(desk):
    bluez, probe = desk.scanning(experimental=True, orders=["fail RegisterMonitor %s" % FAILED])
    assert ("monitoring", "starting") in probe.moves()
    assert probe.last("trouble") == ""
    bluez.hear(TOKEN)
    probe.wait_event("heard", TOKEN)
    desk.clock.advance(RESTART_S)
    bluez.wait_calls("StartDiscovery", 2)
    probe.wait_state("on")
    probe.order("scan off")
    probe.wait_state("off")
    assert bluez.calls("UnregisterMonitor") == []


def test_stopped_already_is_stopped(desk):
    for error in ("InProgress", "NotReady", "Failed"):
        bluez, probe = desk.scanning(name="desk-" + error, orders=["fail StopDiscovery org.bluez.Error.%s" % error])
        probe.order("scan off")
        probe.wait_moves("on", "stopping", "off")
        assert probe.last("trouble") == ""


# ---- late ----

@pytest.mark.parametrize("experimental, method, path", [
    (False, "SetDiscoveryFilter", ["off", "filtering", "off"]),
    (True, "RegisterMonitor", ["filtering", "monitoring", "unmonitoring", "off"]),
    (False, "StartDiscovery", ["starting", "on", "stopping", "off"]),
])
def test_an_answer_is_awaited_before_it_is_taken_back(desk, experimental, method, path):
    bluez, probe = desk.make(experimental=experimental, orders=["hang " + method])
    bluez.wait_calls(method)
    probe.order("scan off")
    probe.ask("count", "count")
    bluez.tell("let " + method)
    probe.wait_moves(*path)
    assert probe.last("scanning") in (None, "no")


def test_refused_when_no_longer_wanted(desk):
    bluez, probe = desk.make(experimental=True, orders=[
        "fail RegisterMonitor %s" % FAILED, "slow RegisterMonitor 300"])
    bluez.wait_calls("RegisterMonitor")
    probe.order("scan off")
    probe.wait_moves("filtering", "monitoring", "off")


def test_only_the_last_of_many_wishes_counts(desk):
    bluez, probe = desk.make(orders=["slow StartDiscovery 100", "slow StopDiscovery 100"])
    for _ in range(10):
        probe.order("scan off\nscan on")
    probe.wait_last("scanning", "yes")
    probe.ask("count", "count")
    probe.wait_state("on")
    assert len(methods(bluez)) <= 6


def test_an_activation_that_does_not_come_is_not_waited_for(desk):
    bluez, probe = desk.make(experimental=True, orders=["hang Activate"])
    bluez.wait_calls("RegisterMonitor", answered=True)
    probe.wait_state("monitoring")
    pass_until(desk, probe, ACTIVATE_S, lambda: probe.state() == "on", "started without")
    probe.order("scan off")
    probe.wait_moves("on", "stopping", "unmonitoring", "off")


def test_an_activation_that_comes_late_is_used_at_once(desk):
    bluez, probe = desk.make(experimental=True, orders=["hang Activate"])
    bluez.wait_calls("RegisterMonitor", answered=True)
    pass_until(desk, probe, ACTIVATE_S, lambda: probe.state() == "on", "started without")
    bluez.tell("activate-monitors hci0")
    probe.wait_moves("starting", "on", "stopping", "starting", "on")
    assert probe.counter("scan-restarts") == 0


def test_a_released_monitor_is_done_without(desk):
    bluez, probe = desk.scanning(experimental=True)
    bluez.tell("release-monitors hci0")
    bluez.hear(TOKEN)
    probe.wait_event("heard", TOKEN)
    pass_until(desk, probe, RESTART_S, lambda: len(bluez.calls("StartDiscovery")) >= 2, "restarts instead")
    assert probe.last("trouble") == ""


def test_a_start_that_is_not_answered(desk):
    bluez, probe = desk.make(orders=["lose StartDiscovery 2"])
    bluez.wait_calls("StartDiscovery")
    for n_before in (0, 1):
        pass_until(desk, probe, ANSWER_S, lambda n=n_before: n_failures(probe) > n, "given up")
    probe.wait_last("trouble", "radio-stalled")
    pass_until(desk, probe, RETRY_S[1], lambda: probe.state() == "on", "tried again")
    probe.wait_moves("starting", "stopping", "retrying", "off", "starting", "on")
    probe.wait_last("trouble", "")
    assert bluez.hear(TOKEN)


def test_a_stop_that_is_not_answered(desk):
    bluez, probe = desk.scanning(orders=["lose StopDiscovery 1"])
    probe.order("scan off")
    bluez.wait_calls("StopDiscovery")
    pass_until(desk, probe, ANSWER_S, lambda: probe.state() == "off", "given up")
    assert not bluez.hear(TOKEN)


def test_monitors_that_are_not_answered(desk):
    bluez, probe = desk.make(experimental=True, orders=["lose RegisterMonitor 1", "lose UnregisterMonitor 1"])
    bluez.wait_calls("RegisterMonitor")
    pass_until(desk, probe, ANSWER_S, lambda: probe.state() == "on", "given up")
    probe.order("scan off")
    # BlueZ knows it all the same.
    bluez.wait_calls("UnregisterMonitor")
    pass_until(desk, probe, ANSWER_S, lambda: probe.state() == "off", "given up")
    probe.wait_moves("monitoring", "starting", "on", "stopping", "unmonitoring", "off")


def test_a_filter_that_is_not_answered(desk):
    bluez, probe = desk.make(orders=["lose SetDiscoveryFilter 1"])
    bluez.wait_calls("SetDiscoveryFilter")
    pass_until(desk, probe, ANSWER_S, lambda: n_failures(probe) == 1, "given up")
    pass_until(desk, probe, RETRY_S[0], lambda: probe.state() == "on", "tried again")


# ---- lost ----

def test_bluez_that_stops_by_itself_is_noticed(desk):
    bluez, probe = desk.scanning()
    bluez.tell("discovering hci0 off")
    assert not bluez.hear(TOKEN)
    pass_until(desk, probe, UNDISCOVERING_S, lambda: n_failures(probe) == 1, "noticed")
    retry(desk, probe)
    probe.wait_moves("on", "stopping", "retrying", "off", "starting", "on")
    bluez.until(lambda: bluez.hear(TOKEN), "heard")
    assert probe.counter("scan-lost") == 1


def test_bluez_that_only_says_it_runs_is_not_believed(desk):
    bluez, probe = desk.make(orders=["fail StartDiscovery org.bluez.Error.InProgress"])
    pass_until(desk, probe, UNDISCOVERING_S, lambda: n_failures(probe) >= 2, "noticed twice")
    probe.wait_last("trouble", "radio-stalled")
    bluez.tell("fail StartDiscovery none")
    pass_until(desk, probe, RETRY_S[1], lambda: bluez.hear(TOKEN), "tried again")
    probe.wait_last("trouble", "")


def test_a_foreign_discovery_that_runs_already_is_shared(desk):
    bluez, probe = desk.scanning(orders=["foreign-scan hci0 on"])
    desk.clock.advance(UNDISCOVERING_S)
    assert probe.counter("scan-lost") == 0
    probe.order("scan off")
    probe.wait_moves("on", "stopping", "off")


def test_power_and_back(desk):
    bluez, probe = desk.scanning()
    bluez.tell("power hci0 off")
    probe.wait_last("trouble", "bluetooth-off")
    probe.wait_last("scanning", "no")
    probe.wait_moves("on", "stopping", "off")
    bluez.tell("power hci0 on")
    probe.wait_last("scanning", "yes")
    assert bluez.hear(TOKEN)
    # BlueZ has forgotten the filter with the session.
    assert len(bluez.calls("SetDiscoveryFilter")) == 2


def test_another_adapter(desk):
    bluez, probe = desk.scanning(adapters=("hci0 extended", "hci1 legacy"))
    probe.order("adapter hci1")
    probe.wait_moves("on", "stopping", "off", "filtering", "starting", "on")
    assert [call.adapter for call in bluez.calls("StartDiscovery")] == ["hci0", "hci1"]
    assert bluez.hear(TOKEN, adapter="hci1") and not bluez.hear(TOKEN, adapter="hci0")
    probe.wait_event("heard", TOKEN)
    bluez.tell("adapter remove hci1")
    probe.wait_last("scanning", "no")


@pytest.mark.parametrize("state, orders", [
    ("on", []),
    ("starting", ["hang StartDiscovery"]),
    ("filtering", ["hang SetDiscoveryFilter"]),
])
def test_bluetoothd_ends_and_returns(desk, state, orders):
    bluez, probe = desk.make(orders=orders)
    if orders and orders[0].startswith("hang"):
        bluez.wait_calls(orders[0].split()[1])
    probe.wait_state(state)
    bluez.tell("name drop")
    probe.wait_last("trouble", "bluetooth-missing")
    probe.wait_state("off")
    for order in orders:
        if order.startswith("hang"):
            bluez.tell(order.replace("hang", "let"))
    bluez.tell("name take")
    probe.wait_last("scanning", "yes")
    probe.wait_last("trouble", "")
    assert bluez.hear(TOKEN)


# ---- silence ----

def test_an_empty_place_is_no_fault_of_the_radio(desk):
    bluez, probe = desk.scanning()
    for n_starts in (2, 3):
        desk.clock.advance(SILENCE_S)
        bluez.wait_calls("StartDiscovery", n_starts, answered=True)
        probe.wait_state("on")
    assert probe.last("trouble") == "" and probe.last("scanning") == "yes"
    level, text = probe.check("bluetooth.scan")
    assert level == "warning" and "nothing at all was heard" in text
    assert probe.counter("scan-silences") == 1
    bluez.hear(TOKEN, ours=False)
    probe.until(lambda: probe.check("bluetooth.scan")[0] == "ok", "heard")


def test_an_adapter_that_does_not_stop_is_stuck(desk):
    """BlueZ's word for it is InProgress, and it then starts without asking the controller."""
    bluez, probe = desk.scanning()
    bluez.tell("fail StopDiscovery org.bluez.Error.InProgress")
    desk.clock.advance(SILENCE_S)
    retry(desk, probe)
    probe.wait_moves("on", "stopping", "retrying", "off", "starting", "on")
    assert probe.last("trouble") == ""
    pass_until(desk, probe, DOUBT_S, lambda: probe.last("trouble") == "radio-stalled", "stuck")
    bluez.tell("fail StopDiscovery none")
    pass_until(desk, probe, DOUBT_S, lambda: probe.last("trouble") == "", "well again")
    probe.wait_last("scanning", "yes")


def test_an_adapter_that_is_heard_is_not_stuck(desk):
    bluez, probe = desk.scanning()
    bluez.tell("fail StopDiscovery org.bluez.Error.InProgress")
    for n_before in (0, 1, 2):
        desk.clock.advance(SILENCE_S)
        probe.until(lambda n=n_before: n_failures(probe) > n, "a failure")
        pass_until(desk, probe, RETRY_S[0], lambda: probe.state() == "on", "tried again")
        bluez.until(lambda: bluez.hear(TOKEN, ours=False), "heard")
        probe.until(lambda n=n_before: probe.counter("foreign") > n, "a sign of life")
    assert "radio-stalled" not in [words[-1] for _, words in probe.events]


def test_a_silent_adapter_that_does_not_obey_is_one(desk):
    bluez, probe = desk.scanning()
    bluez.tell("fail StartDiscovery %s" % FAILED)
    desk.clock.advance(SILENCE_S)
    retry(desk, probe)
    probe.wait_last("trouble", "radio-stalled")
    bluez.tell("fail StartDiscovery none")
    pass_until(desk, probe, RETRY_S[1], lambda: probe.last("scanning") == "yes", "tried again")
    probe.wait_last("trouble", "")


def test_it_is_switched_off_and_on_where_that_is_allowed_and_no_more_than_once_an_hour(desk):
    bluez, probe = desk.make(scan=False)
    probe.order("manage-power")
    probe.order("scan on")
    for n_cycles in (1, 2):
        pass_until(desk, probe, SILENCE_S, lambda: probe.counter("scan-silences") >= 1, "silent")
        pass_until(desk, probe, HOUR_S, lambda n=n_cycles: probe.counter("power-cycles") == n, "switched")
        probe.wait_event("trouble", "bluetooth-off", count=n_cycles)
        probe.wait_last("scanning", "yes")
    probe.wait_last("trouble", "")


def test_it_is_not_switched_unless_that_is_allowed(desk):
    bluez, probe = desk.scanning()
    pass_until(desk, probe, SILENCE_S, lambda: probe.counter("scan-silences") == 1, "silent")
    bluez.tell("fail StartDiscovery %s" % FAILED)
    pass_until(desk, probe, SILENCE_S, lambda: probe.last("trouble") == "radio-stalled", "stalled")
    assert probe.counter("power-cycles") == 0


# ---- the drawing ----

def allowed_moves():
    with open(SCANNER, encoding="utf-8") as file:
        table = re.search(r"allowed_moves\[.*?= \{\n(.*?)\n\};", file.read(), re.DOTALL)[1]
    lines = re.findall(r"\[SIGHEJ_BLUEZ_SCANNER_([A-Z]+)\]\s*= ([^,]*)", table)
    return {(state.lower(), to.lower()) for state, moves in lines for to in re.findall(r"BIT \(([A-Z]+)\)", moves)}


def test_every_allowed_move_was_walked(request):
    ours = [item for item in request.session.items if item.path == request.node.path]
    all_tests = {name for name in globals() if name.startswith("test_")}
    if {item.originalname for item in ours} != all_tests or any(getattr(item, "failed", False) for item in ours):
        pytest.skip("not all of the walk was done")
    assert walked == allowed_moves()
