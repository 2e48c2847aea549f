/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/*
 * Asks the daemon what is wrong (org.sighej.Diagnostics1.Check) and shows it, each with its next
 * step, in a dialog above @parent. What fails is told by the model's "error".
 */
void sighej_details_show (SighejModel *model, GtkWindow *parent);

G_END_DECLS
