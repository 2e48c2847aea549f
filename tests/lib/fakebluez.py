# SPDX-License-Identifier: GPL-2.0-or-later
"""A fake bluetoothd on a private bus (fake-bluez.c), told what to do and asked what it was asked.

    bluez = FakeBluez(run, adapters=("hci0 extended",))     # run: sighejrun.Run
    anna = run.daemon("anna", radio="bluez", env=bluez.env)
    bluez.tell("fail RegisterAdvertisement org.bluez.Error.NotPermitted 1")
    bluez.wait_calls("RegisterAdvertisement", 2)
    bluez.until(lambda: bluez.on_air(), "it advertises")
    assert bluez.violations() == []

Every order is described at the head of fake-bluez.c. close() of the run ends it; assert_fair()
fails when a client did what no client may.
"""
import os
from collections import namedtuple

from gi.repository import GLib

from sighejrun import Process, Run

NAME, PATH, INTERFACE = "org.sighej.FakeBluez", "/org/sighej/FakeBluez", "org.sighej.FakeBluez1"
CALL_MS = 20000
TOKEN_BYTES = 10
OPEN = 0x11                         # version 1, and its flag
TX_CAL = 256 - 59

# times in seconds on time.monotonic(); adapter: "hci0" or None; answered None: not yet;
# result: "ok", an error's name, "lost", "forgotten" (nobody waits for it any more) or None
Call = namedtuple("Call", "serial time client adapter method detail answered result")
# what changed on the air: on or not, the service data in hex, from the public address or not
Event = namedtuple("Event", "time adapter on data public")


def service_data(realm, token, flags=OPEN, tx_cal=TX_CAL):
    """13 bytes in hex, as a daemon sends them; token: 10 bytes, or a number for one.

    A daemon takes no notice of a realm that is not its own: the second byte of what it sends.
    """
    if isinstance(token, int):
        token = token.to_bytes(TOKEN_BYTES, "big")
    return (bytes([flags, realm, tx_cal]) + token).hex()


def address(number):
    """A non-resolvable address, a different one for each number."""
    return ":".join(f"{byte:02X}" for byte in number.to_bytes(6, "big"))


class FakeBluez(Process):
    """The program, on a bus of its own unless one is given.

    env is for programs that are to take it for the system's BlueZ; adapters are arguments of the
    order "adapter add".
    """

    until = staticmethod(Run.until)

    def __init__(self, run, adapters=("hci0 extended",), experimental=False, bus=None,
                 name="fake-bluez"):
        self.bus = bus or run.bus(name + "-bus")
        self.env = {"DBUS_SYSTEM_BUS_ADDRESS": self.bus.address}
        argv = [os.path.join(run.build, "tests/lib/fake-bluez"), f"--address={self.bus.address}"]
        super().__init__(name, argv + ["--experimental"] * experimental,
                         env={**os.environ, **run.env})
        run.add(self)
        run.until(lambda: self.lines or not self.running(), "fake-bluez is ready")
        self.connection = self.bus.connect()
        for adapter in adapters:
            self.tell("adapter add " + adapter)

    def tell(self, order):
        """Gives an order or asks a question; the answer's text. A wrong order raises GLib.Error."""
        return self.connection.call_sync(NAME, PATH, INTERFACE, "Tell",
                                         GLib.Variant("(s)", (order,)), None, 0, CALL_MS,
                                         None).unpack()[0]

    def calls(self, method=None, since=0.0):
        """What it was asked, in order: all, or one method's."""
        found = []
        for line in self.tell("calls").splitlines():
            serial, at, client, index, name, detail, answered, result = line.split(" ")
            if method in (None, name) and int(at) >= since * 1e6:
                found.append(Call(int(serial), int(at) / 1e6, client,
                                  f"hci{index}" if index != "-1" else None, name, detail,
                                  int(answered) / 1e6 or None, None if result == "-" else result))
        return found

    def air(self, since=0.0):
        """What changed on the air, in order."""
        found = []
        for line in self.tell("air").splitlines():
            at, index, what, data, kind = line.split(" ")
            if int(at) >= since * 1e6:
                found.append(Event(int(at) / 1e6, f"hci{index}", what == "on", data,
                                   kind == "public"))
        return found

    def on_air(self, adapter="hci0"):
        """The service data on the air now, in hex."""
        return self.tell("on-air " + adapter).splitlines()

    def violations(self):
        return self.tell("violations").splitlines()

    def assert_fair(self):
        assert self.violations() == []

    def sent(self):
        """How many packets it has told as signals."""
        return int(self.tell("sent"))

    def hear(self, data, rssi=-60, sender=1, adapter="hci0", ours=True):
        """A packet from the sender of that number; whether anybody scanned to hear it."""
        order = f"device {adapter} {address(sender)} {data} {rssi}" + ("" if ours else " foreign")
        return self.tell(order) == "heard"

    def crowd_is_over(self, adapter="hci0"):
        return self.tell("crowd? " + adapter) == "over"

    def wait_calls(self, method, n_calls=1, since=0.0, answered=False):
        """Until it was asked so often; those calls. answered: and has answered each."""
        def enough():
            found = [call for call in self.calls(method, since)
                     if call.result is not None or not answered]
            return len(found) >= n_calls and found

        return self.until(enough, f"{n_calls} {method}")

    def wait_on_air(self, adapter="hci0", n_adverts=1, seconds=30):
        """Until exactly so many advertisements are on the air; their data."""
        self.until(lambda: len(self.on_air(adapter)) == n_adverts,
                  f"{n_adverts} on the air of {adapter}", seconds)
        return self.on_air(adapter)
