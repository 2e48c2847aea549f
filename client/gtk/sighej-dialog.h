/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/*
 * Shows a dialog above @parent, with the shortcuts of the application: Ctrl+Shift+X closes the
 * session from there, too. Every window but the main one is to be shown by this.
 */
void sighej_dialog_present (GtkWindow *dialog, GtkWindow *parent);

G_END_DECLS
