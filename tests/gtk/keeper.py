# SPDX-License-Identifier: GPL-2.0-or-later
"""What GNOME Shell does with an application's notifications: org.gtk.Notifications. They stay until they
are withdrawn, and their buttons are actions of the application."""
from gi.repository import Gio, GLib

from sighejrun import Run

NAME, PATH = "org.gtk.Notifications", "/org/gtk/Notifications"
APPLICATION, APPLICATION_PATH = "org.sighej.SigHej", "/org/sighej/SigHej"
CALL_MS = 20000
XML = """<node><interface name="org.gtk.Notifications">
  <method name="AddNotification">
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/>
  </method>
  <method name="RemoveNotification"><arg type="s" direction="in"/><arg type="s" direction="in"/></method>
</interface></node>"""


class Keeper:
    """`up` holds what is shown, by its id; `added` the ids of all that was sent, in order."""

    def __init__(self, bus):
        self.connection, self.up, self.added = bus.connect(), {}, []
        self.connection.register_object(
            PATH, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], self.on_call, None, None)
        self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "RequestName",
            GLib.Variant("(su)", (NAME, 4)), None, 0, CALL_MS, None)

    def on_call(self, _connection, _sender, _path, _interface, method, parameters, invocation):
        application, name, *rest = parameters.unpack()
        assert application == APPLICATION
        if method == "AddNotification":
            self.up[name] = rest[0]
            self.added.append(name)
        else:
            self.up.pop(name, None)
        invocation.return_value(None)

    def wait(self, name, title=None):
        return Run.until(lambda: name in self.up and title in (None, self.up[name]["title"])
                         and self.up[name], f"{name} is up: {title}")

    def wait_gone(self, *names):
        Run.until(lambda: not set(names) & set(self.up), f"{names} are withdrawn")

    def press(self, name, label):
        """As the shell does: the notification goes, and the action is asked for."""
        button = next(b for b in self.up[name]["buttons"] if b["label"] == label)
        del self.up[name]
        target = [GLib.Variant("u", button["target"])] if "target" in button else []
        self.ask(button["action"].removeprefix("app."), *target)

    def ask(self, action, *target):
        """An action of the application."""
        self.connection.call_sync(
            APPLICATION, APPLICATION_PATH, "org.freedesktop.Application", "ActivateAction",
            GLib.Variant("(sava{sv})", (action, target, {})), None, 0, CALL_MS, None)
