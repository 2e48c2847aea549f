# SPDX-License-Identifier: GPL-2.0-or-later
"""sighejctl in C, English and Danish: people read their own language, programs the same bytes.

glibc takes LANGUAGE in every locale but plain C, so no Danish locale has to be there.
"""
import os
import re
import subprocess

import pytest

from desk import CTL, ERRORS, RUN_SECONDS, environment

PO = os.path.join(os.environ.get("SIGHEJ_BUILD", ""), "po")
DANISH = {"LANGUAGE": "da", "SIGHEJ_LOCALE_DIR": PO}
LOCALES = [("C", {"SIGHEJ_LOCALE_DIR": PO}), ("C.UTF-8", {"LANGUAGE": "en", "SIGHEJ_LOCALE_DIR": PO}),
           ("C.UTF-8", DANISH)]

# Each can be said three times at once: it does the same, or nothing, again, and tells no time of now.
COMMANDS = [
    ["status"], ["open", "90min"], ["is-open"], ["pause", "15min"], ["status"], ["resume"],
    ["interests"], ["interests", "set", "devops", "board games"],
    ["interests", "search", "brætspil"], ["nudges"], ["wave", "1"], ["meets"], ["meets", "1"],
    ["spot", "1"], ["spot", "1", "window"], ["here", "1"], ["messages", "1"], ["position", "1", "on"],
    ["doctor"], ["adapter"], ["adapter", "show"], ["backend"], ["calibrate", "--show"],
    ["report", "1", "--reason=spam"], ["wait", "meet"], ["version"], ["close"],
]
LISTS = [["status"], ["interests"], ["nudges"], ["meets"], ["messages", "1"], ["doctor"], ["nudges", "more"]]
WRONG = [
    ["opne"], ["open", "soon"], ["wave", "99"], ["wave", "x"], ["here", "99"], ["spot", "1", "moon"],
    ["report", "1"], ["report", "1", "--reason=bad"], ["status", "--wait"], ["wait", "rain"],
    ["interests", "remove", "jazz"], ["adapter", "hci7"], ["backend", "set"], ["status", "more"],
]


@pytest.fixture
def busy(desk):
    """Open, with a nudge and a meet in which something was said."""
    desk.good("open")
    desk.put("NearbyCount", "u", 2)
    desk.tell("AddNudge", "(uass)", 1, ["devops"], "near")
    desk.tell("AddMeet", "(u)", 1)
    desk.tell("Say", "(us)", 1, "sighed; it rained")
    # Read, so that reading it changes nothing any more.
    desk.good("messages", "1")
    return desk


def in_all(desk, *arguments, locales=tuple(LOCALES)):
    """(exit status, stdout, stderr) in each of them, at the same time."""
    running = [subprocess.Popen([CTL, *arguments], env=environment(desk.bus, locale, **more),
                                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                stderr=subprocess.PIPE) for locale, more in locales]
    return [(process.returncode, out, err) for process, (out, err) in
            [(process, process.communicate(timeout=RUN_SECONDS)) for process in running]]


def test_programs_read_the_same_bytes(busy):
    for command in COMMANDS + WRONG:
        plain, english, danish = in_all(busy, *command, "--json=short")
        assert plain == english == danish, command
        assert plain[0] in (0, 3) or plain[2].startswith(b"sighejctl: "), command
    for command in LISTS:
        plain, danish = in_all(busy, *command, "--terse", locales=[LOCALES[0], LOCALES[2]])
        assert plain == danish, command


def test_people_read_their_own_language(busy):
    """The same exit status whatever is said, and Danish all over."""
    for command in COMMANDS + WRONG:
        english, danish = in_all(busy, *command, locales=LOCALES[1:])
        assert english[0] == danish[0], (command, english, danish)
        # Some of what is shown is names alone; the rest is sentences.
        if command[0] not in ("is-open", "adapter", "backend", "version") \
                and command not in (["interests"], ["spot", "1"]) and command[:2] != ["interests", "set"]:
            assert english[1] + english[2] != danish[1] + danish[2], command


