/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejAutostartRow:
 *
 * A switch: whether SigHej starts when the person logs in. On the host it is a file
 * (sighej-autostart.h); inside a Flatpak the portal is asked, and where there is none the switch
 * cannot be moved and says why.
 */
#define SIGHEJ_TYPE_AUTOSTART_ROW (sighej_autostart_row_get_type ())
G_DECLARE_FINAL_TYPE (SighejAutostartRow, sighej_autostart_row, SIGHEJ, AUTOSTART_ROW, AdwActionRow)

/* Shows what holds. Call it once. */
void sighej_autostart_row_set_model (SighejAutostartRow *self, SighejModel *model);

G_END_DECLS
