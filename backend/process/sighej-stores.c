/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-stores"

#include "config.h"

#include "sighej-stores.h"

#include "sighej-backend-resources.h"
#include "sighej-credential.h"
#include "sighej-error.h"
#include "sighej-ledger-pg.h"
#include "sighej-ledger-spooled.h"
#include "sighej-ledger-sqlite.h"
#include "sighej-pg-schema.h"
#include "sighej-sqlite.h"
#include "sighej-store-memory.h"
#include "sighej-store-redis.h"

#define LEDGER_FILE "ledger.sqlite"
#define KEY_FILE "interest.key"
#define KEY_CREDENTIAL "interest-key"

char *
sighej_stores_dup_key_file (const SighejSettings *settings,
                            const char *folder,
                            gboolean *create,
                            GError **error)
{
  char *path = NULL;

  *create = FALSE;
  if (!sighej_credential_find (KEY_CREDENTIAL, &path, error) || path != NULL)
    return path;
  if (settings->key_file[0] != '\0')
    return g_strdup (settings->key_file);
  *create = TRUE;
  return g_build_filename (folder, KEY_FILE, NULL);
}

SighejStore *
sighej_stores_new_store (const SighejSettings *settings,
                         SighejVault *vault,
                         SighejClock *clock,
                         GError **error)
{
  g_autoptr (SighejRedisUrl) url = NULL;

  if (!sighej_settings_has_redis (settings))
    return sighej_store_memory_new (clock);

  url = sighej_redis_url_parse (settings->redis_url, error);
  if (url != NULL)
    return sighej_store_redis_new (url, sighej_vault_get_tombstone_key (vault), clock);
  sighej_settings_blame (settings, "RedisUrl", error);
  return NULL;
}

SighejLedger *
sighej_stores_new_ledger (const SighejSettings *settings,
                          const char *folder,
                          SighejClock *clock,
                          SighejSqlThread **thread,
                          GError **error)
{
  g_autofree char *path = g_build_filename (folder, LEDGER_FILE, NULL);
  g_autoptr (SighejLedger) ledger = NULL;

  if (settings->database_url[0] == '\0')
    {
      ledger = sighej_ledger_sqlite_new (path, error);
      if (ledger != NULL)
        *thread = g_object_ref (SIGHEJ_SQL_THREAD (ledger));
      return g_steal_pointer (&ledger);
    }

  ledger = sighej_ledger_pg_new (settings->database_url, error);
  if (ledger != NULL)
    {
      *thread = g_object_ref (sighej_ledger_pg_get_thread (SIGHEJ_LEDGER_PG (ledger)));
      return sighej_ledger_spooled_new (ledger, folder, clock);
    }
  sighej_settings_blame (settings, "DatabaseUrl", error);
  return NULL;
}

/* ---- for a program that may wait ---- */

static gboolean
open_sqlite (const char *folder, SighejSql *sql, GError **error)
{
  g_autofree char *path = g_build_filename (folder, LEDGER_FILE, NULL);

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_CONFIG,
                   "there is no ledger \"%s\"; give the backend's own --config, StateDirectory or "
                   "DatabaseUrl, and run as its user",
                   path);
      return FALSE;
    }
  sql->sqlite = sighej_sqlite_open (path, error);
  return sql->sqlite != NULL
         && sighej_sqlite_migrate (
             sql->sqlite, sighej_backend_get_resource (), SIGHEJ_SQL_SCHEMA_SQLITE, error);
}

static gboolean
open_postgres (const SighejSettings *settings, SighejSql *sql, GError **error)
{
  if (!sighej_pg_check_url (settings->database_url, error))
    return sighej_settings_blame (settings, "DatabaseUrl", error);
  sql->pg = sighej_pg_line_open (settings->database_url, error);
  return sql->pg != NULL
         && sighej_pg_schema_migrate (
             sql->pg, sighej_backend_get_resource (), SIGHEJ_SQL_SCHEMA_PG, error);
}

gboolean
sighej_stores_open_sql (const SighejSettings *settings,
                        const char *folder,
                        SighejSql *sql,
                        GError **error)
{
  *sql = (SighejSql){ NULL };
  return settings->database_url[0] == '\0' ? open_sqlite (folder, sql, error)
                                           : open_postgres (settings, sql, error);
}

void
sighej_stores_close_sql (SighejSql *sql)
{
  g_clear_pointer (&sql->pg, sighej_pg_line_close);
  if (sql->sqlite != NULL)
    sqlite3_close (sql->sqlite);
  sql->sqlite = NULL;
}
