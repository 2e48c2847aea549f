/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What one sighting, and one record, costs Redis: microseconds inside its scripts, by its own count
 * (INFO commandstats), and by the processor time of the server as a whole, at a number of live
 * sessions.
 *
 *   bench-store [SESSIONS [SIGHTINGS]]
 */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "redis-server.h"
#include "sighej-store-redis.h"
#include "sighej-test.h"

#define UNDER_WAY_MAX 256
#define INTERESTS 5
#define DAY 20454
#define LIFETIME_SECONDS 7200
#define RECORD_BYTES 2048 /* a meet in which a few letters wait */

typedef struct
{
  RedisServer *server;
  SighejStore *store;
  guint n_sessions;
  guint n_under_way;
  guint n_failed;
  guint n_matches;
  guint64 *versions; /* of the records, by pair */
} Bench;

static void
on_done (const GError *error, gpointer user_data)
{
  Bench *bench = user_data;

  bench->n_under_way--;
  bench->n_failed += error != NULL;
}

static void
on_sighted (const SighejStoreSight *sight, const GError *error, gpointer user_data)
{
  Bench *bench = user_data;

  bench->n_under_way--;
  bench->n_failed += error != NULL;
  bench->n_matches += sight != NULL && sight->match;
}

/* Room for one more. */
static void
begin (Bench *bench)
{
  WAIT_UNTIL (bench->n_under_way < UNDER_WAY_MAX);
  bench->n_under_way++;
}

static void
settle (Bench *bench)
{
  WAIT_UNTIL (bench->n_under_way == 0);
  g_assert_cmpuint (bench->n_failed, ==, 0);
}

static void
write_id (guint number, char out[SIGHEJ_UUID_CHARS + 1])
{
  g_snprintf (out, SIGHEJ_UUID_CHARS + 1, "00000000-0000-4000-8000-%012u", number);
}

static void
write_token (guint number, guint epoch, char out[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1])
{
  g_snprintf (out, SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1, "%016x%04x", number, epoch);
}

/* All have one interest in common, four of their own, a public key, and as many avoid tags as any.
 */
static void
open_session (Bench *bench, guint number)
{
  static const char *const categories[] = { "tech", NULL };
  SighejStoreInterest interests[INTERESTS] = { { { 7 }, { 8 } } };
  SighejStoreToken tokens[SIGHEJ_EPOCHS_MAX];
  guint8 avoid[SIGHEJ_STORE_AVOID_BYTES];
  g_autoptr (GBytes) sealed = g_bytes_new_static (interests, sizeof interests);
  SighejStoreSession session = { .day = DAY,
                                 .n_tokens = SIGHEJ_EPOCHS_MAX,
                                 .tokens = tokens,
                                 .n_interests = INTERESTS,
                                 .interests = interests,
                                 .sealed_labels = sealed,
                                 .categories = 1,
                                 .category_ids = categories,
                                 .lifetime_s = LIFETIME_SECONDS,
                                 .has_public_key = TRUE,
                                 .avoid = avoid };

  write_id (number, session.id);
  memcpy (session.secret_hash, &number, sizeof number);
  memcpy (session.opening, &number, sizeof number);
  memcpy (session.public_key, &number, sizeof number);
  sighej_random_bytes (avoid, sizeof avoid);
  for (guint i = 0; i < SIGHEJ_EPOCHS_MAX; i++)
    {
      write_token (number, i, tokens[i].text);
      tokens[i].from_s = i == 0 ? 0 : (int) i * 600;
      tokens[i].until_s = LIFETIME_SECONDS;
    }
  for (guint i = 1; i < INTERESTS; i++)
    {
      sighej_random_bytes (interests[i].today, sizeof interests[i].today);
      sighej_random_bytes (interests[i].tomorrow, sizeof interests[i].tomorrow);
    }
  begin (bench);
  sighej_store_add_session (bench->store, &session, on_done, bench);
  begin (bench);
  sighej_store_attach (bench->store, session.id, 1, on_done, bench);
}

static void
report (Bench *bench, guint from, const char *token)
{
  char id[SIGHEJ_UUID_CHARS + 1];
  const SighejStoreReport sighting = {
    .session_id = id, .detected_token = token, .n_burst = 1000000, .n_per_minute = 100000000
  };

  write_id (from, id);
  begin (bench);
  sighej_store_sight (bench->store, &sighting, on_sighted, bench);
}

/* Processor time of the server so far, microseconds. */
static gint64
read_cpu_us (Bench *bench)
{
  g_autofree char *info = redis_server_ask (bench->server, "INFO", "cpu", NULL);
  const char *user = strstr (info, "used_cpu_user:");
  const char *kernel = strstr (info, "used_cpu_sys:");

  return (gint64) (1e6
                   * (g_ascii_strtod (strchr (user, ':') + 1, NULL)
                      + g_ascii_strtod (strchr (kernel, ':') + 1, NULL)));
}

/* Microseconds in scripts so far. */
static gint64
read_script_us (Bench *bench)
{
  g_autofree char *info = redis_server_ask (bench->server, "INFO", "commandstats", NULL);
  const char *line = strstr (info, "cmdstat_evalsha:");
  const char *usec = line != NULL ? strstr (line, "usec=") : NULL;

  return usec != NULL ? g_ascii_strtoll (usec + strlen ("usec="), NULL, 10) : 0;
}

