// SPDX-License-Identifier: GPL-2.0-or-later
// What the toggle in GNOME's quick settings shows, and that all of the extension can be read.
// argv: the extension's folder. Output: TAP.

const {GLib} = imports.gi;
const System = imports.system;

const [folder] = ARGV;
imports.searchPath.unshift(folder);
const {msUntilChange, duration, viewOf} = imports.view;

const MINUTE = 60 * 1000;
const NOW = 1795219800 * 1000;

const OFF = {state: 'off', reason: '', openUntil: 0, pausedUntil: 0, nearby: 0};
const OPEN = {...OFF, state: 'open', openUntil: (NOW + 72 * MINUTE) / 1000};

function equal(is, shouldBe) {
    const [left, right] = [is, shouldBe].map(value => JSON.stringify(value));

    if (left !== right)
        throw new Error(`${left} is not ${right}`);
}

const tests = {
    'off is a name to press'() {
        const view = viewOf(OFF, NOW);

        equal([view.checked, view.label, view.subtitle, view.name],
            [false, 'Open to talk', '', 'Open to talk']);
        equal([view.pause, view.canClose, view.ticks], [null, false, false]);
    },

    'open shows the time left'() {
        const view = viewOf(OPEN, NOW);

        equal([view.checked, view.label, view.name],
            [true, '1 h 12 min', 'Open to talk, 1 h 12 min left']);
        equal([view.pause, view.canClose, view.ticks], ['pause', true, true]);
    },

    'who is near is counted, not listed'() {
        equal([0, 1, 2].map(nearby => viewOf({...OPEN, nearby}, NOW).subtitle),
            ['No one near yet', '1 person near is open', '2 people near are open'].map(
                text => `1 h 12 min left · ${text}`));
    },

    'paused offers to go on'() {
        const view = viewOf({...OPEN, state: 'paused', reason: 'user'}, NOW);

        equal([view.checked, view.label, view.subtitle, view.pause, view.ticks],
            [true, 'Paused', 'Paused · Nobody sees you', 'resume', false]);
        equal(viewOf({...OPEN, state: 'paused', reason: 'locked'}, NOW).subtitle,
            'Paused · The screen is locked');
    },

    'a pause that ends says when'() {
        const at = GLib.DateTime.new_local(2026, 11, 22, 12, 45, 0).to_unix();

        equal(viewOf({...OPEN, state: 'paused', pausedUntil: at}, NOW).subtitle, 'Paused · Until 12:45');
    },

    'waiting says for what'() {
        const view = viewOf({...OPEN, state: 'waiting', reason: 'bluetooth-off'}, NOW);

        equal([view.checked, view.label, view.subtitle], [true, 'Waiting', 'Waiting · Bluetooth is off']);
        equal(viewOf({...OPEN, state: 'waiting', reason: 'of tomorrow'}, NOW).subtitle, 'Waiting');
    },

    'a state of tomorrow is off'() {
        equal(viewOf({...OPEN, state: 'dreaming'}, NOW).checked, false);
    },

    'time that is up is told once it is off'() {
        equal(viewOf({...OFF, reason: 'expired'}, NOW).subtitle, 'Time is up');
    },

    'minutes are rounded up'() {
        equal([120, 119.99, 60, 59.2, 1, 0.001, 0, -3].map(m => duration(NOW + m * MINUTE, NOW)),
            ['2 h', '2 h', '1 h', '1 h', '1 min', '1 min', '0 min', '0 min']);
    },

    'it changes once a minute and never more often'() {
        const until = NOW + 200 * MINUTE + 12345;
        let changes = 0;

        for (let now = NOW, wait; (wait = msUntilChange(until, now)) > 0; now += wait) {
            if (duration(until, now) === duration(until, now + wait))
                throw new Error(`nothing new after ${wait} ms`);
            if (wait > MINUTE || wait < MINUTE && changes > 0)
                throw new Error(`${wait} ms are not a minute`);
            changes++;
        }
        equal(changes, 201);
    },

    'every file can be read'() {
        for (const name of ['daemon.js', 'extension.js', 'view.js']) {
            const [, bytes] = GLib.file_get_contents(GLib.build_filenamev([folder, name]));

            new Function(new TextDecoder().decode(bytes));
        }
    },
};

let failed = 0;

print(`1..${Object.keys(tests).length}`);
Object.entries(tests).forEach(([name, run], i) => {
    try {
        run();
        print(`ok ${i + 1} ${name}`);
    } catch (e) {
        failed++;
        print(`not ok ${i + 1} ${name}\n# ${e.message}`);
    }
});
System.exit(failed === 0 ? 0 : 1);
