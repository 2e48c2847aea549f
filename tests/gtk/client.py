# SPDX-License-Identifier: GPL-2.0-or-later
"""The GTK client in a session, and the daemon it talks to, which does as it is told."""
import os
import time

from gi.repository import GLib

from desk import Desk
from sighejrun import Failed, Run

BUS_NAME = "org.sighej.SigHej"
LOCALES = {"en": {"LC_ALL": "C.UTF-8", "LANGUAGE": "en"}, "da": {"LC_ALL": "C.UTF-8", "LANGUAGE": "da"}}
OFF_WORDS = {"en": "You are not open to talk", "da": "Du er ikke åben for en snak"}
# What the daemon draws, in the person's language.
MEET_WORDS = {"en": {}, "da": {"Cue": "Blå Hejre", "Handle": "Grøn Odder", "PeerHandle": "Rød Ræv"}}
TWO_HOURS_SECONDS, NUDGE_SECONDS, MEET_SECONDS = 7200, 600, 1200


class GtkDesk(Desk):
    """fake_daemon.py on the session's bus, with times that are now."""

    def __init__(self, session):            # not of Desk, which has a bus of its own
        self.run, self.bus, self.connection = session.run, session.bus, session.connection
        self.fake, self.people, self.asked, self.language = None, set(), False, "en"

    def stop(self):
        """Gone from the bus, as after a crash."""
        super().stop()
        Run.until(lambda: not self._owned(), "the daemon left the bus")

    def _owned(self):
        return self.connection.call_sync(
            "org.freedesktop.DBus", "/org/freedesktop/DBus", "org.freedesktop.DBus", "NameHasOwner",
            GLib.Variant("(s)", ("org.sighej",)), None, 0, 20000, None).unpack()[0]

    def state(self, state, reason="", **more):
        """more: seconds from now for open_until, open_since and paused_until; backend, bluetooth, nearby."""
        now = int(time.time())
        seconds = {"open_since": -60, "open_until": TWO_HOURS_SECONDS, **more}
        for name, key in (("OpenSince", "open_since"), ("OpenUntil", "open_until"),
                          ("PausedUntil", "paused_until")):
            at = seconds.get(key)
            self.put(name, "t", now + at if at and state != "off" else 0)
        for name, key, signature in (("Backend", "backend", "s"), ("Bluetooth", "bluetooth", "s"),
                                     ("NearbyCount", "nearby", "u")):
            if key in more:
                self.put(name, signature, more[key])
        self.put("Reason", "s", reason)
        self.put("State", "s", state)

    def begin(self, client):
        """Off, with nobody there: where every state begins."""
        if not self.fake.running():
            self.start()
        if not client.process.running():    # in the test before, which failed
            client.start()
        client.close_others()
        for method, number in self.people:
            self.tell(method, "(u)", number)
        self.people.clear()
        self.put("NoticeAccepted", "b", True)
        self.put("Privacy", "s", "private")
        self.language, client.desk = client.language, self
        self.state("off", bluetooth="ready", backend="offline", nearby=0)
        if self.asked:                      # whether the two met
            client.display.press("ctrl+shift+x")
            self.asked = False
        client.program.wait_words(OFF_WORDS[client.language])

    def nudge(self, number=1, shared=("devops",), band="near", seconds=NUDGE_SECONDS):
        self.tell("AddNudge", "(uass)", number, list(shared), band)
        self.people.add(("RemoveNudge", number))
        self.put_in(f"/org/sighej/nudges/{number}", "Expires", "t", int(time.time()) + seconds)

    def meet(self, number=1, seconds=MEET_SECONDS):
        self.tell("AddMeet", "(u)", number)
        self.people.add(("RemoveMeet", number))
        for name, words in MEET_WORDS[self.language].items():
            self.put_in(f"/org/sighej/meets/{number}", name, "s", words)
        self.put_in(f"/org/sighej/meets/{number}", "Expires", "t", int(time.time()) + seconds)

    def talk(self, *messages):
        """Of ("them", text) and ("us", text)."""
        for side, text in messages:
            if side == "them":
                self.tell("Say", "(us)", 1, text)
            else:
                self.connection.call_sync("org.sighej", "/org/sighej/meets/1", "org.sighej.Meet1",
                                          "SendMessage", GLib.Variant("(s)", (text,)), None, 0, 20000,
                                          None)

    def linkable(self):
        """Open, with an address that outlives a token."""
        self.put("Privacy", "s", "linkable")
        self.state("open", backend="online")

    def end_meet(self, number=1):
        """By the other side."""
        self.put_in(f"/org/sighej/meets/{number}", "State", "s", "ended")
        self.tell("RemoveMeet", "(u)", number)
        self.people.discard(("RemoveMeet", number))
        self.asked = True


class Client:
    """`sighej`, with its accessibles as `program`."""

    def __init__(self, session, *arguments, language="en", **environment):
        self.session, self.display, self.language = session, session.display, language
        self.argv = [os.path.join(session.build, "client/gtk/sighej"), *arguments]
        # What GTK, its theme and its fonts leave at the end is not ours to find.
        sanitizer = os.environ.get("ASAN_OPTIONS", "abort_on_error=1") + ":detect_leaks=0"
        self.environment = {**LOCALES[language], "ASAN_OPTIONS": sanitizer, **environment}
        self.start()

    def start(self):
        self.process = self.session.start("sighej", self.argv, **self.environment)
        self.process.ends_with = None       # who is stopped by a signal has not closed anything
        self.program = Run.until(self._program, "the client is on the accessibility bus")
        self.program.process = self.process
        if "--gapplication-service" not in self.argv:
            self.fill()

    def fill(self):
        """Its window has the size of the display."""
        display = self.display
        display.fill("SigHej")
        self.program.until(
            lambda: (display.width, display.height) in
            [(window.box().width, window.box().height) for window in self.program.windows()],
            "fills the screen")

    def _program(self):
        if not self.process.running():
            raise Failed(f"the client ended with {self.process.wait()}: {self.process.text()}")
        return next((p for p in self.session.access.programs() if p.pid() == self.process.pid), None)

    def type_into(self, name, text):
        """Types into the field of this name, and Enter."""
        field = self.program.find_field(name)
        box = field.box()
        self.display.click(box.x + box.width // 2, box.y + box.height // 2)
        self.program.until(lambda: "focused" in self.program.find_field(name).states,
                           f"has the keyboard in “{name}”")
        self.display.type(text)
        self.display.press("Return")

    def close_others(self):
        """Leaves menus and dialogs by the key for it."""
        def only_one():
            windows = self.program.windows()
            if len(windows) == 1 and not self.program.shown("menu"):
                return True
            if windows:
                self.display.press("Escape")
            return False
        self.program.until(only_one, "closes what Escape closes")

    def stop(self):
        self.process.stop()
        Run.until(lambda: not self.session.has_name(BUS_NAME), "the client left the bus")
