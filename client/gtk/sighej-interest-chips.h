/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gtk/gtk.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejInterestChips:
 *
 * The person's interests as chips that can be removed, and an entry to add one: a word of the
 * vocabulary, found as one types, or free text. A change goes to the daemon at once and shows
 * before it has answered; when it says no, what it holds is shown again. What was removed can be
 * put back from a toast, where there is an AdwToastOverlay around this.
 *
 * At most one search and one SetInterests are on their way at a time. While a search is, what is
 * typed waits; an answer to what is no longer typed is dropped. While a SetInterests is, changes
 * gather, and the last list follows.
 *
 * Down goes from the entry to the suggestions, Up from the first of them back, Escape closes
 * them; Enter takes what is written, or the suggestion the focus is on.
 */
#define SIGHEJ_TYPE_INTEREST_CHIPS (sighej_interest_chips_get_type ())
G_DECLARE_FINAL_TYPE (SighejInterestChips, sighej_interest_chips, SIGHEJ, INTEREST_CHIPS, GtkWidget)

GtkWidget *sighej_interest_chips_new (SighejModel *model);

G_END_DECLS
