# SPDX-License-Identifier: GPL-2.0-or-later
"""What must never be in the journal, and where it is planted."""
import subprocess

import disk

INTEREST = "kanariefugle"                       # the one both have, in words of their own
OTHERS = {"anna": "gulspurv i haven", "bo": "dompap om vinteren"}
SAID = {"anna": "jeg har en rød kanariefjer", "bo": "ved det grønne kanariebur"}
ADMIN_TOKEN = "kanarie-admin-94e6c1f0"
CREDENTIALS = {
    "redis-url": "redis://:%s@127.0.0.1:6379/0" % disk.REDIS_SECRET,
    "database-url": "postgresql://sighej:%s@127.0.0.1:5432/sighej" % disk.POSTGRES_SECRET,
    "admin-token": ADMIN_TOKEN,
}
CONTROL = "a line with %s, to be found"         # so that we know the search finds what is there


def words():
    """Everything planted by us, as it might be written."""
    planted = [INTEREST, *OTHERS.values(), *SAID.values(), ADMIN_TOKEN, disk.REDIS_SECRET, disk.POSTGRES_SECRET]
    return {word.encode() for word in planted} | {word.encode().hex().encode() for word in planted}


def from_the_air(trace, adapters):
    """Every token and address that our programs had on the air, in the ways they might be written."""
    found = set()
    for number in adapters:
        for one in trace.on_air_intervals(number):
            found |= {one.data[-26:].encode(), one.data[-20:].encode()}         # whole payload, and the token's end
            if one.address:
                found |= {one.address.encode(), one.address.replace(":", "").encode(), one.address.replace(":", "_").encode()}
    return found


def export():
    """The whole journal, of all boots and with every field, as bytes."""
    subprocess.run(["journalctl", "--sync"], check=True)
    return subprocess.run(["journalctl", "--output=export", "--all", "--no-pager"], capture_output=True, check=True).stdout


def found_in(journal, canaries):
    """Those that are there, whatever their case."""
    low = journal.lower()
    return sorted(canary for canary in canaries if canary.lower() in low)
