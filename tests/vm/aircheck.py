# SPDX-License-Identifier: GPL-2.0-or-later
"""What must never have been on the air, whatever a test did: the judge of a whole HCI trace.

    verdict = aircheck.judge(trace, moments)
    print(verdict)              # what was looked at, and how long the public address showed
    verdict.check()             # AirError with every violation, if there is one

Of every adapter and the whole time:
- nothing longer than 31 bytes; what carries our UUID is our structure of 31 bytes and nothing else,
  without a scan response;
- what carries our UUID comes from a private address, and nobody can connect to it;
- no active scan sends its requests from the public address.

A Moment excuses one thing: that the adapter's public address shows for at most EXPOSURE_MAX_S from
when a test made it discoverable. An advertisement may be connectable for as long as the test lets it.
"""
from dataclasses import dataclass, field
from statistics import median
from typing import Optional

OUR_UUID = "a3f7c1d2-5b0e-4c69-9e84-53494748454a"
UUID_ON_AIR = bytes.fromhex(OUR_UUID.replace("-", ""))[::-1].hex()
AD_HEAD = "1e21" + UUID_ON_AIR
AD_BYTES = 31
EXPOSURE_MAX_S = 2
PRIVATE = ("nonresolvable", "resolvable")


class AirError(AssertionError):
    """Something was on the air that must never be."""


@dataclass
class Moment:
    """A test made adapter `index` discoverable, and not again from `ended` on."""

    index: int
    began: float
    ended: Optional[float] = None


@dataclass
class Verdict:
    """What the trace of one Stack, or the traces of several, showed."""

    advertisements: int = 0             # with our UUID, each unchanged for as long as it was on the air
    scans: int = 0                      # active ones
    moments: int = 0
    exposures_s: list = field(default_factory=list)     # how long the public address was enabled
    violations: list = field(default_factory=list)

    def add(self, other):
        for name, value in vars(other).items():
            setattr(self, name, getattr(self, name) + value)

    def check(self):
        if self.violations:
            raise AirError("on the air, and must never be:\n" + "\n".join(self.violations))

    def __str__(self):
        exposed = "never"
        if self.exposures_s:
            exposed = "%d times, %.0f ms in the median, %.0f ms at most" % (
                len(self.exposures_s), median(self.exposures_s) * 1000, max(self.exposures_s) * 1000)
        return ("%d advertisements of ours, %d active scans: %d violations; "
                "made discoverable %d times, the public address enabled %s" % (
                    self.advertisements, self.scans, len(self.violations), self.moments, exposed))


def carries_ours(on_air):
    return UUID_ON_AIR in on_air.data or UUID_ON_AIR in on_air.response


def is_excused(moments, index, start, end):
    """Whether a test had just made the adapter discoverable."""
    return any(m.index == index and m.began <= start and end <= m.began + EXPOSURE_MAX_S for m in moments)


def is_discoverable(moments, index, start, end):
    """Whether a test kept the adapter discoverable, or had just taken it back."""
    return any(m.index == index and m.began <= start and (m.ended is None or end <= m.ended + EXPOSURE_MAX_S)
               for m in moments)


def judge_shape(on_air):
    """What is wrong with its bytes, or None."""
    if len(on_air.data) > 2 * AD_BYTES:
        return "%d bytes" % (len(on_air.data) // 2)
    if not carries_ours(on_air):
        return None
    if not on_air.data.startswith(AD_HEAD) or len(on_air.data) != 2 * AD_BYTES:
        return "our UUID in %d bytes that are not our structure" % (len(on_air.data) // 2)
    return "a scan response of %d bytes" % (len(on_air.response) // 2) if on_air.response else None


def judge_adapter(trace, index, moments, verdict):
    def complain(what, one):
        verdict.violations.append("hci%d from %.3f for %.3f s: %s" % (
            index, one.start, (trace.last_time if one.end is None else one.end) - one.start, what))

    for on_air in trace.on_air_intervals(index):
        end = trace.last_time if on_air.end is None else on_air.end
        shape = judge_shape(on_air)
        if shape:
            complain(shape, on_air)
        if not carries_ours(on_air):
            continue
        verdict.advertisements += 1
        if on_air.address_kind not in PRIVATE:
            if is_excused(moments, index, on_air.start, end):
                verdict.exposures_s.append(end - on_air.start)
            else:
                complain("our UUID from a %s address" % on_air.address_kind, on_air)
        elif (on_air.connectable or on_air.scannable) and not is_discoverable(moments, index, on_air.start, end):
            complain("our UUID in %s" % on_air.pdu, on_air)
    for scan in trace.scans(index):
        verdict.scans += scan.active
        if scan.active and scan.address_kind not in PRIVATE:
            complain("an active scan from a %s address" % scan.address_kind, scan)


def judge(trace, moments=()):
    """The Verdict on all adapters of a trace."""
    verdict = Verdict(moments=len(moments))
    for index in trace.indexes:
        judge_adapter(trace, index, moments, verdict)
    return verdict
