# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/demo --gtk: whoever sits here is anna, in the real window; the other one plays along."""
import os

from sighejrun import MEET, NUDGE, PROPERTIES, Failed, Process

OPEN_SECONDS = 7200
SIT_SECONDS = 12 * 3600             # nobody sits there longer
GREETING = "Hi! I am at the window, with a red scarf."
ANSWER = "I see you. Come over!"
OBJECT_MANAGER = "org.freedesktop.DBus.ObjectManager"


class Company:
    """Waves at whoever it is nudged about, says hello, is there, and says that they met."""

    def __init__(self, name, daemon, say):
        self.name, self.daemon, self.say, self.greeted, self.answered = name, daemon, say, set(), False
        daemon.on_signal("NudgeReceived", self.on_nudge)
        daemon.on_signal("MessageReceived", self.on_message, interface=MEET)
        daemon.on_signal("InterfacesAdded", lambda _values: self.look(), interface=OBJECT_MANAGER)
        daemon.on_signal("PropertiesChanged", self.on_properties, interface=PROPERTIES)

    def on_nudge(self, values):
        self.daemon.call("Wave", path=values[0], interface=NUDGE)
        self.say(f"{self.name}: is nudged too, and waves; you do not see that before you wave")

    def on_properties(self, values):
        if values[0] == MEET:
            self.look()

    def look(self):
        for path, *_ in self.daemon.call("ListMeets")[0]:
            if path in self.greeted or self.daemon.get("Trust", path=path, interface=MEET) != "verified":
                continue
            self.greeted.add(path)
            self.say(f"{self.name}: says \"{GREETING}\", is there, and says that you met")
            self.daemon.call("SendMessage", "(s)", GREETING, path=path, interface=MEET)
            self.daemon.call("ImHere", path=path, interface=MEET)
            self.daemon.call("ConfirmMet", path=path, interface=MEET)

    def on_message(self, values):
        self.say(f"{self.name}: is told \"{values[1]}\"")
        if not self.answered:
            for path, *_ in self.daemon.call("ListMeets")[0]:
                self.daemon.call("SendMessage", "(s)", ANSWER, path=path, interface=MEET)
        self.answered = True


def start_window(run, daemon):
    """The client on the display that is here, on that daemon's bus; nothing of it is kept."""
    window = run.add(Process("sighej", [os.path.join(run.build, "client/gtk/sighej")], env={
        **os.environ, "DBUS_SESSION_BUS_ADDRESS": daemon.bus.address, "GSETTINGS_BACKEND": "memory",
        "GSETTINGS_SCHEMA_DIR": os.path.join(run.build, "client/gtk/data"),
        "SIGHEJ_LOCALE_DIR": os.path.join(run.build, "po")}))
    window.ends_with = None         # it may be told to stop while it is open
    return window


def play_window(run, people, say):
    """Until the window has ended. In how many meets the other one said hello, and met."""
    (you, daemon), (name, other) = people.items()
    company = Company(name, other, say)
    other.call("Open", "(u)", OPEN_SECONDS)
    run.until(lambda: other.get("State") == "open", f"{name} is open")
    say(f"{name}: open to talk; so far alone")
    window = start_window(run, daemon)
    say(f"you are {you}, in the window: say yes to the notice and press Start; Ctrl+Q in it ends the demo")
    run.until(lambda: not window.running(), "the window is closed", SIT_SECONDS)
    if window.wait() != 0:
        raise Failed("the window ended with an error: " + window.text())
    return len(company.greeted), other.counters()["meets.met"]
