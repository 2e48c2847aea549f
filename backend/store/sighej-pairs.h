/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Zero is a valid start. Embedded in a session; its address is who the session is here. */
typedef struct
{
  GQueue pairs;
} SighejPairsMember;

/**
 * SighejPairs:
 *
 * Who has reported whom, for a short while: one entry for two sessions, with the end of each
 * one's report. Knows no tokens, so a rotation between two reports does not matter. Bounded: the
 * entry that has been quiet longest makes room. Pure; the caller brings the time.
 */
typedef struct _SighejPairs SighejPairs;

/* @lifetime_us: how long one side's report waits; @n_max: pairs kept, 1 or more */
SighejPairs *sighej_pairs_new (gint64 lifetime_us, guint n_max);
void sighej_pairs_free (SighejPairs *self); /* every member must have been forgotten */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejPairs, sighej_pairs_free)

/* @from has seen @about. TRUE: @about has seen @from, too, within the lifetime. */
gboolean sighej_pairs_report (SighejPairs *self,
                              SighejPairsMember *from,
                              SighejPairsMember *about,
                              gint64 now_us);

/* Drops every pair that @member is in. */
void sighej_pairs_forget (SighejPairs *self, SighejPairsMember *member);

/* Drops what is over at @now_us. */
void sighej_pairs_expire (SighejPairs *self, gint64 now_us);

/* When the next pair is over; G_MAXINT64: there is none. */
gint64 sighej_pairs_next_us (SighejPairs *self);

guint sighej_pairs_get_size (SighejPairs *self);

G_END_DECLS
