// SPDX-License-Identifier: GPL-2.0-or-later
/* exported Daemon */

const Signals = imports.signals;
const Gettext = imports.gettext.domain('sighej');
const _ = Gettext.gettext;

const {Gio, GLib} = imports.gi;

const BUS_NAME = 'org.sighej';
const PATH = '/org/sighej';
const MANAGER = 'org.sighej.Manager1';
const CALL_TIMEOUT_MS = 30 * 1000;
const DEFAULT_DURATION = 0;
const UNTIL_RESUMED = 0;

// The daemon does not know yet what to open with: the window asks.
const FIRST_RUN_ERRORS = [
    'org.sighej.Error.InvalidInterest',
    'org.sighej.Error.Offline',
];

// The service org.sighej as a toggle needs it: a few properties and four methods. One that is not
// there counts as off and is started by open() alone. Needs no shell.
//
// Signals: 'changed' (): facts are others, however many properties changed;
//          'first-run' (): open() needs answers that only the window can ask for;
//          'failed' (sentence)
var Daemon = class {
    constructor(connection) {
        this._cancellable = new Gio.Cancellable();
        this._changedId = 0;
        this._proxy = new Gio.DBusProxy({
            g_connection: connection,
            g_name: BUS_NAME,
            g_object_path: PATH,
            g_interface_name: MANAGER,
            g_flags: Gio.DBusProxyFlags.DO_NOT_AUTO_START_AT_CONSTRUCTION,
        });
        this._handlers = ['g-properties-changed', 'notify::g-name-owner'].map(
            signal => this._proxy.connect(signal, () => this._queueChanged()));
        this._proxy.init_async(GLib.PRIORITY_DEFAULT, this._cancellable, (proxy, result) => {
            try {
                proxy.init_finish(result);
                this._queueChanged();
            } catch (e) {
                this._report(e);
            }
        });
    }

    // What there is of it, as viewOf() takes it. What is missing or of a wrong type reads as none.
    get facts() {
        return {
            state: this._read('State', 's', 'off'),
            reason: this._read('Reason', 's', ''),
            openUntil: this._read('OpenUntil', 't', 0),
            pausedUntil: this._read('PausedUntil', 't', 0),
            nearby: this._read('NearbyCount', 'u', 0),
        };
    }

    open() {
        // Also starts it. GDBusProxy knows nothing of a daemon that is not there yet.
        const asked = new GLib.Variant('(ss)', [MANAGER, 'NoticeAccepted']);

        this._call('org.freedesktop.DBus.Properties.Get', asked, ([accepted]) => {
            if (accepted.deepUnpack() === false)
                this.emit('first-run');
            else
                this._call('Open', new GLib.Variant('(u)', [DEFAULT_DURATION]));
        });
    }

    close() {
        this._call('Close', null);
    }

    pause() {
        this._call('Pause', new GLib.Variant('(u)', [UNTIL_RESUMED]));
    }

    resume() {
        this._call('Resume', null);
    }

    // Nothing is said or asked after this.
    destroy() {
        this._cancellable.cancel();
        this._handlers.forEach(id => this._proxy.disconnect(id));
        this._handlers = [];
        if (this._changedId !== 0)
            GLib.source_remove(this._changedId);
        this._changedId = 0;
        this.disconnectAll();
    }

    _read(property, type, otherwise) {
        const value = this._proxy.get_cached_property(property);

        return value?.get_type_string() === type ? value.unpack() : otherwise;
    }

    // Ten thousand changes in a second are drawn as often as the shell has time for it.
    _queueChanged() {
        if (this._changedId !== 0)
            return;
        this._changedId = GLib.idle_add(GLib.PRIORITY_DEFAULT_IDLE, () => {
            this._changedId = 0;
            this.emit('changed');
            return GLib.SOURCE_REMOVE;
        });
    }

    _call(method, parameters, done = null) {
        this._proxy.call(method, parameters, Gio.DBusCallFlags.NONE, CALL_TIMEOUT_MS,
            this._cancellable, (proxy, result) => {
                try {
                    const reply = proxy.call_finish(result);

                    done?.(reply.deepUnpack());
                } catch (e) {
                    this._report(e);
                }
            });
    }

    _report(error) {
        if (error.matches?.(Gio.IOErrorEnum, Gio.IOErrorEnum.CANCELLED))
            return;
        if (FIRST_RUN_ERRORS.includes(Gio.DBusError.get_remote_error(error))) {
            this.emit('first-run');
            return;
        }
        this.emit('failed', this._sentenceOf(error));
    }

    _sentenceOf(error) {
        if (error.matches(Gio.DBusError, Gio.DBusError.SERVICE_UNKNOWN) ||
            error.matches(Gio.DBusError, Gio.DBusError.NAME_HAS_NO_OWNER))
            return _('The SigHej service is not there. Install sighejd, or start it');
        if (error.matches(Gio.IOErrorEnum, Gio.IOErrorEnum.TIMED_OUT) ||
            error.matches(Gio.DBusError, Gio.DBusError.NO_REPLY))
            return _('The SigHej service does not answer. Try again');
        Gio.DBusError.strip_remote_error(error);
        return error.message;
    }
};
Signals.addSignalMethods(Daemon.prototype);
