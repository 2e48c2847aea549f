/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-avoid-list.h"
#include "sighej-clock.h"
#include "sighej-keypair.h"

G_BEGIN_DECLS

/**
 * SighejAvoid:
 *
 * The person's list of those she avoids, kept: sealed in the file `avoid` of the state folder,
 * whose key is in `avoid.key`, made when first needed; both are readable by nobody else. Each
 * change is on disk, whole, before it is said to be. What cannot be opened is put aside as `….bad`
 * with a warning. A disk that refuses loses nothing that is known while the program runs.
 *
 * Life of a person in it: nudged with (add) - perhaps avoided (set_why) - each session registers
 * tags for her - 30 days after the nudge she is gone.
 */
#define SIGHEJ_TYPE_AVOID (sighej_avoid_get_type ())
G_DECLARE_FINAL_TYPE (SighejAvoid, sighej_avoid, SIGHEJ, AVOID, GObject)

/* @folder: made (0700) when something is first kept. Reads what is there. */
SighejAvoid *sighej_avoid_new (SighejClock *clock, const char *folder);

/**
 * sighej_avoid_add:
 * @nudge_id: 32 hex digits
 * @own: our session's pair at that nudge
 * @peer_key: the public key of the other
 *
 * Somebody was nudged with. Of the same nudge, the keys given last count: those of a meet are
 * known to both.
 *
 * Errors: %SIGHEJ_ERROR_INVALID_REQUEST (@peer_key is none: nobody is added),
 * %SIGHEJ_ERROR_FAILED (the disk).
 */
gboolean sighej_avoid_add (SighejAvoid *self,
                           const char *nudge_id,
                           SighejKeypair *own,
                           const guint8 peer_key[SIGHEJ_PUBLIC_KEY_BYTES],
                           GError **error);

/**
 * sighej_avoid_set_why:
 * @why: %SIGHEJ_AVOID_NOT undoes it
 *
 * From the next session on. Errors: %SIGHEJ_ERROR_NOT_FOUND (no such nudge since the program
 * started, or its machine gave no key), %SIGHEJ_ERROR_FAILED (the disk).
 */
gboolean
sighej_avoid_set_why (SighejAvoid *self, const char *nudge_id, SighejAvoidWhy why, GError **error);
SighejAvoidWhy sighej_avoid_get_why (SighejAvoid *self, const char *nudge_id);

/* How many are avoided now. */
guint sighej_avoid_count (SighejAvoid *self);

/* How many are known, and of them blocked, and met. */
void sighej_avoid_tell (SighejAvoid *self, guint *n_people, guint *n_blocked, guint *n_met);

/* What a session that is made now registers. */
void sighej_avoid_make_tags (SighejAvoid *self,
                             guint8 out[SIGHEJ_AVOID_TAGS][SIGHEJ_AVOID_TAG_BYTES]);

/* Forgets everybody: deletes both files, the key first, and what was put aside. Errors:
 * %SIGHEJ_ERROR_FAILED (the disk). */
gboolean sighej_avoid_clear (SighejAvoid *self, GError **error);

G_END_DECLS
