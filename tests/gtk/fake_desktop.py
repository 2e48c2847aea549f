#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What a desktop gives to programs on the session bus: how things look, notifications, a screen lock.

Serves org.freedesktop.portal.Settings (org.freedesktop.appearance) and .Notification,
org.freedesktop.Notifications and org.freedesktop.ScreenSaver, and on /test the interface org.sighej.TestDesktop:

  SetAppearance(su)   color-scheme (0, 1 dark, 2 light) or high-contrast, and all are told
  ListNotifications → a(ussas)   those shown now: number, summary, body, actions (key, label, …)
  CountNotifications(s) → u   how many were sent so far whose summary begins so
  SetLocked(b)        the screen
  SetInhibited(b)     whether the person is not to be disturbed
  Press(us)           a person presses a button of a notification; "default" is the notification itself

`python3 fake_desktop.py` prints "ready" once it owns its names.
"""
import sys

from gi.repository import Gio, GLib

XML = """<node>
  <interface name="org.freedesktop.portal.Settings">
    <property name="version" type="u" access="read"/>
    <method name="Read">
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="v" direction="out"/>
    </method>
    <method name="ReadAll">
      <arg type="as" direction="in"/><arg type="a{sa{sv}}" direction="out"/>
    </method>
    <signal name="SettingChanged"><arg type="s"/><arg type="s"/><arg type="v"/></signal>
  </interface>
  <interface name="org.freedesktop.portal.Notification">
    <property name="version" type="u" access="read"/>
    <method name="AddNotification"><arg type="s" direction="in"/><arg type="a{sv}" direction="in"/></method>
    <method name="RemoveNotification"><arg type="s" direction="in"/></method>
  </interface>
  <interface name="org.freedesktop.Notifications">
    <property name="Inhibited" type="b" access="read"/>
    <method name="Notify">
      <arg type="s" direction="in"/><arg type="u" direction="in"/><arg type="s" direction="in"/>
      <arg type="s" direction="in"/><arg type="s" direction="in"/><arg type="as" direction="in"/>
      <arg type="a{sv}" direction="in"/><arg type="i" direction="in"/><arg type="u" direction="out"/>
    </method>
    <method name="CloseNotification"><arg type="u" direction="in"/></method>
    <method name="GetCapabilities"><arg type="as" direction="out"/></method>
    <method name="GetServerInformation">
      <arg type="s" direction="out"/><arg type="s" direction="out"/>
      <arg type="s" direction="out"/><arg type="s" direction="out"/>
    </method>
    <signal name="NotificationClosed"><arg type="u"/><arg type="u"/></signal>
    <signal name="ActionInvoked"><arg type="u"/><arg type="s"/></signal>
  </interface>
  <interface name="org.freedesktop.ScreenSaver">
    <method name="GetActive"><arg type="b" direction="out"/></method>
    <signal name="ActiveChanged"><arg type="b"/></signal>
  </interface>
  <interface name="org.sighej.TestDesktop">
    <method name="CountNotifications">
      <arg type="s" direction="in"/><arg type="u" direction="out"/>
    </method>
    <method name="SetLocked"><arg type="b" direction="in"/></method>
    <method name="SetInhibited"><arg type="b" direction="in"/></method>
    <method name="SetAppearance"><arg type="s" direction="in"/><arg type="u" direction="in"/></method>
    <method name="ListNotifications"><arg type="a(ussas)" direction="out"/></method>
    <method name="Press"><arg type="u" direction="in"/><arg type="s" direction="in"/></method>
  </interface>
