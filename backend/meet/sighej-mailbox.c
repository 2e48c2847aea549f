/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-mailbox"

#include "config.h"

#include "sighej-mailbox.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-wire-member.h"

#define SHORT_MS (10 * 1000)
#define MINUTE_MS (60 * 1000)
#define MS_PER_SECOND 1000
#define FULL_RETRY_SECONDS 5 /* the other side decides; a guess that does not press */
#define N_MAX (G_GUINT64_CONSTANT (1) << 53)

static inline guint
get_length (const SighejMailbox *self)
{
  return self->letters != NULL ? self->letters->len : 0;
}

static void
clear_letter (gpointer letter)
{
  g_bytes_unref (((SighejLetter *) letter)->body);
}

void
sighej_mailbox_clear (SighejMailbox *self)
{
  g_clear_pointer (&self->letters, g_array_unref);
  memset (self, 0, sizeof *self);
}

static void
append (SighejMailbox *self, SighejTalkKind kind, GBytes *body)
{
  SighejLetter letter = { .kind = kind, .body = g_bytes_ref (body) };

  if (self->letters == NULL)
    {
      self->letters = g_array_new (FALSE, FALSE, sizeof (SighejLetter));
      g_array_set_clear_func (self->letters, clear_letter);
    }
  g_array_append_val (self->letters, letter);
  self->n_bytes += g_bytes_get_size (body);
}

/* ---- how often ---- */

static void
forget_old (guint32 *times_ms, guint *n_times, guint32 now_ms)
{
  guint n_old = 0;

  while (n_old < *n_times && now_ms - times_ms[n_old] >= MINUTE_MS)
    n_old++;
  *n_times -= n_old;
  memmove (times_ms, times_ms + n_old, *n_times * sizeof *times_ms);
}

/* How long until one more fits, when at most @n_max may be in any @window_ms. */
static guint
get_wait_ms (const guint32 *times_ms, guint n_times, guint n_max, guint window_ms, guint32 now_ms)
{
  guint age_ms;

  if (n_times < n_max)
    return 0;
  age_ms = now_ms - times_ms[n_times - n_max];
  return age_ms < window_ms ? window_ms - age_ms : 0;
}

static guint
get_text_wait_ms (const SighejMailbox *self, guint32 now_ms)
{
  guint short_ms = get_wait_ms (
      self->texts_ms, self->n_texts, SIGHEJ_MAILBOX_TEXTS_PER_10_S, SHORT_MS, now_ms);
  guint minute_ms = get_wait_ms (
      self->texts_ms, self->n_texts, SIGHEJ_MAILBOX_TEXTS_PER_MINUTE, MINUTE_MS, now_ms);

  return MAX (short_ms, minute_ms);
}

static gboolean
limit (GError **error, const char *what, guint retry_s)
{
  g_propagate_error (error, sighej_error_new_rate_limited (what, retry_s));
  return FALSE;
}

static gboolean
check_pace (const SighejMailbox *self, SighejTalkKind kind, guint32 now_ms, GError **error)
{
  guint wait_ms = 0;

  if (kind == SIGHEJ_TALK_TEXT)
    wait_ms = get_text_wait_ms (self, now_ms);
  else if (kind == SIGHEJ_TALK_NOTE)
    wait_ms = get_wait_ms (
        self->notes_ms, self->n_notes, SIGHEJ_MAILBOX_NOTES_PER_MINUTE, MINUTE_MS, now_ms);
  if (wait_ms > 0)
    return limit (error, "too many messages", (wait_ms + MS_PER_SECOND - 1) / MS_PER_SECOND);
  return TRUE;
}

/* The limits of a minute are the room there is. */
static void
note_time (guint32 *times_ms, guint *n_times, guint n_max, guint32 now_ms)
{
  g_assert (*n_times < n_max);

  times_ms[(*n_times)++] = now_ms;
}

static void
count (SighejMailbox *self, SighejTalkKind kind, guint32 now_ms)
{
  if (kind == SIGHEJ_TALK_TEXT)
    note_time (self->texts_ms, &self->n_texts, G_N_ELEMENTS (self->texts_ms), now_ms);
  else if (kind == SIGHEJ_TALK_NOTE)
    note_time (self->notes_ms, &self->n_notes, G_N_ELEMENTS (self->notes_ms), now_ms);
}

/* ---- what is said ---- */

static gboolean
check_letter (const SighejMailbox *self, SighejTalkKind kind, GBytes *body, GError **error)
{
  gsize n_body = body != NULL ? g_bytes_get_size (body) : 0;

  if (n_body == 0 || n_body > SIGHEJ_WIRE_TALK_BYTES_MAX)
    return sighej_wire_refuse (
        error, "body", "must have 1 to " G_STRINGIFY (SIGHEJ_WIRE_TALK_BYTES_MAX) " bytes");
  /* A message has 1,000 characters, which fit into two. */
  if (kind == SIGHEJ_TALK_PART && self->in_message)
    return sighej_wire_refuse (error, "kind", "must be a text after a part");
  if (get_length (self) >= SIGHEJ_MAILBOX_LETTERS_MAX
      || self->n_bytes + n_body > SIGHEJ_MAILBOX_BYTES_MAX)
    return limit (error, "the other side has not read what it was sent", FULL_RETRY_SECONDS);
  return TRUE;
}

static gboolean
check_number (const SighejMailbox *self, guint64 n, GError **error)
{
  if (n == 0)
    return sighej_wire_refuse (error, "n", "must be 1 or more");
  if (n <= self->said + 1)
    return TRUE;
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFLICT,
               "the last message that came has number %" G_GUINT64_FORMAT,
               self->said);
  return FALSE;
}

