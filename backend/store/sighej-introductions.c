/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-introductions"

#include "config.h"

#include "sighej-introductions.h"

#include <string.h>

#include "sighej-ageing.h"

#define SECONDS_US(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)

typedef SighejMemorySession Session;

struct _SighejIntroductions
{
  SighejRecords *records;
  SighejPairs *pairs;
  SighejAgeing *nudged; /* both openings, the smaller first -> bit per side: was told */

  /* nobody; what an unknown token is compared with, so that it costs what a known one does */
  SighejStoreInterest decoy_interests[SIGHEJ_WIRE_INTERESTS_MAX];
  guint8 decoy_opening[SIGHEJ_STORE_OPENING_BYTES];
};

SighejIntroductions *
sighej_introductions_new (SighejRecords *records)
{
  SighejIntroductions *self = g_new0 (SighejIntroductions, 1);

  self->records = records;
  self->pairs = sighej_pairs_new (SECONDS_US (SIGHEJ_STORE_SIGHTING_SECONDS),
                                  SIGHEJ_INTRODUCTIONS_PAIRS_MAX);
  self->nudged
      = sighej_ageing_new (SECONDS_US (SIGHEJ_STORE_PAIR_SECONDS), SIGHEJ_INTRODUCTIONS_NUDGED_MAX);
  sighej_random_bytes ((guint8 *) self->decoy_interests, sizeof self->decoy_interests);
  sighej_random_bytes (self->decoy_opening, sizeof self->decoy_opening);
  return self;
}

void
sighej_introductions_free (SighejIntroductions *self)
{
  sighej_pairs_free (self->pairs);
  sighej_ageing_free (self->nudged);
  g_free (self);
}

/* What a pair of openings is known by. Returns: the side of @own, 0 or 1. */
static guint
pair_key (const guint8 *own, const guint8 *peer, guint8 key[SIGHEJ_AGEING_KEY_BYTES])
{
  guint side = memcmp (own, peer, SIGHEJ_STORE_OPENING_BYTES) > 0;

  G_STATIC_ASSERT (SIGHEJ_AGEING_KEY_BYTES == 2 * SIGHEJ_STORE_OPENING_BYTES);

  memcpy (key, side == 0 ? own : peer, SIGHEJ_STORE_OPENING_BYTES);
  memcpy (key + SIGHEJ_STORE_OPENING_BYTES, side == 0 ? peer : own, SIGHEJ_STORE_OPENING_BYTES);
  return side;
}

void
sighej_introductions_note_told (SighejIntroductions *self,
                                const guint8 opening[SIGHEJ_STORE_OPENING_BYTES],
                                const guint8 peer[SIGHEJ_STORE_OPENING_BYTES],
                                gint64 now_us)
{
  guint8 key[SIGHEJ_AGEING_KEY_BYTES];
  guint side = pair_key (opening, peer, key);
  guint *told = sighej_ageing_lookup (self->nudged, key, now_us);

  if (told != NULL)
    *told |= 1u << side;
}

/* The decision */

typedef struct
{
  Session *own;
  Session *peer; /* (nullable) */
  SighejMatchPolicy policy;
  gint64 now_us;

  guint32 own_mask;
  guint32 peer_mask;
  guint8 pair[SIGHEJ_AGEING_KEY_BYTES];
  guint own_side; /* in the pair; the peer's is the other one */
} Meeting;

static gboolean
is_matchable (const Session *session, const Meeting *meeting)
{
  return meeting->policy == SIGHEJ_MATCH_LEGACY || session->n_attached > 0
         || meeting->now_us - session->detached_us < SECONDS_US (SIGHEJ_STORE_DETACHED_SECONDS);
}

/* Does the same work for a token that nobody stands behind. */
static void
compare (SighejIntroductions *self, Meeting *meeting)
{
  const Session *own = meeting->own;
  SighejMatcherSide decoy = { own->side.day, own->side.n_interests, self->decoy_interests };
  const SighejMatcherSide *other = &decoy;
  const guint8 *opening = self->decoy_opening;

  if (meeting->peer != NULL)
    {
      other = &meeting->peer->side;
      opening = meeting->peer->opening;
    }
  sighej_matcher_overlap (&own->side, other, &meeting->own_mask, &meeting->peer_mask);
  meeting->own_side = pair_key (own->opening, opening, meeting->pair);
}

static gboolean
may_meet (const Meeting *meeting)
{
  const Session *own = meeting->own;
  const Session *peer = meeting->peer;

  return peer != NULL && meeting->own_mask != 0
         && memcmp (own->opening, peer->opening, SIGHEJ_STORE_OPENING_BYTES) != 0
         && is_matchable (own, meeting) && is_matchable (peer, meeting);
}

static gboolean
is_muted (SighejIntroductions *self, const Session *session, gint64 now_us)
{
  char key[sizeof SIGHEJ_STORE_MUTE_PREFIX + 2 * SIGHEJ_STORE_OPENING_BYTES]
      = SIGHEJ_STORE_MUTE_PREFIX;

  sighej_hex_encode (
      session->opening, sizeof session->opening, key + strlen (SIGHEJ_STORE_MUTE_PREFIX));
  return sighej_records_has (self->records, key, now_us);
}