</node>"""

APPEARANCE = "org.freedesktop.appearance"
SETTINGS, NOTIFICATIONS = "org.freedesktop.portal.Settings", "org.freedesktop.Notifications"
PORTAL_NOTIFICATION = "org.freedesktop.portal.Notification"
PORTAL_PATH, NOTIFICATIONS_PATH = "/org/freedesktop/portal/desktop", "/org/freedesktop/Notifications"
SAVER, SAVER_PATH = "org.freedesktop.ScreenSaver", "/org/freedesktop/ScreenSaver"
NAMES = ("org.freedesktop.portal.Desktop", NOTIFICATIONS, SAVER, "org.sighej.TestDesktop")
DISMISSED, CLOSED_BY_CALL = 2, 3


class Desktop:
    def __init__(self, connection):
        self.connection, self.n_given = connection, 0
        self.appearance = {"color-scheme": 0, "high-contrast": 0}
        self.portal_numbers = {}
        self.shown, self.sent, self.locked, self.inhibited = {}, [], False, False
        info = Gio.DBusNodeInfo.new_for_xml(XML)
        for path, interface in ((PORTAL_PATH, SETTINGS), (PORTAL_PATH, PORTAL_NOTIFICATION), (NOTIFICATIONS_PATH, NOTIFICATIONS),
                                (SAVER_PATH, SAVER), ("/test", "org.sighej.TestDesktop")):
            connection.register_object(path, info.lookup_interface(interface), self.on_call,
                                       self.on_get, None)

    def emit(self, path, interface, name, signature, *values):
        self.connection.emit_signal(None, path, interface, name, GLib.Variant(signature, values))

    def on_get(self, _connection, _sender, _path, _interface, name):
        return GLib.Variant("u", 1) if name == "version" else GLib.Variant("b", self.inhibited)

    def on_call(self, _connection, _sender, _path, _interface, method, parameters, invocation):
        try:
            answer = getattr(self, "do_" + method)(*parameters.unpack())
        except KeyError:
            invocation.return_dbus_error("org.freedesktop.portal.Error.NotFound", "no such setting")
        else:
            invocation.return_value(GLib.Variant(*answer) if answer else None)

    def do_Read(self, namespace, key):
        if namespace != APPEARANCE:
            raise KeyError(namespace)
        return "(v)", (GLib.Variant("v", GLib.Variant("u", self.appearance[key])),)

    def do_ReadAll(self, _namespaces):
        return "(a{sa{sv}})", ({APPEARANCE: {key: GLib.Variant("u", value) for key, value
                                             in self.appearance.items()}},)

    def do_SetAppearance(self, key, value):
        self.appearance[key] = value
        self.emit(PORTAL_PATH, SETTINGS, "SettingChanged", "(ssv)", APPEARANCE, key,
                  GLib.Variant("u", value))

    def do_GetActive(self):
        return "(b)", (self.locked,)

    def do_SetLocked(self, locked):
        self.locked = locked
        self.emit(SAVER_PATH, SAVER, "ActiveChanged", "(b)", locked)

    def do_SetInhibited(self, inhibited):
        self.inhibited = inhibited
        self.emit(NOTIFICATIONS_PATH, "org.freedesktop.DBus.Properties", "PropertiesChanged", "(sa{sv}as)",
                  NOTIFICATIONS, {"Inhibited": GLib.Variant("b", inhibited)}, [])

    def do_Notify(self, _program, replaces, _icon, summary, body, actions, _hints, _timeout_ms):
        number = replaces
        if number not in self.shown:
            self.n_given += 1
            number = self.n_given
        self.shown[number] = (summary, body, actions)
        self.sent.append(summary)
        print(f"notified {number} {summary!r} {body!r} {actions}", flush=True)
        return "(u)", (number,)

    def do_AddNotification(self, name, what):
        actions = [text for button in what.get("buttons", ()) for text in (button["action"], button["label"])]
        number = self.portal_numbers.get(name, 0)
        self.portal_numbers[name] = self.do_Notify("", number, "", what["title"], what.get("body", ""),
                                                   actions, {}, 0)[1][0]

    def do_RemoveNotification(self, name):
        self.close(self.portal_numbers.pop(name, 0), CLOSED_BY_CALL)

    def do_CloseNotification(self, number):
        self.close(number, CLOSED_BY_CALL)

    def close(self, number, reason):
        if self.shown.pop(number, None):
            self.emit(NOTIFICATIONS_PATH, NOTIFICATIONS, "NotificationClosed", "(uu)", number, reason)

    def do_GetCapabilities(self):
        return "(as)", (["actions", "body", "persistence"],)

    def do_GetServerInformation(self):
        return "(ssss)", ("fake", "SigHej", "1", "1.2")

    def do_ListNotifications(self):
        return "(a(ussas))", ([(number, *what) for number, what in self.shown.items()],)

    def do_CountNotifications(self, beginning):
        return "(u)", (sum(summary.startswith(beginning) for summary in self.sent),)

    def do_Press(self, number, key):
        self.emit(NOTIFICATIONS_PATH, NOTIFICATIONS, "ActionInvoked", "(us)", number, key)
        self.close(number, DISMISSED)


def main():
    loop = GLib.MainLoop()
    connection = Gio.bus_get_sync(Gio.BusType.SESSION)
    desktop = Desktop(connection)
    owned = []

    def on_owned(_connection, name):
        owned.append(name)
        if len(owned) == len(NAMES):
            print("ready", flush=True)
    for name in NAMES:
        Gio.bus_own_name_on_connection(connection, name, 0, on_owned,
                                       lambda _connection, name: sys.exit("cannot own " + name))
    loop.run()
    return desktop


if __name__ == "__main__":
    main()
