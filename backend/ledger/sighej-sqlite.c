/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-sqlite"

#include "config.h"

#include "sighej-sqlite.h"

#include <fcntl.h>
#include <unistd.h>

#include "sighej-error.h"

gboolean
sighej_sqlite_fail (sqlite3 *database, GError **error)
{
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_UNAVAILABLE,
               "cannot use \"%s\": %s",
               sqlite3_db_filename (database, "main"),
               sqlite3_errmsg (database));
  return FALSE;
}

/* A new file is for its owner only; SQLite gives its companions the same mode. */
static void
create_private (const char *path)
{
  int descriptor = -1;

  if (!g_str_equal (path, ":memory:"))
    descriptor = open (path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor >= 0)
    close (descriptor);
}

sqlite3 *
sighej_sqlite_open (const char *path, GError **error)
{
  const int flags
      = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3 *database = NULL;

  create_private (path);
  if (sqlite3_open_v2 (path, &database, flags, NULL) == SQLITE_OK)
    {
      sqlite3_busy_timeout (database, SIGHEJ_SQLITE_BUSY_MS);
      return database;
    }

  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "cannot open \"%s\": %s",
               path,
               database != NULL ? sqlite3_errmsg (database) : "out of memory");
  sqlite3_close (database);
  return NULL;
}

gboolean
sighej_sqlite_run (sqlite3 *database, const char *sql, GError **error)
{
  if (sqlite3_exec (database, sql, NULL, NULL, NULL) != SQLITE_OK)
    return sighej_sqlite_fail (database, error);
  return TRUE;
}

sqlite3_stmt *
sighej_sqlite_prepare (sqlite3 *database, const char *sql, GError **error)
{
  sqlite3_stmt *statement = NULL;

  if (sqlite3_prepare_v3 (database, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL)
      != SQLITE_OK)
    sighej_sqlite_fail (database, error);
  return statement;
}

gboolean
sighej_sqlite_step_done (sqlite3_stmt *statement, GError **error)
{
  gboolean done = sqlite3_step (statement) == SQLITE_DONE;

  if (!done)
    sighej_sqlite_fail (sqlite3_db_handle (statement), error);
  sqlite3_reset (statement);
  sqlite3_clear_bindings (statement);
  return done;
}

static gboolean
read_version (sqlite3 *database, guint *version, GError **error)
{
  sqlite3_stmt *statement = sighej_sqlite_prepare (
      database, "SELECT coalesce (max (version), 0) FROM schema_migrations", error);
  gboolean done;

  if (statement == NULL)
    return FALSE;

  done = sqlite3_step (statement) == SQLITE_ROW;
  if (done)
    *version = (guint) sqlite3_column_int (statement, 0);
  else
    sighej_sqlite_fail (database, error);
  sqlite3_finalize (statement);
  return done;
}

static gboolean
apply_migration (sqlite3 *database, guint version, const char *sql, GError **error)
{
  g_autofree char *script = g_strdup_printf (
      "BEGIN IMMEDIATE;\n%s\n"
      "INSERT INTO schema_migrations VALUES (%u, strftime ('%%Y-%%m-%%dT%%H:%%M:%%SZ'));\n"
      "COMMIT;",
      sql,
      version);

  if (sighej_sqlite_run (database, script, error))
    return TRUE;

  if (!sqlite3_get_autocommit (database))
    sqlite3_exec (database, "ROLLBACK", NULL, NULL, NULL);
  g_prefix_error (error, "migration %u: ", version);
  return FALSE;
}

static gboolean
apply_file (sqlite3 *database,
            GResource *resource,
            const char *folder,
            const char *name,
            guint version,
            GError **error)
{
  g_autofree char *path = g_strconcat (folder, name, NULL);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (resource, path, 0, error);
  g_autofree char *sql = NULL;

  if (bytes == NULL)
    return FALSE;

  sql = g_strndup (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  return apply_migration (database, version, sql, error);
}

static int
compare_names (gconstpointer a, gconstpointer b)
{
  return strcmp (*(const char *const *) a, *(const char *const *) b);
}

gboolean
sighej_sqlite_migrate (sqlite3 *database, GResource *resource, const char *folder, GError **error)
{
  g_auto (GStrv) names = g_resource_enumerate_children (resource, folder, 0, error);
  guint n_names;
  guint version;

  if (names == NULL
      || !sighej_sqlite_run (database,
                             "CREATE TABLE IF NOT EXISTS schema_migrations"
                             " (version INTEGER PRIMARY KEY, applied_at TEXT NOT NULL)",
                             error)
      || !read_version (database, &version, error))
    return FALSE;

  n_names = g_strv_length (names);
  qsort (names, n_names, sizeof *names, compare_names);
  if (version > n_names)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_CONFIG,
                   "the ledger has schema %u and this release knows %u: use the newer release",
                   version,
                   n_names);
      return FALSE;
    }

  for (; version < n_names; version++)
    if (!apply_file (database, resource, folder, names[version], version + 1, error))
      return FALSE;
  return TRUE;
}
