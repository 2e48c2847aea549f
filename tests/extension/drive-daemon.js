// SPDX-License-Identifier: GPL-2.0-or-later
// The extension's D-Bus part without a shell: does what standard input says, one word a line, and
// prints each signal of it with what the toggle would show, one JSON object a line.
// argv: the extension's folder. It ends at the end of its input.

const {Gio, GLib} = imports.gi;

imports.gettext.bindtextdomain('sighej', GLib.getenv('SIGHEJ_LOCALE_DIR'));
imports.searchPath.unshift(ARGV[0]);
const {Daemon} = imports.daemon;
const {viewOf} = imports.view;

const loop = new GLib.MainLoop(null, false);
const daemon = new Daemon(Gio.DBus.session);
const input = new Gio.DataInputStream({base_stream: new Gio.UnixInputStream({fd: 0})});

// The fake daemon's opening begins at this time and lasts two hours.
const NOW_MS = 1795219200 * 1000;

const say = object => print(JSON.stringify(object));

daemon.connect('changed', () => say({signal: 'changed', ...viewOf(daemon.facts, NOW_MS)}));
daemon.connect('first-run', () => say({signal: 'first-run'}));
daemon.connect('failed', (_daemon, sentence) => say({signal: 'failed', sentence}));

function readOn() {
    input.read_line_async(GLib.PRIORITY_DEFAULT, null, (stream, result) => {
        const [line] = stream.read_line_finish_utf8(result);

        if (line === null) {
            daemon.destroy();
            loop.quit();
            return;
        }
        daemon[line]();
        readOn();
    });
}

readOn();
loop.run();
