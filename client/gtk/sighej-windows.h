/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/*
 * The windows beside the one: interests, preferences, help, shortcuts, about. Each is there at
 * most once; asked for again it comes to the front.
 */

/*
 * Adds the actions interests, preferences, help, shortcuts and about to @application, and
 * Ctrl+Shift+X to each of its windows, whatever has the focus there.
 */
void sighej_windows_add_actions (GtkApplication *application, SighejModel *model);

G_END_DECLS
