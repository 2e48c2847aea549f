/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-meeting"

#include "config.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-meeting-facts.h"

/*
 * version, phase, openings, start, newest; a stub then has when they met and both versions. Else:
 * what both share, and each side: flags, session, keys, times, mailbox. What one wave alone does
 * not have yet is not written, so what is not there cannot be wrong. A fix is beside it: version,
 * when it came and has to go, and what it is.
 */
#define FORMAT 1
#define HEAD_BYTES_MAX 1024 /* all but the letters' bodies and what stands before each */
#define LETTER_HEAD_BYTES 3
#define PHASE_BYTES 1
#define FLAG_BYTES 1
#define TIME_BYTES 4
#define WORD_BYTES 2
#define NO_SPOT 0xff
#define TIME_MAX ((guint64) G_MAXINT64)
#define FIX_BYTES (1 + TIME_BYTES + 8 + 4 * 8)

enum
{
  FLAG_WAVED = 1 << 0,
  FLAG_KEY = 1 << 1,
  FLAG_COMMIT = 1 << 2,
  FLAG_NONCE = 1 << 3,
  FLAG_CONFIRMED = 1 << 4,
  FLAG_SHARES = 1 << 5,
  FLAG_FIX = 1 << 6,
  FLAGS_ALL = (1 << 7) - 1,
  FLAGS_ONE_WAVE = FLAG_WAVED | FLAG_KEY | FLAG_COMMIT | FLAG_NONCE,
};

/* ---- writing ---- */

static void
wipe_array (gpointer data)
{
  GByteArray *array = data;

  sighej_wipe (array->data, array->len);
  g_byte_array_unref (array);
}

static void
pack_double (GByteArray *out, double value)
{
  guint64 bits;

  memcpy (&bits, &value, sizeof bits);
  sighej_pack_uint (out, bits, sizeof bits);
}

static guint
get_flags (const SighejMeetingSide *side)
{
  return (side->waved ? FLAG_WAVED : 0U) | (side->has_key ? FLAG_KEY : 0U)
         | (side->has_commit ? FLAG_COMMIT : 0U) | (side->has_nonce ? FLAG_NONCE : 0U)
         | (side->confirmed ? FLAG_CONFIRMED : 0U) | (side->shares ? FLAG_SHARES : 0U)
         | (side->has_fix ? FLAG_FIX : 0U);
}

static void
pack_wave (const SighejMeetingSide *side, GByteArray *out)
{
  gsize n_session = strlen (side->session);

  sighej_pack_uint (out, n_session, 1);
  sighej_pack_bytes (out, side->session, n_session);
  sighej_pack_uint (out, side->away_ms, TIME_BYTES);
  if (side->has_key)
    sighej_pack_bytes (out, side->key, sizeof side->key);
  if (side->has_commit)
    sighej_pack_bytes (out, side->commit, sizeof side->commit);
  if (side->has_nonce)
    sighej_pack_bytes (out, side->nonce, sizeof side->nonce);
}

static void
pack_meet (const SighejMeetingSide *side, GByteArray *out)
{
  sighej_pack_uint (out, side->version, sizeof side->version);
  sighej_pack_uint (out, side->here_ms, TIME_BYTES);
  sighej_pack_uint (out, side->closest_ms, TIME_BYTES);
  sighej_pack_uint (out, side->fix_ms, TIME_BYTES);
  sighej_mailbox_pack (&side->from_here, out);
}

static void
pack_side (const SighejMeeting *self, const SighejMeetingSide *side, GByteArray *out)
{
  sighej_pack_uint (out, get_flags (side), FLAG_BYTES);
  if (side->waved)
    pack_wave (side, out);
  if (self->phase == SIGHEJ_MEETING_AGREED)
    pack_meet (side, out);
}

static void
pack_shared (const SighejMeeting *self, GByteArray *out)
{
  sighej_pack_uint (out, self->agreed_ms, TIME_BYTES);
  sighej_pack_uint (out, (guint64) self->here, FLAG_BYTES);
  sighej_pack_uint (out, self->spot < 0 ? NO_SPOT : (guint64) self->spot, 1);
  sighej_pack_uint (out, self->handles[0], WORD_BYTES);
  sighej_pack_uint (out, self->handles[1], WORD_BYTES);
  sighej_pack_uint (out, self->cue, WORD_BYTES);
}

static void
pack_stub (const SighejMeeting *self, GByteArray *out)
{
  sighej_pack_uint (out, self->agreed_ms, TIME_BYTES);
  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    sighej_pack_uint (out, self->sides[i].version, sizeof self->sides[i].version);
}

/* Enough, so that the array never moves and leaves a copy behind. */
static gsize
get_room (const SighejMeeting *self)
{
  gsize n_bytes = HEAD_BYTES_MAX;

  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    n_bytes += self->sides[i].from_here.n_bytes + SIGHEJ_MAILBOX_LETTERS_MAX * LETTER_HEAD_BYTES;
  return n_bytes;
}

