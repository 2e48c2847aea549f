/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-health"

#include "config.h"

#include "sighej-health.h"

#include "sighej-metrics.h"
#include "sighej-process-stats.h"

typedef enum
{
  PART_UNKNOWN, /* asked in this round, no answer yet */
  PART_UP,
  PART_DOWN,
} PartState;

typedef struct
{
  PartState state;
  gboolean asked; /* an answer is still to come, perhaps to an earlier round */
  guint timer;
} Part;

struct _SighejHealth
{
  GObject parent_instance;

  SighejStore *store;
  SighejLedger *ledger;
  SighejClock *clock;

  Part store_part;
  Part ledger_part;
  GQueue waiting; /* of Waiter; empty: no round is under way */
  gint64 fresh_until_us;
  gboolean counting; /* the sessions */
  guint period;
};

typedef struct
{
  SighejHealthTold told;
  gpointer user_data;
} Waiter;

G_DEFINE_FINAL_TYPE (SighejHealth, sighej_health, G_TYPE_OBJECT)

/* ---- a round ---- */

static void
tell (SighejHealth *self)
{
  const SighejHealthState state
      = { self->store_part.state == PART_UP, self->ledger_part.state == PART_UP };
  GQueue waiting = self->waiting;

  g_queue_init (&self->waiting);
  while (waiting.head != NULL)
    {
      g_autofree Waiter *waiter = g_queue_pop_head (&waiting);

      waiter->told (&state, waiter->user_data);
    }
}

static void
finish_round (SighejHealth *self)
{
  if (self->store_part.state == PART_UNKNOWN || self->ledger_part.state == PART_UNKNOWN)
    return;
  self->fresh_until_us
      = sighej_clock_now_us (self->clock) + SIGHEJ_HEALTH_FRESH_MS * G_TIME_SPAN_MILLISECOND;
  sighej_metrics_set (SIGHEJ_METRIC_STORE_UP, 0, self->store_part.state == PART_UP);
  sighej_metrics_set (SIGHEJ_METRIC_LEDGER_UP, 0, self->ledger_part.state == PART_UP);
  tell (self);
}

static void
settle (SighejHealth *self, Part *part, PartState state)
{
  if (part->state != PART_UNKNOWN)
    return;
  sighej_clock_clear (self->clock, &part->timer);
  part->state = state;
  finish_round (self);
}

static gboolean
on_store_late (gpointer user_data)
{
  SighejHealth *self = user_data;

  self->store_part.timer = 0;
  settle (self, &self->store_part, PART_DOWN);
  return G_SOURCE_REMOVE;
}

static gboolean
on_ledger_late (gpointer user_data)
{
  SighejHealth *self = user_data;

  self->ledger_part.timer = 0;
  settle (self, &self->ledger_part, PART_DOWN);
  return G_SOURCE_REMOVE;
}

static void
on_store_pinged (const GError *error, gpointer user_data)
{
  g_autoptr (SighejHealth) self = user_data;

  self->store_part.asked = FALSE;
  if (error != NULL)
    g_debug ("the store does not answer: %s", error->message);
  settle (self, &self->store_part, error == NULL ? PART_UP : PART_DOWN);
}

static void
on_ledger_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejHealth) self = user_data;
  g_autoptr (GError) error = NULL;
  SighejLedgerDay *day = sighej_ledger_read_finish (SIGHEJ_LEDGER (source), result, &error);

  self->ledger_part.asked = FALSE;
  if (day == NULL)
    g_debug ("the ledger does not answer: %s", error->message);
  settle (self, &self->ledger_part, day != NULL ? PART_UP : PART_DOWN);
  g_clear_pointer (&day, sighej_ledger_day_free);
}

static void
ask_store (SighejHealth *self)
{
  Part *part = &self->store_part;

  part->timer = sighej_clock_add (
      self->clock, SIGHEJ_HEALTH_STORE_MS * G_TIME_SPAN_MILLISECOND, on_store_late, self);
  if (part->asked)
    return;
  part->asked = TRUE;
  sighej_store_ping (self->store, on_store_pinged, g_object_ref (self));
}

