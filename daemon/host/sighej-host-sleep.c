/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-host"

#include "config.h"

#include "sighej-host-sleep.h"

#include <unistd.h>

#include "sighej-backoff.h"

#define SILENCE_US ((gint64) SIGHEJ_HOST_SLEEP_SILENCE_SECONDS_MAX * G_USEC_PER_SEC)
#define LOST_US ((gint64) SIGHEJ_HOST_SLEEP_LOST_SECONDS * G_USEC_PER_SEC)
#define US_PER_MS 1000
#define NO_LOCK (-1)

#define BIT(state) (1u << SIGHEJ_HOST_SLEEP_##state)

/* The drawing in the header. */
static const guint allowed_moves[SIGHEJ_HOST_SLEEP_N_STATES] = {
  [SIGHEJ_HOST_SLEEP_ABSENT] = BIT (IDLE),
  [SIGHEJ_HOST_SLEEP_IDLE] = BIT (ABSENT) | BIT (ASKING) | BIT (ASLEEP),
  [SIGHEJ_HOST_SLEEP_ASKING]
  = BIT (ABSENT) | BIT (IDLE) | BIT (HELD) | BIT (WITHOUT) | BIT (FALLING),
  [SIGHEJ_HOST_SLEEP_HELD] = BIT (ABSENT) | BIT (IDLE) | BIT (FALLING),
  [SIGHEJ_HOST_SLEEP_WITHOUT] = BIT (ABSENT) | BIT (IDLE) | BIT (ASKING) | BIT (ASLEEP),
  [SIGHEJ_HOST_SLEEP_FALLING] = BIT (IDLE) | BIT (ASLEEP) | BIT (LOST),
  [SIGHEJ_HOST_SLEEP_ASLEEP] = BIT (IDLE) | BIT (LOST),
  [SIGHEJ_HOST_SLEEP_LOST] = BIT (ABSENT) | BIT (IDLE) | BIT (ASLEEP),
};

static const char *const state_words[SIGHEJ_HOST_SLEEP_N_STATES] = {
  [SIGHEJ_HOST_SLEEP_ABSENT] = "absent",   [SIGHEJ_HOST_SLEEP_IDLE] = "idle",
  [SIGHEJ_HOST_SLEEP_ASKING] = "asking",   [SIGHEJ_HOST_SLEEP_HELD] = "held",
  [SIGHEJ_HOST_SLEEP_WITHOUT] = "without", [SIGHEJ_HOST_SLEEP_FALLING] = "falling",
  [SIGHEJ_HOST_SLEEP_ASLEEP] = "asleep",   [SIGHEJ_HOST_SLEEP_LOST] = "lost",
};

struct _SighejHostSleep
{
  GObject parent_instance;

  SighejClock *clock;

  /* what happens */
  gboolean open;
  gboolean silent;

  /* what follows */
  SighejHostSleepState state;
  int lock_fd;
  guint wait_id; /* of the state: silence, the next try, or a lost login manager */
  SighejBackoff backoff;
  gboolean refusal_told; /* in this opening */
};

G_DEFINE_FINAL_TYPE (SighejHostSleep, sighej_host_sleep, G_TYPE_OBJECT)

enum
{
  ASK,
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

gboolean
sighej_host_sleep_may_move (SighejHostSleepState from, SighejHostSleepState to)
{
  g_return_val_if_fail ((guint) from < SIGHEJ_HOST_SLEEP_N_STATES, FALSE);
  g_return_val_if_fail ((guint) to < SIGHEJ_HOST_SLEEP_N_STATES, FALSE);

  return (allowed_moves[from] & (1u << to)) != 0;
}

static void
sighej_host_sleep_init (SighejHostSleep *self)
{
  self->silent = TRUE;
  self->lock_fd = NO_LOCK;
  self->backoff = (SighejBackoff) SIGHEJ_BACKOFF_INIT (SIGHEJ_HOST_SLEEP_RETRY_FIRST_MS,
                                                       SIGHEJ_HOST_SLEEP_RETRY_MOST_MS);
}

static void
let_go (SighejHostSleep *self)
{
  if (self->lock_fd != NO_LOCK)
    close (self->lock_fd);
  self->lock_fd = NO_LOCK;
}

static void
sighej_host_sleep_dispose (GObject *object)
{
  SighejHostSleep *self = SIGHEJ_HOST_SLEEP (object);

  let_go (self);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->wait_id);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_host_sleep_parent_class)->dispose (object);
}

