#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A daemon that does as it is told, for what the real one does not do on demand.

Serves dbus/org.sighej.xml on the session bus, and on /test the interface org.sighej.Test1:

  Put(sv)       a property of Manager1 gets this value, and the bus is told
  Fail(ss)      the next call on any interface of the API answers this error and text; when a
                property is written first, that is refused in words of GLib's
  Hang()        the next call is never answered
  Fix(a{sv})    what Open puts into the properties from now on
  AddNudge(uass), RemoveNudge(u)   a nudge: number, shared interests, band
  AddMeet(u), RemoveMeet(u)        a meet
  PutIn(osv)    a property of a nudge or meet gets this value, and the bus is told
  Say(us)       the other side of a meet says something
  Flood(u)      NearbyCount becomes 1, 2, … up to this, each told by itself, as fast as it can
  Storm(uu)     NearbyCount is told to change so many times a second, so many times in all; 0: no more
  Garbage()     the bus is told that every property of Manager1 is a list of bytes

`python3 fake_daemon.py` prints "ready" once it owns the name.
"""
import json
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
    <method name="AddMeet"><arg type="u" direction="in"/></method>
    <method name="RemoveMeet"><arg type="u" direction="in"/></method>
    <method name="PutIn">
      <arg type="o" direction="in"/><arg type="s" direction="in"/><arg type="v" direction="in"/>
    </method>
    <method name="Say"><arg type="u" direction="in"/><arg type="s" direction="in"/></method>
    <method name="Flood"><arg type="u" direction="in"/></method>
    <method name="Storm"><arg type="u" direction="in"/><arg type="u" direction="in"/></method>
    <method name="Garbage"/>
    <method name="Mark">
      <arg type="u" direction="in"/><arg type="t" direction="in"/><arg type="s" direction="in"/>
    </method>
  </interface>
</node>"""

OPEN_SINCE, OPEN_UNTIL, NUDGE_EXPIRES = 1795219200, 1795226400, 1795219800
OBJECT_MANAGER, PROPERTIES_OF = "org.freedesktop.DBus.ObjectManager", "org.freedesktop.DBus.Properties"
NUDGE, MEET = "org.sighej.Nudge1", "org.sighej.Meet1"
API = ("org.sighej.Manager1", "org.sighej.Diagnostics1", NUDGE, MEET)
SPOTS = ["entrance", "counter", "window table", "stairs"]
STORM_EVERY_MS = 20
WORDS = [("board-games", "Brætspil", "games"), ("cooking", "Madlavning", "food"),
         ("hiking", "Vandring", "nature")]
CODE, LINK = "4829-1307-5516", "sighej:pair?c=482913075516"

PROPERTIES = {
    "Version": ("s", "0.4.1"), "ApiVersion": ("u", 1), "State": ("s", "off"), "Reason": ("s", ""),
    "OpenSince": ("t", 0), "OpenUntil": ("t", 0), "PausedUntil": ("t", 0),
    "Interests": ("as", ["devops", "board-games"]), "Privacy": ("s", "private"),
    "Rotating": ("b", True), "Language": ("s", "da"), "NearbyCount": ("u", 0),
    "Bluetooth": ("s", "ready"), "Backend": ("s", "offline"),
    "BackendUri": ("s", "https://match.example"), "Adapter": ("o", "/org/bluez/hci0"),
    "Adapters": ("ao", ["/org/bluez/hci0", "/org/bluez/hci1"]), "Radio": ("s", "bluez"),
    "QuietHours": ("as", []), "NoticeAccepted": ("b", True), "Inhibitors": ("a(ss)", []),
    "PauseOnLock": ("b", True), "NotifyNearby": ("b", False),
}

