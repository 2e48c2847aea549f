/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <adwaita.h>

#include "sighej-model.h"

G_BEGIN_DECLS

/**
 * SighejNudgeCard:
 *
 * One nudge: what is shared, how near, how long it counts, and Wave or Not now. After the wave it
 * waits, and the wave can be taken back; it goes with the nudge and never tells what the other side
 * did.
 */
#define SIGHEJ_TYPE_NUDGE_CARD (sighej_nudge_card_get_type ())
G_DECLARE_FINAL_TYPE (SighejNudgeCard, sighej_nudge_card, SIGHEJ, NUDGE_CARD, AdwBin)

GtkWidget *sighej_nudge_card_new (guint nudge);

guint sighej_nudge_card_get_nudge (SighejNudgeCard *self);

/* What the bus says of it now. */
void sighej_nudge_card_show (SighejNudgeCard *self, SighejDBusNudge1 *nudge);

G_END_DECLS
