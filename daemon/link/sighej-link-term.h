/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-clock.h"

G_BEGIN_DECLS

/* A session is replaced this long before it ends (DESIGN 3, "Renewal"), seconds. */
#define SIGHEJ_LINK_TERM_RENEW_SECONDS 60
/* One of yesterday is replaced no sooner than this after midnight UTC, so that clocks may differ by
 * as much (DESIGN 3, "Avoid tags") ... */
#define SIGHEJ_LINK_TERM_SETTLE_SECONDS 60
/* ... and at a random moment of so many seconds after that, so that not everybody comes at once. */
#define SIGHEJ_LINK_TERM_SPREAD_SECONDS 300
/* The wall clock may be set at any time: it is looked at this often, seconds. */
#define SIGHEJ_LINK_TERM_LOOK_SECONDS 60
/* However it is set, no session is replaced for its day before it is so old, seconds. */
#define SIGHEJ_LINK_TERM_AGE_SECONDS_MIN 60

/**
 * SighejLinkTerm:
 * @made_us: when the session was asked for, on the clock's now_us
 * @end_us: when the backend ends it, on now_us; %G_MAXINT64 until it is accepted
 * @day: UTC day of its avoid tags, days since 1970
 * @moment_us: after midnight, its own within the window
 *
 * How long one session stands: until shortly before its end, or until shortly after the end of the
 * UTC day in which it was asked for, since its avoid tags count in that day only. Pure. A value
 * inside the session.
 *
 *   of today --midnight UTC: no longer of today--> yesterday's --60 to 360 s--> renewal is due
 *   either --60 s before its end--> renewal is due
 *
 * A day that is over because the clock was set, forth or back, is one like any other.
 */
typedef struct
{
  gint64 made_us;
  gint64 end_us;
  guint32 day;
  gint64 moment_us;
} SighejLinkTerm;

/* The session is asked for now. */
void sighej_link_term_begin (SighejLinkTerm *self, SighejClock *clock);

/* The backend accepted it now, for @session_s seconds. */
void sighej_link_term_accept (SighejLinkTerm *self, SighejClock *clock, guint session_s);

/* Whether those who have avoid tags of today are kept from it, and it from them. */
gboolean sighej_link_term_is_of_today (const SighejLinkTerm *self, SighejClock *clock);

gboolean sighej_link_term_is_over (const SighejLinkTerm *self, SighejClock *clock);

/* Whether another session should take over now. @until_us: nobody needs one after that */
gboolean
sighej_link_term_renewal_is_due (const SighejLinkTerm *self, SighejClock *clock, gint64 until_us);

/* When one of these may answer something else, on now_us; later than now unless it is over. */
gint64 sighej_link_term_next_us (const SighejLinkTerm *self, SighejClock *clock);

G_END_DECLS
