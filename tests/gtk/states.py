# SPDX-License-Identifier: GPL-2.0-or-later
"""Every state of the client (INTERFACES 6): how the daemon brings it about, and the words it has then."""
from collections import namedtuple

LANGUAGES = ("en", "da")
LOOKS = ("light", "dark")

# reach (desk): makes the daemon tell so; words: what is read on the screen, by language
State = namedtuple("State", "name reach en da")


def waiting(reason, **more):
    return lambda desk: desk.state("waiting", reason, **more)


def nudge(desk):
    desk.state("open", backend="online", nearby=1)
    desk.nudge()


def waved(desk):
    nudge(desk)
    desk.put_in("/org/sighej/nudges/1", "State", "s", "waved")


def meet(desk):
    desk.state("open", backend="online", nearby=1)
    desk.meet()


def meet_talk(desk):
    meet(desk)
    desk.put_in("/org/sighej/meets/1", "State", "s", "finding")
    desk.put_in("/org/sighej/meets/1", "Spot", "s", "window table")
    desk.tell("Say", "(us)", 1, "I have the red scarf")


def after(desk):
    meet(desk)
    desk.end_meet()


STATES = [
    State("welcome", lambda desk: desk.put("NoticeAccepted", "b", False), "Say hi", "Sig hej"),
    State("off", lambda desk: desk.state("off"),
          "You are not open to talk", "Du er ikke åben for en snak"),
    State("opening", lambda desk: desk.state("opening"), "Opening…", "Åbner…"),
    State("open-alone", lambda desk: desk.state("open", backend="online"),
          "No one near yet", "Ingen i nærheden endnu"),
    State("open-near", lambda desk: desk.state("open", backend="online", nearby=2),
          "2 people near are open", "2 i nærheden er åbne"),
    State("nudge", nudge, "Someone near also likes devops", "En i nærheden kan også lide devops"),
    State("waved", waved, "Waved. You hear if they wave too", "Vinket sendt"),
    State("meet", meet, "Look for Blue Heron", "Kig efter Blå Hejre"),
    State("meet-talk", meet_talk, "I have the red scarf", "I have the red scarf"),
    State("after", after, "Did you meet?", "Mødtes I?"),
    State("paused", lambda desk: desk.state("paused", "user", backend="online", paused_until=900),
          "Paused", "På pause"),
    State("offline", lambda desk: desk.state("open", backend="offline"),
          "No connection. Trying again", "Ingen forbindelse"),
    State("waiting-offline", waiting("backend-offline", backend="offline"),
          "No connection. Trying again", "Ingen forbindelse"),
    State("bluetooth-off", waiting("bluetooth-off", bluetooth="off"),
          "Bluetooth is off", "Bluetooth er slået fra"),
    State("bluetooth-missing", waiting("bluetooth-missing", bluetooth="missing"),
          "No Bluetooth here", "Ingen Bluetooth her"),
    State("blocked-soft", waiting("bluetooth-blocked-soft", bluetooth="blocked-soft"),
          "Airplane mode is on", "Flytilstand er slået til"),
    State("blocked-hard", waiting("bluetooth-blocked-hard", bluetooth="blocked-hard"),
          "A switch blocks Bluetooth", "En kontakt blokerer Bluetooth"),
    State("denied", waiting("bluetooth-denied", bluetooth="denied"),
          "SigHej may not use Bluetooth", "SigHej må ikke bruge Bluetooth"),
    State("lost", waiting("radio-stalled"), "Bluetooth", "Bluetooth"),
    State("quiet-hours", waiting("quiet-hours"), "quiet", "stille"),
    State("rate-limited", waiting("rate-limited"), "Too many tries", "For mange forsøg"),
    State("refused", waiting("backend-refused", backend="refused"), "refused", "afvist"),
    State("closing", lambda desk: desk.state("closing"), "Closing…", "Lukker…"),
    State("expired", lambda desk: desk.state("off", "expired"), "Time is up", "Tiden er gået"),
    State("no-daemon", lambda desk: desk.stop(), "not running", "kører ikke"),
]


def picture_name(state, language, look, suffix=""):
    return f"{state}-{language}-{look}{suffix}.png"


def picture_names():
    """Those of the ordinary size."""
    return {picture_name(state.name, language, look)
            for state in STATES for language in LANGUAGES for look in LOOKS}
