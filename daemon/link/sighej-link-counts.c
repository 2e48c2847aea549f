/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-counts.h"

void
sighej_link_counts_keep (SighejLinkCounts *self, SighejLinkSession *session)
{
  self->n_left += sighej_link_session_get_is_left (session) ? 1 : 0;
  self->n_unanswered += sighej_link_session_get_n_unanswered (session);
  self->n_bad += sighej_link_session_get_n_bad (session);
}

void
sighej_link_counts_show (const SighejLinkCounts *self,
                         SighejLinkSession *live,
                         guint64 n_failures,
                         GVariantBuilder *counters)
{
  SighejLinkCounts now = *self;

  if (live != NULL)
    sighej_link_counts_keep (&now, live);
  g_variant_builder_add (counters, "{st}", "link.sessions", now.n_sessions);
  g_variant_builder_add (counters, "{st}", "link.renewals", now.n_renewals);
  g_variant_builder_add (counters, "{st}", "link.reconnects", now.n_reconnects);
  g_variant_builder_add (counters, "{st}", "link.failures", n_failures);
  g_variant_builder_add (counters, "{st}", "link.left", now.n_left);
  g_variant_builder_add (counters, "{st}", "link.nudges", now.n_nudges);
  g_variant_builder_add (counters, "{st}", "link.sightings", now.n_sightings);
  g_variant_builder_add (counters, "{st}", "link.sightings-held", now.n_held);
  g_variant_builder_add (counters, "{st}", "link.sighting-results", now.n_results);
  g_variant_builder_add (counters, "{st}", "link.sightings-unanswered", now.n_unanswered);
  g_variant_builder_add (counters, "{st}", "link.bad-messages", now.n_bad);
}
