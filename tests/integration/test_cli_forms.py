# SPDX-License-Identifier: GPL-2.0-or-later
"""sighejctl: forms of output in several locales, each error's exit status, help and manual."""
import json
import os
import re
import subprocess

import pytest

from desk import (CTL, ERRORS, FAKE_DAEMON, RUN_SECONDS, SCHEMA, TOP, Desk, checked, environment,
                  fits)

MANUAL = os.path.join(TOP, "docs/sighejctl.1")
COMMANDS = ["status", "open", "close", "toggle", "is-open", "pause", "resume", "extend",
            "interests", "nudges", "wave", "not-now", "block", "report", "appeal", "meets", "spot", "here",
            "met", "end", "say", "messages", "position", "code", "watch", "wait", "doctor",
            "adapter", "backend", "calibrate", "inhibit", "export", "wipe", "version", "help"]


def test_schema_refuses_what_is_no_answer():
    for wrong in ({}, {"schema": 1}, {"schema": 2, "open": True}, {"schema": 1, "open": "yes"},
                  {"schema": 1, "event": "nudge", "id": True, "shared": [], "band": "near"}):
        assert not fits(wrong, SCHEMA)


# ---- failing ----

def test_each_error_has_its_exit_status(desk):
    for name, status in ERRORS.items():
        desk.tell("Fail", "(ss)", "org.sighej.Error." + name, "it went wrong")
        code, out, err = desk.ctl("open", "--json=short")
        assert code == status, name
        error = checked(json.loads(out))["error"]
        assert error["name"] == "org.sighej.Error." + name
        assert error["message"] == "it went wrong"
        lines = err.splitlines()
        assert lines[0] == "sighejctl: it went wrong."
        assert lines[1:] == ([f"Next: {error['hint']}."] if error["hint"] else [])


def test_foreign_errors(desk):
    for name, status in (("org.freedesktop.DBus.Error.AccessDenied", 7),
                         ("org.freedesktop.DBus.Error.NoReply", 5),
                         ("org.example.Strange", 1)):
        desk.tell("Fail", "(ss)", name, "it went wrong")
        assert desk.ctl("doctor")[0] == status


def test_no_answer_times_out(desk):
    desk.tell("Hang")
    assert desk.ctl("doctor", "--timeout=1")[0] == 4


def test_daemon_that_is_away_is_off(away):
    assert away.good("status") == "○ Not open to talk.\n"
    assert away.json("status")["state"] == "off"
    assert away.ctl("is-open") == (3, "", "")
    assert away.good("close", "--wait") == "Not open to talk.\n"
    assert away.good("nudges") == "No nudges.\n"
    assert away.good("meets") == "No meets.\n"
    assert away.good("wait", "closed") == "Not open to talk.\n"
    assert away.json("version")["daemon"] == ""
    for arguments, status in ((["open"], 5), (["toggle"], 5), (["doctor"], 5), (["interests"], 5),
                              (["adapter"], 5), (["backend"], 5), (["calibrate"], 5),
                              (["pause"], 1), (["resume"], 1), (["extend", "5min"], 1), (["not-now", "1"], 10), (["wave", "1"], 10),
                              (["block", "1"], 10), (["here", "1"], 10), (["meets", "1"], 10),
                              (["report", "1", "--reason=spam"], 10), (["say", "1", "hi"], 10),
                              (["code"], 5), (["appeal", "no"], 5)):
        code, out, err = away.ctl(*arguments)
        assert (code, out) == (status, ""), arguments
        assert re.fullmatch(r"sighejctl: [^\n]+\.\nNext: [^\n]+\.\n", err), err


@pytest.fixture
def activatable(run, tmp_path, monkeypatch):
    """A bus that starts the daemon when it is called; made with the program it starts."""
    services = tmp_path / "dbus-1/services"
    services.mkdir(parents=True)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))

    def make(program):
        (services / "org.sighej.service").write_text(
            f"[D-BUS Service]\nName=org.sighej\nExec={program}\n", encoding="utf-8")
        return Desk(run)

    return make


def test_only_what_needs_the_daemon_starts_it(activatable):
    desk = activatable(" ".join(FAKE_DAEMON))
    assert desk.good("status") == "○ Not open to talk.\n"
    assert desk.good("close") == "Not open to talk.\n"
    assert desk.json("version")["daemon"] == ""
    assert desk.good("open") == "Open to talk until 02:00.\n"
    assert desk.json("version")["daemon"] == "0.4.1"


def test_daemon_that_cannot_be_started_is_unreachable(activatable):
    desk = activatable("/bin/false")
    assert desk.ctl("status")[0] == 0
    status, _, err = desk.ctl("open")
    assert status == 5
    assert re.fullmatch(r"sighejctl: the daemon is not reachable: .+\.\nNext: .+\.\n", err), err


def test_system_bus(desk):
    status, out, _ = desk.ctl("--system", "version", "-t",
                              DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent",
                              DBUS_SYSTEM_BUS_ADDRESS=desk.bus.address)
    assert status == 0 and out.endswith(":0.4.1:1\n")


def test_no_bus_is_no_daemon(away):
    assert away.ctl("status", DBUS_SESSION_BUS_ADDRESS="unix:path=/nonexistent")[0] == 5
    assert away.ctl("--system", "status",
                    DBUS_SYSTEM_BUS_ADDRESS="unix:path=/nonexistent")[0] == 5