typedef struct
{
  const char *name;
  void (*act) (Bench *bench, guint number);
} Case;

static void
see_nobody (Bench *bench, guint number)
{
  char token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];

  g_snprintf (token, sizeof token, "nobody%u", number);
  report (bench, number % bench->n_sessions, token);
}

static void
see_first (Bench *bench, guint number)
{
  char token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  guint from = 2 * (number % (bench->n_sessions / 2));

  write_token (from + 1, 0, token);
  report (bench, from, token);
}

static void
see_back (Bench *bench, guint number)
{
  char token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  guint from = 2 * (number % (bench->n_sessions / 2));

  write_token (from, 0, token);
  report (bench, from + 1, token);
}

static void
write_key (guint pair, char out[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1])
{
  g_snprintf (out, SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1, "meet:%032x", pair);
}

typedef struct
{
  Bench *bench;
  guint pair;
} RecordCall;

static void
on_swapped (gboolean swapped, guint64 version, const GError *error, gpointer user_data)
{
  g_autofree RecordCall *call = user_data;

  call->bench->versions[call->pair] = version;
  on_done (error, call->bench);
}

/* Both sides are to look. */
static void
swap_record (Bench *bench, guint number)
{
  static const guint8 bytes[RECORD_BYTES];
  g_autoptr (GBytes) value = g_bytes_new_static (bytes, sizeof bytes);
  RecordCall *call = g_new (RecordCall, 1);
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];
  char ids[2][SIGHEJ_UUID_CHARS + 1];
  const char *const wake[] = { ids[0], ids[1], NULL };
  SighejStoreSwap swap = { .value = value, .lifetime_ms = LIFETIME_SECONDS * 1000, .wake = wake };

  *call = (RecordCall){ bench, number % (bench->n_sessions / 2) };
  swap.version = bench->versions[call->pair];
  write_key (call->pair, key);
  write_id (2 * call->pair, ids[0]);
  write_id (2 * call->pair + 1, ids[1]);
  begin (bench);
  sighej_store_swap_record (bench->store, key, &swap, on_swapped, call);
}

static void
on_read (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  on_done (error, user_data);
}

static void
read_record (Bench *bench, guint number)
{
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];

  write_key (number % (bench->n_sessions / 2), key);
  begin (bench);
  sighej_store_read_record (bench->store, key, on_read, bench);
}

static void
run (Bench *bench, const Case *wanted, guint n_sightings)
{
  gint64 cpu_us = read_cpu_us (bench);
  gint64 script_us = read_script_us (bench);
  guint n_matches = bench->n_matches;

  for (guint i = 0; i < n_sightings; i++)
    wanted->act (bench, i);
  settle (bench);
  g_print ("%-22s %7u %7u %8.1f %8.1f\n",
           wanted->name,
           n_sightings,
           bench->n_matches - n_matches,
           (double) (read_script_us (bench) - script_us) / n_sightings,
           (double) (read_cpu_us (bench) - cpu_us) / n_sightings);
}

static gboolean
is_there (Bench *bench)
{
  bench->n_failed = 0;
  bench->n_under_way = 1;
  sighej_store_ping (bench->store, on_done, bench);
  WAIT_UNTIL (bench->n_under_way == 0);
  return bench->n_failed == 0;
}

int
main (int argc, char **argv)
{
  static const guint8 key[SIGHEJ_KEY_BYTES] = { 1 };
  guint n_sessions = argc > 1 ? (guint) strtoul (argv[1], NULL, 10) : 1000;
  guint n_sightings = argc > 2 ? (guint) strtoul (argv[2], NULL, 10) : 20000;
  Bench bench = { .server = redis_server_new (NULL, NULL), .n_sessions = MAX (2, n_sessions) };
  g_autofree char *text = redis_server_dup_url (bench.server, "");
  g_autoptr (SighejRedisUrl) url = sighej_redis_url_parse (text, NULL);
  g_autoptr (SighejClock) clock = sighej_clock_new_system ();
  guint n_pairs = MIN (bench.n_sessions / 2, n_sightings);

  bench.store = sighej_store_redis_new (url, key, clock);
  WAIT_UNTIL (is_there (&bench));
  for (guint i = 0; i < bench.n_sessions; i++)
    open_session (&bench, i);
  settle (&bench);

  g_print ("%u sessions           calls   match   script   server   (us a sighting)\n", n_sessions);
  run (&bench, &(Case){ "unknown token", see_nobody }, n_sightings);
  run (&bench, &(Case){ "not yet mutual", see_first }, n_pairs);
  run (&bench, &(Case){ "mutual: both nudged", see_back }, n_pairs);
  run (&bench, &(Case){ "nudged before", see_first }, n_sightings);
  bench.versions = g_new0 (guint64, bench.n_sessions);
  run (&bench, &(Case){ "record: made", swap_record }, n_pairs);
  run (&bench, &(Case){ "record: read", read_record }, n_sightings);
  run (&bench, &(Case){ "record: swapped", swap_record }, n_pairs);
  g_free (bench.versions);
  g_object_unref (bench.store);
  redis_server_free (bench.server);
  return 0;
}
