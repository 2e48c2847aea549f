# SPDX-License-Identifier: GPL-2.0-or-later
"""What must never be in the journal, and where it is planted."""
import base64
import os
import re
import subprocess

import aircheck
import disk
from stack import wait_until

TOKEN_BYTES = 10                        # of the end of what is on the air

INTEREST = "kanariefugle"                       # the one both have, in words of their own
OTHERS = {"anna": "gulspurv i haven", "bo": "dompap om vinteren"}
SAID = {"anna": "jeg har en rød kanariefjer", "bo": "ved det grønne kanariebur"}
ADMIN_TOKEN = "kanarie-admin-94e6c1f0"
CREDENTIALS = {
    "redis-url": "redis://:%s@127.0.0.1:6379/0" % disk.REDIS_SECRET,
    "database-url": "postgresql://sighej:%s@127.0.0.1:5432/sighej" % disk.POSTGRES_SECRET,
    "admin-token": ADMIN_TOKEN,
}
CONTROL = "kanarie-kontrol-%s"          # what the search must find, or it finds nothing
CONTROL_S = 30
ON_DISK = "/root/on-the-air"            # tokens and addresses of all boots


def words():
    """Everything planted by us, as it might be written."""
    planted = [INTEREST, *OTHERS.values(), *SAID.values(), ADMIN_TOKEN, disk.REDIS_SECRET, disk.POSTGRES_SECRET]
    return {word.encode() for word in planted} | {word.encode().hex().encode() for word in planted}


def from_the_air(trace):
    """Every token and private address that our programs had on the air, in the ways they might be written."""
    found = set()
    for number in range(3):
        for one in trace.on_air_intervals(number):
            if aircheck.carries_ours(one):
                token = one.data[-2 * TOKEN_BYTES:]
                raw = bytes.fromhex(token)
                found |= {token, " ".join(re.findall("..", token)), base64.b64encode(raw).decode().rstrip("="),
                          base64.urlsafe_b64encode(raw).decode().rstrip("=")}
                if one.address:
                    found |= {one.address.replace(":", between) for between in (":", "", "_", "-")}
    return {one.encode() for one in found}


def export():
    """The whole journal, of all boots and with every field, as bytes."""
    subprocess.run(["journalctl", "--sync"], check=True)
    return subprocess.run(["journalctl", "--output=export", "--all", "--no-pager"], capture_output=True, check=True).stdout


def export_with(control):
    """That has that in it: what is written to /dev/log is not in the journal at once, not even after --sync."""
    journal = []

    def has_it():
        journal[:] = [export()]
        return found_in(journal[0], {control})
    wait_until(has_it, CONTROL_S, "the search finds what was planted for it")
    return journal[0]


def check_journal(machine):
    """Fails if anything planted or anything that was on the air, in this boot or before, is in the journal."""
    control = CONTROL % os.urandom(8).hex()
    subprocess.run(["logger", "-t", "control", control], check=True)
    heard = from_the_air(machine.trace())
    assert len(heard) > 6
    with open(ON_DISK, "a+b") as f:
        f.seek(0)
        heard |= set(f.read().split(b"\n")) - {b""}
        f.write(b"\n".join(heard) + b"\n")
    journal = export_with(control.encode())
    found = found_in(journal, words() | heard)
    assert not found, "in the journal: %s" % found
    machine.say("journal: %d bytes, without any of %d words, tokens and addresses" % (len(journal), len(words() | heard)))


def found_in(journal, canaries):
    """Those that are there, whatever their case."""
    low = journal.lower()
    return sorted(canary for canary in canaries if canary.lower() in low)
