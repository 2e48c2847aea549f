# SPDX-License-Identifier: GPL-2.0-or-later
"""The second half of scripts/demo: two who were nudged wave, talk and meet."""
import time

from sighejrun import MEET, NUDGE, PROPERTIES

LINES = ["I am at the window, with a red scarf.", "I see you. Green hat, at the door."]


class Meeting:
    """people: two daemons by name; nudges: path of the nudge of each; say (text): tells it.

    measured holds what there is to tell in the end; None: it did not come to that.
    """

    def __init__(self, run, people, nudges, say):
        self.run, self.people, self.nudges, self.say = run, people, nudges, say
        self.paths, self.heard, self.verified = {}, {}, {}
        self.measured = dict.fromkeys(["cue", "trust", "second_wave_to_meet_ms",
                                       "message_to_other_desktop_ms", "met_to_wiped_ms"])
        self.measured |= {"messages": 0, "met": 0}

    def play(self):
        for name, daemon in self.people.items():
            self.watch(name, daemon)
        self.wave()
        self.talk()
        self.meet()

    def watch(self, name, daemon):
        daemon.on_signal("MessageReceived", lambda values: self.heard.update(
            {name: (time.monotonic(), values[1])}), interface=MEET)
        daemon.on_signal("PropertiesChanged", lambda values: self.on_properties(name, values),
                         interface=PROPERTIES)

    def on_properties(self, name, values):
        if values[0] == MEET and values[1].get("Trust") == "verified":
            self.verified.setdefault(name, time.monotonic())

    def get(self, name, what):
        return self.people[name].get(what, path=self.paths[name], interface=MEET)

    def find(self, name):
        """The path of that one's meet."""
        for path, *_ in self.people[name].call("ListMeets")[0]:
            self.paths[name] = path
        return self.paths.get(name)

    def wave(self):
        first, second = self.people
        self.people[first].call("Wave", path=self.nudges[first], interface=NUDGE)
        state = self.people[second].get("State", path=self.nudges[second], interface=NUDGE)
        self.say(f"{first}: waves; {second}'s nudge still says \"{state}\"")
        waved = time.monotonic()
        self.people[second].call("Wave", path=self.nudges[second], interface=NUDGE)
        self.say(f"{second}: waves too")
        for name in self.people:
            self.run.until(lambda one=name: one in self.verified and self.find(one),
                           f"{name} has a meet, and the other's key is the one on the air")
            self.say(f"{name}: look for \"{self.get(name, 'Cue')}\"; "
                     "the other's key is the one heard on the air")
        self.note("second_wave_to_meet_ms", max(self.verified.values()), waved)
        self.measured |= {"cue": self.get(first, "Cue"), "trust": self.get(second, "Trust")}

    def note(self, name, later, earlier):
        self.measured[name] = round((later - earlier) * 1000, 1)

    def talk(self):
        for speaker, listener, line in zip(self.people, reversed(self.people), LINES):
            said = time.monotonic()
            self.people[speaker].call("SendMessage", "(s)", line, path=self.paths[speaker],
                                      interface=MEET)
            self.run.until(lambda one=listener: one in self.heard, f"{listener} is told")
            when, text = self.heard[listener]
            self.say(f"{listener}: is told \"{text}\"")
            self.note("message_to_other_desktop_ms", when, said)
            self.measured["messages"] += 1

    def meet(self):
        for name, daemon in self.people.items():
            confirmed = time.monotonic()
            daemon.call("ConfirmMet", path=self.paths[name], interface=MEET)
            self.say(f"{name}: says that they met")
        for name, daemon in self.people.items():
            self.run.until(lambda one=daemon: not one.call("ListMeets")[0]
                           and not one.call("ListNudges")[0], f"{name}'s meet is over")
            self.measured["met"] += daemon.counters()["meets.met"]
        self.note("met_to_wiped_ms", time.monotonic(), confirmed)
        self.say("both: met; nudge, meet and talk are wiped")
