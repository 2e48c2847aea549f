# SPDX-License-Identifier: GPL-2.0-or-later
"""A notification server, org.freedesktop.Notifications, which keeps what it is told and whose buttons a
test presses. It lives in the test's own main context."""
from gi.repository import Gio, GLib

NAME, PATH = "org.freedesktop.Notifications", "/org/freedesktop/Notifications"
ALL = ("actions", "body", "body-markup", "persistence")
EXPIRED, DISMISSED, CLOSED_BY_CALL = 1, 2, 3
XML = """<node><interface name="org.freedesktop.Notifications">
  <property name="Inhibited" type="b" access="read"/>
  <method name="Notify">
    <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
    <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
    <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
  </method>
  <method name="CloseNotification"><arg type="u" direction="in"/></method>
  <method name="GetCapabilities"><arg type="as" direction="out"/></method>
  <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
  <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
</interface></node>"""


class Notice:
    """What is up: title, body, buttons {action: label}, hints, timeout_ms; n_sent: replacements too."""

    def __init__(self, number, sender):
        self.number, self.sender, self.n_sent = number, sender, 0

    def fill(self, title, body, actions, hints, timeout_ms):
        self.title, self.body, self.hints, self.timeout_ms = title, body, hints, timeout_ms
        self.buttons = dict(zip(actions[::2], actions[1::2]))
        self.n_sent += 1


class NoticeBoard:
    """`up` holds what is shown, `sent` the titles of all that ever was, in order."""

    def __init__(self, bus, capabilities=ALL, inhibited=False):
        self.connection, self.capabilities = bus.connect(), list(capabilities)
        self.up, self.sent, self.n_given, self.inhibited = {}, [], 0, inhibited
        self.connection.register_object(
            PATH, Gio.DBusNodeInfo.new_for_xml(XML).interfaces[0], self.on_call,
            lambda *_: GLib.Variant("b", self.inhibited), None)
        self.request("RequestName", "(su)", NAME, 4)

    def request(self, method, signature, *arguments):
        self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                  method, GLib.Variant(signature, arguments), None, 0, 10000, None)

    def go(self):
        """The server ends, and with it what it showed."""
        self.connection.close_sync(None)
        self.up.clear()

    def emit(self, interface, name, signature, *values):
        self.connection.emit_signal(None, PATH, interface, name, GLib.Variant(signature, values))

    def inhibit(self, inhibited):
        self.inhibited = inhibited
        self.emit("org.freedesktop.DBus.Properties", "PropertiesChanged", "(sa{sv}as)", NAME,
                  {"Inhibited": GLib.Variant("b", inhibited)}, [])

    def on_call(self, _connection, sender, _path, _interface, method, parameters, invocation):
        arguments = parameters.unpack()
        if method == "Notify":
            invocation.return_value(GLib.Variant("(u)", (self.notify(sender, *arguments),)))
        elif method == "CloseNotification":
            self.close(arguments[0], CLOSED_BY_CALL)
            invocation.return_value(None)
        else:
            invocation.return_value(GLib.Variant("(as)", (self.capabilities,)))

    def notify(self, sender, _program, replaces, _icon, title, body, actions, hints, timeout_ms):
        notice = self.up.get(replaces)
        if notice is None:
            self.n_given += 1
            notice = self.up[self.n_given] = Notice(self.n_given, sender)
        notice.fill(title, body, actions, hints, timeout_ms)
        self.sent.append(title)
        return notice.number

    def close(self, number, reason):
        if self.up.pop(number, None):
            self.emit(NAME, "NotificationClosed", "(uu)", number, reason)

    # what a person sees and does
    def titled(self, beginning):
        """The one that begins so, or None."""
        found = [notice for notice in self.up.values() if notice.title.startswith(beginning)]
        assert len(found) <= 1, [notice.title for notice in found]
        return found[0] if found else None

    def lasting(self):
        """The one that stays while a person is open, or None."""
        return next((notice for notice in self.up.values() if notice.hints.get("resident")), None)

    def n_told(self, beginning):
        """How often one that begins so was sent."""
        return sum(title.startswith(beginning) for title in self.sent)

    def press(self, notice, action):
        """As servers do: the button, and then the notification goes unless it is resident."""
        self.emit(NAME, "ActionInvoked", "(us)", notice.number, action)
        if not notice.hints.get("resident"):
            self.close(notice.number, DISMISSED)

    def dismiss(self, notice):
        self.close(notice.number, DISMISSED)
