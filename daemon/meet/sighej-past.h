/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"

G_BEGIN_DECLS

/* Meets that are over and can still be spoken of; of more, the oldest goes. */
#define SIGHEJ_PAST_MEETS_MAX 16
/* For so long, seconds. */
#define SIGHEJ_PAST_SECONDS (10 * 60)

/**
 * SighejPast:
 *
 * What is kept of a meet that is over, in memory only, so that whoever was in it can still report
 * the other side, or not be brought together with it again: the ticket that only the backend reads,
 * and the nudge's id, by which this machine's own list knows the other. Nothing of what was said,
 * of keys, places or names. Wiped 10 minutes after the end of the meet, and with the opening.
 */
typedef struct _SighejPast SighejPast;

SighejPast *sighej_past_new (SighejClock *clock);
void sighej_past_free (SighejPast *self); /* wipes */

/* The meet @number is over. @ticket: (nullable): it cannot be reported. Both are copied. */
void sighej_past_add (SighejPast *self, guint64 number, const char *nudge_id, const char *ticket);

/* (transfer none) (nullable): NULL when that meet is not over, or for too long */
const char *sighej_past_get_nudge_id (SighejPast *self, guint64 number);
/* (transfer none) (nullable): NULL for the same, and when there is none */
const char *sighej_past_get_ticket (SighejPast *self, guint64 number);

void sighej_past_clear (SighejPast *self);

G_END_DECLS
