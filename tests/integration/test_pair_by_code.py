# SPDX-License-Identifier: GPL-2.0-or-later
"""Two whose Bluetooth fails: a code, the same words on both screens, a talk."""
from sighejrun import MEET, NUDGE, Run


class Side:
    def __init__(self, daemon):
        self.daemon, self.path = daemon, None

    def find(self):
        Run.until(lambda: self.daemon.call("ListMeets")[0], f"{self.daemon.name} has a meet")
        (self.path, *_rest), = self.daemon.call("ListMeets")[0]
        return self

    def get(self, name):
        return self.daemon.get(name, path=self.path, interface=MEET)

    def wait(self, name, value):
        Run.until(lambda: self.get(name) == value, f"{self.daemon.name}: {name} is {value}")

    def say(self, text):
        self.daemon.call("SendMessage", "(s)", text, path=self.path, interface=MEET)

    def wait_heard(self, text):
        Run.until(lambda: [row[3] for row in self.daemon.call(
            "GetMessages", "(tu)", 0, 0, path=self.path, interface=MEET)[0] if not row[1]] == [text],
            f"{self.daemon.name} has been told {text}")


def test_a_code_and_the_same_words(people):
    ann, bo = people("ann", "devops"), people("bo", "jazz")
    people.open()
    code, link, _expires = ann.call("CreatePairCode")
    assert link.endswith(code.replace("-", ""))
    path, = bo.call("PairByCode", "(s)", code)
    creator, joiner = Side(ann).find(), Side(bo).find()
    assert path == joiner.path
    for side in (creator, joiner):
        side.wait("Trust", "phrase")
        Run.until(lambda s=side: s.get("Phrase"), f"{side.daemon.name} shows a phrase")
    assert (creator.get("Role"), joiner.get("Role")) == ("creator", "joiner")
    assert creator.get("Phrase") == joiner.get("Phrase")
    assert len(creator.get("Phrase").split()) == 4

    creator.say("are your words the same?")
    joiner.wait_heard("are your words the same?")
    joiner.say("yes")
    creator.wait_heard("yes")
    assert bo.call("PairByCode", "(s)", link) == (path,)


def test_a_code_between_two_who_were_nudged(people):
    """The nudge goes on beside it: a wave of before stays a wave, and may become a second meet."""
    ann, bo = people("ann", "devops"), people("bo", "devops")
    people.open()
    people.wait_nudges()
    nudges = [one.nudges()[0][0] for one in (ann, bo)]
    ann.call("Wave", path=nudges[0], interface=NUDGE)
    path, = bo.call("PairByCode", "(s)", ann.call("CreatePairCode")[0])
    creator, joiner = Side(ann).find(), Side(bo).find()
    assert path == joiner.path and path not in nudges
    for side in (creator, joiner):
        side.wait("Trust", "phrase")
    joiner.say("is that you?")
    creator.wait_heard("is that you?")
    assert bo.get("State", path=nudges[1], interface=NUDGE) == "new"

    bo.call("Wave", path=nudges[1], interface=NUDGE)
    for one in (ann, bo):
        Run.until(lambda o=one: len(o.call("ListMeets")[0]) == 2, f"{one.name} has two meets")
    ann.call("End", "(s)", "", path=creator.path, interface=MEET)
    for one in (ann, bo):
        Run.until(lambda o=one: len(o.call("ListMeets")[0]) == 1, f"one meet of {one.name} is over")
    for one, nudge in zip((ann, bo), nudges):
        assert one.get("State", path=nudge, interface=NUDGE) == "mutual"
        Run.until(lambda o=one, n=nudge: o.get("Trust", n.replace("nudges", "meets"), MEET) == "verified",
                  "the other goes on")
