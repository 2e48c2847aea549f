// SPDX-License-Identifier: GPL-2.0-or-later
/* exported viewOf, isOn, duration, msUntilChange */

// What the toggle shows, from what the daemon says. Pure: no bus, no shell, no clock.

const Gettext = imports.gettext.domain('sighej');
const _ = Gettext.gettext;
const ngettext = Gettext.ngettext;

const {vprintf} = imports.format;
const {GLib} = imports.gi;

const MINUTE_MS = 60 * 1000;
const HOUR_MINUTES = 60;

// A state in which the person wants to be open, whatever comes of it.
const ON_STATES = ['opening', 'open', 'paused', 'waiting'];

function whyOf(reason) {
    switch (reason) {
    case 'locked': return _('The screen is locked');
    case 'inhibited': return _('A program asks for silence');
    case 'quiet-hours': return _('Quiet hours');
    case 'bluetooth-off': return _('Bluetooth is off');
    case 'bluetooth-missing':
    case 'bluetooth-unsupported': return _('No Bluetooth here');
    case 'bluetooth-blocked-soft': return _('Airplane mode is on');
    case 'bluetooth-blocked-hard': return _('A switch blocks Bluetooth');
    case 'bluetooth-denied': return _('SigHej may not use Bluetooth');
    case 'backend-offline': return _('No connection. Trying again');
    default: return '';
    }
}

function nearbyText(count) {
    if (count === 0)
        return _('No one near yet');
    return vprintf(ngettext('%d person near is open', '%d people near are open', count), [count]);
}

function untilText(unixSeconds) {
    const time = unixSeconds === 0 ? null : GLib.DateTime.new_from_unix_local(unixSeconds);

    return time === null ? _('Nobody sees you') : vprintf(_('Until %s'), [time.format('%H:%M')]);
}

function minutesLeft(untilMs, nowMs) {
    return Math.max(Math.ceil((untilMs - nowMs) / MINUTE_MS), 0);
}

var isOn = state => ON_STATES.includes(state);

// "1 h 12 min": minutes are rounded up, so the last one is "1 min".
var duration = (untilMs, nowMs) => {
    const minutes = minutesLeft(untilMs, nowMs);
    const hours = Math.floor(minutes / HOUR_MINUTES);

    if (hours === 0)
        return vprintf(_('%d min'), [minutes]);
    if (minutes % HOUR_MINUTES === 0)
        return vprintf(_('%d h'), [hours]);
    return vprintf(_('%d h %d min'), [hours, minutes % HOUR_MINUTES]);
};

// When duration() says something else, in 1 to 60,000 ms; 0: it never does again.
var msUntilChange = (untilMs, nowMs) => {
    const minutes = minutesLeft(untilMs, nowMs);

    return minutes === 0 ? 0 : Math.ceil(untilMs - nowMs - (minutes - 1) * MINUTE_MS) || 1;
};

// [the few letters there is room for, the rest]
function stateText(facts, nowMs) {
    switch (facts.state) {
    case 'opening': return [_('Opening…'), ''];
    case 'open': return [duration(facts.openUntil * 1000, nowMs), nearbyText(facts.nearby)];
    case 'paused': return [_('Paused'), whyOf(facts.reason) || untilText(facts.pausedUntil)];
    case 'waiting': return [_('Waiting'), whyOf(facts.reason)];
    case 'closing': return [_('Closing…'), ''];
    default: return [_('Open to talk'), facts.reason === 'expired' ? _('Time is up') : ''];
    }
}

// facts: {state, reason, openUntil, pausedUntil, nearby}; times in Unix seconds, 0: none.
// Of the result, label stands on the toggle, subtitle in the menu below it, name is for those who
// hear it; pause is what the menu offers: 'pause', 'resume' or null.
var viewOf = (facts, nowMs) => {
    const checked = isOn(facts.state);
    const [label, subtitle] = stateText(facts, nowMs);
    const status = facts.state === 'open' ? vprintf(_('%s left'), [label]) : label;
    let pause = null;

    if (facts.state === 'paused')
        pause = 'resume';
    else if (checked)
        pause = 'pause';
    return {
        checked,
        label,
        subtitle: [checked ? status : '', subtitle].filter(text => text).join(' · '),
        name: checked ? `${_('Open to talk')}, ${status}` : label,
        pause,
        canClose: checked,
        ticks: facts.state === 'open' && facts.openUntil > 0,
    };
};
