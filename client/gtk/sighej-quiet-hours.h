/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejQuietHours:
 *
 * The daemon's quiet hours as rows of a preferences group: each can be changed and removed, and
 * behind them is an empty one to add more. What is typed is read kindly (sighej-time-range.h); what
 * cannot be read stays where it is, with a sentence below the rows.
 */
#define SIGHEJ_TYPE_QUIET_HOURS (sighej_quiet_hours_get_type ())
G_DECLARE_FINAL_TYPE (
    SighejQuietHours, sighej_quiet_hours, SIGHEJ, QUIET_HOURS, AdwPreferencesGroup)

/* Begins to show those of @model's daemon. Call it once. */
void sighej_quiet_hours_set_model (SighejQuietHours *self, SighejModel *model);

G_END_DECLS
