/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-ledger-pg"

#include "config.h"

#include "sighej-ledger-pg.h"

#include "sighej-backend-resources.h"
#include "sighej-pg.h"

#define NUMBER_CHARS 21 /* of a 64-bit number and its end */

/*
 * One statement is one transaction. Two that bring the same batch meet at its id: the second
 * waits for the first and then has nothing to add. Categories come in order, so that two batches
 * of a day cannot wait for each other.
 */
#define APPLY_SQL                                                                                  \
  "WITH fresh AS ("                                                                                \
  "  INSERT INTO applied_batches (id) VALUES ($1) ON CONFLICT DO NOTHING RETURNING id"             \
  "), day AS ("                                                                                    \
  "  INSERT INTO daily_stats AS d (date, total_sessions, total_matches, total_pings)"              \
  "  SELECT $2::date, $3::bigint, $4::bigint, $5::bigint FROM fresh"                               \
  "  ON CONFLICT (date) DO UPDATE SET"                                                             \
  "  total_sessions = d.total_sessions + excluded.total_sessions,"                                 \
  "  total_matches = d.total_matches + excluded.total_matches,"                                    \
  "  total_pings = d.total_pings + excluded.total_pings"                                           \
  "), forgotten AS ("                                                                              \
  "  DELETE FROM applied_batches WHERE id IN ("                                                    \
  "    SELECT id FROM applied_batches WHERE applied_at < now () - interval '8 days'"               \
  "    ORDER BY applied_at LIMIT 100 FOR UPDATE SKIP LOCKED)"                                      \
  ") INSERT INTO interest_category_counts AS c (date, category, count)"                            \
  "  SELECT $2::date, name, n FROM fresh, unnest ($6::text[], $7::bigint[]) AS t (name, n)"        \
  "  ORDER BY name COLLATE \"C\""                                                                  \
  "  ON CONFLICT (date, category) DO UPDATE SET count = c.count + excluded.count"

/* The day's totals are the first row, if there is one; its category is NULL. */
#define READ_SQL                                                                                   \
  "SELECT 0 AS part, total_sessions AS n, NULL AS category, total_matches, total_pings"            \
  " FROM daily_stats WHERE date = $1::date"                                                        \
  " UNION ALL (SELECT 1, count, category, 0, 0 FROM interest_category_counts"                      \
  " WHERE date = $1::date AND count >= $2::numeric ORDER BY count DESC, category LIMIT "           \
  "$3::bigint)"                                                                                    \
  " ORDER BY part, n DESC, category"

enum
{
  COLUMN_PART,
  COLUMN_N,
  COLUMN_CATEGORY,
  COLUMN_MATCHES,
  COLUMN_PINGS,
};

struct _SighejLedgerPg
{
  GObject parent_instance;

  SighejPg *pg;
};

static void sighej_ledger_pg_iface_init (SighejLedgerInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejLedgerPg,
                               sighej_ledger_pg,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_LEDGER,
                                                      sighej_ledger_pg_iface_init))

static void
sighej_ledger_pg_init (SighejLedgerPg *self)
{
}

static void
sighej_ledger_pg_finalize (GObject *object)
{
  SighejLedgerPg *self = SIGHEJ_LEDGER_PG (object);

  g_clear_object (&self->pg);

  G_OBJECT_CLASS (sighej_ledger_pg_parent_class)->finalize (object);
}

static void
sighej_ledger_pg_class_init (SighejLedgerPgClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_ledger_pg_finalize;
}

SighejLedger *
sighej_ledger_pg_new (const char *url, GError **error)
{
  g_autoptr (SighejLedgerPg) self = g_object_new (SIGHEJ_TYPE_LEDGER_PG, NULL);

  self->pg = sighej_pg_new (url, sighej_backend_get_resource (), SIGHEJ_SQL_SCHEMA_PG, error);
  return self->pg != NULL ? SIGHEJ_LEDGER (g_steal_pointer (&self)) : NULL;
}

SighejSqlThread *
sighej_ledger_pg_get_thread (SighejLedgerPg *self)
{
  return SIGHEJ_SQL_THREAD (self->pg);
}

/* Applying */

/* An element of an array as PostgreSQL writes it. */
static void
append_quoted (GString *array, const char *text)
{
  g_string_append_c (array, '"');
  for (const char *at = text; *at != '\0'; at++)
    {
      if (*at == '"' || *at == '\\')
        g_string_append_c (array, '\\');
      g_string_append_c (array, *at);
    }
  g_string_append_c (array, '"');
}

static void
append_categories (GHashTable *categories, GString *names, GString *counts)
{
  GHashTableIter iter;
  gpointer name;
  gpointer count;

  g_hash_table_iter_init (&iter, categories);
  while (g_hash_table_iter_next (&iter, &name, &count))
    {
      if (names->len > 1)
        {
          g_string_append_c (names, ',');
          g_string_append_c (counts, ',');
        }
      append_quoted (names, name);
      g_string_append_printf (counts, "%" G_GUINT64_FORMAT, *(const guint64 *) count);
    }
}

