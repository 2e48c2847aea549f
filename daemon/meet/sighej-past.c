/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-past.h"

#include "sighej-crypto.h"

/**
 * Over:
 *
 * One meet that is over.
 */
typedef struct
{
  guint64 number;
  char *nudge_id;
  char *ticket; /* NULL: none */
  gint64 until_us;
} Over;

struct _SighejPast
{
  SighejClock *clock;
  GPtrArray *all; /* Over*, oldest first */
  guint wait;
};

static void
over_free (gpointer data)
{
  Over *over = data;

  sighej_wipe_free_string (over->nudge_id);
  sighej_wipe_free_string (over->ticket);
  g_free (over);
}

SighejPast *
sighej_past_new (SighejClock *clock)
{
  SighejPast *self = g_new0 (SighejPast, 1);

  self->clock = g_object_ref (clock);
  self->all = g_ptr_array_new_with_free_func (over_free);
  return self;
}

void
sighej_past_free (SighejPast *self)
{
  sighej_past_clear (self);
  g_ptr_array_unref (self->all);
  g_object_unref (self->clock);
  g_free (self);
}

static gboolean on_due (gpointer user_data);

/* Waits for the end of the oldest. */
static void
arm (SighejPast *self)
{
  Over *oldest;

  if (self->wait != 0 || self->all->len == 0)
    return;
  oldest = g_ptr_array_index (self->all, 0);
  self->wait = sighej_clock_add_at (self->clock, oldest->until_us, on_due, self);
}

static gboolean
on_due (gpointer user_data)
{
  SighejPast *self = user_data;
  gint64 now_us = sighej_clock_now_us (self->clock);

  self->wait = 0;
  while (self->all->len > 0 && ((Over *) g_ptr_array_index (self->all, 0))->until_us <= now_us)
    g_ptr_array_remove_index (self->all, 0);
  arm (self);
  return G_SOURCE_REMOVE;
}

void
sighej_past_add (SighejPast *self, guint64 number, const char *nudge_id, const char *ticket)
{
  Over *over = g_new0 (Over, 1);

  over->number = number;
  over->nudge_id = g_strdup (nudge_id);
  over->ticket = g_strdup (ticket);
  over->until_us
      = sighej_clock_now_us (self->clock) + (gint64) SIGHEJ_PAST_SECONDS * G_USEC_PER_SEC;
  if (self->all->len == SIGHEJ_PAST_MEETS_MAX)
    g_ptr_array_remove_index (self->all, 0);
  g_ptr_array_add (self->all, over);
  arm (self);
}

static const Over *
find (SighejPast *self, guint64 number)
{
  for (guint i = 0; i < self->all->len; i++)
    {
      const Over *over = g_ptr_array_index (self->all, i);

      if (over->number == number)
        return over;
    }
  return NULL;
}

const char *
sighej_past_get_nudge_id (SighejPast *self, guint64 number)
{
  const Over *over = find (self, number);

  return over != NULL ? over->nudge_id : NULL;
}

const char *
sighej_past_get_ticket (SighejPast *self, guint64 number)
{
  const Over *over = find (self, number);

  return over != NULL ? over->ticket : NULL;
}

void
sighej_past_clear (SighejPast *self)
{
  sighej_clock_clear (self->clock, &self->wait);
  g_ptr_array_set_size (self->all, 0);
}
