# SPDX-License-Identifier: GPL-2.0-or-later
"""Who is there, who hears whom, and what must have been shown in the end.

Known in advance: the pairs that share an interest and both report each other (expected), the pairs
that share none, and those where only one reports (strangers: never a nudge). A nudge's id belongs to
exactly one expected pair and is shown to both, once. The id itself says nothing of the pair, so the
pair is who was shown the same id.
"""
import asyncio
import collections
import heapq
import itertools
import random

from person import REPORT_AGAIN_SECONDS, REPORTS_OF_STRANGERS, Person

TOPICS = ["devops", "hardstyle", "chess", "gardening", "philosophy"]
ONE_SIDED_SHARE = 0.05
TICK_SECONDS = 0.02
HELD_UP_SECONDS = 0.1


class Crowd:
    def __init__(self, n_nudges, seed, addresses):
        self.random, self.addresses, self.over = random.Random(seed), addresses, False
        self.statuses, self.closes, self.errors = (collections.Counter() for _ in range(3))
        self.wrong, self.n_gone = [], 0
        self.people, self.pairs, self.expected, self.one_sided = [], [], set(), set()
        self.ids = {}  # id -> numbers of those who were shown it
        self.found = {}  # pair -> id, once both know
        self.due, self.order = [], itertools.count()  # of reports
        self.n_released = 0
        self.partners = collections.defaultdict(set)  # released so far
        while len(self.expected) < n_nudges:
            self._join(n_nudges)
        self.random.shuffle(self.pairs)

    def _join(self, n_nudges):
        one = Person(len(self.people), self.random.sample(TOPICS, self.random.randint(1, 3)), self,
                     self.random.random())
        for other in self.people:
            pair = (other.number, one.number)
            if self.random.random() < ONE_SIDED_SHARE:
                self.one_sided.add(pair)
            elif set(one.interests) & set(other.interests):
                if len(self.expected) == n_nudges:
                    continue
                self.expected.add(pair)
            self.pairs.append(pair)
        self.people.append(one)

    def pick(self, chooser):
        return chooser.choice(self.addresses)

    # ---- who hears whom ----

    def release(self, share):
        """So much of all pairs is in reach of each other by now."""
        until = min(len(self.pairs), round(share * len(self.pairs)))
        for pair in self.pairs[self.n_released:until]:
            for one, other in (pair, pair[::-1]):
                if pair not in self.one_sided or one < other:
                    self.partners[one].add(other)
                    self._report_at(0, one, other, 0)
        self.n_released = max(until, self.n_released)

    def _report_at(self, when, one, other, n_before):
        heapq.heappush(self.due, (when, next(self.order), one, other, n_before,
                                  self._sessions(one, other)))

    def _sessions(self, one, other):
        return self.people[one].n_sessions, self.people[other].n_sessions

    def renewed(self, person):
        """A new session of somebody: to the others a new token, and he reports anew."""
        if person.n_sessions == 1:
            return
        for other in self.partners[person.number]:
            self._report_at(0, person.number, other, 0)
        for one, others in self.partners.items():
            if person.number in others:
                self._report_at(0, one, person.number, 0)

    async def reports(self):
        loop = asyncio.get_running_loop()
        while not self.over:
            now = loop.time()
            while self.due and self.due[0][0] <= now:
                self._report(now, *heapq.heappop(self.due)[2:])
            await asyncio.sleep(TICK_SECONDS)

    def _report(self, now, one, other, n_before, sessions):
        pair = (min(one, other), max(one, other))
        if sessions != self._sessions(one, other) and n_before > 0:
            return  # a later entry goes on
        if pair in self.found and n_before > 0:
            return
        if pair not in self.expected and n_before >= REPORTS_OF_STRANGERS:
            return
        if self.people[one].report(self.people[other]):
            self._report_at(now + REPORT_AGAIN_SECONDS * (0.5 + self.random.random()), one, other, n_before + 1)
        else:
            self._report_at(now + HELD_UP_SECONDS, one, other, n_before)

    # ---- what came of it ----

    def note(self, person, nudge_id):
        who = self.ids.setdefault(nudge_id, [])
        who.append(person.number)
        if len(who) > 2:
            self.wrong.append(f"{nudge_id} was shown to {who}")
        if len(who) < 2:
            return
        pair = tuple(sorted(who[:2]))
        if pair not in self.expected:
            self.wrong.append(f"{pair} was nudged: {nudge_id}")
        if self.found.setdefault(pair, nudge_id) != nudge_id:
            self.wrong.append(f"{pair} was nudged twice: {nudge_id}, {self.found[pair]}")
        for number in pair:
            self._check_labels(pair, self.people[number], nudge_id)

    def _check_labels(self, pair, person, nudge_id):
        first, second = (self.people[number] for number in pair)
        shared = set(first.interests) & set(second.interests)
        if set(person.shown[nudge_id]) != shared:
            self.wrong.append(f"{pair}: {person.shown[nudge_id]} instead of {shared}")

    def missing(self):
        return self.expected - set(self.found)

    def one_sided_nudges(self):
        """Shown to one and not to the other."""
        return [nudge_id for nudge_id, who in self.ids.items() if len(who) == 1]

    def all_open(self):
        return all(person.socket is not None for person in self.people)