def test_danish_of_the_pages(busy):
    lines = busy.good("status", **DANISH).splitlines()
    assert re.fullmatch(r"● Åben for en snak til kl. 02:00 \(.* tilbage\)", lines[0])
    assert lines[1:4] == ["  I nærheden: 2 åbne, 1 prik      Interesser: DevOps, Brætspil",
                          "  Bluetooth: klar (hci0)          Server: online",
                          "  Privatliv: privat (din adresse skifter med hvert tegn)"]
    assert busy.good("pause", "15min", **DANISH) == "På pause til kl. 00:15. Ingen ser dig.\n"
    assert busy.ctl("opne", **DANISH) == (2, "", "sighejctl: der er ingen kommando 'opne'.\n"
                                          "Næste: mente du 'sighejctl open'?\n")
    busy.put("State", "s", "paused")
    busy.put("Reason", "s", "inhibited")
    busy.put("Inhibitors", "a(ss)", [("Impress", "Foredrag")])
    assert busy.good(**DANISH).startswith("● På pause: Impress beder om ro (Foredrag). Ingen ser dig.")


def test_what_the_daemon_says_is_translated_where_it_is_known(desk):
    desk.tell("Fail", "(ss)", "org.sighej.Error.BluetoothOff",
              "Bluetooth is off; turn it on in your Bluetooth settings")
    assert desk.ctl("open", **DANISH) == (
        6, "", "sighejctl: Bluetooth er slået fra.\n"
        "Næste: slå det til i dine Bluetooth-indstillinger.\n")
    desk.tell("Fail", "(ss)", "org.sighej.Error.RateLimited",
              "the backend asks to slow down, try again in 40 seconds")
    assert desk.ctl("open", **DANISH)[2].endswith("prøv igen om 40 sekunder.\n"
                                                  "Næste: vent så længe, og prøv igen.\n")
    desk.tell("Fail", "(ss)", "org.sighej.Error.Failed", "the moon is full; wait a week")
    assert desk.ctl("open", **DANISH) == (1, "", "sighejctl: the moon is full.\nNæste: wait a week.\n")


def test_every_kind_of_error_has_a_step_in_danish(desk):
    for name, code in ERRORS.items():
        answers = []
        for more in ({}, DANISH):
            desk.tell("Fail", "(ss)", f"org.sighej.Error.{name}", "nothing doing")
            answers.append(desk.ctl("open", **more))
        (status, _, english), (other, _, danish) = answers
        assert status == other == code
        assert ("Next: " in english) == ("Næste: " in danish)
        assert "Next: " not in english or english.splitlines()[1][6:] != danish.splitlines()[1][7:]


def test_help_in_danish(desk):
    """Each command and each option is in it, and nothing is wider than in English."""
    english, danish = desk.good("--help"), desk.good("--help", **DANISH)
    names = re.compile(r"^ {2,6}(-\w, --[a-z-]+|--?[a-z-]+|[a-z-]+)", re.M)
    assert names.findall(english) == names.findall(danish) and english != danish
    assert max(map(len, danish.splitlines())) <= 100
    for name in ("open", "report", "calibrate", "interests"):
        one, other = desk.good("help", name), desk.good("help", name, **DANISH)
        assert names.findall(one) == names.findall(other) and one != other


def test_yes_in_danish(desk):
    desk.put("NoticeAccepted", "b", False)
    for answer in (b"ja\n", b"J\n", b"y\n"):
        desk.put("NoticeAccepted", "b", False)
        status, shown = desk.on_terminal("open", question=b"[j/N]", answer=answer, TERM="dumb", **DANISH)
        assert status == 0 and "Åben for en snak til kl." in shown
        assert "Før du åbner første gang" in shown
    desk.put("NoticeAccepted", "b", False)
    assert desk.on_terminal("open", question=b"[j/N]", answer=b"nej\n", TERM="dumb", **DANISH)[0] == 1
