# SPDX-License-Identifier: GPL-2.0-or-later
"""The location service of the machine a daemon runs on, as GeoClue 2.6 behaves on the system bus: a client
object for each who asks, told of each new position by a signal to it alone, until it is deleted."""
import time

from gi.repository import Gio, GLib

NAME, ROOT = "org.freedesktop.GeoClue2", "/org/freedesktop/GeoClue2"
MANAGER, CLIENT, LOCATION = (f"{NAME}.{word}" for word in ("Manager", "Client", "Location"))
CALL_MS = 20000

XML = f"""<node>
  <interface name="{MANAGER}">
    <method name="CreateClient"><arg type="o" direction="out"/></method>
    <method name="DeleteClient"><arg type="o" direction="in"/></method>
  </interface>
  <interface name="{CLIENT}">
    <method name="Start"/><method name="Stop"/>
    <signal name="LocationUpdated"><arg type="o"/><arg type="o"/></signal>
    <property name="DesktopId" type="s" access="readwrite"/>
    <property name="RequestedAccuracyLevel" type="u" access="readwrite"/>
  </interface>
  <interface name="{LOCATION}">
    <property name="Latitude" type="d" access="read"/>
    <property name="Longitude" type="d" access="read"/>
    <property name="Accuracy" type="d" access="read"/>
    <property name="Timestamp" type="(tt)" access="read"/>
  </interface>
</node>"""


class Geoclue:
    """clients: path -> what it set, of those not deleted. deny: Start is refused."""

    def __init__(self, bus):
        self.clients, self.senders, self.n_made, self.deny = {}, {}, 0, False
        self.place = None  # latitude, longitude, accuracy in metres
        self.info = Gio.DBusNodeInfo.new_for_xml(XML)
        self.connection = bus.connect()
        self.registered = {}
        for path, interface in ((ROOT + "/Manager", MANAGER), (ROOT + "/Location/0", LOCATION)):
            self.register(path, interface)
        self.connection.call_sync("org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus",
                                  "RequestName", GLib.Variant("(su)", (NAME, 4)), None, 0, CALL_MS, None)

    def register(self, path, interface):
        self.registered[path] = self.connection.register_object(
            path, self.info.lookup_interface(interface), self.on_call, self.on_get, self.on_set)

    def move(self, latitude, longitude, accuracy=5.0):
        """Where the machine is from now on; whoever has started is told."""
        self.place = (latitude, longitude, accuracy)
        for path, client in self.clients.items():
            if client.get("started"):
                self.tell(path)

    def tell(self, path):
        self.connection.emit_signal(self.senders[path], path, CLIENT, "LocationUpdated",
                                    GLib.Variant("(oo)", ("/", ROOT + "/Location/0")))

    def stop(self):
        self.connection.close_sync(None)

    # ---- what is asked of it ----

    def on_call(self, _connection, sender, path, _interface, method, parameters, invocation):
        if method == "CreateClient":
            self.n_made += 1
            path = f"{ROOT}/Client/{self.n_made}"
            self.clients[path], self.senders[path] = {}, sender
            self.register(path, CLIENT)
            invocation.return_value(GLib.Variant("(o)", (path,)))
        elif method == "DeleteClient":
            path, = parameters.unpack()
            if self.clients.pop(path, None) is not None:
                self.connection.unregister_object(self.registered.pop(path))
            invocation.return_value(None)
        elif method == "Start" and self.deny:
            invocation.return_dbus_error("org.freedesktop.DBus.Error.AccessDenied",
                                         "'org.sighej' disallowed by configuration for UID 1000")
        else:
            self.clients[path]["started"] = method == "Start"
            invocation.return_value(None)
            if method == "Start" and self.place:
                self.tell(path)

    def on_get(self, _connection, _sender, path, _interface, name):
        if name in ("DesktopId", "RequestedAccuracyLevel"):
            return GLib.Variant("s" if name == "DesktopId" else "u", self.clients[path][name])
        if name == "Timestamp":
            now = time.time()
            return GLib.Variant("(tt)", (int(now), int(now % 1 * 1e6)))
        return GLib.Variant("d", self.place[("Latitude", "Longitude", "Accuracy").index(name)])

    def on_set(self, _connection, _sender, path, _interface, name, value):
        self.clients[path][name] = value.unpack()
        return True
