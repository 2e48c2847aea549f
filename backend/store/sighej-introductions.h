/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-memory-session.h"
#include "sighej-records.h"

G_BEGIN_DECLS

#define SIGHEJ_INTRODUCTIONS_PAIRS_MAX 2000000  /* then the oldest sighting makes room */
#define SIGHEJ_INTRODUCTIONS_NUDGED_MAX 1000000 /* then the oldest pair may be nudged again */

/**
 * SighejIntroductions:
 *
 * The memory store's one decision: who has seen whom, who was nudged with whom and who was told,
 * and whether two sessions are nudged now (sighej_store_sight()). Of two openings:
 *
 *   strangers --one saw the other--> half seen --the other saw the one--> nudged, 4 h
 *   half seen --120 s--> strangers
 *
 * A pair that shares an avoid tag, or one of whose openings is muted, stays half seen. Bounded as
 * its two maps are. Pure; the caller brings sessions and time.
 */
typedef struct _SighejIntroductions SighejIntroductions;

/* @records: (transfer none): for those under %SIGHEJ_STORE_MUTE_PREFIX; outlives this */
SighejIntroductions *sighej_introductions_new (SighejRecords *records);
void sighej_introductions_free (SighejIntroductions *self); /* every session must be forgotten */
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejIntroductions, sighej_introductions_free)

/* One report. @peer: (nullable): nobody stands behind what was seen, which costs the same work */
typedef struct
{
  SighejMemorySession *own;
  SighejMemorySession *peer;
  SighejMatchPolicy policy;
  gint64 now_us;
} SighejIntroduction;

/* Decides, writes both outboxes or neither, and fills @sight, which is all zero before, but for
 * @own. */
void sighej_introductions_decide (SighejIntroductions *self,
                                  const SighejIntroduction *wanted,
                                  SighejStoreSight *sight);

/* Remembers that @opening has been told of @peer, so that no later session of it is told again. */
void sighej_introductions_note_told (SighejIntroductions *self,
                                     const guint8 opening[SIGHEJ_STORE_OPENING_BYTES],
                                     const guint8 peer[SIGHEJ_STORE_OPENING_BYTES],
                                     gint64 now_us);

/* Drops what the session has seen and who has seen it. */
void sighej_introductions_forget (SighejIntroductions *self, SighejMemorySession *session);

/* Drops what is over at @now_us. */
void sighej_introductions_expire (SighejIntroductions *self, gint64 now_us);

/* When the next thing is over; G_MAXINT64: there is none. */
gint64 sighej_introductions_next_us (SighejIntroductions *self);

G_END_DECLS
