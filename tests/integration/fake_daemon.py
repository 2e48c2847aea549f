#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon that does as it is told, for what the real one does not do on demand.

Serves dbus/org.sighej.xml on the session bus, and on /test the interface org.sighej.Test1:

  Put(sv)       a property of Manager1 gets this value, and the bus is told
  Fail(ss)      the next call on Manager1, Nudge1 or Diagnostics1 answers this error and text
  Hang()        the next call is never answered
  Fix(a{sv})    what Open puts into the properties from now on
  AddNudge(uass), RemoveNudge(u)   a nudge: number, shared interests, band

`python3 fake_daemon.py` prints "ready" once it owns the name.
"""
import os
import sys

from gi.repository import Gio, GLib

NAME, ROOT = "org.sighej", "/org/sighej"
XML = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../dbus/org.sighej.xml")

EXTRA = """<node>
  <interface name="org.freedesktop.DBus.ObjectManager">
    <method name="GetManagedObjects">
      <arg name="objects" type="a{oa{sa{sv}}}" direction="out"/>
    </method>
    <signal name="InterfacesAdded"><arg type="o"/><arg type="a{sa{sv}}"/></signal>
    <signal name="InterfacesRemoved"><arg type="o"/><arg type="as"/></signal>
  </interface>
  <interface name="org.sighej.Test1">
    <method name="Put"><arg type="s" direction="in"/><arg type="v" direction="in"/></method>
    <method name="Fail"><arg type="s" direction="in"/><arg type="s" direction="in"/></method>
    <method name="Hang"/>
    <method name="Fix"><arg type="a{sv}" direction="in"/></method>
    <method name="AddNudge">
      <arg type="u" direction="in"/><arg type="as" direction="in"/><arg type="s" direction="in"/>
    </method>
    <method name="RemoveNudge"><arg type="u" direction="in"/></method>
  </interface>
