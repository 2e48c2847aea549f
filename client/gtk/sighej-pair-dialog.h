/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejPairDialog:
 *
 * For two who cannot find each other by Bluetooth: one of them makes a code and reads it out, the
 * other one types it. It closes when that became a meet. Only while a session is wanted; what
 * fails is said in the dialog.
 */
#define SIGHEJ_TYPE_PAIR_DIALOG (sighej_pair_dialog_get_type ())
G_DECLARE_FINAL_TYPE (SighejPairDialog, sighej_pair_dialog, SIGHEJ, PAIR_DIALOG, AdwWindow)

GtkWindow *sighej_pair_dialog_new (SighejModel *model);

G_END_DECLS
