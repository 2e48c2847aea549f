/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejShortcuts:
 *
 * Each shortcut and what it does (app.shortcuts, Ctrl+?), as the application has them. No
 * GtkShortcutsWindow: that one is cut off on a narrow screen and with large text. Escape closes it.
 */
#define SIGHEJ_TYPE_SHORTCUTS (sighej_shortcuts_get_type ())
G_DECLARE_FINAL_TYPE (SighejShortcuts, sighej_shortcuts, SIGHEJ, SHORTCUTS, AdwWindow)

/* @model: not needed; each window beside the one is made with it */
GtkWindow *sighej_shortcuts_new (SighejModel *model);

G_END_DECLS
