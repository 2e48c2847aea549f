#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""What scripts/demo shows: two people open, are nudged, and meet. See scripts/demo --help."""
import argparse
import json
import os
import re
import signal
import sys
import time

from gi.repository import GLib

from demo_gtk import play_window
from demo_meet import Meeting
from sighejrun import NUDGE, PROPERTIES, Failed, Run

INTERESTS = {"anna": ["devops", "hardstyle", "board games"],
             "bo": ["Hardstyle", "brætspil", "jazz", "DevOps"]}
OPEN_SECONDS = 600
DWELL_SECONDS = 2
OPEN_WAIT_SECONDS = 60
# Adapters that filter duplicates tell of somebody near only every 10 s.
NUDGE_WAIT_SECONDS = {"sim": 30, "bluez": 180}
# A line of a debug log begins with the local time it was written, however late it is read.
REPORT_LINE = re.compile(r"(\d\d):(\d\d):(\d\d\.\d+) .*reported a sighting")
DAY_SECONDS = 24 * 60 * 60
INTERRUPTED = 130


class Demo:
    def __init__(self, options):
        self.options, self.started = options, options.started or time.monotonic()
        self.reports, self.nudged, self.sighted = [], {}, {}
        self.measured = {}

    def say(self, text, at=None):
        print(f"{(at or time.monotonic()) - self.started:8.3f} s  {text}", flush=True)

    def note_line(self, _, line):
        match = REPORT_LINE.match(line)
        if match:
            now, local = time.time(), time.localtime()
            written = int(match[1]) * 3600 + int(match[2]) * 60 + float(match[3])
            read = local.tm_hour * 3600 + local.tm_min * 60 + local.tm_sec + now % 1
            self.reports.append(time.monotonic() - (read - written) % DAY_SECONDS)

    def start(self, run):
        options = self.options
        adapters = self.choose_adapters()
        backend = run.backend(listen=options.listen)
        self.say(f"backend on its embedded stores: {backend.uri}")
        people = {}
        for name, adapter in zip(INTERESTS, adapters):
            people[name] = run.daemon(name, backend=backend.uri, interests=INTERESTS[name],
                                      radio=options.radio, adapter=adapter, log_level="debug",
                                      dwell_seconds=DWELL_SECONDS, on_line=self.note_line)
            radio = options.radio + (f" ({adapter})" if adapter else "")
            self.say(f"{name}: sighejd on a bus of its own, radio {radio}, "
                     f"interests {', '.join(INTERESTS[name])}")
        return backend, people

    def choose_adapters(self):
        if self.options.radio != "bluez":
            return [None, None]
        if self.options.adapters:
            return self.options.adapters.split(",")
        found = sorted(name for name in (os.listdir("/sys/class/bluetooth")
                                         if os.path.isdir("/sys/class/bluetooth") else [])
                       if ":" not in name)
        if not found:
            raise Failed("this machine has no Bluetooth adapter")
        if len(found) < 2:
            self.say(f"one Bluetooth adapter ({found[0]}): anna uses it, and nobody is there to "
                     "hear her; plug in a second one to see both sides")
        return found[:2]

    def watch(self, name, daemon):
        daemon.on_signal("NudgeReceived", lambda values: self.on_nudge(name, values))
        daemon.on_signal("PropertiesChanged", lambda values: self.on_properties(name, values),
                         interface=PROPERTIES)

    def on_properties(self, name, values):
        if values[1].get("NearbyCount", 0) > 0 and name not in self.sighted:
            self.sighted[name] = time.monotonic()
            self.say(f"{name}: hears somebody who is open")

    def on_nudge(self, name, values):
        path, shared = values
        self.nudged.setdefault(name, []).append((time.monotonic(), path, shared))

    def open_all(self, run, people):
        for name, daemon in people.items():
            self.watch(name, daemon)
        opened = time.monotonic()
        for daemon in people.values():
            daemon.call("Open", "(u)", OPEN_SECONDS)
        for name, daemon in people.items():
            try:
                run.until(lambda one=daemon: one.get("State") == "open", "", OPEN_WAIT_SECONDS)
            except Failed:
                raise Failed(f"{name} is not open after {OPEN_WAIT_SECONDS} s: "
                             f"{daemon.get('State')}, {daemon.get('Reason')}") from None
            self.say(f"{name}: open to talk")
        return opened

    def wait_nudges(self, run, people):
        self.say(f"now they stay near each other for {DWELL_SECONDS} s (normally 20 s)")
        run.until(lambda: len(self.nudged) == len(people) and len(self.reports) >= 2,
                  "both are nudged", NUDGE_WAIT_SECONDS[self.options.radio])
        for name, got in self.nudged.items():
            for when, path, _ in got:
                self.say(f"{name}: {people[name].get('Message', path=path, interface=NUDGE)}", when)

    def go_on(self, run, people):
        """From the nudge to "we met"; who keeps it running does that alone."""
        meeting = Meeting(run, people, {name: got[0][1] for name, got in self.nudged.items()},
                          self.say)
        if not self.options.keep:
            meeting.play()
        self.measured = meeting.measured

    def play_with_person(self, run):
        """The one who sits here takes the place of the first."""
        _backend, people = self.start(run)
        if len(people) < 2:
            raise Failed("one Bluetooth adapter: nobody would be there to meet; try without --bluez")
        greeted, met = play_window(run, people, self.say)
        self.say(f"done: the window is closed; met: {met} of {greeted}")

    def play(self, run):
        backend, people = self.start(run)
        opened = self.open_all(run, people)
        if len(people) == 2:
            self.wait_nudges(run, people)
            self.go_on(run, people)
        result = self.result(opened, people)
        if self.options.keep:
            self.keep(backend, people)
        for name, daemon in people.items():
            daemon.call("Close")
            run.until(lambda one=daemon: one.get("State") == "off", f"{name} is off")
            self.say(f"{name}: closed, off the air, session deleted")
        return result

    def result(self, opened, people):
        def milliseconds(later, earlier):
            return None if later is None or earlier is None else round((later - earlier) * 1000, 1)

        first = min(self.sighted.values(), default=None)
        last_nudge = max((got[0][0] for got in self.nudged.values()), default=None)
        second = sorted(self.reports)[1] if len(self.reports) > 1 else None
        return {
            "radio": self.options.radio,
            "nudges": sum(len(got) for got in self.nudged.values()),
            "shared_interests": self.nudged["anna"][0][2] if "anna" in self.nudged else [],
            "open_to_first_sighting_ms": milliseconds(first, opened),
            "second_sighting_to_nudge_ms": milliseconds(last_nudge, second),
            "dwell_seconds": DWELL_SECONDS,
            "daemons": len(people),
            **self.measured,
        }

    def keep(self, backend, people):
        build = os.path.relpath(self.options.build)
        print(f"\nLeft running. Backend: {backend.uri}  statistics: {backend.admin_uri}/stats")
        for name, daemon in people.items():
            print(f"  as {name}:  export DBUS_SESSION_BUS_ADDRESS='{daemon.bus.address}'")
        print(f"  then:     {build}/client/cli/sighejctl status\n"
              f"            {build}/client/cli/sighejctl wave 1     as both, and they meet\n"
              "            busctl --user introspect org.sighej /org/sighej\n"
              "Ctrl+C ends it.", flush=True)
        loop = GLib.MainLoop()
        for number in (signal.SIGINT, signal.SIGTERM):
            GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, number, loop.quit)
        loop.run()