static gboolean
is_either_muted (SighejIntroductions *self, const Meeting *meeting)
{
  return is_muted (self, meeting->own, meeting->now_us)
         || is_muted (self, meeting->peer, meeting->now_us);
}

static void
fill_nudge (SighejStoreNudge *nudge, const Session *peer, guint32 mask)
{
  *nudge = (SighejStoreNudge){ .shared_mask = mask, .has_peer_key = peer->has_public_key };
  memcpy (nudge->peer_opening, peer->opening, sizeof nudge->peer_opening);
  if (peer->has_public_key)
    memcpy (nudge->peer_key, peer->public_key, sizeof nudge->peer_key);
}

static void
put (const Meeting *meeting, Session *session, const Session *peer, guint32 mask)
{
  SighejStoreNudge nudge;

  fill_nudge (&nudge, peer, mask);
  if (meeting->policy == SIGHEJ_MATCH_LEGACY)
    sighej_outbox_push_over (&session->outbox, &nudge);
  else
    sighej_outbox_push (&session->outbox, &nudge);
}

static gboolean
nudge_both (SighejIntroductions *self, const Meeting *meeting)
{
  Session *own = meeting->own;
  Session *peer = meeting->peer;

  if (meeting->policy != SIGHEJ_MATCH_LEGACY
      && (sighej_outbox_is_full (&own->outbox) || sighej_outbox_is_full (&peer->outbox)))
    return FALSE;

  put (meeting, own, peer, meeting->own_mask);
  put (meeting, peer, own, meeting->peer_mask);
  sighej_ageing_add (self->nudged, meeting->pair, meeting->now_us);
  return TRUE;
}

/* A side that renewed its session before it heard of the nudge finds it in its new outbox. */
static gboolean
misses (const Session *session, const Session *peer, gboolean told)
{
  return !told && !sighej_outbox_is_full (&session->outbox)
         && !sighej_outbox_has (&session->outbox, peer->opening);
}

static void
remind (Session *session, const Session *peer, guint32 mask)
{
  SighejStoreNudge nudge;

  fill_nudge (&nudge, peer, mask);
  if (sighej_outbox_has (&session->outbox, peer->opening)
      || !sighej_outbox_is_full (&session->outbox))
    sighej_outbox_push_over (&session->outbox, &nudge);
}

/*
 * Both are told, even when one misses it: what two know each other by later (avoid tags) comes from
 * the keys of one pair of sessions, and who was told before knows the key of a session that is
 * gone.
 */
static gboolean
remind_both (SighejIntroductions *self, const Meeting *meeting, guint *told)
{
  Session *own = meeting->own;
  Session *peer = meeting->peer;

  if (!misses (own, peer, (*told >> meeting->own_side & 1) != 0)
      && !misses (peer, own, (*told >> (1 - meeting->own_side) & 1) != 0))
    return FALSE;
  if (is_either_muted (self, meeting))
    return FALSE;

  remind (own, peer, meeting->own_mask);
  remind (peer, own, meeting->peer_mask);
  *told = 0;
  return TRUE;
}

/* Returns: whether both know now */
static gboolean
decide (SighejIntroductions *self, const Meeting *meeting, SighejStoreSight *sight)
{
  Session *own = meeting->own;
  Session *peer = meeting->peer;
  gboolean is_legacy = meeting->policy == SIGHEJ_MATCH_LEGACY;
  guint *told = sighej_ageing_lookup (self->nudged, meeting->pair, meeting->now_us);
  gboolean is_again = told != NULL && !is_legacy;

  if (!is_again && meeting->policy == SIGHEJ_MATCH_MUTUAL
      && !sighej_pairs_report (self->pairs, &own->member, &peer->member, meeting->now_us))
    return FALSE;
  if (sighej_matcher_avoids (own->avoid, peer->avoid))
    return FALSE;
  if (is_again)
    {
      sight->wake = remind_both (self, meeting, told);
      return TRUE;
    }
  sight->fresh = sight->wake = !is_either_muted (self, meeting) && nudge_both (self, meeting);
  return sight->fresh;
}

void
sighej_introductions_decide (SighejIntroductions *self,
                             const SighejIntroduction *wanted,
                             SighejStoreSight *sight)
{
  Meeting meeting = {
    .own = wanted->own, .peer = wanted->peer, .policy = wanted->policy, .now_us = wanted->now_us
  };

  compare (self, &meeting);
  if (!may_meet (&meeting) || !decide (self, &meeting, sight))
    return;

  sight->match = TRUE;
  sight->peer_attached = meeting.peer->n_attached > 0;
  sight->own_mask = meeting.own_mask;
  sight->peer_id = sight->wake ? meeting.peer->id : NULL;
}

/* Time */

void
sighej_introductions_forget (SighejIntroductions *self, SighejMemorySession *session)
{
  sighej_pairs_forget (self->pairs, &session->member);
}

void
sighej_introductions_expire (SighejIntroductions *self, gint64 now_us)
{
  sighej_pairs_expire (self->pairs, now_us);
  sighej_ageing_expire (self->nudged, now_us);
}

gint64
sighej_introductions_next_us (SighejIntroductions *self)
{
  return MIN (sighej_pairs_next_us (self->pairs), sighej_ageing_next_us (self->nudged));
}
