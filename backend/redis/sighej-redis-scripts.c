/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis-scripts"

#include "config.h"

#include "sighej-redis-scripts.h"

#include "sighej-backend-resources.h"
#include "sighej-wire.h"

#define FOLDER "/org/sighej/backend/redis/"
#define MICROSECONDS(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)

static const char *const names[SIGHEJ_REDIS_N_SCRIPTS] = {
  [SIGHEJ_REDIS_ACK] = "ack",
  [SIGHEJ_REDIS_ADD] = "add",
  [SIGHEJ_REDIS_ATTACH] = "attach",
  [SIGHEJ_REDIS_ATTACHED] = "attached",
  [SIGHEJ_REDIS_BEAT] = "beat",
  [SIGHEJ_REDIS_CLAIM] = "claim",
  [SIGHEJ_REDIS_COUNT] = "count",
  [SIGHEJ_REDIS_DROP] = "drop",
  [SIGHEJ_REDIS_END] = "end",
  [SIGHEJ_REDIS_FIND] = "find",
  [SIGHEJ_REDIS_REATTACH] = "reattach",
  [SIGHEJ_REDIS_RECORD_READ] = "record-read",
  [SIGHEJ_REDIS_RECORD_SWAP] = "record-swap",
  [SIGHEJ_REDIS_SETTLE] = "settle",
  [SIGHEJ_REDIS_SIGHT] = "sight",
  [SIGHEJ_REDIS_TAKE] = "take",
};

/* Said once, in C: what stands in a script between two "@". */
static const struct
{
  const char *name;
  gint64 value;
} constants[] = {
  { "@AVOID_TAG_BYTES@", SIGHEJ_STORE_AVOID_TAG_BYTES },
  { "@BATCHES_MAX@", SIGHEJ_REDIS_BATCHES_MAX },
  { "@BATCH_US@", MICROSECONDS (SIGHEJ_STORE_BATCH_SECONDS) },
  { "@BOTH_CHARS@", SIGHEJ_REDIS_BOTH_CHARS },
  { "@CLAIMS_MAX@", SIGHEJ_STORE_CLAIMS_MAX },
  { "@CLAIM_US@", MICROSECONDS (SIGHEJ_STORE_CLAIM_SECONDS) },
  { "@COUNTS_S@", SIGHEJ_REDIS_COUNTS_SECONDS },
  { "@DETACHED_US@", MICROSECONDS (SIGHEJ_STORE_DETACHED_SECONDS) },
  { "@FLEETING_PARTS@", SIGHEJ_STORE_FLEETING_PARTS },
  { "@NUDGED_CHARS@", SIGHEJ_REDIS_NUDGED_CHARS },
  { "@OUTBOX_MAX@", SIGHEJ_STORE_OUTBOX_MAX },
  { "@PAIR_US@", MICROSECONDS (SIGHEJ_STORE_PAIR_SECONDS) },
  { "@RECORD_VERSION_S@", SIGHEJ_REDIS_RECORD_VERSION_SECONDS },
  { "@SESSION_S@", SIGHEJ_REDIS_SESSION_SECONDS_MAX },
  { "@SHARED_MAX@", SIGHEJ_WIRE_SHARED_MAX },
  { "@SIGHTING_US@", MICROSECONDS (SIGHEJ_STORE_SIGHTING_SECONDS) },
  { "@TOMBSTONE_US@", MICROSECONDS (SIGHEJ_STORE_TOMBSTONE_SECONDS) },
  { "@WAKE_S@", SIGHEJ_REDIS_WAKE_SECONDS },
  { "@WORKER_KEY_S@", SIGHEJ_REDIS_WORKER_KEY_SECONDS },
  { "@WORKER_S@", SIGHEJ_REDIS_WORKER_SECONDS },
  { "@WORKER_US@", MICROSECONDS (SIGHEJ_REDIS_WORKER_SECONDS) },
};

static char *
dup_text (const char *name)
{
  g_autofree char *path = g_strconcat (FOLDER, name, ".lua", NULL);
  g_autoptr (GBytes) bytes = g_resource_lookup_data (sighej_backend_get_resource (), path, 0, NULL);
  GString *text;

  g_assert (bytes != NULL);
  text = g_string_new_len (g_bytes_get_data (bytes, NULL), (gssize) g_bytes_get_size (bytes));
  for (guint i = 0; i < G_N_ELEMENTS (constants); i++)
    {
      char value[sizeof "-9223372036854775808"];

      g_snprintf (value, sizeof value, "%" G_GINT64_FORMAT, constants[i].value);
      g_string_replace (text, constants[i].name, value, 0);
    }
  g_string_replace (text, "@MUTE@", SIGHEJ_STORE_MUTE_PREFIX, 0);
  g_string_replace (text, "@WAVES@", SIGHEJ_STORE_WAVES_PREFIX, 0);
  return g_string_free (text, FALSE);
}

SighejRedisScript *
sighej_redis_scripts_get (SighejRedisScriptName name)
{
  static SighejRedisScript scripts[SIGHEJ_REDIS_N_SCRIPTS];

  if (scripts[name].text == NULL)
    scripts[name].text = dup_text (names[name]);
  return &scripts[name];
}
