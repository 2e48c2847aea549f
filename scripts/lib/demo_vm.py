#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""scripts/demo --vm, on the host: boots the virtual machine and runs the demo in it."""
import os
import sys

TOP = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
LIMIT_SECONDS = 300

vm_run = os.path.join(TOP, "tests/vm/vm-run")
print("booting a virtual machine; without hardware virtualisation this takes a minute or two",
      flush=True)
os.execv(vm_run, [vm_run, "-t", str(LIMIT_SECONDS), "-d", TOP, "-e", "PYTHONDONTWRITEBYTECODE=1",
                  "--", "/usr/bin/python3", "tests/vm/guest/demo.py", *sys.argv[1:]])
