/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "fuzz.h"
#include "sighej-framer.h"

/* The first bytes of an input choose where the stream behind them is cut. */
#define N_CUT_BYTES 4
#define N_SIZES 3

/* What a framer made of a stream, as one number and a count. */
typedef struct
{
  guint32 digest;
  guint n_events;
  SighejFramerEvent last;
} Story;

static void
tell (Story *story, const void *bytes, gsize n_bytes)
{
  /* FNV-1a */
  for (gsize i = 0; i < n_bytes; i++)
    story->digest = (story->digest ^ ((const guint8 *) bytes)[i]) * 16777619;
}

static void
note (Story *story, SighejFramerEvent event, const SighejFramerResult *result)
{
  story->last = event;
  story->n_events++;
  tell (story, &event, sizeof event);
  tell (story, &result->close_code, sizeof result->close_code);
  tell (story, result->data, result->n_data);
}

static void
check (SighejFramerEvent event, const SighejFramerResult *result, gsize n_data)
{
  g_assert_cmpuint (result->consumed, <=, n_data);
  if (event == SIGHEJ_FRAMER_MORE)
    g_assert_cmpuint (result->consumed, ==, 0);
  else if (event != SIGHEJ_FRAMER_ERROR)
    g_assert_cmpuint (result->consumed, >, 0);
  if (event == SIGHEJ_FRAMER_MESSAGE)
    {
      g_assert_cmpuint (result->n_data, <=, SIGHEJ_FRAMER_MESSAGE_BYTES_MAX);
      g_assert_true (g_utf8_validate_len ((const char *) result->data, result->n_data, NULL));
    }
  if (event == SIGHEJ_FRAMER_PING || event == SIGHEJ_FRAMER_PONG)
    g_assert_cmpuint (result->n_data, <=, SIGHEJ_FRAMER_CONTROL_BYTES_MAX);
  g_assert_cmpint (
      event == SIGHEJ_FRAMER_ERROR || event == SIGHEJ_FRAMER_CLOSE, ==, result->close_code != 0);
}

/* Takes all whole frames from the front of @waiting. FALSE: nothing is to come any more. */
static gboolean
take (SighejFramer *framer, GByteArray *waiting, Story *story)
{
  for (;;)
    {
      /* As large as what is there, so that the sanitizer sees a byte too many. */
      g_autofree guint8 *exact = g_memdup2 (waiting->data, waiting->len);
      SighejFramerResult result;
      SighejFramerEvent event = sighej_framer_next (framer, exact, waiting->len, &result);

      check (event, &result, waiting->len);
      if (event == SIGHEJ_FRAMER_MORE)
        return TRUE;
      note (story, event, &result);
      if (event == SIGHEJ_FRAMER_ERROR || event == SIGHEJ_FRAMER_CLOSE)
        return FALSE;
      g_byte_array_remove_range (waiting, 0, (guint) result.consumed);
    }
}

/* @sizes: lengths of the pieces, over and over; 0: the rest */
static Story
read_in_pieces (const uint8_t *data, size_t n_bytes, const guint8 sizes[N_SIZES])
{
  SighejFramer framer = { 0 };
  Story story = { .digest = 2166136261 };
  g_autoptr (GByteArray) waiting = g_byte_array_new ();
  gsize done = 0;

  for (guint i = 0; done < n_bytes; i++)
    {
      gsize left = n_bytes - done;
      gsize size = sizes[i % N_SIZES] == 0 ? left : MIN (left, sizes[i % N_SIZES]);

      g_byte_array_append (waiting, data + done, (guint) size);
      done += size;
      if (!take (&framer, waiting, &story))
        break;
    }
  sighej_framer_clear (&framer);
  return story;
}

/* However a stream is cut, it says the same. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  static const guint8 whole[N_SIZES];
  guint8 sizes[N_SIZES];
  Story at_once, in_pieces;

  if (n_bytes < N_CUT_BYTES)
    return 0;
  for (guint i = 0; i < N_SIZES; i++)
    sizes[i] = data[i] >> (data[N_SIZES] & 7);
  data += N_CUT_BYTES;
  n_bytes -= N_CUT_BYTES;

  at_once = read_in_pieces (data, n_bytes, whole);
  in_pieces = read_in_pieces (data, n_bytes, sizes);
  g_assert_cmpuint (at_once.n_events, ==, in_pieces.n_events);
  g_assert_cmphex (at_once.digest, ==, in_pieces.digest);
  g_assert_cmpint (at_once.last, ==, in_pieces.last);
  return 0;
}
