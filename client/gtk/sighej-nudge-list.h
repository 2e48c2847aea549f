/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/* Cards shown at once; of more nudges the newest are shown. */
#define SIGHEJ_NUDGE_LIST_CARDS_MAX 6

/**
 * SighejNudgeList:
 *
 * A card for each nudge that counts, the newest first; those that became a meet have none. It is
 * not visible when there is none, so it can stand above whatever a page shows.
 */
#define SIGHEJ_TYPE_NUDGE_LIST (sighej_nudge_list_get_type ())
G_DECLARE_FINAL_TYPE (SighejNudgeList, sighej_nudge_list, SIGHEJ, NUDGE_LIST, AdwBin)

GtkWidget *sighej_nudge_list_new (SighejModel *model);

G_END_DECLS