gboolean
sighej_mailbox_say (SighejMailbox *self,
                    guint64 n,
                    SighejTalkKind kind,
                    GBytes *body,
                    guint32 now_ms,
                    gboolean *taken,
                    GError **error)
{
  *taken = FALSE;
  if (!check_number (self, n, error))
    return FALSE;
  if (n <= self->said)
    return TRUE;
  forget_old (self->texts_ms, &self->n_texts, now_ms);
  forget_old (self->notes_ms, &self->n_notes, now_ms);
  if (!check_letter (self, kind, body, error) || !check_pace (self, kind, now_ms, error))
    return FALSE;

  count (self, kind, now_ms);
  append (self, kind, body);
  self->said = n;
  if (kind != SIGHEJ_TALK_NOTE)
    self->in_message = kind == SIGHEJ_TALK_PART;
  *taken = TRUE;
  return TRUE;
}

/* ---- what is read ---- */

guint64
sighej_mailbox_get_acked (const SighejMailbox *self)
{
  return self->said - get_length (self);
}

guint
sighej_mailbox_n_after (const SighejMailbox *self, guint64 after)
{
  guint64 first = MAX (after, sighej_mailbox_get_acked (self));

  return first < self->said ? (guint) (self->said - first) : 0;
}

const SighejLetter *
sighej_mailbox_get_after (const SighejMailbox *self, guint64 after, guint i, guint64 *n)
{
  guint n_after = sighej_mailbox_n_after (self, after);

  g_return_val_if_fail (i < n_after, NULL);

  *n = self->said - n_after + 1 + i;
  return &g_array_index (self->letters, SighejLetter, get_length (self) - n_after + i);
}

gboolean
sighej_mailbox_ack (SighejMailbox *self, guint64 n)
{
  guint n_acked = get_length (self) - sighej_mailbox_n_after (self, n);

  for (guint i = 0; i < n_acked; i++)
    self->n_bytes -= g_bytes_get_size (g_array_index (self->letters, SighejLetter, i).body);
  if (n_acked > 0)
    g_array_remove_range (self->letters, 0, n_acked);
  return n_acked > 0;
}

/* ---- as bytes ---- */

static void
pack_times (const guint32 *times_ms, guint n_times, GByteArray *out)
{
  sighej_pack_uint (out, n_times, 1);
  for (guint i = 0; i < n_times; i++)
    sighej_pack_uint (out, times_ms[i], sizeof *times_ms);
}

void
sighej_mailbox_pack (const SighejMailbox *self, GByteArray *out)
{
  sighej_pack_uint (out, self->said, sizeof self->said);
  sighej_pack_uint (out, (guint64) self->in_message, 1);
  pack_times (self->texts_ms, self->n_texts, out);
  pack_times (self->notes_ms, self->n_notes, out);
  sighej_pack_uint (out, get_length (self), 1);
  for (guint i = 0; i < get_length (self); i++)
    {
      const SighejLetter *letter = &g_array_index (self->letters, SighejLetter, i);
      gsize n_body;
      const void *body = g_bytes_get_data (letter->body, &n_body);

      sighej_pack_uint (out, letter->kind, 1);
      sighej_pack_uint (out, n_body, 2);
      sighej_pack_bytes (out, body, n_body);
    }
}

static guint
unpack_times (guint32 *times_ms, guint n_max, guint32 newest_ms, SighejUnpack *in)
{
  guint n_times = (guint) sighej_unpack_uint_max (in, 1, n_max);

  for (guint i = 0; i < n_times; i++)
    {
      times_ms[i] = (guint32) sighej_unpack_uint_max (in, sizeof *times_ms, newest_ms);
      sighej_unpack_require (in, i == 0 || times_ms[i] >= times_ms[i - 1]);
    }
  return n_times;
}

static void
unpack_letter (SighejMailbox *self, SighejUnpack *in)
{
  SighejTalkKind kind = (SighejTalkKind) sighej_unpack_uint_max (in, 1, SIGHEJ_TALK_NOTE);
  gsize n_body = (gsize) sighej_unpack_uint_max (in, 2, SIGHEJ_WIRE_TALK_BYTES_MAX);
  guint8 body[SIGHEJ_WIRE_TALK_BYTES_MAX];
  g_autoptr (GBytes) bytes = NULL;

  sighej_unpack_bytes (in, body, n_body);
  sighej_unpack_require (in, n_body > 0);
  if (in->broken)
    return;
  bytes = g_bytes_new (body, n_body);
  append (self, kind, bytes);
}

void
sighej_mailbox_unpack (SighejMailbox *self, guint32 newest_ms, SighejUnpack *in)
{
  guint n_letters;

  self->said = sighej_unpack_uint_max (in, sizeof self->said, N_MAX);
  self->in_message = sighej_unpack_uint_max (in, 1, TRUE) != 0;
  self->n_texts = unpack_times (self->texts_ms, G_N_ELEMENTS (self->texts_ms), newest_ms, in);
  self->n_notes = unpack_times (self->notes_ms, G_N_ELEMENTS (self->notes_ms), newest_ms, in);
  n_letters = (guint) sighej_unpack_uint_max (in, 1, MIN (self->said, SIGHEJ_MAILBOX_LETTERS_MAX));
  for (guint i = 0; i < n_letters && !in->broken; i++)
    unpack_letter (self, in);
  sighej_unpack_require (in, self->n_bytes <= SIGHEJ_MAILBOX_BYTES_MAX);
}
