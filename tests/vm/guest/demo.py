#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/demo --vm, in the guest: the demo on bluetoothd and two emulated controllers."""
import os
import subprocess
import sys
import time

from stack import HERE, Stack

DEMO = os.path.join(HERE, "..", "..", "..", "scripts", "lib", "demo.py")
DISTANCE_DBM = -58              # about as loud as a phone on the same table


def main():
    started = time.monotonic()

    def say(text):
        print("%8.3f s  %s" % (time.monotonic() - started, text), flush=True)

    say("the guest runs; starting its Bluetooth stack")
    with Stack("demo", controllers="extended", orders=["rssi * * %d 2" % DISTANCE_DBM]) as stack:
        adapters = sorted(os.path.basename(path) for path in stack.adapters())
        say("bluetoothd has two adapters, %s" % " and ".join(adapters))
        return subprocess.run([sys.executable, DEMO, "--radio=bluez", "--adapters=" + ",".join(adapters),
                               "--started=%f" % started] + sys.argv[1:], check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
