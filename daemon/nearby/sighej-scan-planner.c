/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-scan-planner.h"

#define FIRST_US ((gint64) SIGHEJ_SCAN_FIRST_SECONDS * G_USEC_PER_SEC)
#define TURN_US ((gint64) SIGHEJ_SCAN_TURN_SECONDS * G_USEC_PER_SEC)
#define PAUSE_US ((gint64) SIGHEJ_SCAN_PAUSE_SECONDS * G_USEC_PER_SEC)
#define QUIET_AFTER_US ((gint64) SIGHEJ_SCAN_QUIET_AFTER_SECONDS * G_USEC_PER_SEC)
#define QUIET_PAUSE_US ((gint64) SIGHEJ_SCAN_QUIET_PAUSE_SECONDS * G_USEC_PER_SEC)

struct _SighejScanPlanner
{
  GObject parent_instance;

  SighejClock *clock;

  /* facts */
  gboolean kiosk;
  gboolean wanted;
  gboolean on_battery;
  gboolean live;
  gboolean trouble;
  gint64 wanted_since_us;
  gint64 token_us; /* when one was live last; wanted_since_us if none was since */

  SighejScanPlannerState state;
  gint64 since_us; /* in this state */
  gint64 pause_us; /* how long this pause lasts */
  guint wait_id;

  guint64 n_pauses;
  gint64 in_state_us[SIGHEJ_SCAN_PLANNER_N_STATES]; /* before since_us */
};

G_DEFINE_FINAL_TYPE (SighejScanPlanner, sighej_scan_planner, G_TYPE_OBJECT)

enum
{
  CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

#define TO(state) (1u << SIGHEJ_SCAN_PLANNER_##state)

/* The drawing in the header. */
static const guint allowed_moves[SIGHEJ_SCAN_PLANNER_N_STATES] = {
  [SIGHEJ_SCAN_PLANNER_OFF] = TO (STEADY),
  [SIGHEJ_SCAN_PLANNER_STEADY] = TO (TURN) | TO (OFF),
  [SIGHEJ_SCAN_PLANNER_TURN] = TO (PAUSE) | TO (STEADY) | TO (OFF),
  [SIGHEJ_SCAN_PLANNER_PAUSE] = TO (TURN) | TO (STEADY) | TO (OFF),
};

static const char *const state_words[SIGHEJ_SCAN_PLANNER_N_STATES] = {
  [SIGHEJ_SCAN_PLANNER_OFF] = "off",
  [SIGHEJ_SCAN_PLANNER_STEADY] = "steady",
  [SIGHEJ_SCAN_PLANNER_TURN] = "turn",
  [SIGHEJ_SCAN_PLANNER_PAUSE] = "pause",
};

gboolean
sighej_scan_planner_may_move (SighejScanPlannerState from, SighejScanPlannerState to)
{
  g_return_val_if_fail ((guint) from < SIGHEJ_SCAN_PLANNER_N_STATES, FALSE);
  g_return_val_if_fail ((guint) to < SIGHEJ_SCAN_PLANNER_N_STATES, FALSE);

  return (allowed_moves[from] & (1u << to)) != 0;
}

static void
sighej_scan_planner_init (SighejScanPlanner *self)
{
}

static void
sighej_scan_planner_dispose (GObject *object)
{
  SighejScanPlanner *self = SIGHEJ_SCAN_PLANNER (object);

  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->wait_id);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_scan_planner_parent_class)->dispose (object);
}