static void
sighej_host_sleep_class_init (SighejHostSleepClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = sighej_host_sleep_dispose;

  signals[ASK] = g_signal_new ("ask", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CHANGED]
      = g_signal_new ("changed", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

SighejHostSleep *
sighej_host_sleep_new (SighejClock *clock)
{
  SighejHostSleep *self = g_object_new (SIGHEJ_TYPE_HOST_SLEEP, NULL);

  self->clock = g_object_ref (clock);
  return self;
}

/* ---- moving ---- */

static gboolean
is_suspending (SighejHostSleepState state)
{
  return state >= SIGHEJ_HOST_SLEEP_FALLING;
}

static gboolean
is_about_a_lock (SighejHostSleepState state)
{
  return state >= SIGHEJ_HOST_SLEEP_ASKING && state <= SIGHEJ_HOST_SLEEP_WITHOUT;
}

static gboolean
may_have_lock (SighejHostSleepState state)
{
  return state == SIGHEJ_HOST_SLEEP_HELD || state == SIGHEJ_HOST_SLEEP_FALLING;
}

/* Whoever listens may tell us something, so nothing is done after it without a look at the state.
 */
static void
set_state (SighejHostSleep *self, SighejHostSleepState next, const char *why)
{
  SighejHostSleepState before = self->state;

  g_assert (sighej_host_sleep_may_move (before, next));

  g_debug ("sleep: %s -> %s (%s)", state_words[before], state_words[next], why);
  self->state = next;
  sighej_clock_clear (self->clock, &self->wait_id);
  if (!may_have_lock (next))
    let_go (self);
  if (is_suspending (before) != is_suspending (next))
    g_signal_emit (self, signals[CHANGED], 0);
}

static void
ask (SighejHostSleep *self, const char *why)
{
  set_state (self, SIGHEJ_HOST_SLEEP_ASKING, why);
  g_signal_emit (self, signals[ASK], 0);
}

/* Back to where nothing is asked for, and from there on if the person is open. */
static void
become_idle (SighejHostSleep *self, const char *why)
{
  set_state (self, SIGHEJ_HOST_SLEEP_IDLE, why);
  if (self->state == SIGHEJ_HOST_SLEEP_IDLE && self->open)
    ask (self, "open");
}

/* ---- falling asleep and waking ---- */

static gboolean
on_silence_wait_over (gpointer user_data)
{
  SighejHostSleep *self = SIGHEJ_HOST_SLEEP (user_data);

  self->wait_id = 0;
  g_message ("radio and backend have not confirmed within %d s that we are gone; "
             "the machine may sleep",
             SIGHEJ_HOST_SLEEP_SILENCE_SECONDS_MAX);
  set_state (self, SIGHEJ_HOST_SLEEP_ASLEEP, "waited long enough");
  return G_SOURCE_REMOVE;
}

static void
fall_asleep (SighejHostSleep *self)
{
  if (self->state != SIGHEJ_HOST_SLEEP_ASKING && self->state != SIGHEJ_HOST_SLEEP_HELD)
    {
      set_state (self, SIGHEJ_HOST_SLEEP_ASLEEP, "about to sleep");
      return;
    }

  set_state (self, SIGHEJ_HOST_SLEEP_FALLING, "about to sleep");
  if (self->state != SIGHEJ_HOST_SLEEP_FALLING)
    return;
  if (self->silent)
    set_state (self, SIGHEJ_HOST_SLEEP_ASLEEP, "silent");
  else
    self->wait_id = sighej_clock_add (self->clock, SILENCE_US, on_silence_wait_over, self);
}

static void
wake (SighejHostSleep *self)
{
  /* Nobody said that it would sleep; with our lock still held, that was not waited for. */
  if (!is_suspending (self->state))
    fall_asleep (self);
  self->refusal_told = FALSE;
  sighej_backoff_reset (&self->backoff);
  become_idle (self, "awake");
}

void
sighej_host_sleep_prepare (SighejHostSleep *self, gboolean about_to_sleep)
{
  if (self->state == SIGHEJ_HOST_SLEEP_ABSENT)
    return;

  if (!about_to_sleep)
    wake (self);
  else if (!is_suspending (self->state))
    fall_asleep (self);
}

void
sighej_host_sleep_set_silent (SighejHostSleep *self, gboolean silent)
{
  self->silent = silent;
  /* Not before the wait has begun: until then whoever listens is still taking things down. */
  if (silent && self->state == SIGHEJ_HOST_SLEEP_FALLING && self->wait_id != 0)
    set_state (self, SIGHEJ_HOST_SLEEP_ASLEEP, "silent");
}

/* ---- the lock ---- */

static gboolean
on_retry (gpointer user_data)
{
  SighejHostSleep *self = SIGHEJ_HOST_SLEEP (user_data);

  self->wait_id = 0;
  ask (self, "trying again");
  return G_SOURCE_REMOVE;
}

void
sighej_host_sleep_set_open (SighejHostSleep *self, gboolean open)
{
  if (self->open == open)
    return;

  self->open = open;
  self->refusal_told = FALSE;
  sighej_backoff_reset (&self->backoff);
  if (open && self->state == SIGHEJ_HOST_SLEEP_IDLE)
    ask (self, "open");
  else if (!open && is_about_a_lock (self->state))
    set_state (self, SIGHEJ_HOST_SLEEP_IDLE, "not open");
}

void
sighej_host_sleep_take_lock (SighejHostSleep *self, int fd)
{
  let_go (self);
  self->lock_fd = fd;
  if (self->state == SIGHEJ_HOST_SLEEP_ASKING)
    set_state (self, SIGHEJ_HOST_SLEEP_HELD, "the login manager waits for us");
  else if (!may_have_lock (self->state))
    let_go (self);
}

void
sighej_host_sleep_refuse (SighejHostSleep *self, const char *why)
{
  guint delay_ms;

  if (self->state != SIGHEJ_HOST_SLEEP_ASKING)
    return;

  if (!self->refusal_told)
    g_message ("the machine's sleep does not wait for us: %s", why);
  self->refusal_told = TRUE;
  set_state (self, SIGHEJ_HOST_SLEEP_WITHOUT, "refused");
  delay_ms = sighej_backoff_next_ms (&self->backoff);
  self->wait_id = sighej_clock_add (self->clock, (gint64) delay_ms * US_PER_MS, on_retry, self);
}

/* ---- the login manager comes and goes ---- */

static gboolean
on_lost_wait_over (gpointer user_data)
{
  SighejHostSleep *self = SIGHEJ_HOST_SLEEP (user_data);

  self->wait_id = 0;
  set_state (self, SIGHEJ_HOST_SLEEP_ABSENT, "did not come back");
  return G_SOURCE_REMOVE;
}

void
sighej_host_sleep_appear (SighejHostSleep *self, gboolean about_to_sleep)
{
  if (self->state == SIGHEJ_HOST_SLEEP_LOST && about_to_sleep)
    set_state (self, SIGHEJ_HOST_SLEEP_ASLEEP, "still about to sleep");
  else if (self->state == SIGHEJ_HOST_SLEEP_LOST)
    wake (self);
  else if (self->state == SIGHEJ_HOST_SLEEP_ABSENT && about_to_sleep)
    {
      set_state (self, SIGHEJ_HOST_SLEEP_IDLE, "the login manager is there");
      set_state (self, SIGHEJ_HOST_SLEEP_ASLEEP, "about to sleep");
    }
  else if (self->state == SIGHEJ_HOST_SLEEP_ABSENT)
    become_idle (self, "the login manager is there");
}

void
sighej_host_sleep_vanish (SighejHostSleep *self)
{
  if (self->state == SIGHEJ_HOST_SLEEP_ABSENT || self->state == SIGHEJ_HOST_SLEEP_LOST)
    return;

  if (!is_suspending (self->state))
    {
      set_state (self, SIGHEJ_HOST_SLEEP_ABSENT, "the login manager is gone");
      return;
    }

  set_state (self, SIGHEJ_HOST_SLEEP_LOST, "the login manager is gone");
  self->wait_id = sighej_clock_add (self->clock, LOST_US, on_lost_wait_over, self);
}

SighejHostSleepState
sighej_host_sleep_get_state (SighejHostSleep *self)
{
  return self->state;
}

gboolean
sighej_host_sleep_get_suspending (SighejHostSleep *self)
{
  return is_suspending (self->state);
}
