/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-bulletin.h"
#include "sighej-clock.h"

G_BEGIN_DECLS

/* Nudges and as many meets that are followed at once; the daemon has fewer. What is more is not
 * told. */
#define SIGHEJ_HERALD_ITEMS_MAX 128

/**
 * SighejHeraldPresence:
 * @notify_nearby: the person wants to hear of people near
 * @nearby: how many are
 *
 * What the daemon says of the person's opening; times in Unix seconds, 0: none.
 */
typedef struct
{
  SighejState state;
  SighejReason reason;
  guint64 open_until_s;
  guint64 paused_until_s;
  gboolean notify_nearby;
  guint nearby;
} SighejHeraldPresence;

/**
 * SighejHerald:
 *
 * Which notifications are up, for whoever sends them: the daemon over the desktop's notification
 * server, or a client its own way. It is told facts, in any order and as often as one likes, and
 * answers by "show" and "withdraw". It judges by sighej-quiet.h, words are sighej-bulletin.h's.
 * Pure: time is its clock's.
 *
 * Life of a nudge's notification:
 *
 *   kept back (quiet, or somebody else speaks) ──> shown, told ──> withdrawn: waved at, put away,
 *      │                                             │  ^          expired, mutual, closed
 *      │ seen in the window                          │  │
 *      └────────────> told                           └──┘ the screen is locked: once more, plain
 *
 * Meets and messages go the same way, and are withdrawn when they are seen in the window. The
 * lasting one is up while the state is neither off nor closing, and is replaced when what it says
 * changes: at once for what the person did (open, pause, extend), for what stands in the way at
 * most every %SIGHEJ_OPEN_TOLD_SECONDS.
 *
 * When somebody else speaks (a client has come), what says how things are is withdrawn and nothing
 * new comes; what tells of a nudge or a meet stays up until that is over, and is not told again.
 *
 * Signals:
 *  "show" (SighejBulletin *bulletin): to be sent, in place of one with the same id
 *  "withdraw" (const char *id): it is over; only what was shown and not dismissed
 *  "announced" (guint64 number): the person knows of this nudge now
 */
#define SIGHEJ_TYPE_HERALD (sighej_herald_get_type ())
G_DECLARE_FINAL_TYPE (SighejHerald, sighej_herald, SIGHEJ, HERALD, GObject)

SighejHerald *sighej_herald_new (SighejClock *clock);

/* Whether it is for us to tell, and whether the lasting one is ours; TRUE to begin with. */
void sighej_herald_set_speaking (SighejHerald *self, gboolean speaking, gboolean keeping);

/* What the desktop says, and whether a window of ours is looked at; see SighejQuietFacts. */
void sighej_herald_set_desk (SighejHerald *self, gboolean dnd, gboolean locked, gboolean watched);

void sighej_herald_set_presence (SighejHerald *self, const SighejHeraldPresence *presence);

/* @shared: what both like; @announced: the person knows of it, by whomever */
void sighej_herald_put_nudge (SighejHerald *self,
                              guint64 number,
                              SighejNudgeState state,
                              const char *const *shared,
                              gboolean announced);
/* Dropping what is not there does nothing. */
void sighej_herald_drop_nudge (SighejHerald *self, guint64 number);

/* @is_old: it was there before anybody could be told */
void sighej_herald_put_meet (
    SighejHerald *self, guint64 number, const char *cue, guint n_unread, gboolean is_old);
void sighej_herald_drop_meet (SighejHerald *self, guint64 number);

/* In a meet that is there. @from: what the other is called here */
void
sighej_herald_take_message (SighejHerald *self, guint64 number, const char *from, const char *text);

/* The person, or the server, put away what was shown as @id. The lasting one does not come back in
 * this opening. */
void sighej_herald_dismissed (SighejHerald *self, const char *id);

G_END_DECLS
