/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/*
 * What cannot be taken back is asked once. Each opens a dialog over the window of @parent, which
 * goes by itself when what it is about is over.
 */

void sighej_confirm_block_nudge (GtkWidget *parent, SighejModel *model, guint nudge);
void sighej_confirm_block_meet (GtkWidget *parent, SighejModel *model, guint meet);
void sighej_confirm_end_meet (GtkWidget *parent, SighejModel *model, guint meet);

/* Whether the bus still has the nudge, the meet. */
gboolean sighej_confirm_has_nudge (SighejModel *model, guint nudge);
gboolean sighej_confirm_has_meet (SighejModel *model, guint meet);

G_END_DECLS
