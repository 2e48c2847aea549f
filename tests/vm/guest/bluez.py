# SPDX-License-Identifier: GPL-2.0-or-later
"""A small client of BlueZ: advertises and listens without any of our programs.

    advertisement = bluez.Advertisement(stack, stack.adapter_path(0), payload)
    advertisement.register()
    scanner = bluez.Scanner(stack, stack.adapter_path(1))
    scanner.start()
    wait_until(lambda: scanner.heard(payload))      # list of Heard
"""
import itertools
import time
from collections import namedtuple

from gi.repository import Gio, GLib

import aircheck
from stack import ADAPTER, call

SERVICE_UUID = aircheck.OUR_UUID
FOREIGN_UUID = "0000beef-5b0e-4c69-9e84-53494748454a"   # for what must never be done with ours
DEVICE = "org.bluez.Device1"
MANAGER = "org.bluez.LEAdvertisingManager1"

NODE = Gio.DBusNodeInfo.new_for_xml("""<node><interface name="org.bluez.LEAdvertisement1">
  <property name="Type" type="s" access="read"/>
  <property name="ServiceData" type="a{sv}" access="read"/>
  <property name="MinInterval" type="u" access="read"/>
  <property name="MaxInterval" type="u" access="read"/>
  <property name="TxPower" type="n" access="readwrite"/>
  <method name="Release"/>
</interface></node>""")

Heard = namedtuple("Heard", "time path rssi")
_serial = itertools.count(1)


def on_air(payload, uuid=SERVICE_UUID):
    """The 31 bytes, in hex, that carry these 13."""
    return "1e21" + bytes.fromhex(uuid.replace("-", ""))[::-1].hex() + payload.hex()


class Advertisement:
    """An exported LEAdvertisement1; kind and intervals are what BlueZ calls them."""

    def __init__(self, stack, adapter, payload, kind="broadcast", interval_ms=250, uuid=SERVICE_UUID):
        self.bus, self.adapter = stack.bus, adapter
        self.path = "/test/advertisement%d" % next(_serial)
        self.released = False
        self.values = {
            "Type": GLib.Variant("s", kind),
            "ServiceData": GLib.Variant("a{sv}", {uuid: GLib.Variant("ay", payload)}),
            "MinInterval": GLib.Variant("u", interval_ms),
            "MaxInterval": GLib.Variant("u", interval_ms),
            "TxPower": GLib.Variant("n", 0),
        }
        self.registration = 0

    def on_method(self, _bus, _sender, _path, _interface, _method, _arguments, invocation):
        self.released = True
        invocation.return_value(None)

    def register(self):
        self.registration = self.registration or self.bus.register_object(
            self.path, NODE.interfaces[0], self.on_method,
            lambda _bus, _sender, _path, _interface, name: self.values[name],
            lambda _bus, _sender, _path, _interface, name, value: True)
        call(self.bus, "org.bluez", self.adapter, MANAGER, "RegisterAdvertisement",
             GLib.Variant("(oa{sv})", (self.path, {})))

    def unregister(self):
        call(self.bus, "org.bluez", self.adapter, MANAGER, "UnregisterAdvertisement",
             GLib.Variant("(o)", (self.path,)))
        self.forget()

    def forget(self):
        """Takes the object back without a word to BlueZ."""
        if self.registration:
            self.bus.unregister_object(self.registration)
            self.registration = 0


class Scanner:
    """Discovery on one adapter, with everything heard of our service."""

    def __init__(self, stack, adapter):
        self.bus, self.adapter, self.events, self.known = stack.bus, adapter, [], {}
        self.subscriptions = []

    def start(self):
        for interface, member, handler in (
                ("org.freedesktop.DBus.ObjectManager", "InterfacesAdded", self.on_added),
                ("org.freedesktop.DBus.Properties", "PropertiesChanged", self.on_changed)):
            self.subscriptions.append(self.bus.signal_subscribe(
                "org.bluez", interface, member, None, None, Gio.DBusSignalFlags.NONE, handler))
        self.call("SetDiscoveryFilter", GLib.Variant("(a{sv})", ({
            "Transport": GLib.Variant("s", "le"), "DuplicateData": GLib.Variant("b", True)},)))
        self.call("StartDiscovery")

    def stop(self):
        self.call("StopDiscovery")
        self.forget()

    def forget(self):
        for subscription in self.subscriptions:
            self.bus.signal_unsubscribe(subscription)
        self.subscriptions.clear()

    def call(self, method, arguments=None):
        return call(self.bus, "org.bluez", self.adapter, ADAPTER, method, arguments)

    def on_added(self, _bus, _sender, _path, _interface, _member, arguments):
        path, interfaces = arguments.unpack()
        if DEVICE in interfaces:
            self.take(path, interfaces[DEVICE])

    def on_changed(self, _bus, _sender, path, _interface, _member, arguments):
        interface, changed, _ = arguments.unpack()
        if interface == DEVICE:
            self.take(path, changed)

    def take(self, path, values):
        if not path.startswith(self.adapter + "/"):
            return
        data = values.get("ServiceData", {}).get(SERVICE_UUID)
        if data is not None:
            self.known[path] = bytes(data)
        if path in self.known and ("RSSI" in values or data is not None):
            self.events.append((self.known[path], Heard(time.time(), path, values.get("RSSI"))))

    def heard(self, payload):
        """The times this payload was heard, oldest first."""
        return [heard for data, heard in self.events if data == payload]
