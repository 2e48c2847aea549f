# SPDX-License-Identifier: GPL-2.0-or-later
"""How far off an adapter is: measured against another machine, kept for it, and what it changes."""
import json
import os
import stat

import pytest
from air import encode, service_data
from fakebluez import FakeBluez
from gi.repository import Gio, GLib
from machine import Machine
from people import wait_packets, wait_state
from sighejrun import DIAGNOSTICS, MANAGER, NAME, NUDGE, ROOT, Process, Run

SAMPLES_MIN, SECONDS, SECONDS_MIN, STRETCH = 50, 60, 10, 3
TOKEN_SECONDS_MAX = 900
FIRST_SECONDS = 60
OPEN_SECONDS = 14400
METRE = {"position": "1,0"}
# At 1 m it is heard 18 dB weaker than the -59 dBm it says: too weak to be near.
FAINT_DBM, FAINT_BY_DB = -77, 18


class Calibration:
    """A call of Calibrate under way."""

    def __init__(self, daemon, what="receive", seconds=SECONDS, connection=None):
        self.result = self.error = None
        (connection or daemon.connection).call(
            NAME, ROOT, DIAGNOSTICS, "Calibrate", GLib.Variant("(su)", (what, seconds)), None,
            Gio.DBusCallFlags.NONE, GLib.MAXINT, None, self._on_answer)

    def _on_answer(self, connection, answer):
        try:
            self.result = connection.call_finish(answer).unpack()
        except GLib.Error as error:
            self.error = error.message.removeprefix("GDBus.Error:org.sighej.Error.")

    def wait(self):
        """The result, or the name and the text of the error."""
        return Run.until(lambda: self.result or self.error, "the calibration is over")


def progress(daemon):
    """Seconds gone by, seconds at most, samples."""
    return daemon.get("CalibrationProgress", interface=DIAGNOSTICS)


def wait_samples(daemon, n_samples):
    Run.until(lambda: progress(daemon)[2] >= n_samples, f"{n_samples} samples")


def wait_elapsed(daemon, seconds):
    """Until so many have gone by and the backend has been heard since: its silence is too long."""
    Run.until(lambda: progress(daemon)[0] >= seconds and daemon.get("Backend") == "online",
              f"{seconds} s have gone by")


def wait_ready(daemon):
    """After a jump of the clock it may have to find the backend again."""
    Run.until(lambda: daemon.get("State") == "open" and daemon.get("Backend") == "online",
              "it is open again")


def in_use(daemon, what="receive"):
    """(value, origin)"""
    return daemon.call("GetCalibration", "(s)", what, interface=DIAGNOSTICS)[:2]


def doctor(daemon):
    return [text for name, _, text, _ in daemon.call("Check", interface=DIAGNOSTICS)[0]
            if name == "bluetooth.calibration"]


class Ctl:
    """sighejctl beside a daemon."""

    def __init__(self, run, build, daemon):
        self.run, self.daemon = run, daemon
        self.program = os.path.join(build, "client/cli/sighejctl")

    def start(self, *arguments):
        process = self.run.add(Process("sighejctl", [self.program, *arguments],
                                       env=self.daemon.environment))
        process.ends_with = None
        return process

    def json(self, *arguments):
        process = self.start(*arguments, "--json=short")
        assert process.wait() == 0, process.text()
        return json.loads(process.text())


