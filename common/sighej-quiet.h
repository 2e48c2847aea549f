/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * One interruption per cause: whether a notification may come now, and how
 * much of it may be read by others who see the screen. Daemon and client hold themselves to the
 * same rules, whichever of them sends. Pure.
 *
 *                 quiet hours   do not disturb   window is looked at   locked
 *   nudge             no              no                 no            plain
 *   meet, message     no              no                 no            plain
 *   people near       no              no                 no            no
 *   time is up        no              no                 no            full
 *   failure          full            full                no            full
 *   open (lasting)   full            full               full           full
 *
 * The last two are no interruptions: a failure answers a button the person has just pressed, and
 * the lasting one comes at her own wish and makes no sound. What may not come is kept by whoever
 * asks, and asked again when a fact changes; a nudge that has been looked at in the window counts
 * as told.
 */

/* "2 people near are open" comes at most this often. */
#define SIGHEJ_NEARBY_TOLD_SECONDS (15 * 60)
/* The lasting notification is replaced at most this often by what the person did not do herself. */
#define SIGHEJ_OPEN_TOLD_SECONDS 60

/**
 * SighejAlert:
 * @SIGHEJ_ALERT_NUDGE: somebody near shares an interest
 * @SIGHEJ_ALERT_MEET: they waved too
 * @SIGHEJ_ALERT_MESSAGE: something was said in a meet
 * @SIGHEJ_ALERT_NEARBY: so many people near are open
 * @SIGHEJ_ALERT_EXPIRED: the opening's time is up
 * @SIGHEJ_ALERT_FAILURE: what came of a button in another notification
 * @SIGHEJ_ALERT_OPEN: stays while the person is open
 *
 * What a notification is about.
 */
typedef enum
{
  SIGHEJ_ALERT_NUDGE,
  SIGHEJ_ALERT_MEET,
  SIGHEJ_ALERT_MESSAGE,
  SIGHEJ_ALERT_NEARBY,
  SIGHEJ_ALERT_EXPIRED,
  SIGHEJ_ALERT_FAILURE,
  SIGHEJ_ALERT_OPEN,
} SighejAlert;

/**
 * SighejQuietFacts:
 * @quiet_hours: Manager1.Reason is quiet-hours
 * @dnd: the desktop says that the person is not to be disturbed
 * @locked: the screen is locked
 * @watched: a window of ours is the active one, so what it is about is seen there
 * @told: this was told before, by whomever
 */
typedef struct
{
  gboolean quiet_hours;
  gboolean dnd;
  gboolean locked;
  gboolean watched;
  gboolean told;
} SighejQuietFacts;

/**
 * SighejQuietVerdict:
 * @SIGHEJ_QUIET_NONE: nothing comes now
 * @SIGHEJ_QUIET_PLAIN: without interests, names and what was said
 * @SIGHEJ_QUIET_FULL: all of it
 */
typedef enum
{
  SIGHEJ_QUIET_NONE,
  SIGHEJ_QUIET_PLAIN,
  SIGHEJ_QUIET_FULL,
} SighejQuietVerdict;

/* Whether a notification about @alert may come now, and how much of it. */
SighejQuietVerdict sighej_quiet_judge (SighejAlert alert, const SighejQuietFacts *facts);

/**
 * SighejNearbyPace:
 * @told: how many people near the person was told of last
 * @told_at_us: when, on the clock of sighej_nearby_pace_step(); of no meaning while @is_paced is
 *   FALSE
 * @is_paced: something has been told yet
 *
 * When to say how many people near are open. All zero to begin with; kept over the end of an
 * opening, so that closing and opening again says nothing more often.
 */
typedef struct
{
  guint told;
  gint64 told_at_us;
  gboolean is_paced;
} SighejNearbyPace;

/**
 * sighej_nearby_pace_step:
 * @nearby: how many people near are open now
 * @may: whether it may be told now, see sighej_quiet_judge(), and the person wants to know
 * @now_us: of a clock that never goes back
 * @again_us: (out): when to ask again though nothing changes; 0: only when something does
 *
 * Only more people than were told of are news, and %SIGHEJ_NEARBY_TOLD_SECONDS lie between two
 * times; when nobody is left the next one is news again.
 *
 * Returns: TRUE: tell it now; it counts as told
 */
gboolean sighej_nearby_pace_step (
    SighejNearbyPace *pace, guint nearby, gboolean may, gint64 now_us, gint64 *again_us);

G_END_DECLS