NEW_MEET = {
    "State": ("s", "agreed"), "Role": ("s", "nudged"), "Handle": ("s", "Green Otter"),
    "PeerHandle": ("s", "Red Fox"), "Cue": ("s", "Blue Heron"), "Spot": ("s", ""),
    "Spots": ("as", SPOTS), "Band": ("s", "near"), "Expires": ("t", 1795220400),
    "Here": ("b", False), "PeerHere": ("b", False), "PeerThere": ("b", True),
    "Confirmed": ("b", False), "Avoid": ("b", False), "Unread": ("u", 0),
    "PeerTyping": ("b", False), "Trust": ("s", "verified"), "Phrase": ("s", ""),
    "Problem": ("s", ""), "Sharing": ("s", "off"), "PeerPlace": ("(ss)", ("", "")),
    "OwnPlace": ("s", ""),
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


HELD = {
    "schema": 1, "made_at": OPEN_SINCE, "daemon": "0.4.1", "calibration": [],
    "settings": {"backend_uri": "https://match.example", "language": "da", "adapter": "/org/bluez/hci0",
                 "quiet_hours": [], "notice_accepted": True},
    "avoid": {"days": 30, "people": 0, "blocked": 0, "met": 0},
    "opening": {"state": "off", "reason": "user", "open_since": 0, "open_until": 0},
    "nudges": [], "meets": [], "counts": {},
    "backend": {"answered": False, "problem": "there is no session at the backend", "session": None},
}


class Refused(Exception):
    """What a method answers instead: the last part of an error's name, and its text."""


class Fake:
    def __init__(self, connection):
        self.connection, self.fault, self.kept = connection, None, []
        self.values = {name: GLib.Variant(*value) for name, value in PROPERTIES.items()}
        self.objects, self.registered, self.fixed = {}, {}, {}
        self.messages = []
        self.storm = self.n_to_come = 0
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
        self.emit(ROOT, PROPERTIES_OF, "PropertiesChanged", "(sa{sv}as)",
                  "org.sighej.Manager1", changed, [])

    def progress(self, *values):
        self.values["CalibrationProgress"] = GLib.Variant("(uuu)", values)
        self.emit(ROOT, PROPERTIES_OF, "PropertiesChanged", "(sa{sv}as)",
                  "org.sighej.Diagnostics1",
                  {"CalibrationProgress": self.values["CalibrationProgress"]}, [])

    def on_get(self, _connection, _sender, path, interface, name):
        if interface in (NUDGE, MEET):
            return self.objects[path][1][name]
        return self.values[name]

    def on_set(self, _connection, _sender, path, interface, name, value):
        if self.fault:
            self.fault = None
            return False
        if interface in (NUDGE, MEET):
            self.do_PutIn(path, name, value)
        else:
            self.put(**{name: value.unpack()})
        return True

    def on_call(self, _connection, _sender, path, interface, method, parameters, invocation):
        fault = self.fault
        ours = interface in API
        if fault and ours:
            self.fault = None
            if fault == "hang":
                self.kept.append(invocation)
            else:
                invocation.return_dbus_error(*fault)
            return
        function = getattr(self, "do_" + method)
        arguments = parameters.unpack()
        try:
            answer = (function(path, *arguments) if interface in (NUDGE, MEET)
                      else function(*arguments))
        except Refused as refused:
            invocation.return_dbus_error("org.sighej.Error." + refused.args[0], refused.args[1])
        else:
            descriptors = Gio.UnixFDList.new_from_array([answer.pop()]) if isinstance(answer, list) else None
            invocation.return_value_with_unix_fd_list(
                GLib.Variant("(h)", (0,)) if descriptors else GLib.Variant(*answer) if answer else None,
                descriptors)

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
        return "(a(sss))", ([word for word in WORDS if word[1].lower().startswith(query)],)

    def do_ListNudges(self):
        return "(a(ossast))", ([
            (path, nudge["State"].unpack(), nudge["Band"].unpack(),
             nudge["SharedInterests"].unpack(), nudge["Expires"].unpack())
            for path, nudge in self.of(NUDGE)],)

    def do_ListMeets(self):
        return "(a(osst))", ([
            (path, meet["State"].unpack(), meet["Cue"].unpack(), meet["Expires"].unpack())
            for path, meet in self.of(MEET)],)

    def do_CreatePairCode(self):
        return "(sst)", (CODE, LINK, int(GLib.get_real_time() / 1e6) + 300)

    def do_PairByCode(self, code):
        if "".join(filter(str.isdigit, code)) != "482913075516":
            raise Refused("NotFound", "there is no such code")
        path = f"{ROOT}/meets/7"
        if path not in self.objects:
            self.do_AddMeet(7)
            self.do_PutIn(path, "Trust", GLib.Variant("s", "phrase"))
            self.do_PutIn(path, "Phrase", GLib.Variant("s", "apple river stone lamp"))
        return "(o)", (path,)

    def do_Inhibit(self, who, why):
        ours, theirs = os.pipe()
        self.put(Inhibitors=[(who, why)])
        GLib.io_add_watch(ours, GLib.PRIORITY_DEFAULT, GLib.IO_HUP, lambda *_: self.put(Inhibitors=[]))
        return [theirs]

    def do_Export(self):
        theirs, ours = os.pipe()
        with os.fdopen(ours, "w", encoding="utf-8") as file:
            json.dump({**HELD, "interests": self.values["Interests"].unpack()}, file)
        return [theirs]

    def do_Wipe(self):
        self.put(State="off", Reason="user", Interests=[])

    def do_Appeal(self, text):
        print(f"appeal {text!r}", flush=True)

    def do_AvoidMeet(self, path, avoid):
        print(f"avoid {path} {avoid}", flush=True)
        if path in self.objects:
            self.do_AvoidInFuture(path, avoid)

    def do_ReportMeet(self, path, reason, options):
        print(f"report {path} {reason} {options}", flush=True)
        return self.do_Report(path, reason, options)

    # Nudge1, and what Meet1 has of the same name
    def do_Wave(self, path):
        self.do_PutIn(path, "State", GLib.Variant("s", "waved"))

    def do_NotNow(self, path):
        self.remove(path)

    def do_Block(self, path):
        self.remove(path)

    def do_Report(self, _path, reason, options):
        return "(s)", (" ".join([reason, options.get("text", ""),
                                 *(str(number) for number in options.get("messages", []))]),)

    # Meet1
    def do_ProposeSpot(self, path, spot):
        if spot not in SPOTS + ["vinduesbord"]:
            raise Refused("Failed", "there is no such spot")
        self.do_PutIn(path, "State", GLib.Variant("s", "finding"))
        self.do_PutIn(path, "Spot", GLib.Variant("s", "window table" if spot == "vinduesbord" else spot))

    def do_ImHere(self, path):
        both = self.objects[path][1]["PeerHere"].unpack()
        self.do_PutIn(path, "Here", GLib.Variant("b", True))
        self.do_PutIn(path, "State", GLib.Variant("s", "here" if both else "finding"))

    def do_ConfirmMet(self, path):
        self.do_PutIn(path, "Confirmed", GLib.Variant("b", True))
        if self.objects[path][1]["State"].unpack() == "here":
            self.finish(path, "met")

    def do_End(self, path, _reason):
        self.finish(path, "ended")

    def do_SendMessage(self, path, text):
        if len(text) > 1000:
            raise Refused("TextRejected", "the text has more than 1,000 characters")
        self.messages.append((len(self.messages) + 1, True, OPEN_SINCE + 60, text, "delivered"))
        self.emit(path, MEET, "MessageMarked", "(ts)", len(self.messages), "delivered")
        return "(t)", (len(self.messages),)

    def do_GetMessages(self, _path, after, limit):
        return "(a(tbtss))", (self.messages[after:after + limit],)

    def do_MarkRead(self, path, number):
        self.messages = [(n, own, when, text, mark if own or n > number else "seen")
                         for n, own, when, text, mark in self.messages]
        self.do_PutIn(path, "Unread", GLib.Variant("u", 0))

    def do_SetTyping(self, _path, _typing):
        pass

    def do_SharePosition(self, path, share):
        self.do_PutIn(path, "Sharing", GLib.Variant("s", "asked" if share else "off"))

    def do_AvoidInFuture(self, path, avoid):
        self.do_PutIn(path, "Avoid", GLib.Variant("b", avoid))

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
            {path: {interface: values} for path, (interface, values) in self.objects.items()},)

    def of(self, wanted):
        return [(path, values) for path, (interface, values) in self.objects.items()
                if interface == wanted]

    def add(self, path, interface, values):
        self.objects[path] = interface, values
        self.registered[path] = self.export(path, self.api.lookup_interface(interface))
        self.emit(ROOT, OBJECT_MANAGER, "InterfacesAdded", "(oa{sa{sv}})", path, {interface: values})

    def remove(self, path):
        interface, _ = self.objects.pop(path)
        self.connection.unregister_object(self.registered.pop(path))
        self.emit(ROOT, OBJECT_MANAGER, "InterfacesRemoved", "(oas)", path, [interface])

    def finish(self, path, state):
        """The last state is told before the object leaves."""
        self.do_PutIn(path, "State", GLib.Variant("s", state))
        self.remove(path)

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
        self.add(f"{ROOT}/nudges/{number}", NUDGE, {
            "State": GLib.Variant("s", "new"), "SharedInterests": GLib.Variant("as", shared),
            "Categories": GLib.Variant("as", ["tech"]),
            "Message": GLib.Variant("s", "Someone nearby shares your interest."),
            "Band": GLib.Variant("s", band), "Created": GLib.Variant("t", OPEN_SINCE),
            "Expires": GLib.Variant("t", NUDGE_EXPIRES), "Meet": GLib.Variant("o", "/"),
            "Announced": GLib.Variant("b", False)})

    def do_RemoveNudge(self, number):
        self.remove(f"{ROOT}/nudges/{number}")

    def do_AddMeet(self, number):
        self.add(f"{ROOT}/meets/{number}", MEET,
                 {name: GLib.Variant(*value) for name, value in NEW_MEET.items()})

    def do_RemoveMeet(self, number):
        self.remove(f"{ROOT}/meets/{number}")

    def do_PutIn(self, path, name, value):
        interface, values = self.objects[path]
        if not isinstance(value, GLib.Variant):         # a caller's, unpacked
            value = GLib.Variant(values[name].get_type_string(), value)
        values[name] = value
        self.emit(path, PROPERTIES_OF, "PropertiesChanged", "(sa{sv}as)", interface, {name: value}, [])

    def do_Say(self, number, text):
        path = f"{ROOT}/meets/{number}"
        self.messages.append((len(self.messages) + 1, False, OPEN_SINCE + 120, text, "delivered"))
        self.emit(path, MEET, "MessageReceived", "(ts)", len(self.messages), text)
        self.do_PutIn(path, "Unread", GLib.Variant("u", 1))

    def do_Flood(self, n_changes):
        for count in range(1, n_changes + 1):
            self.put(NearbyCount=count)

    def do_Storm(self, changes_per_second, n_all):
        if self.storm:
            GLib.source_remove(self.storm)
        self.storm, self.n_to_come = 0, n_all
        if changes_per_second:
            changes = [GLib.Variant("(sa{sv}as)", ("org.sighej.Manager1", {
                "NearbyCount": GLib.Variant("u", count)}, [])) for count in (0, 1, 2, 3)]
            self.storm = GLib.timeout_add(STORM_EVERY_MS, self.on_storm, changes,
                                          changes_per_second * STORM_EVERY_MS // 1000)

    def on_storm(self, changes, n_changes):
        for i in range(n_changes):
            self.connection.emit_signal(None, ROOT, PROPERTIES_OF, "PropertiesChanged",
                                        changes[i % len(changes)])
        self.n_to_come -= n_changes
        if self.n_to_come <= 0:
            self.storm = 0
        return self.storm != 0

    def do_Garbage(self):
        self.emit(ROOT, PROPERTIES_OF, "PropertiesChanged", "(sa{sv}as)", "org.sighej.Manager1",
                  {name: GLib.Variant("ay", b"garbage") for name in self.values}, [])

    def do_Mark(self, number, n, mark):
        self.messages[n - 1] = (*self.messages[n - 1][:4], mark)
        self.emit(f"{ROOT}/meets/{number}", MEET, "MessageMarked", "(ts)", n, mark)


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