def test_two_machines_one_metre_apart(run, build, clock, people):
    """Anna does not hear that bo is near, until she has calibrated. Then she always does."""
    run.set_air(radio={"interval-ms": 20, "noise-sigma-db": 1},
                radio_bo={"tx-dbm": FAINT_DBM, **METRE})
    anna, bo = people("anna", "devops"), people("bo", "devops")
    ctl = Ctl(run, build, anna)
    people.open(seconds=OPEN_SECONDS)
    assert doctor(anna) == ["sends as -59 dBm (default), receives +0 dB (default)"]

    calibrate = ctl.start("calibrate")
    wait_samples(anna, SAMPLES_MIN)
    assert anna.counters()["sightings.reports"] == 0
    for turn in range(1, 4):
        clock.advance(SECONDS / 4)
        wait_elapsed(anna, turn * SECONDS // 4)
    clock.advance(SECONDS / 4)
    assert calibrate.wait() == 0, calibrate.text()
    said = calibrate.find(r"This machine reads (\d+) dB too little: median (-\d+) dBm of (\d+) sam")
    value, median, n_samples = map(int, said.groups())
    assert abs(value - FAINT_BY_DB) <= 2 and value == -59 - median and n_samples >= SAMPLES_MIN
    assert calibrate.text().count("Turn ") == 3
    assert in_use(anna) == (value, "measured")

    with clock.hurry():
        people.wait_nudges()
    nudge = anna.nudges()[0][0]
    run.until(lambda: anna.get("Band", path=nudge, interface=NUDGE) in ("here", "near"),
              "anna hears that bo is near")

    kept = os.path.join(anna.home, "state/sighej/adjustments")
    assert stat.S_IMODE(os.stat(kept).st_mode) == 0o600
    with open(kept, encoding="utf-8") as file:
        assert "/sim/anna" not in file.read()
    assert anna.stop() == 0
    again = people("anna", "devops")
    assert in_use(again) == (value, "measured")
    assert doctor(again)[0].startswith(
        f"sends as -59 dBm (default), receives +{value} dB (measured on 20")
    assert bo.counters()["sightings.reports"] > 0


@pytest.fixture
def anna(run, clock, people, ear):
    """Open, on an air where the ear plays the others: each is heard as strongly as it is set."""
    run.set_air(link_one_anna={"rssi-dbm": -62}, link_two_anna={"rssi-dbm": -66},
                link_weak_anna={"rssi-dbm": -85})
    one = people("anna", "devops")
    people.open(seconds=OPEN_SECONDS)
    wait_packets(ear, "anna", 1, 0)
    return one


def say(anna, ear, name, n_packets):
    """Anna hears that many packets of the machine of that name; its token is its name."""
    realm = ear.heard("anna")[0].data[1]
    n_before = anna.counters()["radio.heard"]
    for _ in range(n_packets):
        ear.say(encode(service_data(realm, name.encode().ljust(10)), name))
    Run.until(lambda: anna.counters()["radio.heard"] == n_before + n_packets, "all are heard")


def test_what_is_sent_is_measured_there_and_set_here(run, build, clock, anna, ear):
    """With the next token, never before: two payloads of one token would be joined."""
    ctl = Ctl(run, build, anna)
    measuring = ctl.start("calibrate", "--transmit", f"--seconds={SECONDS_MIN}", "--json=short")
    Run.until(lambda: progress(anna)[1], "it measures")
    say(anna, ear, "two", SAMPLES_MIN)
    clock.advance(SECONDS_MIN)
    assert measuring.wait() == 0, measuring.text()
    assert json.loads(measuring.text()) == {
        "schema": 1, "what": "transmit", "value": -65, "median": -66, "samples": SAMPLES_MIN,
        "spread": 0}
    assert in_use(anna, "transmit") == (-59, "default")

    shown = ctl.json("calibrate", "--transmit", "--set=-64")
    assert [(one["what"], one["value"], one["origin"]) for one in shown["calibration"]] == [
        ("transmit", -65, "set"), ("receive", 0, "default")]
    clock.advance(TOKEN_SECONDS_MAX)
    Run.until(lambda: len(ear.tokens("anna")) >= 2, "the next token")
    first, *later = ear.tokens("anna")
    said = {(packet.token, packet.data[2] - 256) for packet in ear.heard("anna")}
    assert said == {(first, -59), *((token, -65) for token in later)}
    anna.call("ResetCalibration", interface=DIAGNOSTICS)
    assert in_use(anna, "transmit") == (-59, "default")


def test_refused_measurements(clock, anna, ear):
    nobody = Calibration(anna, seconds=SECONDS_MIN)
    Run.until(lambda: progress(anna)[1] == STRETCH * SECONDS_MIN, "it measures")
    clock.advance(SECONDS_MIN)
    assert nobody.wait().startswith("Failed: no other machine was heard")

    wait_ready(anna)
    few = Calibration(anna)
    Run.until(lambda: progress(anna)[1] == STRETCH * SECONDS, "it measures")
    say(anna, ear, "one", 23)
    clock.advance(SECONDS)
    wait_elapsed(anna, SECONDS)
    clock.advance((STRETCH - 1) * SECONDS)
    assert few.wait().startswith("Failed: only 23 samples of the other machine came, 50 are needed")

    wait_ready(anna)
    rivals = Calibration(anna)
    say(anna, ear, "two", SAMPLES_MIN)
    say(anna, ear, "one", SAMPLES_MIN)
    say(anna, ear, "weak", SAMPLES_MIN)
    clock.advance(SECONDS)
    assert rivals.wait().startswith("Failed: more than one machine is heard as strongly")

    assert in_use(anna) == (0, "default")
    assert progress(anna) == (0, 0, 0)


def test_a_measurement_ends_with_its_caller_and_with_the_opening(clock, anna, ear):
    stranger = anna.bus.connect()
    Calibration(anna, connection=stranger)
    Run.until(lambda: progress(anna)[1], "it measures")
    assert Calibration(anna).wait() == (
        "Failed: a calibration is running already; wait until it is over")
    stranger.close_sync(None)
    Run.until(lambda: progress(anna) == (0, 0, 0), "its caller is gone")

    closed = Calibration(anna)
    Run.until(lambda: progress(anna)[1], "it measures")
    say(anna, ear, "one", SAMPLES_MIN)
    anna.call("Close")
    assert closed.wait() == "NotOpen: this machine did not stay open during the calibration"
    assert Calibration(anna).wait() == "NotOpen: a calibration needs both machines to be open"

    # The next one knows nothing of the packets of this one.
    anna.call("Open", "(u)", OPEN_SECONDS)
    wait_state(anna, "open")
    good = Calibration(anna)
    Run.until(lambda: progress(anna)[1], "it measures")
    say(anna, ear, "one", SAMPLES_MIN)
    clock.advance(SECONDS)
    assert good.wait() == (3, -62, SAMPLES_MIN, 0)


def listens_in_turns(daemon):
    """Whether it saves the battery."""
    return any(name == "bluetooth.plan" and "all the time" not in text
               for name, _, text, _ in daemon.call("Check", interface=DIAGNOSTICS)[0])


def test_a_battery_is_not_saved_while_it_measures(run, clock, people):
    machine = Machine(run)
    machine.start_power(on_battery=True)
    anna = people("anna", "devops", env=machine.env)
    people.open(seconds=OPEN_SECONDS)
    clock.advance(FIRST_SECONDS)
    Run.until(lambda: listens_in_turns(anna), "it listens in turns")
    wait_ready(anna)
    nobody = Calibration(anna, seconds=SECONDS_MIN)
    Run.until(lambda: progress(anna)[1], "it measures")
    assert not listens_in_turns(anna)
    clock.advance(SECONDS_MIN)
    assert nobody.wait().startswith("Failed: no other machine was heard")
    Run.until(lambda: listens_in_turns(anna), "it listens in turns again")


def test_wrong_calls(run):
    off = run.daemon("anna", radio="none")

    def refused(method, signature, *arguments):
        with pytest.raises(GLib.Error) as caught:
            off.call(method, signature, *arguments, interface=DIAGNOSTICS)
        return caught.value.message.removeprefix("GDBus.Error:org.sighej.Error.").split(":")[0]

    assert refused("Calibrate", "(su)", "everything", SECONDS) == "Failed"
    for seconds in (1, SECONDS_MIN - 1, 301, 2**32 - 1):
        assert refused("Calibrate", "(su)", "receive", seconds) == "InvalidDuration"
    assert refused("Calibrate", "(su)", "transmit", 0) == "NotOpen"
    assert refused("SetCalibration", "(si)", "receive", 3) == "BluetoothMissing"
    assert refused("ResetCalibration", None) == "BluetoothMissing"
    assert refused("GetCalibration", "(s)", "everything") == "Failed"
    assert refused("GetCalibration", "(s)", "receive") == "BluetoothMissing"
    lone = run.daemon("bo", config="[Bluetooth]\nTxCalibration=-70\nReceiveAdjustment=-2\n")
    assert (in_use(lone, "transmit"), in_use(lone)) == ((-71, "configured"), (-2, "configured"))
    for what, value in (("receive", 31), ("receive", -62), ("transmit", 4), ("transmit", -72)):
        with pytest.raises(GLib.Error):
            lone.call("SetCalibration", "(si)", what, value, interface=DIAGNOSTICS)
    assert in_use(lone) == (-2, "configured")


def test_a_dongle_keeps_its_own_under_any_name(run):
    """It is known by its address, which is neither kept nor shown anywhere."""
    bluez = FakeBluez(run, adapters=("hci1 extended",))
    anna = run.daemon("anna", radio="bluez", env=bluez.env)

    def wait_used(adapter, value, origin):
        Run.until(lambda: anna.get("Adapter") == "/org/bluez/" + adapter
                  and in_use(anna) == (value, origin), f"{adapter} is used with {value} dB")

    wait_used("hci1", 0, "default")
    anna.call("SetCalibration", "(si)", "receive", 7, interface=DIAGNOSTICS)

    bluez.tell("adapter remove hci1")
    bluez.tell("adapter add hci1 extended device=9")
    wait_used("hci1", 0, "default")
    anna.call("SetCalibration", "(si)", "receive", -7, interface=DIAGNOSTICS)
    bluez.tell("adapter remove hci1")
    bluez.tell("adapter add hci3 extended device=1")
    wait_used("hci3", 7, "set")
    bluez.tell("adapter add hci4 extended device=9")
    Run.until(lambda: len(anna.get("Adapters")) == 2, "both are plugged in")
    anna.set("Adapter", GLib.Variant("o", "/org/bluez/hci4"))
    wait_used("hci4", -7, "set")

    with open(os.path.join(anna.home, "state/sighej/adjustments"), encoding="utf-8") as file:
        assert "00:AA:01" not in file.read().upper()
    assert "00:AA:01" not in anna.text().upper()
    shown = anna.call("GetAll", "(s)", MANAGER, interface="org.freedesktop.DBus.Properties")
    assert "00:AA:01" not in str(shown).upper()
