/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-redis-told"

#include "config.h"

#include "sighej-redis-told.h"

#include <string.h>

#include "sighej-error.h"

#define OPENING_CHARS (2 * SIGHEJ_STORE_OPENING_BYTES)

GError *
sighej_redis_told_new_problem (const GError *error)
{
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE))
    return g_error_copy (error);
  g_message ("Redis refuses what the backend asks for: %s", error->message);
  return g_error_new_literal (
      SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the store refuses what it is asked for");
}

guint64
sighej_redis_told_number (const SighejRedisReply *reply, gsize i)
{
  const SighejRedisReply *element = sighej_redis_reply_get (reply, i);
  const char *text = sighej_redis_reply_get_bytes (element, NULL);

  if (text != NULL)
    return g_ascii_strtoull (text, NULL, 10);
  return (guint64) MAX (0, sighej_redis_reply_get_integer (element));
}

const char *
sighej_redis_told_text (const SighejRedisReply *reply, gsize i)
{
  const char *text = sighej_redis_reply_get_bytes (sighej_redis_reply_get (reply, i), NULL);

  return text != NULL ? text : "";
}

void
sighej_redis_told_read (SighejRedisTold *told, const SighejRedisReply *reply)
{
  SighejStoreInfo *info = &told->info;
  gsize n_sealed;
  const char *sealed = sighej_redis_reply_get_bytes (sighej_redis_reply_get (reply, 7), &n_sealed);

  memset (told->opening, 0, sizeof told->opening);
  sighej_hex_decode (sighej_redis_told_text (reply, 2), told->opening, sizeof told->opening);
  info->id = sighej_redis_told_text (reply, 0);
  info->first_token = sighej_redis_told_text (reply, 1);
  info->opening = told->opening;
  info->remaining_ms = (guint) sighej_redis_told_number (reply, 3);
  info->newest_seq = sighej_redis_told_number (reply, 4);
  info->day = (guint32) sighej_redis_told_number (reply, 5);
  info->n_interests = (guint) sighej_redis_told_number (reply, 6);
  info->sealed_labels = g_bytes_new (sealed, sealed != NULL ? n_sealed : 0);
  info->categories = sighej_redis_told_number (reply, 8);
  info->n_waiting = (guint) sighej_redis_told_number (reply, 10);
  info->public_key = sighej_hex_decode (sighej_redis_told_text (reply, 9),
                                        told->public_key,
                                        SIGHEJ_PUBLIC_KEY_BYTES)
                         ? told->public_key
                         : NULL;
}

void
sighej_redis_told_clear (SighejRedisTold *told)
{
  g_bytes_unref (told->info.sealed_labels);
}

/* "<seq> <both openings, the smaller first> <0: ours is the first, 1: the second> <mask> <key>" */
static gboolean
read_nudge (const char *entry, SighejStoreNudge *nudge)
{
  char pair[2 * OPENING_CHARS + 1];
  const char *peer;
  char *end;

  nudge->seq = g_ascii_strtoull (entry, &end, 10);
  if (*end != ' ' || strlen (end) < sizeof pair + strlen (" 0 1"))
    return FALSE;
  memcpy (pair, end + 1, sizeof pair - 1);
  end += sizeof pair;
  peer = end[1] == '0' ? pair + OPENING_CHARS : pair;
  pair[peer == pair ? OPENING_CHARS : 2 * OPENING_CHARS] = '\0';
  nudge->shared_mask = (guint32) g_ascii_strtoull (end + strlen (" 0 "), &end, 10);
  memset (nudge->peer_key, 0, sizeof nudge->peer_key);
  nudge->has_peer_key
      = *end == ' ' && sighej_hex_decode (end + 1, nudge->peer_key, sizeof nudge->peer_key);
  return sighej_hex_decode (peer, nudge->peer_opening, sizeof nudge->peer_opening);
}

guint
sighej_redis_told_nudges (const SighejRedisReply *entries,
                          guint64 after,
                          SighejStoreNudge nudges[SIGHEJ_STORE_OUTBOX_MAX])
{
  gsize n_entries = sighej_redis_reply_get_n (entries);
  guint n_nudges = 0;

  for (gsize i = 0; i < n_entries && n_nudges < SIGHEJ_STORE_OUTBOX_MAX; i++)
    if (read_nudge (sighej_redis_told_text (entries, i), &nudges[n_nudges])
        && nudges[n_nudges].seq > after)
      n_nudges++;
  return n_nudges;
}