@pytest.mark.parametrize("arguments", [
    ["stauts"], ["join", "1"], ["--frobnicate"], ["open", "5x"], ["open", "1h", "2h"], ["extend"],
    ["interests", "set"], ["interests", "search"], ["interests", "frob"], ["not-now", "x"],
    ["not-now", "0"], ["wait", "love"], ["backend", "set"], ["status", "--wait"],
    ["status", "--accept-notice"], ["--json=xml"], ["--color=pink"], ["--timeout=-1"],
    ["--timeout=x"], ["-t", "-j"], ["-f", "state"], ["-t", "-f", "frob"], ["--user", "--system"],
    ["help", "frob"], ["status", "--show"], ["open", "--seconds=60"], ["close", "--set=1"],
    ["calibrate", "--seconds=9"], ["calibrate", "--seconds=301"], ["calibrate", "--set=loud"],
    ["calibrate", "--set=1", "--show"], ["calibrate", "--reset", "--show"],
    ["calibrate", "--transmit", "--reset"], ["calibrate", "--show", "--seconds=60"],
    ["calibrate", "now"], ["wave"], ["wave", "x"], ["wave", "1", "2"], ["block", "-1"],
    ["meets", "0"], ["report", "1"], ["report", "1", "--reason=spma"], ["report", "1", "--reason=boredom"],
    ["report", "1", "--reason=spam", "--attach=1,x"], ["report", "1", "--reason=spam", "--attach="],
    ["report", "1", "--reason=spam", "--attach=" + ",".join(["1"] * 65)],
    ["block", "1", "--reason=spam"], ["say", "1"], ["here"], ["met", "1", "--wait"],
    ["say", "1", "x", "--follow"], ["end", "1", "2"], ["position", "1"], ["position", "1", "maybe"],
    ["code", "make"], ["code", "use"], ["here", "1", "--not-again"], ["messages", "99999999999"],
    ["appeal"], ["appeal", "no", "--wait"], ["inhibit", "--why=Talk"], ["inhibit", "--", "true"],
    ["inhibit", "--why=", "--", "true"], ["status", "--why=x"], ["export", "-t"], ["export", "all"],
    ["export", "--yes"], ["wipe", "all", "--yes"]])
def test_wrong_usage(desk, arguments):
    code, out, err = desk.ctl(*arguments)
    assert (code, out) == (2, "")
    assert re.fullmatch(r"sighejctl: [^\n]+\.\nNext: [^\n]+[.?]\n", err), err


def test_suggests_a_command(desk):
    assert "did you mean 'sighejctl status'?" in desk.ctl("stauts")[2]


def test_full_disk_is_told(desk):
    with open("/dev/full", "w", encoding="utf-8") as full:
        done = subprocess.run([CTL, "status"], env=environment(desk.bus), stdout=full,
                              stderr=subprocess.PIPE, timeout=RUN_SECONDS, check=False)
    assert done.returncode == 1


# ---- forms ----

def test_pretty_is_the_same_object(desk):
    desk.tell("AddNudge", "(uass)", 1, ["brætspil", "a:b"], "near")
    for arguments in (["status"], ["nudges"], ["doctor"]):
        assert json.loads(desk.good(*arguments, "--json=pretty")) == json.loads(desk.good(*arguments, "-j"))
        assert desk.good(*arguments, "-j") == desk.good(*arguments, "--json=short")


def test_colour_only_when_wanted(desk):
    assert "\033[" in desk.good("status", "--color=always")
    for arguments in (["status"], ["status", "--color=never"]):
        assert "\033[" not in desk.good(*arguments, TERM="xterm")
    assert "\033[" in desk.ctl("stauts", "--color=always")[2]


def test_colour_on_a_terminal(desk):
    assert "\033[" in desk.on_terminal("status", TERM="xterm")[1]
    assert "\033[" not in desk.on_terminal("status", TERM="dumb")[1]
    assert "\033[" not in desk.on_terminal("status", TERM="xterm", NO_COLOR="1")[1]


def test_calibrate_shows_progress_on_a_terminal(desk):
    text = desk.on_terminal("calibrate", TERM="xterm")[1]
    for line in ("  14 of 60 s, 6 samples (50 are needed)", "  61 of 180 s, 31 samples"):
        assert "\r\033[K" + line in text
    # Each line takes the place of the one before, and at the end none is left.
    assert "\r\033[KTurn this machine a quarter" in text
    assert "\r\033[KThis machine reads" in text
    assert "of 60 s" not in desk.on_terminal("calibrate", "-j", TERM="xterm")[1]


def test_terminal_codes_of_others_are_harmless(desk):
    desk.tell("AddNudge", "(uass)", 1, ["\033[2Jdevops"], "near")
    assert "\033" not in desk.good("nudges")
    assert "\033" not in desk.good("nudges", "-j")


# ---- help and manual ----

def test_help_knows_every_command(desk):
    text = desk.good("--help")
    listed = re.findall(r"^  ([a-z-]+)(?: \S+)*  +\S", text.split("Commands:")[1].split("\n\n")[0],
                        re.M)
    assert listed == COMMANDS
    assert desk.good("help") == text
    for command in COMMANDS:
        own = desk.good("help", command)
        assert own.startswith(f"Usage: sighejctl [OPTION…] {command}")
        assert desk.good(command, "--help") == own


def test_manual_has_every_command_and_option(desk):
    with open(MANUAL, encoding="utf-8") as file:
        manual = file.read()
    plain = re.sub(r"\\f[RPBI]|\\~|\"", " ", manual).replace("\\-", "-").replace("\\&", "")
    commands = plain.split(".SH COMMANDS")[1].split(".SH OPTIONS")[0]
    options = plain.split(".SH OPTIONS")[1].split(".SH MACHINE")[0]
    for command in COMMANDS:
        assert re.search(rf"^\.B[IR]? {re.escape(command)}\b", commands, re.M), command
    for text in [desk.good("help")] + [desk.good("help", command) for command in COMMANDS]:
        for option in re.findall(r"^ {2,6}(-\w|--[a-z-]+)|, (--[a-z-]+)", text, re.M):
            name = option[0] or option[1]
            assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", options), name
