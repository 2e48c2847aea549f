/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-statistics"

#include "config.h"

#include "sighej-statistics.h"

#include "sighej-json.h"

#define TOP_CATEGORIES 3

typedef struct
{
  SighejStatisticsSources sources;
  SighejStatisticsText text;
  gpointer user_data;
  SighejLedgerDay *day;
} StatsCall;

static void
stats_call_free (StatsCall *call)
{
  g_clear_pointer (&call->day, sighej_ledger_day_free);
  g_object_unref (call->sources.store);
  g_object_unref (call->sources.ledger);
  g_object_unref (call->sources.tally);
  g_object_unref (call->sources.clock);
  g_free (call);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (StatsCall, stats_call_free)

static void
add_number (JsonBuilder *builder, const char *member, guint64 number)
{
  json_builder_set_member_name (builder, member);
  json_builder_add_int_value (builder, (gint64) number);
}

static void
on_stats_counted (guint64 n_sessions, const GError *error, gpointer user_data)
{
  g_autoptr (StatsCall) call = user_data;
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL;

  if (error != NULL)
    {
      call->text (NULL, error, call->user_data);
      return;
    }

  builder = json_builder_new ();
  json_builder_begin_object (builder);
  add_number (builder, "total_sessions_today", call->day->sessions);
  add_number (builder, "total_matches_today", call->day->matches);
  add_number (builder, "total_pings_today", call->day->pings);
  json_builder_set_member_name (builder, "top_interest_categories");
  json_builder_begin_array (builder);
  for (guint i = 0; call->day->categories[i] != NULL; i++)
    json_builder_add_string_value (builder, call->day->categories[i]);
  json_builder_end_array (builder);
  add_number (builder, "active_sessions_now", n_sessions);
  json_builder_end_object (builder);
  root = json_builder_get_root (builder);
  json = sighej_json_to_string (root);
  call->text (json, NULL, call->user_data);
}

static void
on_stats_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StatsCall) call = user_data;
  g_autoptr (GError) error = NULL;

  call->day = sighej_ledger_read_finish (SIGHEJ_LEDGER (source), result, &error);
  if (call->day == NULL)
    {
      call->text (NULL, error, call->user_data);
      return;
    }

  sighej_store_count (call->sources.store, on_stats_counted, call);
  g_steal_pointer (&call);
}

static void
on_stats_flushed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (StatsCall) call = user_data;
  g_autoptr (GError) error = NULL;
  char date[SIGHEJ_BATCH_DATE_CHARS + 1];

  if (!sighej_tally_flush_finish (SIGHEJ_TALLY (source), result, &error))
    {
      call->text (NULL, error, call->user_data);
      return;
    }

  sighej_batch_date (sighej_clock_wall_us (call->sources.clock), date);
  sighej_ledger_read_async (
      call->sources.ledger, date, call->sources.minimum, TOP_CATEGORIES, NULL, on_stats_read, call);
  g_steal_pointer (&call);
}

void
sighej_statistics_read (const SighejStatisticsSources *sources,
                        SighejStatisticsText text,
                        gpointer user_data)
{
  StatsCall *call = g_new0 (StatsCall, 1);

  call->sources = *sources;
  g_object_ref (sources->store);
  g_object_ref (sources->ledger);
  g_object_ref (sources->tally);
  g_object_ref (sources->clock);
  call->text = text;
  call->user_data = user_data;
  /* First what is counted and not written, so that the numbers are exact. */
  sighej_tally_flush_async (sources->tally, on_stats_flushed, call);
}