static void
ask_ledger (SighejHealth *self)
{
  Part *part = &self->ledger_part;
  char date[11];

  part->timer = sighej_clock_add (
      self->clock, SIGHEJ_HEALTH_LEDGER_MS * G_TIME_SPAN_MILLISECOND, on_ledger_late, self);
  if (part->asked)
    return;
  part->asked = TRUE;
  sighej_batch_date (sighej_clock_wall_us (self->clock), date);
  sighej_ledger_read_async (self->ledger, date, 1, 0, NULL, on_ledger_read, g_object_ref (self));
}

void
sighej_health_ask (SighejHealth *self, SighejHealthTold told, gpointer user_data)
{
  gboolean under_way = self->waiting.head != NULL;
  Waiter *waiter = g_new (Waiter, 1);

  *waiter = (Waiter){ told, user_data };
  g_queue_push_tail (&self->waiting, waiter);
  if (under_way)
    return;
  if (sighej_clock_now_us (self->clock) < self->fresh_until_us)
    {
      tell (self);
      return;
    }

  self->store_part.state = PART_UNKNOWN;
  self->ledger_part.state = PART_UNKNOWN;
  ask_store (self);
  ask_ledger (self);
}

/* ---- by itself ---- */

static void
on_counted (guint64 n_sessions, const GError *error, gpointer user_data)
{
  g_autoptr (SighejHealth) self = user_data;

  self->counting = FALSE;
  if (error == NULL)
    sighej_metrics_set (SIGHEJ_METRIC_SESSIONS, 0, n_sessions);
}

static gboolean on_period (gpointer user_data);

static void
arm_period (SighejHealth *self, gint64 delay_ms)
{
  self->period
      = sighej_clock_add (self->clock, delay_ms * G_TIME_SPAN_MILLISECOND, on_period, self);
}

static void
on_told (const SighejHealthState *state, gpointer user_data)
{
  SighejHealth *self = user_data;

  arm_period (
      self, state->store_up && state->ledger_up ? SIGHEJ_HEALTH_PERIOD_MS : SIGHEJ_HEALTH_FRESH_MS);
  if (!state->store_up || self->counting)
    return;
  self->counting = TRUE;
  sighej_store_count (self->store, on_counted, g_object_ref (self));
}

static gboolean
on_period (gpointer user_data)
{
  SighejHealth *self = user_data;

  self->period = 0;
  sighej_process_stats_update ();
  sighej_health_ask (self, on_told, self);
  return G_SOURCE_REMOVE;
}

/* ---- life ---- */

static void
sighej_health_dispose (GObject *object)
{
  SighejHealth *self = SIGHEJ_HEALTH (object);

  if (self->clock != NULL)
    {
      sighej_clock_clear (self->clock, &self->period);
      sighej_clock_clear (self->clock, &self->store_part.timer);
      sighej_clock_clear (self->clock, &self->ledger_part.timer);
    }
  g_clear_object (&self->store);
  g_clear_object (&self->ledger);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_health_parent_class)->dispose (object);
}

static void
sighej_health_finalize (GObject *object)
{
  SighejHealth *self = SIGHEJ_HEALTH (object);

  g_queue_clear_full (&self->waiting, g_free);

  G_OBJECT_CLASS (sighej_health_parent_class)->finalize (object);
}

static void
sighej_health_class_init (SighejHealthClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_health_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_health_finalize;
}

static void
sighej_health_init (SighejHealth *self)
{
  g_queue_init (&self->waiting);
}

SighejHealth *
sighej_health_new (SighejStore *store, SighejLedger *ledger, SighejClock *clock)
{
  SighejHealth *self = g_object_new (SIGHEJ_TYPE_HEALTH, NULL);

  self->store = g_object_ref (store);
  self->ledger = g_object_ref (ledger);
  self->clock = g_object_ref (clock);
  arm_period (self, 0);
  return self;
}