NEXT_STEPS = """
Go on:
  real Bluetooth   scripts/demo --bluez      the real stack, emulated   scripts/demo --vm
  talk to it       scripts/demo --keep       in the window              scripts/demo --gtk
  every test       scripts/test
  your own         _build/daemon/sighejd & _build/client/cli/sighejctl backend set https://…
"""


def play(demo, build):
    """The result, None when a person played; raises Failed."""
    with Run(build) as run:
        result = demo.play_with_person(run) if demo.options.gtk else demo.play(run)
    if run.failures:
        raise Failed("; ".join(run.failures))
    return result


def is_good(result, options):
    return result["daemons"] == 1 or (result["nudges"], result["met"]) == (2, 0 if options.keep else 2)


def main():
    parser = argparse.ArgumentParser(prog="scripts/demo")
    parser.add_argument("--build", required=True)
    parser.add_argument("--radio", default="sim", choices=["sim", "bluez"])
    parser.add_argument("--adapters", help="two adapters, comma separated")
    parser.add_argument("--started", type=float, help="when it all began, on the monotonic clock")
    parser.add_argument("--listen", default="127.0.0.1:0")
    parser.add_argument("--keep", action="store_true")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--gtk", action="store_true")
    options = parser.parse_args()
    demo = Demo(options)
    try:
        result = play(demo, options.build)
    except KeyboardInterrupt:
        print("demo: interrupted", file=sys.stderr)
        return INTERRUPTED
    except (Failed, GLib.Error) as failure:
        print(f"demo: {failure}", file=sys.stderr)
        return 1
    if result is None:
        return 0
    if result["daemons"] == 2:
        demo.say(f"done: {result['nudges']} nudges, {result['second_sighting_to_nudge_ms']} ms "
                 "from the second sighting to both desktops")
    if result.get("met"):
        demo.say(f"done: {result['messages']} messages, end-to-end encrypted, the last "
                 f"{result['message_to_other_desktop_ms']} ms from desktop to desktop")
    print(json.dumps(result) if options.json else NEXT_STEPS)
    return 0 if is_good(result, options) else 1


if __name__ == "__main__":
    sys.exit(main())
