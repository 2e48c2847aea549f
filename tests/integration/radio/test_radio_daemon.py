# SPDX-License-Identifier: GPL-2.0-or-later
"""A whole daemon on a BlueZ that does as it is told: what people are told of the radio's troubles."""
import os
import re
import signal
import subprocess
import sys

import pytest
from gi.repository import GLib

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path[:0] = [HERE, os.path.join(TOP, "tests", "lib")]

from fakebluez import FakeBluez  # noqa: E402
from sighejrun import DIAGNOSTICS, MANAGER, NAME, ROOT  # noqa: E402

# Numbers no machine has: where the kernel can be asked about them, it does not know them.
ONE, OTHER = "hci10", "hci11"
OPEN_S, EPOCH_MAX_S, CTL_SECONDS = 7200, 901, 60
CLEAR_S = 5.1
ADDRESS = re.compile(r"\b(?:[0-9A-F]{2}:){5}[0-9A-F]{2}\b", re.IGNORECASE)


class Anna:
    """Open to talk, with a fake BlueZ of her own."""

    def __init__(self, run, clock, *adapters, config=""):
        self.run, self.clock, self.build = run, clock, run.build
        self.bluez = FakeBluez(run, adapters=adapters or (ONE + " extended",))
        self.backend = run.backend()
        self.daemon = run.daemon("anna", backend=self.backend.uri, interests=["devops"], radio="bluez",
                                 config=config, env=self.bluez.env)
        self.daemon.call("Open", "(u)", OPEN_S)
        self.wait("open")

    def wait(self, state, reason=""):
        self.run.until(lambda: (self.daemon.get("State"), self.daemon.get("Reason")) == (state, reason),
                       f"{state} {reason}")

    def wait_word(self, name, word):
        self.run.until(lambda: self.daemon.get(name) == word, f"{name} is {word}")

    def status(self):
        program = os.path.join(self.build, "client/cli/sighejctl")
        return subprocess.run([program, "status"], env=self.daemon.environment, stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=CTL_SECONDS, check=True).stdout

    def check(self, name):
        checks = {check[0]: check[1:] for check in self.daemon.call("Check", interface=DIAGNOSTICS)[0]}
        return checks[name]

    def close_soon(self):
        """Does not wait."""
        self.daemon.connection.call(NAME, ROOT, MANAGER, "Close", None, None, 0, -1, None, None)

    def turn_until(self, seconds, condition, what):
        self.run.until(lambda: condition() or self.clock.advance(seconds), what)

    def journal(self, text):
        return sum(text in line for _, line in list(self.daemon.lines))


@pytest.fixture
def anna(run, clock):
    made = []

    def make(*adapters, config=""):
        made.append(Anna(run, clock, *adapters, config=config))
        return made[-1]
    yield make
    for one in made:
        one.bluez.assert_fair()
        assert not ADDRESS.search(one.daemon.text())


def test_what_a_dead_bluetoothd_left_is_said_everywhere(anna):
    one = anna()
    left = one.bluez.wait_on_air(ONE)
    one.bluez.tell("name drop")
    one.wait("waiting", "bluetooth-lost")
    assert "may have left a token on the air" in one.status()
    level, text, following = one.check("bluetooth.adapter")
    assert level == "error" and "left a token on the air" in text and "systemctl start bluetooth" in following
    assert one.journal("asking for its start") == 1
    # The token is still there, so it is not closed, whatever was asked for.
    one.close_soon()
    one.wait("closing", "bluetooth-lost")
    assert one.status().splitlines()[0].startswith("● Closing: ")
    assert one.bluez.on_air(ONE) == left
    one.bluez.tell("name take")
    one.wait("off", "user")
    assert one.bluez.on_air(ONE) == []
    assert one.journal("bluetoothd runs again") == 1


def test_bluetoothd_dies_and_comes_back_while_open(anna):
    one = anna()
    one.bluez.wait_on_air(ONE)
    for _ in range(3):
        one.bluez.tell("name drop")
        one.wait("waiting", "bluetooth-lost")
        one.bluez.tell("name take")
        one.wait("open")
        one.bluez.wait_on_air(ONE)


def test_privacy_is_said_everywhere(anna):
    one = anna()
    one.wait_word("Privacy", "unknown")
    assert "\n  Privacy: unknown (" in one.status()
    assert one.check("bluetooth.privacy")[0] == "warning"
    one.bluez.tell(f"discoverable {ONE} on")
    one.wait("waiting", "privacy-blocked")
    one.wait_word("Privacy", "blocked")
    one.bluez.wait_on_air(ONE, 0)
    assert "\n  Privacy: blocked (your fixed address would show, so nothing is sent)" in one.status()
    assert one.check("bluetooth.privacy")[0] == "error"
    one.bluez.tell(f"discoverable {ONE} off")
    one.wait_word("Privacy", "unknown")
    one.turn_until(CLEAR_S, lambda: one.daemon.get("State") == "open", "open again")
    one.bluez.wait_on_air(ONE)
    assert one.journal("privacy of the address: blocked") == 1
    assert one.journal("privacy of the address: unknown") == 2


def test_tokens_change_at_their_epochs_while_a_crowd_is_heard(anna):
    one = anna(ONE + " legacy")
    one.bluez.tell(f"crowd {ONE} 200 400 60")
    seen = one.bluez.wait_on_air(ONE)

    def look():
        return [data for data in one.bluez.on_air(ONE) if data not in seen]
    for _ in range(3):
        one.clock.advance(EPOCH_MAX_S)
        seen += one.run.until(look, "a new token")
        one.wait("open")
    one.bluez.tell(f"crowd {ONE} stop")
    assert len(set(seen)) == 4
    assert not any(event.public for event in one.bluez.air())


def test_another_adapter_is_chosen_while_open(anna):
    one = anna(ONE + " extended", OTHER + " legacy")
    one.bluez.wait_on_air(ONE)
    one.daemon.set("Adapter", GLib.Variant("o", "/org/bluez/" + OTHER))
    one.bluez.wait_on_air(OTHER)
    one.wait("open")
    assert one.bluez.on_air(ONE) == []
    assert one.daemon.get("Adapter") == "/org/bluez/" + OTHER


def test_the_switches_are_where_the_settings_say(anna, tmp_path):
    switch = tmp_path / "rfkill0"
    switch.mkdir()
    for file, text in (("type", "bluetooth"), ("name", ONE), ("soft", "0"), ("hard", "1")):
        (switch / file).write_text(text + "\n")
    one = anna(config=f"[Bluetooth]\nRfkillFolder={tmp_path}\n")
    one.bluez.tell(f"power {ONE} off")
    one.wait("waiting", "bluetooth-blocked-hard")
    one.wait_word("Bluetooth", "blocked-hard")
    one.bluez.tell(f"power {ONE} on")
    one.wait("open")


def test_power_may_be_managed_from_the_next_reading_of_the_settings_on(anna):
    one = anna(config="[Bluetooth]\nManagePower=false\n")
    with open(one.daemon.config_path, encoding="utf-8") as file:
        text = file.read()
    with open(one.daemon.config_path, "w", encoding="utf-8") as file:
        file.write(text.replace("ManagePower=false", "ManagePower=true"))
    one.daemon.kill(signal.SIGHUP)
    one.run.until(lambda: one.journal("the configuration is read again") == 1, "read again")
    one.turn_until(10, lambda: one.journal("switched off and on again, as ManagePower allows") == 1, "switched")
    one.wait("open")
