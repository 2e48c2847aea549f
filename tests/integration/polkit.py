# SPDX-License-Identifier: GPL-2.0-or-later
"""polkit on a private bus, with one answer for each action."""
import threading

from gi.repository import Gio, GLib

NAME, PATH, AUTHORITY = ("org.freedesktop.PolicyKit1", "/org/freedesktop/PolicyKit1/Authority",
                         "org.freedesktop.PolicyKit1.Authority")
OPERATE, MANAGE = "org.sighej.kiosk.operate", "org.sighej.kiosk.manage"
CALL_MS = 20000

XML = f"""<node><interface name="{AUTHORITY}">
  <method name="CheckAuthorization">
    <arg type="(sa{{sv}})" direction="in"/><arg type="s" direction="in"/><arg type="a{{ss}}" direction="in"/>
    <arg type="u" direction="in"/><arg type="s" direction="in"/><arg type="(bba{{ss}})" direction="out"/>
  </method>
</interface></node>"""


class Polkit:
    """allowed: actions that it says yes to. asked: (kind of subject, its name, action, may interact).
    keep: who asks waits, in waiting, until answer(). It has a thread, so a test may wait for a call."""

    def __init__(self, bus):
        self.allowed, self.asked, self.keep, self.waiting = set(), [], False, []
        self.connection, self.context = bus.connect(), GLib.MainContext()
        self.loop, ready = GLib.MainLoop.new(self.context, False), threading.Event()
        self.thread = threading.Thread(target=self.serve, args=(ready,), daemon=True)
        self.thread.start()
        assert ready.wait(CALL_MS / 1000)

    def serve(self, ready):
        self.context.push_thread_default()
        interface = Gio.DBusNodeInfo.new_for_xml(XML).lookup_interface(AUTHORITY)
        self.connection.register_object(PATH, interface, self.on_call, None, None)
        self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                  "RequestName", GLib.Variant("(su)", (NAME, 4)), None, 0, CALL_MS, None)
        ready.set()
        self.loop.run()
        self.context.pop_thread_default()

    def close(self):
        self.loop.quit()
        self.thread.join()
        self.connection.close_sync(None)

    def on_call(self, _connection, _sender, _path, _interface, _method, parameters, invocation):
        (kind, details), action, _, flags, _ = parameters.unpack()
        self.asked.append((kind, details["name"], action, bool(flags & 1)))
        if self.keep:
            self.waiting.append((action, invocation))
        else:
            self.answer(action, invocation)

    def answer(self, action, invocation):
        """What a person who was asked says in the end."""
        invocation.return_value(GLib.Variant("((bba{ss}))", ((action in self.allowed, False, {}),)))

    def actions(self):
        """Those asked for since the last time."""
        actions = [action for _, _, action, _ in self.asked]
        self.asked.clear()
        return actions
