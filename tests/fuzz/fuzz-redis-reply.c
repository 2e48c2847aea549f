/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "sighej-error.h"
#include "sighej-redis-reply.h"

/* All that a reply says, as text. */
static void
describe (const SighejRedisReply *reply, GString *text)
{
  gsize n_bytes;
  const char *bytes = sighej_redis_reply_get_bytes (reply, &n_bytes);

  g_string_append_printf (text,
                          "%d %" G_GINT64_FORMAT " %zu [",
                          sighej_redis_reply_get_kind (reply),
                          sighej_redis_reply_get_integer (reply),
                          sighej_redis_reply_get_n (reply));
  if (bytes != NULL)
    {
      g_assert_cmpint (bytes[n_bytes], ==, '\0');
      g_string_append_len (text, bytes, (gssize) n_bytes);
    }
  for (gsize i = 0; i < sighej_redis_reply_get_n (reply); i++)
    describe (sighej_redis_reply_get (reply, i), text);
  g_assert_null (sighej_redis_reply_get (reply, sighej_redis_reply_get_n (reply)));
  g_string_append_c (text, ']');
}

static void
judge (const SighejRedisReply *reply)
{
  g_autoptr (GError) error = NULL;
  SighejRedisVerdict verdict = sighej_redis_reply_judge (reply, &error);

  g_assert_true ((verdict == SIGHEJ_REDIS_FINE) == (error == NULL));
  g_assert_true ((sighej_redis_reply_get_kind (reply) == SIGHEJ_REDIS_ERROR)
                 == (verdict != SIGHEJ_REDIS_FINE));
}

/* Returns: whether the bytes may go on. */
static gboolean
take_replies (SighejRedisReader *reader, GString *text)
{
  g_autoptr (GError) error = NULL;
  const SighejRedisReply *reply;

  do
    {
      if (!sighej_redis_reader_next (reader, &reply, &error))
        {
          g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
          g_string_append_c (text, '!');
          return FALSE;
        }
      if (reply != NULL)
        {
          judge (reply);
          describe (reply, text);
        }
    }
  while (reply != NULL);
  return TRUE;
}

static GString *
read_in_pieces (const uint8_t *data, gsize n_bytes, gsize n_piece)
{
  g_autoptr (SighejRedisReader) reader = sighej_redis_reader_new ();
  GString *text = g_string_new (NULL);
  gboolean goes_on = TRUE;

  for (gsize at = 0; goes_on && at < n_bytes; at += n_piece)
    goes_on = sighej_redis_reader_feed (reader, data + at, MIN (n_piece, n_bytes - at), NULL)
              && take_replies (reader, text);
  return text;
}

/* What is read depends on the bytes, not on how they arrive. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  GString *whole = read_in_pieces (data, n_bytes, MAX (n_bytes, 1));
  GString *pieces = read_in_pieces (data, n_bytes, n_bytes > 0 ? 1 + data[0] % 7 : 1);

  g_assert_cmpmem (whole->str, whole->len, pieces->str, pieces->len);
  g_string_free (whole, TRUE);
  g_string_free (pieces, TRUE);
  return 0;
}