</node>"""

OPEN_SINCE, OPEN_UNTIL, NUDGE_EXPIRES = 1795219200, 1795226400, 1795219800

PROPERTIES = {
    "Version": ("s", "0.4.1"), "ApiVersion": ("u", 1), "State": ("s", "off"), "Reason": ("s", ""),
    "OpenSince": ("t", 0), "OpenUntil": ("t", 0), "PausedUntil": ("t", 0),
    "Interests": ("as", ["devops", "board-games"]), "Privacy": ("s", "private"),
    "Rotating": ("b", True), "Language": ("s", "da"), "NearbyCount": ("u", 0),
    "Bluetooth": ("s", "ready"), "Backend": ("s", "offline"),
    "BackendUri": ("s", "https://match.example"), "Adapter": ("o", "/org/bluez/hci0"),
    "Adapters": ("ao", ["/org/bluez/hci0", "/org/bluez/hci1"]), "Radio": ("s", "bluez"),
    "QuietHours": ("as", []), "NoticeAccepted": ("b", True), "Inhibitors": ("a(ss)", []),
}

CHECKS = [
    ("bluetooth.adapter", "ok", "hci0 can advertise and scan", ""),
    ("rfkill", "ok", "not blocked", ""),
    ("bluetooth.interval", "warning",
     "advertising every 1.28 s, a first meeting can take a few seconds", ""),
    ("backend.websocket", "error", "closed by a proxy", "allow WebSocket upgrades to the backend"),
]


# value, origin, when
CALIBRATION = {"transmit": (-59, "default", 0), "receive": (4, "measured", 1795219200)}
# seconds gone by, at most, samples: too few after the 60 s that were asked for
PROGRESS = [(0, 180, 0), (14, 180, 6), (15, 180, 7), (31, 180, 15), (46, 180, 22), (60, 180, 30),
            (61, 180, 31), (100, 180, 50), (0, 0, 0)]


class Fake:
    def __init__(self, connection):
        self.connection, self.fault, self.kept = connection, None, []
        self.values = {name: GLib.Variant(*value) for name, value in PROPERTIES.items()}
        self.nudges, self.registered, self.fixed = {}, {}, {}
        self.values["CalibrationProgress"] = GLib.Variant("(uuu)", (0, 0, 0))
        self.calibration = dict(CALIBRATION)
        self.api = Gio.DBusNodeInfo.new_for_xml(open(XML, encoding="utf-8").read())
        extra = Gio.DBusNodeInfo.new_for_xml(EXTRA)
        for interface in ("org.sighej.Manager1", "org.sighej.Diagnostics1"):
            self.export(ROOT, self.api.lookup_interface(interface))
        self.export(ROOT, extra.lookup_interface("org.freedesktop.DBus.ObjectManager"))
        self.export("/test", extra.lookup_interface("org.sighej.Test1"))

    def export(self, path, info):
        return self.connection.register_object(path, info, self.on_call, self.on_get, self.on_set)

    def emit(self, path, interface, name, signature, *values):
        self.connection.emit_signal(None, path, interface, name, GLib.Variant(signature, values))

    def put(self, **values):
        changed = {}
        for name, value in values.items():
            changed[name] = self.values[name] = GLib.Variant(PROPERTIES[name][0], value)
        self.emit(ROOT, "org.freedesktop.DBus.Properties", "PropertiesChanged", "(sa{sv}as)",
                  "org.sighej.Manager1", changed, [])

    def progress(self, *values):
        self.values["CalibrationProgress"] = GLib.Variant("(uuu)", values)
        self.emit(ROOT, "org.freedesktop.DBus.Properties", "PropertiesChanged", "(sa{sv}as)",
                  "org.sighej.Diagnostics1",
                  {"CalibrationProgress": self.values["CalibrationProgress"]}, [])

    def on_get(self, _connection, _sender, path, interface, name):
        if interface == "org.sighej.Nudge1":
            return self.nudges[path][name]
        return self.values[name]

    def on_set(self, _connection, _sender, _path, _interface, name, value):
        self.put(**{name: value.unpack()})
        return True

    def on_call(self, _connection, _sender, path, interface, method, parameters, invocation):
        fault = self.fault
        ours = interface in ("org.sighej.Manager1", "org.sighej.Nudge1", "org.sighej.Diagnostics1")
        if fault and ours:
            self.fault = None
            if fault == "hang":
                self.kept.append(invocation)
            else:
                invocation.return_dbus_error(*fault)
            return
        function = getattr(self, "do_" + method)
        arguments = parameters.unpack()
        answer = function(path, *arguments) if interface == "org.sighej.Nudge1" else function(*arguments)
        invocation.return_value(GLib.Variant(*answer) if answer else None)

    # Manager1
    def do_Open(self, seconds):
        self.put(State="open", Reason="", Backend="online", OpenSince=OPEN_SINCE,
                 OpenUntil=OPEN_SINCE + (seconds or 7200), PausedUntil=0)
        self.put(**self.fixed)
        return "(t)", (OPEN_SINCE + (seconds or 7200),)

    def do_Close(self):
        self.put(State="off", Reason="user", Backend="offline", OpenSince=0, OpenUntil=0,
                 PausedUntil=0)

    def do_Pause(self, seconds):
        until = OPEN_SINCE + seconds if seconds else 0
        self.put(State="paused", Reason="user", PausedUntil=until)
        return "(t)", (until,)

    def do_Resume(self):
        self.put(State="open", Reason="", PausedUntil=0)

    def do_Extend(self, seconds):
        self.put(OpenUntil=self.values["OpenUntil"].unpack() + seconds)
        return "(t)", (self.values["OpenUntil"].unpack(),)

    def do_SetInterests(self, interests):
        self.put(Interests=interests)

    def do_SearchInterests(self, query, _limit):
        found = [("board-games", "Brætspil", "games")] if "brætspil".startswith(query) else []
        return "(a(sss))", (found,)

    def do_ListNudges(self):
        return "(a(ossast))", ([
            (path, nudge["State"].unpack(), nudge["Band"].unpack(),
             nudge["SharedInterests"].unpack(), nudge["Expires"].unpack())
            for path, nudge in self.nudges.items()],)

    # Nudge1
    def do_NotNow(self, path):
        self.do_RemoveNudge(int(path.rsplit("/", 1)[1]))

    # Diagnostics1
    def do_Check(self):
        return "(a(ssss))", (CHECKS,)

    def do_Calibrate(self, what, _seconds):
        for values in PROGRESS:
            self.progress(*values)
        return "(iiuu)", ((4, -63, 50, 7) if what == "receive" else (-62, -63, 50, 7))

    def do_SetCalibration(self, what, value):
        self.calibration[what] = (value, "set", 1795219200)

    def do_GetCalibration(self, what):
        return "(ist)", self.calibration[what]

    def do_ResetCalibration(self):
        self.calibration = {"transmit": (-59, "default", 0), "receive": (0, "configured", 0)}

    # ObjectManager
    def do_GetManagedObjects(self):
        return "(a{oa{sa{sv}}})", (
            {path: {"org.sighej.Nudge1": nudge} for path, nudge in self.nudges.items()},)

    # Test1
    def do_Put(self, name, value):
        self.put(**{name: value})

    def do_Fail(self, name, message):
        self.fault = (name, message)

    def do_Hang(self):
        self.fault = "hang"

    def do_Fix(self, values):
        self.fixed = values

    def do_AddNudge(self, number, shared, band):
        path = f"{ROOT}/nudges/{number}"
        self.nudges[path] = {
            "State": GLib.Variant("s", "new"), "SharedInterests": GLib.Variant("as", shared),
            "Categories": GLib.Variant("as", ["tech"]),
            "Message": GLib.Variant("s", "Someone nearby shares your interest."),
            "Band": GLib.Variant("s", band), "Created": GLib.Variant("t", OPEN_SINCE),
            "Expires": GLib.Variant("t", NUDGE_EXPIRES)}
        self.registered[path] = self.export(path, self.api.lookup_interface("org.sighej.Nudge1"))
        self.emit(ROOT, "org.freedesktop.DBus.ObjectManager", "InterfacesAdded", "(oa{sa{sv}})",
                  path, {"org.sighej.Nudge1": self.nudges[path]})

    def do_RemoveNudge(self, number):
        path = f"{ROOT}/nudges/{number}"
        del self.nudges[path]
        self.connection.unregister_object(self.registered.pop(path))
        self.emit(ROOT, "org.freedesktop.DBus.ObjectManager", "InterfacesRemoved", "(oas)",
                  path, ["org.sighej.Nudge1"])


def main():
    loop = GLib.MainLoop()
    connection = Gio.bus_get_sync(Gio.BusType.SESSION)
    fake = Fake(connection)
    Gio.bus_own_name_on_connection(connection, NAME, 0,
                                   lambda *_: print("ready", flush=True),
                                   lambda *_: sys.exit("cannot own " + NAME))
    loop.run()
    return fake


if __name__ == "__main__":
    main()
