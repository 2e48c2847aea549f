// SPDX-License-Identifier: GPL-2.0-or-later
/* exported init */

// For tests: opens org.gnome.Shell.Eval and org.gnome.Shell.Screenshot of a shell that nobody uses.

class Probe {
    enable() {
        global.context.unsafe_mode = true;
    }

    disable() {
        global.context.unsafe_mode = false;
    }
}

function init() {
    return new Probe();
}