static void
on_applied (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejPgRows) rows = sighej_pg_query_finish (SIGHEJ_PG (source), result, &error);

  if (rows == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_boolean (task, TRUE);
}

static void
sighej_ledger_pg_apply_async (SighejLedger *ledger,
                              const SighejBatch *batch,
                              GCancellable *cancellable,
                              GAsyncReadyCallback callback,
                              gpointer user_data)
{
  GTask *task = g_task_new (ledger, cancellable, callback, user_data);
  g_autoptr (GString) names = g_string_new ("{");
  g_autoptr (GString) counts = g_string_new ("{");
  char numbers[3][NUMBER_CHARS];
  const char *values[7];

  g_task_set_source_tag (task, sighej_ledger_pg_apply_async);
  if (batch->categories != NULL)
    append_categories (batch->categories, names, counts);
  g_string_append_c (names, '}');
  g_string_append_c (counts, '}');
  g_snprintf (numbers[0], NUMBER_CHARS, "%" G_GUINT64_FORMAT, batch->sessions);
  g_snprintf (numbers[1], NUMBER_CHARS, "%" G_GUINT64_FORMAT, batch->matches);
  g_snprintf (numbers[2], NUMBER_CHARS, "%" G_GUINT64_FORMAT, batch->pings);
  values[0] = batch->id;
  values[1] = batch->date;
  for (guint i = 0; i < G_N_ELEMENTS (numbers); i++)
    values[2 + i] = numbers[i];
  values[5] = names->str;
  values[6] = counts->str;
  sighej_pg_query_async (SIGHEJ_LEDGER_PG (ledger)->pg,
                         APPLY_SQL,
                         G_N_ELEMENTS (values),
                         values,
                         cancellable,
                         on_applied,
                         task);
}

static gboolean
sighej_ledger_pg_apply_finish (SighejLedger *ledger, GAsyncResult *result, GError **error)
{
  return g_task_propagate_boolean (G_TASK (result), error);
}

/* Reading */

static guint64
get_number (const SighejPgRows *rows, guint row, guint column)
{
  return g_ascii_strtoull (sighej_pg_rows_get (rows, row, column), NULL, 10);
}

static SighejLedgerDay *
make_day (const SighejPgRows *rows)
{
  SighejLedgerDay *day = g_new0 (SighejLedgerDay, 1);
  g_autoptr (GStrvBuilder) categories = g_strv_builder_new ();

  for (guint row = 0; row < sighej_pg_rows_get_n (rows); row++)
    {
      const char *category = sighej_pg_rows_get (rows, row, COLUMN_CATEGORY);

      if (category != NULL)
        {
          g_strv_builder_add (categories, category);
          continue;
        }
      day->sessions = get_number (rows, row, COLUMN_N);
      day->matches = get_number (rows, row, COLUMN_MATCHES);
      day->pings = get_number (rows, row, COLUMN_PINGS);
    }
  day->categories = g_strv_builder_end (categories);
  return day;
}

static void
on_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejPgRows) rows = sighej_pg_query_finish (SIGHEJ_PG (source), result, &error);

  if (rows == NULL)
    g_task_return_error (task, g_steal_pointer (&error));
  else
    g_task_return_pointer (task, make_day (rows), (GDestroyNotify) sighej_ledger_day_free);
}

static void
sighej_ledger_pg_read_async (SighejLedger *ledger,
                             const char *date,
                             guint64 minimum,
                             guint n_categories,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (ledger, cancellable, callback, user_data);
  char numbers[2][NUMBER_CHARS];
  const char *values[] = { date, numbers[0], numbers[1] };

  g_task_set_source_tag (task, sighej_ledger_pg_read_async);
  g_snprintf (numbers[0], NUMBER_CHARS, "%" G_GUINT64_FORMAT, minimum);
  g_snprintf (numbers[1], NUMBER_CHARS, "%u", n_categories);
  sighej_pg_query_async (SIGHEJ_LEDGER_PG (ledger)->pg,
                         READ_SQL,
                         G_N_ELEMENTS (values),
                         values,
                         cancellable,
                         on_read,
                         task);
}

static SighejLedgerDay *
sighej_ledger_pg_read_finish (SighejLedger *ledger, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
sighej_ledger_pg_iface_init (SighejLedgerInterface *iface)
{
  iface->apply_async = sighej_ledger_pg_apply_async;
  iface->apply_finish = sighej_ledger_pg_apply_finish;
  iface->read_async = sighej_ledger_pg_read_async;
  iface->read_finish = sighej_ledger_pg_read_finish;
}
