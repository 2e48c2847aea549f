// SPDX-License-Identifier: GPL-2.0-or-later
/* exported init */

// One toggle in the quick settings for being open to talk. All it knows is in daemon.js, all it
// says in view.js; here is only the shell.

const {Gio, GLib, GObject, Shell} = imports.gi;

const ExtensionUtils = imports.misc.extensionUtils;
const Main = imports.ui.main;
const PopupMenu = imports.ui.popupMenu;
const {QuickMenuToggle, SystemIndicator} = imports.ui.quickSettings;

const Me = ExtensionUtils.getCurrentExtension();
const {Daemon} = Me.imports.daemon;
const {msUntilChange, viewOf} = Me.imports.view;
const _ = ExtensionUtils.gettext;

const APP_ID = 'org.sighej.SigHej.desktop';

const nowMs = () => GLib.get_real_time() / 1000;

const Toggle = GObject.registerClass(
class SigHejToggle extends QuickMenuToggle {
    _init(daemon, gicon) {
        super._init({gicon});
        this._daemon = daemon;
        this._gicon = gicon;
        this._timerId = 0;
        this._addEntries();

        this.connect('clicked', () => (this.checked ? daemon.close() : daemon.open()));
        this.connect('notify::mapped', () => this.sync());
        this.connect('destroy', () => this._stopTimer());
        this.sync();
    }

    // Draws what the daemon says now. The time left is only kept up to date while it can be seen.
    sync() {
        const {facts} = this._daemon;
        const view = viewOf(facts, nowMs());

        this.set({label: view.label, checked: view.checked, accessible_name: view.name});
        this.menu.setHeader(this._gicon, _('Open to talk'), view.subtitle);
        this._pause.visible = view.pause === 'pause';
        this._resume.visible = view.pause === 'resume';
        this._close.visible = view.canClose;
        this._window.visible = this._findApp() !== null;
        this._stopTimer();
        if (view.ticks && this.mapped)
            this._startTimer(msUntilChange(facts.openUntil * 1000, nowMs()));
    }

    showWindow() {
        const app = this._findApp();

        app?.activate();
        Main.panel.closeQuickSettings();
        return app !== null;
    }

    _addEntries() {
        this._window = this.menu.addAction(_('Open window'), () => this.showWindow());
        this._pause = this.menu.addAction(_('Pause'), () => this._daemon.pause());
        this._resume = this.menu.addAction(_('Resume'), () => this._daemon.resume());
        this._close = this.menu.addAction(_('Close'), () => this._daemon.close());
    }

    _findApp() {
        return Shell.AppSystem.get_default().lookup_app(APP_ID);
    }

    _startTimer(ms) {
        if (ms === 0)
            return;
        this._timerId = GLib.timeout_add(GLib.PRIORITY_DEFAULT, ms, () => {
            this._timerId = 0;
            this.sync();
            return GLib.SOURCE_REMOVE;
        });
    }

    _stopTimer() {
        if (this._timerId !== 0)
            GLib.source_remove(this._timerId);
        this._timerId = 0;
    }
});

const Indicator = GObject.registerClass(
class SigHejIndicator extends SystemIndicator {
    _init(gicon) {
        super._init();
        this._daemon = new Daemon(Gio.DBus.session);
        this._toggle = new Toggle(this._daemon, gicon);
        this._icon = this._addIndicator();
        this._icon.gicon = gicon;
        this.quickSettingsItems.push(this._toggle);

        this._daemon.connect('changed', () => this._sync());
        this._daemon.connect('first-run', () => this._firstRun());
        this._daemon.connect('failed', (daemon, sentence) => Main.notify('SigHej', sentence));
        this.connect('destroy', () => this._onDestroy());
        this._sync();
    }

    // Seen if you see: as long as others can see this machine, the panel shows it.
    _sync() {
        this._toggle.sync();
        this._icon.visible = this._toggle.checked;
    }

    _firstRun() {
        if (!this._toggle.showWindow())
            Main.notify('SigHej', _('Choose your interests first: sighejctl interests set'));
    }

    _onDestroy() {
        this._daemon.destroy();
        this.quickSettingsItems.forEach(item => item.destroy());
    }
});

class Extension {
    enable() {
        const icon = Me.dir.get_child('sighej-symbolic.svg');
        const menu = Main.panel.statusArea.quickSettings;

        this._indicator = new Indicator(new Gio.FileIcon({file: icon}));
        menu._indicators.insert_child_at_index(this._indicator, 0);
        this._indicator.quickSettingsItems.forEach(item => menu.menu.addItem(item));
    }

    disable() {
        this._indicator.destroy();
        this._indicator = null;
    }
}

function init() {
    const localeDir = GLib.getenv('SIGHEJ_LOCALE_DIR');

    ExtensionUtils.initTranslations();
    if (localeDir !== null)
        imports.gettext.bindtextdomain(Me.metadata['gettext-domain'], localeDir);
    return new Extension();
}
