/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejPageOpen:
 *
 * An opening, from the click to the end: the ring of the time left, what is going on in one
 * sentence, what to do, and Pause and Close. Screens OPENING, OPEN_ALONE, OPEN_NEAR, NUDGE,
 * WAVED, PAUSED, WAITING and CLOSING.
 *
 * Nudges have their cards below the ring. Whoever has been alone for ten minutes gets a tip.
 */
#define SIGHEJ_TYPE_PAGE_OPEN (sighej_page_open_get_type ())
G_DECLARE_FINAL_TYPE (SighejPageOpen, sighej_page_open, SIGHEJ, PAGE_OPEN, AdwBin)

GtkWidget *sighej_page_open_new (SighejModel *model);

G_END_DECLS
