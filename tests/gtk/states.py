# SPDX-License-Identifier: GPL-2.0-or-later
"""Every state of the client (INTERFACES 6): how the daemon brings it about, and the words it has then."""
import gettext
import os
from collections import namedtuple

LANGUAGES = ("en", "da")
LOOKS = ("light", "dark")

# reach (desk): makes the daemon tell so; en, da: what is read on the screen, None: as it is translated;
# go (client, texts): what the person does then, with the texts of that language; window: whether that
# opens another one.
State = namedtuple("State", "name reach en da go window", defaults=(None, False))

# What the person clicks on.
TEXTS = {
    "en": {"talk": "Talk", "next": "Next", "agree": "I agree", "start": "Start"},
    "da": {"talk": "Snak", "next": "Næste", "agree": "Det er jeg med på", "start": "Start"},
}


def waiting(reason, **more):
    return lambda desk: desk.state("waiting", reason, **more)


def off(desk):
    desk.state("off")


def nudge(desk):
    desk.state("open", backend="online", nearby=1)
    desk.nudge()


def waved(desk):
    nudge(desk)
    desk.put_in("/org/sighej/nudges/1", "State", "s", "waved")


def two_nudges(desk):
    nudge(desk)
    desk.nudge(2, ("jazz", "board-games"), "here")


def meet(desk):
    desk.state("open", backend="online", nearby=1)
    desk.meet()


def meet_here(desk):
    meet(desk)
    desk.put_in("/org/sighej/meets/1", "Spot", "s", "window table")
    desk.put_in("/org/sighej/meets/1", "Band", "s", "here")
    desk.put_in("/org/sighej/meets/1", "PeerHere", "b", True)


def talk(desk):
    meet_here(desk)
    desk.talk(("them", "I have the red scarf"), ("us", "I see you, I am at the window"))


def part(client, _texts):
    """The other side ends the meet this person sees."""
    client.program.wait_words(words(MEET, client.language))
    client.desk.end_meet()


def keys(*names):
    return lambda client, texts: client.display.press(*names)


def click(*what):
    def go(client, texts):
        for one in what:
            client.program.click_on(texts[one])
    return go


MEET = State("meet", meet, "Blue Heron", "Blå Hejre")
STATES = [
    State("off", off, "You are not open to talk", "Du er ikke åben for en snak"),
    State("opening", lambda desk: desk.state("opening"), "Opening…", "Åbner…"),
    State("open-alone", lambda desk: desk.state("open", backend="online"),
          "No one near yet", "Ingen i nærheden endnu"),
    State("open-near", lambda desk: desk.state("open", backend="online", nearby=2),
          "2 people near are open", "2 i nærheden er åbne"),
    State("nudge", nudge, "Someone near also likes DevOps", "En i nærheden kan også lide DevOps"),
    State("two-nudges", two_nudges, "Jazz", "Jazz"),
    State("waved", waved, "Waved. You hear if they wave too", "Vinket sendt"),
    MEET,
    State("meet-here", meet_here, "They say they are there.", None),
    State("talk", talk, "I have the red scarf", "I have the red scarf", click("talk")),
    State("after", meet, "Did you meet?", "Mødtes I?", part),
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
    State("stalled", waiting("radio-stalled"), "Bluetooth", "Bluetooth"),
    State("quiet-hours", waiting("quiet-hours"), "It goes on after your quiet hours.", None),
    State("rate-limited", waiting("rate-limited"), "Too many tries", "For mange forsøg"),
    State("refused", waiting("backend-refused", backend="refused"), "refused the session", "afviste sessionen"),
    State("linkable", lambda desk: desk.linkable(),
          "For a while others could recognise your Bluetooth adapter", None),
    State("closing", lambda desk: desk.state("closing"), "Closing…", "Lukker…"),
    State("expired", lambda desk: desk.state("off", "expired"), "Time is up", "Tiden er gået"),
    State("interests", off, "Interests", "Interesser", keys("ctrl+i"), True),
    State("preferences", off, "Preferences", "Indstillinger", keys("ctrl+comma"), True),
    State("shortcuts", off, "Open", "Åbn", keys("ctrl+question"), True),
    State("help", off, "Help", "Hjælp", keys("F1"), True),
    State("no-daemon", lambda desk: desk.stop(),
          "SigHej's service is not running", "SigHejs tjeneste kører ikke"),
]
BY_NAME = {state.name: state for state in STATES}


def bring_about(desk, client, state):
    """From whatever was before: what the daemon tells, and what the person does then."""
    desk.begin(client)
    state.reach(desk)
    if state.go:
        state.go(client, TEXTS[client.language])


def reach(person, name):
    """The client of a person, (desk, client, …), shows the state of that name. Returns (desk, client)."""
    desk, client, *_ = person
    state = BY_NAME[name]
    bring_about(desk, client, state)
    client.program.wait_words(words(state, client.language))
    return desk, client


# The pages of the first run: what is read on each, and what is clicked to go on.
Page = namedtuple("Page", "name en da button")
FIRST_RUN = [
    Page("welcome", "Say hi", "Sig hej", "next"),
    Page("welcome-end", "It always ends", None, "agree"),
    Page("welcome-interests", "What do you like to talk about?", None, "start"),
]


def words(state, language):
    """What is read then."""
    if language == "en":
        return state.en
    catalogue = os.path.join(os.environ["SIGHEJ_BUILD"], "po")
    return state.da or gettext.translation("sighej", catalogue, [language]).gettext(state.en)


def picture_name(state, language, look, suffix=""):
    return f"{state}-{language}-{look}{suffix}.png"


def picture_names():
    """Those of the ordinary size."""
    return {picture_name(state.name, language, look)
            for state in [*STATES, *FIRST_RUN] for language in LANGUAGES for look in LOOKS}
