/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* The desktop's own page of Bluetooth settings: GNOME's, KDE's or Blueman's, the first there is. */

gboolean sighej_bluetooth_settings_exist (void);

/* @window: the one it was asked for from. Fails with the error of the program's start. */
gboolean sighej_bluetooth_settings_show (GtkWidget *window, GError **error);

G_END_DECLS