GBytes *
sighej_meeting_write (const SighejMeeting *self)
{
  GByteArray *out = g_byte_array_sized_new ((guint) get_room (self));

  sighej_pack_uint (out, FORMAT, 1);
  sighej_pack_uint (out, self->phase, PHASE_BYTES);
  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    sighej_pack_bytes (out, self->sides[i].opening, SIGHEJ_MEETING_OPENING_BYTES);
  sighej_pack_uint (out, (guint64) self->start_ms, sizeof self->start_ms);
  sighej_pack_uint (out, self->newest_ms, TIME_BYTES);
  if (self->phase == SIGHEJ_MEETING_MET)
    pack_stub (self, out);
  else
    {
      if (self->phase == SIGHEJ_MEETING_AGREED)
        pack_shared (self, out);
      for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
        pack_side (self, &self->sides[i], out);
    }
  return g_bytes_new_with_free_func (out->data, out->len, wipe_array, out);
}

GBytes *
sighej_meeting_write_fix (const SighejMeeting *self, guint side, gint64 *until_ms)
{
  const SighejMeetingSide *own = &self->sides[side];
  GByteArray *out;

  if (!own->knows_fix)
    return NULL;

  *until_ms = own->fix_until_ms;
  out = g_byte_array_sized_new (FIX_BYTES);
  sighej_pack_uint (out, FORMAT, 1);
  sighej_pack_uint (out, own->fix_ms, TIME_BYTES);
  sighej_pack_uint (out, (guint64) own->fix_until_ms, sizeof own->fix_until_ms);
  pack_double (out, own->fix.latitude);
  pack_double (out, own->fix.longitude);
  pack_double (out, own->fix.accuracy_m);
  sighej_pack_uint (out, (guint64) own->fix.taken_us, sizeof own->fix.taken_us);
  return g_bytes_new_with_free_func (out->data, out->len, wipe_array, out);
}

/* ---- reading ---- */

static double
unpack_double (SighejUnpack *in)
{
  guint64 bits = sighej_unpack_uint (in, sizeof bits);
  double value;

  memcpy (&value, &bits, sizeof value);
  return value;
}

static guint32
unpack_time (const SighejMeeting *self, SighejUnpack *in)
{
  return (guint32) sighej_unpack_uint_max (in, TIME_BYTES, self->newest_ms);
}

static guint32
unpack_optional_time (const SighejMeeting *self, SighejUnpack *in)
{
  guint32 time_ms = (guint32) sighej_unpack_uint (in, TIME_BYTES);

  sighej_unpack_require (in, time_ms == SIGHEJ_MEETING_NEVER || time_ms <= self->newest_ms);
  return time_ms;
}

static void
unpack_flags (const SighejMeeting *self, SighejMeetingSide *side, SighejUnpack *in)
{
  gboolean agreed = self->phase == SIGHEJ_MEETING_AGREED;
  guint flags = (guint) sighej_unpack_uint_max (in, FLAG_BYTES, FLAGS_ALL);

  side->waved = (flags & FLAG_WAVED) != 0;
  side->has_key = (flags & FLAG_KEY) != 0;
  side->has_commit = (flags & FLAG_COMMIT) != 0;
  side->has_nonce = (flags & FLAG_NONCE) != 0;
  side->confirmed = (flags & FLAG_CONFIRMED) != 0;
  side->shares = (flags & FLAG_SHARES) != 0;
  side->has_fix = (flags & FLAG_FIX) != 0;
  sighej_unpack_require (in, agreed || (flags & ~(guint) FLAGS_ONE_WAVE) == 0);
  sighej_unpack_require (in, side->waved ? side->has_key || side->has_commit : flags == 0);
  sighej_unpack_require (in, !side->has_nonce || side->has_key);
  sighej_unpack_require (in, !side->has_fix || side->shares);
}

static void
unpack_wave (const SighejMeeting *self, SighejMeetingSide *side, SighejUnpack *in)
{
  gsize n_session = (gsize) sighej_unpack_uint_max (in, 1, SIGHEJ_UUID_CHARS);

  sighej_unpack_bytes (in, side->session, n_session);
  sighej_unpack_require (in, n_session > 0 && strlen (side->session) == n_session);
  side->away_ms = unpack_optional_time (self, in);
  if (side->has_key)
    sighej_unpack_bytes (in, side->key, sizeof side->key);
  if (side->has_commit)
    sighej_unpack_bytes (in, side->commit, sizeof side->commit);
  if (side->has_nonce)
    sighej_unpack_bytes (in, side->nonce, sizeof side->nonce);
}

static void
unpack_meet (const SighejMeeting *self, SighejMeetingSide *side, SighejUnpack *in)
{
  side->version = (guint32) sighej_unpack_uint (in, sizeof side->version);
  side->here_ms = unpack_optional_time (self, in);
  side->closest_ms = unpack_optional_time (self, in);
  side->fix_ms = unpack_optional_time (self, in);
  sighej_unpack_require (in, !side->has_fix || side->fix_ms != SIGHEJ_MEETING_NEVER);
  sighej_mailbox_unpack (&side->from_here, self->newest_ms, in);
}

