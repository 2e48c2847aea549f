# SPDX-License-Identifier: GPL-2.0-or-later
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, *(os.path.join(os.path.dirname(HERE), "integration", folder) for folder in ("faults", "backend", "")),
                os.path.join(os.path.dirname(HERE), "lib")]
