# SPDX-License-Identifier: GPL-2.0-or-later
"""The machine a daemon runs on, as the system bus shows it: a login manager and a battery.

The login manager behaves as systemd-logind 252 does where it matters: the delay lock is one end of
a pipe, it is refused while the machine is already on its way to sleep, "auto" is the user's
session, and what it knew of a locked screen is forgotten when it is restarted.
"""
import os
import select

from gi.repository import Gio, GLib

NAME, PATH = "org.freedesktop.login1", "/org/freedesktop/login1"
SESSION_PATH = PATH + "/session/_31"
MANAGER, SESSION = NAME + ".Manager", NAME + ".Session"
POWER, POWER_PATH = "org.freedesktop.UPower", "/org/freedesktop/UPower"
PROPERTIES = "org.freedesktop.DBus.Properties"
CALL_MS = 20000

XML = f"""<node>
  <interface name="{MANAGER}">
    <method name="Inhibit">
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="h" direction="out"/>
    </method>
    <method name="GetSession"><arg type="s" direction="in"/><arg type="o" direction="out"/></method>
    <property name="PreparingForSleep" type="b" access="read"/>
  </interface>
  <interface name="{SESSION}"><property name="LockedHint" type="b" access="read"/></interface>
  <interface name="{POWER}"><property name="OnBattery" type="b" access="read"/></interface>
</node>"""


class Lock:
    """One delay lock: our end of the pipe. Its state is the kernel's word, at any moment."""

    def __init__(self, asked):
        self.asked = asked
        self.ours, theirs = os.pipe2(os.O_CLOEXEC)
        self.fds = Gio.UnixFDList.new_from_array([theirs])
        self.poll = select.poll()
        self.poll.register(self.ours, 0)

    def held(self):
        return not self.poll.poll(0)


class Machine:
    """locks: all that were ever given. deny: an error name for who asks for one. keep: who asks
    for one waits, in waiting, until answer()."""

    def __init__(self, run):
        self.bus = run.bus("system-bus")
        self.env = {"DBUS_SYSTEM_BUS_ADDRESS": self.bus.address}
        self.info = Gio.DBusNodeInfo.new_for_xml(XML)
        self.locks, self.deny, self.keep, self.waiting = [], None, False, []
        self.login1 = self.power = None
        self.values = {"PreparingForSleep": False, "LockedHint": False, "OnBattery": False}
        self.has_session, self.n_session_asked = True, 0
        self.start_login1()

    def serve(self, name, *objects):
        connection = self.bus.connect()
        for path, interface in objects:
            connection.register_object(path, self.info.lookup_interface(interface), self.on_call,
                                       self.on_get, None)
        connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus",
                             "org.freedesktop.DBus", "RequestName",
                             GLib.Variant("(su)", (name, 4)), None, 0, CALL_MS, None)
        return connection

    def start_login1(self):
        self.login1 = self.serve(NAME, (PATH, MANAGER), (SESSION_PATH, SESSION))

    def stop_login1(self):
        self.login1.close_sync(None)
        self.values["LockedHint"] = self.values["PreparingForSleep"] = False

    def start_power(self, on_battery):
        self.values["OnBattery"] = on_battery
        self.power = self.serve(POWER, (POWER_PATH, POWER))

    def stop_power(self):
        self.power.close_sync(None)

    def on_get(self, _connection, _sender, _path, _interface, name):
        return GLib.Variant("b", self.values[name])

    def on_call(self, _connection, _sender, _path, _interface, method, parameters, invocation):
        if method == "Inhibit":
            self.inhibit(parameters.unpack(), invocation)
        elif self.has_session and parameters.unpack() == ("auto",):
            self.n_session_asked += 1
            invocation.return_value(GLib.Variant("(o)", (SESSION_PATH,)))
        else:
            self.n_session_asked += 1
            invocation.return_dbus_error(NAME + ".NoSuchSession", "No session 'auto' known")

    def inhibit(self, asked, invocation):
        if self.deny:
            invocation.return_dbus_error(self.deny, "Permission denied")
        elif self.values["PreparingForSleep"]:
            invocation.return_dbus_error(
                NAME + ".OperationInProgress",
                "The operation inhibition has been requested for is already running")
        elif self.keep:
            self.waiting.append((asked, invocation))
        else:
            self.answer(asked, invocation)

    def answer(self, asked, invocation):
        lock = Lock(asked)
        self.locks.append(lock)
        invocation.return_value_with_unix_fd_list(GLib.Variant("(h)", (0,)), lock.fds)
        lock.fds = None

    def held(self):
        return [lock for lock in self.locks if lock.held()]

    def prepare_for_sleep(self, about_to_sleep):
        self.values["PreparingForSleep"] = about_to_sleep
        self.login1.emit_signal(None, PATH, MANAGER, "PrepareForSleep",
                                GLib.Variant("(b)", (about_to_sleep,)))

    def ask_to(self, what):
        """Lock or Unlock: what somebody asks of the session's screen locker."""
        self.login1.emit_signal(None, SESSION_PATH, SESSION, what, None)

    def put(self, connection, path, interface, name, value):
        self.values[name] = value
        connection.emit_signal(None, path, PROPERTIES, "PropertiesChanged", GLib.Variant(
            "(sa{sv}as)", (interface, {name: GLib.Variant("b", value)}, [])))

    def lock_screen(self, locked):
        """What a screen locker says that keeps the hint."""
        self.put(self.login1, SESSION_PATH, SESSION, "LockedHint", locked)

    def end_session(self):
        self.has_session = False
        self.login1.emit_signal(None, PATH, MANAGER, "SessionRemoved",
                                GLib.Variant("(so)", ("1", SESSION_PATH)))

    def plug(self, plugged):
        self.put(self.power, POWER_PATH, POWER, "OnBattery", not plugged)