static void
unpack_side (const SighejMeeting *self, SighejMeetingSide *side, SighejUnpack *in)
{
  unpack_flags (self, side, in);
  if (side->waved)
    unpack_wave (self, side, in);
  if (self->phase == SIGHEJ_MEETING_AGREED)
    unpack_meet (self, side, in);
}

static void
unpack_shared (SighejMeeting *self, SighejUnpack *in)
{
  guint spot;

  self->agreed_ms = unpack_time (self, in);
  self->here = sighej_unpack_uint_max (in, FLAG_BYTES, TRUE) != 0;
  spot = (guint) sighej_unpack_uint (in, 1);
  sighej_unpack_require (in, spot < SIGHEJ_WIRE_SPOTS || spot == NO_SPOT);
  self->spot = spot == NO_SPOT ? -1 : (int) spot;
  self->handles[0] = (guint) sighej_unpack_uint (in, WORD_BYTES);
  self->handles[1] = (guint) sighej_unpack_uint (in, WORD_BYTES);
  self->cue = (guint) sighej_unpack_uint (in, WORD_BYTES);
}

static void
unpack_stub (SighejMeeting *self, SighejUnpack *in)
{
  self->agreed_ms = unpack_time (self, in);
  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    self->sides[i].version = (guint32) sighej_unpack_uint (in, sizeof self->sides[i].version);
}

/* What no series of acts leads to. */
static void
require_sense (const SighejMeeting *self, SighejUnpack *in)
{
  const SighejMeetingSide *a = &self->sides[0];
  const SighejMeetingSide *b = &self->sides[1];

  sighej_unpack_require (in, memcmp (a->opening, b->opening, sizeof a->opening) < 0);
  if (self->phase == SIGHEJ_MEETING_MET)
    return;
  sighej_unpack_require (
      in, self->phase == SIGHEJ_MEETING_AGREED ? a->waved && b->waved : a->waved != b->waved);
  sighej_unpack_require (in, !a->confirmed || !b->confirmed);
  sighej_unpack_require (in, (!a->has_fix && !b->has_fix) || (a->shares && b->shares));
}

static void
unpack (SighejMeeting *self, SighejUnpack *in)
{
  sighej_unpack_require (in, sighej_unpack_uint (in, 1) == FORMAT);
  self->phase = (SighejMeetingPhase) sighej_unpack_uint_max (in, PHASE_BYTES, SIGHEJ_MEETING_MET);
  for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
    sighej_unpack_bytes (in, self->sides[i].opening, SIGHEJ_MEETING_OPENING_BYTES);
  self->start_ms = (gint64) sighej_unpack_uint_max (in, sizeof self->start_ms, TIME_MAX);
  self->newest_ms = (guint32) sighej_unpack_uint_max (in, TIME_BYTES, SIGHEJ_MEETING_LAST_MS);
  if (self->phase == SIGHEJ_MEETING_MET)
    unpack_stub (self, in);
  else
    {
      if (self->phase == SIGHEJ_MEETING_AGREED)
        unpack_shared (self, in);
      for (guint i = 0; i < SIGHEJ_MEETING_SIDES; i++)
        unpack_side (self, &self->sides[i], in);
    }
  require_sense (self, in);
}

SighejMeeting *
sighej_meeting_read (GBytes *plain)
{
  g_autoptr (SighejMeeting) self = g_new0 (SighejMeeting, 1);
  SighejUnpack in = { 0 };

  sighej_meeting_reset (self);
  in.data = g_bytes_get_data (plain, &in.n_bytes);
  unpack (self, &in);
  return sighej_unpack_is_done (&in) ? g_steal_pointer (&self) : NULL;
}

static void
unpack_fix (SighejMeetingSide *side, SighejUnpack *in)
{
  sighej_unpack_require (in, sighej_unpack_uint (in, 1) == FORMAT);
  sighej_unpack_require (in, sighej_unpack_uint (in, TIME_BYTES) == side->fix_ms);
  side->fix_until_ms = (gint64) sighej_unpack_uint_max (in, sizeof side->fix_until_ms, TIME_MAX);
  side->fix.latitude = unpack_double (in);
  side->fix.longitude = unpack_double (in);
  side->fix.accuracy_m = unpack_double (in);
  side->fix.taken_us = (gint64) sighej_unpack_uint_max (in, sizeof side->fix.taken_us, TIME_MAX);
  sighej_unpack_require (in, sighej_position_check (&side->fix, NULL, side->fix.taken_us, NULL));
}

gboolean
sighej_meeting_read_fix (SighejMeeting *self, guint side, GBytes *plain)
{
  SighejMeetingSide *own = &self->sides[side];
  SighejUnpack in = { 0 };

  in.data = g_bytes_get_data (plain, &in.n_bytes);
  sighej_unpack_require (&in, own->has_fix);
  unpack_fix (own, &in);
  own->knows_fix = sighej_unpack_is_done (&in);
  if (!own->knows_fix)
    sighej_wipe (&own->fix, sizeof own->fix);
  return own->knows_fix;
}
