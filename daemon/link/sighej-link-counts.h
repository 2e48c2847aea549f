/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-link-session.h"

G_BEGIN_DECLS

/**
 * SighejLinkCounts:
 * @n_sessions: that came online
 * @n_renewals: of them, those that took over from another
 * @n_reconnects: sockets opened again
 * @n_held: sightings not reported because midnight UTC had passed and the session was of before
 * @n_left: sessions that were left to the backend's expiry: it did not confirm their end
 * @n_unanswered: sightings without an answer, of sessions that are over
 * @n_bad: messages not understood, of sessions that are over
 *
 * What the link has done since the program started, in numbers. A value inside it.
 */
typedef struct
{
  guint64 n_sessions;
  guint64 n_renewals;
  guint64 n_reconnects;
  guint64 n_nudges;
  guint64 n_sightings;
  guint64 n_held;
  guint64 n_results;
  guint64 n_left;
  guint64 n_unanswered;
  guint64 n_bad;
} SighejLinkCounts;

/* @session is over: its own numbers are kept. */
void sighej_link_counts_keep (SighejLinkCounts *self, SighejLinkSession *session);

/* Adds to an a{st}: "link.sessions" …; @live: (nullable): of the session that is not over */
void sighej_link_counts_show (const SighejLinkCounts *self,
                              SighejLinkSession *live,
                              guint64 n_failures,
                              GVariantBuilder *counters);

G_END_DECLS
