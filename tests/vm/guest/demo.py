#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/demo --vm, inside the VM: the demo on the real stack with two emulated controllers."""
import os
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
TOP = os.path.dirname(os.path.dirname(os.path.dirname(HERE)))
sys.path.insert(0, os.path.dirname(HERE))

from stack import Stack  # noqa: E402

print("guest: two emulated controllers and the real bluetoothd are starting", flush=True)
with Stack("demo", controllers="extended", experimental=True, orders=["rssi * * -55 2"]):
    status = subprocess.run(
        ["/usr/bin/python3", os.path.join(TOP, "scripts/lib/demo.py"), "--radio=bluez",
         "--adapters=hci0,hci1", *sys.argv[1:]], cwd=TOP, check=False).returncode
sys.exit(status)
