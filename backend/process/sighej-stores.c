/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-stores"

#include "config.h"

#include "sighej-stores.h"

#include "sighej-ledger-pg.h"
#include "sighej-ledger-spooled.h"
#include "sighej-ledger-sqlite.h"
#include "sighej-store-memory.h"
#include "sighej-store-redis.h"

#define LEDGER_FILE "ledger.sqlite"

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
                          GError **error)
{
  g_autofree char *path = g_build_filename (folder, LEDGER_FILE, NULL);
  g_autoptr (SighejLedger) postgres = NULL;

  if (settings->database_url[0] == '\0')
    return sighej_ledger_sqlite_new (path, error);

  postgres = sighej_ledger_pg_new (settings->database_url, error);
  if (postgres != NULL)
    return sighej_ledger_spooled_new (postgres, folder, clock);
  sighej_settings_blame (settings, "DatabaseUrl", error);
  return NULL;
}
