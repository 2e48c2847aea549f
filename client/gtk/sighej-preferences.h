/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejPreferences:
 *
 * What a person can choose (app.preferences, Ctrl+comma). Most of it is kept by the daemon: it is
 * shown as the daemon has it, written there when changed, and when the daemon says no, what it has
 * is shown again and a toast says why. What the daemon does not need is kept in GSettings. While
 * no daemon is there, what it keeps cannot be changed.
 */
#define SIGHEJ_TYPE_PREFERENCES (sighej_preferences_get_type ())
G_DECLARE_FINAL_TYPE (
    SighejPreferences, sighej_preferences, SIGHEJ, PREFERENCES, AdwPreferencesWindow)

GtkWindow *sighej_preferences_new (SighejModel *model);

G_END_DECLS
