/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-term.h"

#define SECONDS_US(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define DAY_US SECONDS_US (86400)

static guint32
get_today (SighejClock *clock)
{
  return (guint32) (sighej_clock_wall_us (clock) / DAY_US);
}

void
sighej_link_term_begin (SighejLinkTerm *self, SighejClock *clock)
{
  self->made_us = sighej_clock_now_us (clock);
  self->end_us = G_MAXINT64;
  self->day = get_today (clock);
  self->moment_us = SECONDS_US (SIGHEJ_LINK_TERM_SETTLE_SECONDS)
                    + g_random_int_range (0, SECONDS_US (SIGHEJ_LINK_TERM_SPREAD_SECONDS));
}

void
sighej_link_term_accept (SighejLinkTerm *self, SighejClock *clock, guint session_s)
{
  self->end_us = sighej_clock_now_us (clock) + SECONDS_US (session_s);
}

gboolean
sighej_link_term_is_of_today (const SighejLinkTerm *self, SighejClock *clock)
{
  return self->day == get_today (clock);
}

gboolean
sighej_link_term_is_over (const SighejLinkTerm *self, SighejClock *clock)
{
  return sighej_clock_now_us (clock) >= self->end_us;
}

/* When the day asks for another session, on now_us. */
static gint64
get_day_renewal_us (const SighejLinkTerm *self, SighejClock *clock)
{
  guint32 today = get_today (clock);
  gint64 midnight_us = DAY_US * (self->day == today ? today + G_GINT64_CONSTANT (1) : today);
  gint64 wait_us = midnight_us + self->moment_us - sighej_clock_wall_us (clock);

  return MAX (sighej_clock_now_us (clock) + wait_us,
              self->made_us + SECONDS_US (SIGHEJ_LINK_TERM_AGE_SECONDS_MIN));
}

static gint64
get_end_renewal_us (const SighejLinkTerm *self)
{
  return self->end_us - SECONDS_US (SIGHEJ_LINK_TERM_RENEW_SECONDS);
}

static gboolean
day_renewal_is_due (const SighejLinkTerm *self, SighejClock *clock)
{
  return !sighej_link_term_is_of_today (self, clock)
         && sighej_clock_now_us (clock) >= get_day_renewal_us (self, clock);
}

gboolean
sighej_link_term_renewal_is_due (const SighejLinkTerm *self, SighejClock *clock, gint64 until_us)
{
  gint64 now_us = sighej_clock_now_us (clock);

  if (until_us > self->end_us && now_us >= get_end_renewal_us (self))
    return TRUE;
  return until_us > now_us && day_renewal_is_due (self, clock);
}

/* Once a renewal is due it is tried until it is done; nothing more has to be found out then. */
gint64
sighej_link_term_next_us (const SighejLinkTerm *self, SighejClock *clock)
{
  gint64 now_us = sighej_clock_now_us (clock);
  gint64 renewal_us = get_end_renewal_us (self);
  gint64 next_us = now_us < renewal_us ? renewal_us : self->end_us;

  if (day_renewal_is_due (self, clock))
    return next_us;
  next_us = MIN (next_us, now_us + SECONDS_US (SIGHEJ_LINK_TERM_LOOK_SECONDS));
  return MIN (next_us, get_day_renewal_us (self, clock));
}
