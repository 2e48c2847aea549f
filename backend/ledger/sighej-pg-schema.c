/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-pg"

#include "config.h"

#include "sighej-pg-schema.h"

#include <string.h>

#include "sighej-error.h"

#define TEXT_OF(number) TEXT_OF_ (number)
#define TEXT_OF_(number) #number

#define HAS_TABLE_SQL "SELECT to_regclass ('schema_migrations')"
#define READ_VERSION_SQL "SELECT coalesce (max (version), 0) FROM schema_migrations"
/* The number of the lock is "SigHej" in ASCII: one lock a database, whoever migrates. */
#define LOCK_SQL                                                                                   \
  "BEGIN; SET LOCAL statement_timeout = " TEXT_OF (                                                \
      SIGHEJ_PG_MIGRATE_MS) ";"                                                                    \
                            "SELECT pg_advisory_xact_lock (x'53696748656a'::bigint);"              \
                            "CREATE TABLE IF NOT EXISTS schema_migrations"                         \
                            " (version integer PRIMARY KEY, applied_at timestamptz NOT NULL "      \
                            "DEFAULT now ());" READ_VERSION_SQL

typedef struct
{
  GResource *resource;
  const char *folder;
  GStrv names;
  guint n_names;
} Migrations;

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

static gboolean
take_version (SighejPgRows *rows, guint *version)
{
  const char *text = rows != NULL ? sighej_pg_rows_get (rows, 0, 0) : NULL;

  if (text == NULL)
    return FALSE;
  *version = (guint) g_ascii_strtoull (text, NULL, 10);
  return TRUE;
}

static gboolean
check_known (const Migrations *migrations, guint version, GError **error)
{
  if (version <= migrations->n_names)
    return TRUE;
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "the database has schema %u and this release knows %u: use the newer release, or "
               "another database",
               version,
               migrations->n_names);
  return FALSE;
}

/* 0 where there is no table yet. */
static gboolean
read_version (SighejPgLine *line, guint *version, GError **error)
{
  g_autoptr (SighejPgRows) table
      = sighej_pg_line_run (line, HAS_TABLE_SQL, SIGHEJ_PG_ANSWER_MS, error);
  g_autoptr (SighejPgRows) rows = NULL;

  *version = 0;
  if (table == NULL)
    return FALSE;
  if (sighej_pg_rows_get (table, 0, 0) == NULL)
    return TRUE;
  rows = sighej_pg_line_run (line, READ_VERSION_SQL, SIGHEJ_PG_ANSWER_MS, error);
  return take_version (rows, version);
}

static gboolean
apply_file (SighejPgLine *line, const Migrations *migrations, guint version, GError **error)
{
  g_autofree char *path = g_strconcat (migrations->folder, migrations->names[version - 1], NULL);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (migrations->resource, path, 0, error);
  g_autoptr (SighejPgRows) rows = NULL;
  g_autofree char *script = NULL;

  if (bytes == NULL)
    return FALSE;
  script = g_strdup_printf ("%.*s\n;INSERT INTO schema_migrations VALUES (%u)",
                            (int) g_bytes_get_size (bytes),
                            (const char *) g_bytes_get_data (bytes, NULL),
                            version);
  rows = sighej_pg_line_run (line, script, SIGHEJ_PG_MIGRATE_MS, error);
  if (rows == NULL)
    g_prefix_error (error, "migration %u: ", version);
  return rows != NULL;
}

static gboolean
apply_lacking (SighejPgLine *line, const Migrations *migrations, GError **error)
{
  g_autoptr (SighejPgRows) rows = sighej_pg_line_run (line, LOCK_SQL, SIGHEJ_PG_MIGRATE_MS, error);
  g_autoptr (SighejPgRows) committed = NULL;
  guint version;

  if (!take_version (rows, &version) || !check_known (migrations, version, error))
    return FALSE;
  for (; version < migrations->n_names; version++)
    if (!apply_file (line, migrations, version + 1, error))
      return FALSE;
  committed = sighej_pg_line_run (line, "COMMIT", SIGHEJ_PG_MIGRATE_MS, error);
  return committed != NULL;
}

static gboolean
migrate (SighejPgLine *line, const Migrations *migrations, GError **error)
{
  guint version;

  if (!read_version (line, &version, error) || !check_known (migrations, version, error))
    return FALSE;
  return version == migrations->n_names || apply_lacking (line, migrations, error);
}

gboolean
sighej_pg_schema_migrate (SighejPgLine *line,
                          GResource *resource,
                          const char *folder,
                          GError **error)
{
  g_auto (GStrv) names = g_resource_enumerate_children (resource, folder, 0, error);
  Migrations migrations = { resource, folder, names, 0 };

  if (names == NULL)
    return FALSE;
  migrations.n_names = g_strv_length (names);
  qsort (names, migrations.n_names, sizeof *names, compare_names);
  return migrate (line, &migrations, error);
}