static void
sighej_scan_planner_class_init (SighejScanPlannerClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_scan_planner_dispose;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

/* ---- what the facts say ---- */

static gboolean
has_turns (SighejScanPlanner *self)
{
  return self->on_battery && !self->kiosk && !self->live && !self->trouble;
}

static gboolean
is_first_over (SighejScanPlanner *self)
{
  return sighej_clock_now_us (self->clock) - self->wanted_since_us >= FIRST_US;
}

static gboolean
is_quiet (SighejScanPlanner *self)
{
  return sighej_clock_now_us (self->clock) - self->token_us >= QUIET_AFTER_US;
}

/* ---- the state machine ---- */

static gboolean
is_listening (SighejScanPlannerState state)
{
  return state == SIGHEJ_SCAN_PLANNER_STEADY || state == SIGHEJ_SCAN_PLANNER_TURN;
}

/* When the state ends by itself, 0: never. */
static gint64
get_end_us (SighejScanPlanner *self)
{
  switch (self->state)
    {
    case SIGHEJ_SCAN_PLANNER_STEADY:
      return has_turns (self) ? self->wanted_since_us + FIRST_US : 0;
    case SIGHEJ_SCAN_PLANNER_TURN:
      return self->since_us + TURN_US;
    case SIGHEJ_SCAN_PLANNER_PAUSE:
      return self->since_us + self->pause_us;
    case SIGHEJ_SCAN_PLANNER_OFF:
    default:
      return 0;
    }
}

static gboolean
is_over (SighejScanPlanner *self)
{
  return sighej_clock_now_us (self->clock) >= get_end_us (self);
}

static SighejScanPlannerState
get_next (SighejScanPlanner *self)
{
  if (!self->wanted)
    return SIGHEJ_SCAN_PLANNER_OFF;
  if (!has_turns (self) || !is_first_over (self))
    return SIGHEJ_SCAN_PLANNER_STEADY;

  if (self->state == SIGHEJ_SCAN_PLANNER_TURN && is_over (self))
    return SIGHEJ_SCAN_PLANNER_PAUSE;
  if (self->state == SIGHEJ_SCAN_PLANNER_PAUSE && !is_over (self))
    return SIGHEJ_SCAN_PLANNER_PAUSE;

  return SIGHEJ_SCAN_PLANNER_TURN;
}

static void
set_state (SighejScanPlanner *self, SighejScanPlannerState next)
{
  gint64 now_us = sighej_clock_now_us (self->clock);

  g_assert (sighej_scan_planner_may_move (self->state, next));

  g_debug ("scan plan: %s -> %s", state_words[self->state], state_words[next]);
  self->in_state_us[self->state] += now_us - self->since_us;
  self->state = next;
  self->since_us = now_us;
  if (next == SIGHEJ_SCAN_PLANNER_PAUSE)
    {
      self->pause_us = is_quiet (self) ? QUIET_PAUSE_US : PAUSE_US;
      self->n_pauses++;
    }
}

static gboolean on_wait_over (gpointer user_data);

static void
reconsider (SighejScanPlanner *self)
{
  gboolean was_listening = is_listening (self->state);
  SighejScanPlannerState next = get_next (self);
  gint64 end_us;

  if (next != self->state)
    set_state (self, next);

  sighej_clock_clear (self->clock, &self->wait_id);
  end_us = get_end_us (self);
  if (end_us != 0)
    self->wait_id = sighej_clock_add_at (self->clock, end_us, on_wait_over, self);

  if (is_listening (self->state) != was_listening)
    g_signal_emit (self, signals[CHANGED], 0);
}

static gboolean
on_wait_over (gpointer user_data)
{
  g_autoptr (SighejScanPlanner) self = g_object_ref (SIGHEJ_SCAN_PLANNER (user_data));

  self->wait_id = 0;
  reconsider (self);
  return G_SOURCE_REMOVE;
}

/* ---- public ---- */

SighejScanPlanner *
sighej_scan_planner_new (SighejClock *clock, gboolean kiosk)
{
  SighejScanPlanner *self = g_object_new (SIGHEJ_TYPE_SCAN_PLANNER, NULL);

  self->clock = g_object_ref (clock);
  self->kiosk = kiosk;
  self->since_us = sighej_clock_now_us (clock);
  return self;
}

void
sighej_scan_planner_set_wanted (SighejScanPlanner *self, gboolean wanted)
{
  if (wanted == self->wanted)
    return;

  self->wanted = wanted;
  self->wanted_since_us = sighej_clock_now_us (self->clock);
  self->token_us = self->wanted_since_us;
  reconsider (self);
}

void
sighej_scan_planner_set_on_battery (SighejScanPlanner *self, gboolean on_battery)
{
  if (on_battery == self->on_battery)
    return;

  self->on_battery = on_battery;
  reconsider (self);
}

void
sighej_scan_planner_set_live (SighejScanPlanner *self, gboolean live)
{
  if (live == self->live)
    return;

  self->live = live;
  self->token_us = sighej_clock_now_us (self->clock);
  reconsider (self);
}

void
sighej_scan_planner_set_trouble (SighejScanPlanner *self, gboolean trouble)
{
  if (trouble == self->trouble)
    return;

  self->trouble = trouble;
  reconsider (self);
}

gboolean
sighej_scan_planner_get_listen (SighejScanPlanner *self)
{
  return is_listening (self->state);
}

SighejScanPlannerState
sighej_scan_planner_get_state (SighejScanPlanner *self)
{
  return self->state;
}

static const char *
describe (SighejScanPlanner *self)
{
  if (self->kiosk)
    return "this kiosk listens all the time";
  if (!self->on_battery)
    return "on mains it listens all the time";
  if (self->live)
    return "somebody is there, so it listens all the time, on battery too";
  if (self->trouble)
    return "it tries to listen all the time until the radio is well, on battery too";
  if (!is_first_over (self))
    return "it listens all the time for the first minute, on battery too";
  if (is_quiet (self))
    return "on battery and with nobody there it listens 10 s in every 60 s";

  return "on battery it listens 10 s in every 30 s until somebody is there";
}

void
sighej_scan_planner_check (SighejScanPlanner *self, GPtrArray *results)
{
  if (self->wanted)
    sighej_check_results_add (results, "bluetooth.plan", "ok", describe (self), "");
}

static guint64
get_seconds (SighejScanPlanner *self, SighejScanPlannerState state)
{
  gint64 us = self->in_state_us[state];

  if (state == self->state)
    us += sighej_clock_now_us (self->clock) - self->since_us;
  return (guint64) (us / G_USEC_PER_SEC);
}

void
sighej_scan_planner_count (SighejScanPlanner *self, GVariantBuilder *counters)
{
  guint64 listened_s = get_seconds (self, SIGHEJ_SCAN_PLANNER_STEADY)
                       + get_seconds (self, SIGHEJ_SCAN_PLANNER_TURN);

  g_variant_builder_add (counters, "{st}", "scan.pauses", self->n_pauses);
  g_variant_builder_add (counters, "{st}", "scan.listened-seconds", listened_s);
  g_variant_builder_add (
      counters, "{st}", "scan.paused-seconds", get_seconds (self, SIGHEJ_SCAN_PLANNER_PAUSE));
}
