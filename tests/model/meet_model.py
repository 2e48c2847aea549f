# SPDX-License-Identifier: GPL-2.0-or-later
"""What an encounter is, in the fewest words: the reference that the real servers are compared with.

An encounter is a pair of people who were nudged with each other. Everything one of them is told about
it is what answer() and view() say, and nothing else.
"""
import itertools

NOT_FOUND = "not_found"
DONE = "ok"
WITHOUT_RECORD = {"withdraw", "block"}
NEEDS_BOTH = {"spot", "here", "closest", "confirm", "end", "share", "say", "ack"}


class Encounter:
    """One at a time; sides are the numbers of the two people."""

    def __init__(self, pair):
        self.pair = pair
        self.was_agreed, self.taken_back = False, set()
        self.gone = set()  # who has put the nudge away: their machine never waves in it again
        self.forget()

    def forget(self):
        self.waved, self.agreed, self.met = set(), False, False
        self.spot, self.found = None, False
        self.here, self.closest, self.confirmed, self.shares = set(), set(), set(), set()
        self.said = dict.fromkeys(self.pair, 0)
        self.away = set()

    def other(self, one):
        return self.pair[self.pair[0] == one]

    def is_open_to(self, one):
        """Whether the machine of that side would still let its person act in it."""
        return one not in self.gone and not self.met

    # ---- what is done to it ----

    def act(self, one, act, value=None):
        """The answer of the server, a word."""
        if act != "wave" and one not in self.waved:
            return DONE if act in WITHOUT_RECORD else NOT_FOUND
        if act in NEEDS_BOTH and not self.agreed:
            return NOT_FOUND
        getattr(self, "do_" + act)(one, value)
        return DONE

    def do_wave(self, one, _value):
        self.waved.add(one)
        self.agreed = len(self.waved) == 2
        self.was_agreed |= self.agreed

    def do_resume(self, one, _value):
        self.away.discard(one)

    def do_spot(self, _one, value):
        self.spot = value

    def do_here(self, one, _value):
        if not self.found:
            self.here.add(one)
        self.found = self.found or len(self.here) == 2

    def do_closest(self, one, _value):
        if not self.found:
            self.closest.add(one)
        self.found = self.found or len(self.closest) == 2

    def do_confirm(self, one, _value):
        self.confirmed.add(one)
        self.met = len(self.confirmed) == 2

    def do_share(self, one, value):
        if value:
            self.shares.add(one)
        elif one in self.shares:
            self.shares.clear()

    def do_say(self, one, value):
        self.said[one] = value

    def do_ack(self, _one, _value):
        """Nobody sees it."""

    def do_end(self, _one, _value):
        was_agreed = self.agreed
        self.forget()
        if was_agreed:
            self.gone.update(self.pair)

    do_withdraw = do_block = do_end

    def put_away(self, one, had_waved):
        """After withdraw and block, whatever the server made of it."""
        self.gone.add(one)
        if had_waved:
            self.taken_back.add(one)

    def lose(self, one):
        if one in self.waved:
            self.away.add(one)

    # ---- what a side is shown ----

    def view(self, one):
        """None: nothing at all."""
        if self.met:
            return {"state": "met"}
        if not self.agreed:
            return None
        other = self.other(one)
        sharing = len(self.shares) == 2
        return {"state": "here" if self.found else "finding" if self.spot is not None or self.here else "agreed",
                "spot": self.spot, "own_here": self.found or one in self.here,
                "peer_here": self.found or other in self.here, "confirmed": one in self.confirmed,
                "sharing": sharing, "peer_there": other not in self.away}


class Script:
    """A random life of some people, as (person, act, pair, value); a cut has no pair, and in cross both wave
    in the same moment."""

    ACTS = {"wave": 10, "cross": 2, "withdraw": 2, "block": 1, "spot": 3, "here": 3, "closest": 2,
            "confirm": 3, "end": 1, "share": 2, "say": 4, "ack": 2, "resume": 2, "cut": 2}
    SAID_MAX = 6  # below every limit of pace

    def __init__(self, chooser, n_people, n_steps):
        self.chooser, self.n_people = chooser, n_people
        self.pairs = list(itertools.combinations(range(n_people), 2))
        encounters = {pair: Encounter(pair) for pair in self.pairs}
        self.shy = {pair: chooser.random() < 0.4 for pair in self.pairs}  # there only the first one waves
        self.waves = {pair: [] for pair in self.pairs}
        self.steps = []
        for _ in range(n_steps):
            self.draw(encounters)

    def draw(self, encounters):
        act = self.chooser.choices(list(self.ACTS), list(self.ACTS.values()))[0]
        one = self.chooser.randrange(self.n_people)
        if act == "cut":
            self.take(encounters, (one, act, None, None))
            return
        pair = self.choose_pair(encounters, one)
        if not encounters[pair].is_open_to(one):
            return
        if act in ("wave", "cross") and not self.may_wave(encounters[pair], one, act):
            return
        value = self.draw_value(encounters[pair], one, act)
        if act == "say" and value > self.SAID_MAX or act == "ack" and value == 0:
            return
        self.take(encounters, (one, act, pair, value))

    def choose_pair(self, encounters, one):
        """Rather one in which there is more to do."""
        mine = [pair for pair in self.pairs if one in pair]
        agreed = [pair for pair in mine if encounters[pair].agreed and encounters[pair].is_open_to(one)]
        return self.chooser.choice(agreed if agreed and self.chooser.random() < 0.5 else mine)

    def may_wave(self, encounter, one, act):
        waves, other = self.waves[encounter.pair], encounter.other(one)
        if self.shy[encounter.pair] and (act == "cross" or waves and one not in waves):
            return False
        if act == "cross" and (waves or not encounter.is_open_to(other)):
            return False
        waves += [one] if act == "wave" else encounter.pair
        return True

    def draw_value(self, encounter, one, act):
        if act == "spot":
            return self.chooser.randrange(8)
        if act == "share":
            return self.chooser.random() < 0.7
        if act == "say":
            return encounter.said[one] + 1
        if act == "ack":
            return encounter.said[encounter.other(one)]
        return None

    def take(self, encounters, step):
        self.steps.append(step)
        apply(encounters, step)

    def one_sided(self):
        """(who, pair) of waves that stayed one-sided."""
        return [(waves[0], pair) for pair, waves in self.waves.items() if len(set(waves)) == 1]

    def without(self, who, pair):
        """The same life, but that person does nothing in that encounter."""
        return [step for step in self.steps if not (step[0] == who and step[2] == pair)]


def apply(encounters, step):
    """The answer; None where there is none."""
    one, act, pair, value = step
    if act == "cut":
        return None
    encounter = encounters[pair]
    if act == "cross":
        encounter.act(encounter.other(one), "wave")
        act = "wave"
    had_waved = one in encounter.waved
    answer = encounter.act(one, act, value)
    if act in WITHOUT_RECORD:
        encounter.put_away(one, had_waved)
    return answer
