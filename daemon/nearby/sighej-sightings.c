/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-sightings.h"

#include "sighej-crypto.h"

/* Gone after so many of the sender's intervals without a packet, within these bounds (BLE 7). */
#define GONE_INTERVALS 12
#define GONE_US_MIN (30 * G_USEC_PER_SEC)
#define GONE_US_MAX (120 * G_USEC_PER_SEC)
/* If we did not listen all the while: at least this, and so much of it spent listening. */
#define GONE_PAUSED_US_MIN (60 * G_USEC_PER_SEC)
#define GONE_LISTENED_US_MIN (10 * G_USEC_PER_SEC)
#define NEARBY_US ((gint64) SIGHEJ_SIGHTINGS_NEARBY_SECONDS * G_USEC_PER_SEC)
/* What a single late packet moves the measured interval. */
#define INTERVAL_SMOOTHING_SHIFT 2

#define REPEAT_US ((gint64) SIGHEJ_SIGHTINGS_REPEAT_SECONDS * G_USEC_PER_SEC)
#define AGAIN_US ((gint64) SIGHEJ_SIGHTINGS_AGAIN_SECONDS * G_USEC_PER_SEC)
#define REFUSED_AGAIN_US (5 * G_USEC_PER_SEC)
#define REPORT_PERIOD_US (60 * G_USEC_PER_SEC / SIGHEJ_SIGHTINGS_REPORTS_PER_MINUTE)
#define REPORT_BURST_US (SIGHEJ_SIGHTINGS_REPORTS_BURST * REPORT_PERIOD_US)

/* However many tokens fall due one after the other, we wake no more often than this. */
#define WALK_US_MIN (G_USEC_PER_SEC / 4)

#define NEVER_US G_MAXINT64
#define N_BANDS (SIGHEJ_BAND_HERE + 1)

typedef struct
{
  SighejToken token;
  GList link; /* in by_age */
  gint64 heard_us;
  gint64 heard_listened_us; /* listened_us () at that moment */
  gint64 interval_us;       /* smoothed, 0 before the second packet */
  SighejBandFilter filter;
  SighejBand band;
  gboolean is_open;
  gboolean is_counted; /* in n_nearby */

  /* The report. */
  gboolean is_reported; /* in n_reported, under its band */
  gboolean is_answered;
  guint n_reports; /* of this series: the first and its repeats */
  gint64 not_before_us;
} Sighting;

struct _SighejSightings
{
  GObject parent_instance;

  SighejClock *clock;
  gint64 dwell_us;
  int rx_adjust_db;

  GHashTable *by_token; /* SighejToken* inside Sighting* -> Sighting* */
  GQueue by_age;        /* heard longest ago first */
  SighejTokenSchedule *own[2];

  gboolean listening;
  gint64 listening_since_us; /* that, or the opposite */
  gint64 listened_before_us; /* all the time spent listening until then */

  guint wait_id;
  gint64 wait_until_us;

  gboolean reporting;
  gint64 reports_full_us; /* when the allowance of reports will be whole again */

  guint n_nearby;
  guint told_nearby;
  guint n_live; /* tokens that are not gone */
  gboolean told_live;
  guint n_reported[N_BANDS];
  SighejBand told_closest;

  guint64 n_new;
  guint64 n_evicted;
  guint64 n_own;
  guint64 n_reports;
};

G_DEFINE_FINAL_TYPE (SighejSightings, sighej_sightings, G_TYPE_OBJECT)

enum
{
  REPORT_DUE,
  NEARBY_CHANGED,
  CLOSEST_CHANGED,
  LIVE_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static gboolean on_wait_over (gpointer user_data);

static void
sighting_free (gpointer data)
{
  sighej_wipe (data, sizeof (Sighting));
  g_free (data);
}

static void
sighej_sightings_init (SighejSightings *self)
{
  self->by_token
      = g_hash_table_new_full (sighej_token_hash, sighej_token_equal_func, NULL, sighting_free);
}

static void
sighej_sightings_dispose (GObject *object)
{
  SighejSightings *self = SIGHEJ_SIGHTINGS (object);

  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->wait_id);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_sightings_parent_class)->dispose (object);
}

static void
sighej_sightings_finalize (GObject *object)
{
  SighejSightings *self = SIGHEJ_SIGHTINGS (object);

  g_hash_table_unref (self->by_token);
  for (guint i = 0; i < G_N_ELEMENTS (self->own); i++)
    g_clear_pointer (&self->own[i], sighej_token_schedule_unref);

  G_OBJECT_CLASS (sighej_sightings_parent_class)->finalize (object);
}

static void
sighej_sightings_class_init (SighejSightingsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_sightings_dispose;
  object_class->finalize = sighej_sightings_finalize;

  signals[REPORT_DUE] = g_signal_new ("report-due",
                                      G_TYPE_FROM_CLASS (klass),
                                      G_SIGNAL_RUN_LAST,
                                      0,
                                      g_signal_accumulator_true_handled,
                                      NULL,
                                      NULL,
                                      G_TYPE_BOOLEAN,
                                      1,
                                      G_TYPE_POINTER);
  signals[NEARBY_CHANGED] = g_signal_new ("nearby-changed",
                                          G_TYPE_FROM_CLASS (klass),
                                          G_SIGNAL_RUN_LAST,
                                          0,
                                          NULL,
                                          NULL,
                                          NULL,
                                          G_TYPE_NONE,
                                          0);
  signals[CLOSEST_CHANGED] = g_signal_new ("closest-changed",
                                           G_TYPE_FROM_CLASS (klass),
                                           G_SIGNAL_RUN_LAST,
                                           0,
                                           NULL,
                                           NULL,
                                           NULL,
                                           G_TYPE_NONE,
                                           0);
  signals[LIVE_CHANGED] = g_signal_new ("live-changed",
                                        G_TYPE_FROM_CLASS (klass),
                                        G_SIGNAL_RUN_LAST,
                                        0,
                                        NULL,
                                        NULL,
                                        NULL,
                                        G_TYPE_NONE,
                                        0);
}

/* ---- what follows from the sightings ---- */

static void
tell_changes (SighejSightings *self)
{
  SighejBand closest = sighej_sightings_get_closest (self);

  if (self->told_nearby != self->n_nearby)
    {
      self->told_nearby = self->n_nearby;
      g_signal_emit (self, signals[NEARBY_CHANGED], 0);
    }

  if (self->told_closest != closest)
    {
      self->told_closest = closest;
      g_signal_emit (self, signals[CLOSEST_CHANGED], 0);
    }

  if (self->told_live != (self->n_live > 0))
    {
      self->told_live = self->n_live > 0;
      g_signal_emit (self, signals[LIVE_CHANGED], 0);
    }
}

static void
set_counted (SighejSightings *self, Sighting *sighting, gboolean is_counted)
{
  if (sighting->is_counted == is_counted)
    return;

  sighting->is_counted = is_counted;
  if (is_counted)
    self->n_nearby++;
  else
    self->n_nearby--;
}

static void
set_band (SighejSightings *self, Sighting *sighting, SighejBand band)
{
  if (sighting->is_reported)
    {
      self->n_reported[sighting->band]--;
      self->n_reported[band]++;
    }
  self->n_live -= sighting->band != SIGHEJ_BAND_GONE;
  self->n_live += band != SIGHEJ_BAND_GONE;
  sighting->band = band;
}

static void
set_reported (SighejSightings *self, Sighting *sighting, gboolean is_reported)
{
  if (sighting->is_reported == is_reported)
    return;

  sighting->is_reported = is_reported;
  if (is_reported)
    self->n_reported[sighting->band]++;
  else
    self->n_reported[sighting->band]--;
}

static void
forget (SighejSightings *self, Sighting *sighting)
{
  set_counted (self, sighting, FALSE);
  set_reported (self, sighting, FALSE);
  set_band (self, sighting, SIGHEJ_BAND_GONE);
  g_queue_unlink (&self->by_age, &sighting->link);
  g_hash_table_remove (self->by_token, &sighting->token);
}

/* ---- when something is due ---- */

/* How much of the time until now was spent listening. */
static gint64
listened_us (SighejSightings *self, gint64 now_us)
{
  return self->listened_before_us + (self->listening ? now_us - self->listening_since_us : 0);
}

static gboolean
has_listened_since (SighejSightings *self, const Sighting *sighting)
{
  return self->listening && self->listening_since_us <= sighting->heard_us;
}

/*
 * Silence means something only while we listen: after a pause at least one whole turn of
 * listening must have brought nothing. In the middle of a pause nothing is known, so only
 * GONE_US_MAX ends a sighting then.
 */
static gint64
gone_at (SighejSightings *self, const Sighting *sighting)
{
  gint64 intervals_us = GONE_INTERVALS * sighting->interval_us;
  gint64 enough_us;

  if (has_listened_since (self, sighting))
    return sighting->heard_us + CLAMP (intervals_us, GONE_US_MIN, GONE_US_MAX);
  if (!self->listening)
    return sighting->heard_us + GONE_US_MAX;

  enough_us = self->listening_since_us + GONE_LISTENED_US_MIN
              - (self->listened_before_us - sighting->heard_listened_us);
  return CLAMP (enough_us,
                sighting->heard_us + CLAMP (intervals_us, GONE_PAUSED_US_MIN, GONE_US_MAX),
                sighting->heard_us + GONE_US_MAX);
}

static gint64
forget_at (SighejSightings *self, const Sighting *sighting)
{
  return MAX (gone_at (self, sighting), sighting->heard_us + NEARBY_US);
}

static gint64
report_at (SighejSightings *self, const Sighting *sighting)
{
  gint64 at_us = sighej_band_filter_dwells_at (&sighting->filter, self->dwell_us);

  /* A kiosk is nobody to greet. */
  if (!self->reporting || !sighting->is_open || sighting->is_answered
      || sighting->filter.n_samples < SIGHEJ_SIGHTINGS_REPORT_SAMPLES)
    return NEVER_US;

  at_us = MAX (at_us, sighting->not_before_us);
  return MAX (at_us, self->reports_full_us - REPORT_BURST_US);
}

static gint64
next_due (SighejSightings *self, const Sighting *sighting)
{
  gint64 at_us = MIN (report_at (self, sighting), forget_at (self, sighting));

  if (sighting->band != SIGHEJ_BAND_GONE)
    at_us = MIN (at_us, gone_at (self, sighting));
  if (sighting->is_counted)
    at_us = MIN (at_us, sighting->heard_us + NEARBY_US);

  return at_us;
}

/* Makes sure of a wait that ends at @at_us or before. One that ends too early only looks again. */
static void
wait_at_most_until (SighejSightings *self, gint64 at_us)
{
  if (self->wait_id != 0 && self->wait_until_us <= at_us)
    return;

  sighej_clock_clear (self->clock, &self->wait_id);
  self->wait_until_us = at_us;
  self->wait_id = sighej_clock_add_at (self->clock, at_us, on_wait_over, self);
}

/* ---- reports ---- */

static void
mark_reported (SighejSightings *self, Sighting *sighting, gint64 now_us)
{
  /* The first report and its repeats are over: this one starts anew. */
  if (sighting->n_reports > SIGHEJ_SIGHTINGS_REPEATS_MAX)
    sighting->n_reports = 0;
  sighting->n_reports++;
  sighting->not_before_us
      = now_us + (sighting->n_reports > SIGHEJ_SIGHTINGS_REPEATS_MAX ? AGAIN_US : REPEAT_US);
  set_reported (self, sighting, TRUE);

  self->reports_full_us = MAX (self->reports_full_us, now_us) + REPORT_PERIOD_US;
  self->n_reports++;
}

/* Reports @token if it still is due: a handler may have changed what is known meanwhile. */
static void
report_if_due (SighejSightings *self, const SighejToken *token, gint64 now_us)
{
  Sighting *sighting = g_hash_table_lookup (self->by_token, token);
  SighejToken reported = *token;
  gboolean is_taken = FALSE;

  if (sighting == NULL || report_at (self, sighting) > now_us)
    return;

  /* Not due while the signal runs: a handler may make us look at everything again. */
  sighting->not_before_us = now_us + REFUSED_AGAIN_US;
  g_signal_emit (self, signals[REPORT_DUE], 0, &reported, &is_taken);

  sighting = g_hash_table_lookup (self->by_token, &reported);
  if (is_taken && sighting != NULL)
    mark_reported (self, sighting, now_us);
}

/* ---- the passing of time ---- */

static void
become_gone (SighejSightings *self, Sighting *sighting)
{
  set_band (self, sighting, SIGHEJ_BAND_GONE);
  set_reported (self, sighting, FALSE);
  sighting->filter = (SighejBandFilter){ 0 };
  sighting->interval_us = 0;
  sighting->n_reports = 0;
  sighting->not_before_us = 0;
  sighting->is_answered = FALSE;
}

/* Lets go of what was not heard for too long. FALSE: @sighting is freed. */
static gboolean
age (SighejSightings *self, Sighting *sighting, gint64 now_us)
{
  if (forget_at (self, sighting) <= now_us)
    {
      forget (self, sighting);
      return FALSE;
    }

  if (sighting->band != SIGHEJ_BAND_GONE && gone_at (self, sighting) <= now_us)
    become_gone (self, sighting);
  if (sighting->heard_us + NEARBY_US <= now_us)
    set_counted (self, sighting, FALSE);

  return TRUE;
}

/* @due: (nullable): gets the tokens whose report is due */
static void
age_all (SighejSightings *self, GArray *due, gint64 now_us)
{
  for (GList *l = self->by_age.head, *next; l != NULL; l = next)
    {
      Sighting *sighting = l->data;

      next = l->next;
      if (age (self, sighting, now_us) && due != NULL && report_at (self, sighting) <= now_us)
        g_array_append_val (due, sighting->token);
    }
}

static void
wait_for_next (SighejSightings *self, gint64 now_us)
{
  gint64 at_us = NEVER_US;

  for (GList *l = self->by_age.head; l != NULL; l = l->next)
    at_us = MIN (at_us, next_due (self, l->data));

  if (at_us != NEVER_US)
    wait_at_most_until (self, MAX (at_us, now_us + WALK_US_MIN));
}

static void
walk (SighejSightings *self)
{
  g_autoptr (GArray) due = g_array_new (FALSE, FALSE, sizeof (SighejToken));
  gint64 now_us = sighej_clock_now_us (self->clock);

  age_all (self, due, now_us);
  for (guint i = 0; i < due->len; i++)
    report_if_due (self, &g_array_index (due, SighejToken, i), now_us);
  sighej_wipe (due->data, due->len * sizeof (SighejToken));

  wait_for_next (self, now_us);
  tell_changes (self);
}

static gboolean
on_wait_over (gpointer user_data)
{
  g_autoptr (SighejSightings) self = g_object_ref (SIGHEJ_SIGHTINGS (user_data));

  self->wait_id = 0;
  walk (self);
  return G_SOURCE_REMOVE;
}

/* ---- hearing ---- */

static gboolean
schedule_has (SighejTokenSchedule *schedule, const SighejToken *token)
{
  guint n_epochs = schedule == NULL ? 0 : sighej_token_schedule_get_n_epochs (schedule);

  for (guint i = 0; i < n_epochs; i++)
    if (sighej_token_equal (&sighej_token_schedule_get_epoch (schedule, i)->token, token))
      return TRUE;

  return FALSE;
}

static Sighting *
add_sighting (SighejSightings *self, const SighejToken *token)
{
  Sighting *sighting;

  if (schedule_has (self->own[0], token) || schedule_has (self->own[1], token))
    {
      self->n_own++;
      return NULL;
    }

  if (g_hash_table_size (self->by_token) >= SIGHEJ_SIGHTINGS_TOKENS_MAX)
    {
      forget (self, g_queue_peek_head (&self->by_age));
      self->n_evicted++;
    }

  sighting = g_new0 (Sighting, 1);
  sighting->token = *token;
  sighting->link.data = sighting;
  g_hash_table_insert (self->by_token, &sighting->token, sighting);
  g_queue_push_tail_link (&self->by_age, &sighting->link);
  self->n_new++;
  return sighting;
}

static void
touch (SighejSightings *self, Sighting *sighting, gint64 now_us)
{
  gint64 gap_us = now_us - sighting->heard_us;

  /* A gap in which we did not listen says nothing about the sender. */
  if (sighting->heard_us != 0 && sighting->band != SIGHEJ_BAND_GONE
      && has_listened_since (self, sighting))
    {
      if (sighting->interval_us == 0)
        sighting->interval_us = gap_us;
      else
        sighting->interval_us += (gap_us - sighting->interval_us) >> INTERVAL_SMOOTHING_SHIFT;
    }
  sighting->heard_us = now_us;
  sighting->heard_listened_us = listened_us (self, now_us);

  if (self->by_age.tail != &sighting->link)
    {
      g_queue_unlink (&self->by_age, &sighting->link);
      g_queue_push_tail_link (&self->by_age, &sighting->link);
    }
}

void
sighej_sightings_hear (SighejSightings *self, const SighejPayload *payload, int rssi_dbm)
{
  gint64 now_us = sighej_clock_now_us (self->clock);
  Sighting *sighting = g_hash_table_lookup (self->by_token, &payload->token);
  SighejBand band;

  if (sighting == NULL)
    sighting = add_sighting (self, &payload->token);
  if (sighting == NULL)
    return;

  /* The wait may be late by as much as it was put off: a packet must not revive what was gone. */
  if (sighting->band != SIGHEJ_BAND_GONE && gone_at (self, sighting) <= now_us)
    become_gone (self, sighting);

  touch (self, sighting, now_us);
  sighting->is_open = (payload->flags & SIGHEJ_PAYLOAD_OPEN) != 0;
  set_counted (self, sighting, sighting->is_open);
  band = sighej_band_is_known (rssi_dbm) ? sighej_band_filter_add (
             &sighting->filter, rssi_dbm, payload->tx_cal_dbm, self->rx_adjust_db, now_us)
                                         : sighej_band_filter_get (&sighting->filter);
  if (band != sighting->band)
    set_band (self, sighting, band);

  report_if_due (self, &payload->token, now_us);

  sighting = g_hash_table_lookup (self->by_token, &payload->token);
  if (sighting != NULL)
    wait_at_most_until (self, MAX (next_due (self, sighting), now_us + WALK_US_MIN));
  tell_changes (self);
}

/* ---- public ---- */

SighejSightings *
sighej_sightings_new (SighejClock *clock, guint dwell_s)
{
  SighejSightings *self = g_object_new (SIGHEJ_TYPE_SIGHTINGS, NULL);

  self->clock = g_object_ref (clock);
  self->dwell_us = (gint64) dwell_s * G_USEC_PER_SEC;
  self->listening = TRUE;
  self->listening_since_us = sighej_clock_now_us (clock);
  return self;
}

void
sighej_sightings_set_dwell (SighejSightings *self, guint dwell_s)
{
  self->dwell_us = (gint64) dwell_s * G_USEC_PER_SEC;
}

void
sighej_sightings_set_rx_adjust (SighejSightings *self, int rx_adjust_db)
{
  self->rx_adjust_db = rx_adjust_db;
}

void
sighej_sightings_answer (SighejSightings *self, const SighejToken *token)
{
  Sighting *sighting = g_hash_table_lookup (self->by_token, token);

  if (sighting != NULL)
    sighting->is_answered = TRUE;
}

void
sighej_sightings_set_reporting (SighejSightings *self, gboolean reporting)
{
  if (self->reporting == reporting)
    return;

  self->reporting = reporting;
  if (reporting)
    walk (self);
}

void
sighej_sightings_set_listening (SighejSightings *self, gboolean listening)
{
  gint64 now_us = sighej_clock_now_us (self->clock);

  if (self->listening == listening)
    return;

  /* What was gone before this moment must not come back by it. */
  age_all (self, NULL, now_us);
  self->listened_before_us = listened_us (self, now_us);
  self->listening = listening;
  self->listening_since_us = now_us;
  walk (self);
}

void
sighej_sightings_report_anew (SighejSightings *self)
{
  for (GList *l = self->by_age.head; l != NULL; l = l->next)
    {
      Sighting *sighting = l->data;

      sighting->n_reports = 0;
      sighting->not_before_us = 0;
    }
  walk (self);
}

void
sighej_sightings_set_own (SighejSightings *self, SighejTokenSchedule *schedule)
{
  guint n_epochs = schedule == NULL ? 0 : sighej_token_schedule_get_n_epochs (schedule);

  if (schedule == self->own[0])
    return;

  g_clear_pointer (&self->own[1], sighej_token_schedule_unref);
  self->own[1] = self->own[0];
  self->own[0] = schedule == NULL ? NULL : sighej_token_schedule_ref (schedule);

  for (guint i = 0; i < n_epochs; i++)
    {
      Sighting *echo = g_hash_table_lookup (self->by_token,
                                            &sighej_token_schedule_get_epoch (schedule, i)->token);

      if (echo != NULL)
        forget (self, echo);
    }
  tell_changes (self);
}

void
sighej_sightings_wipe (SighejSightings *self)
{
  while (self->by_age.head != NULL)
    forget (self, self->by_age.head->data);
  sighej_clock_clear (self->clock, &self->wait_id);
  tell_changes (self);
}

guint
sighej_sightings_get_nearby (SighejSightings *self)
{
  return self->n_nearby;
}

gboolean
sighej_sightings_get_live (SighejSightings *self)
{
  return self->n_live > 0;
}

SighejBand
sighej_sightings_get_closest (SighejSightings *self)
{
  for (guint band = SIGHEJ_BAND_HERE; band > SIGHEJ_BAND_GONE; band--)
    if (self->n_reported[band] > 0)
      return (SighejBand) band;

  return SIGHEJ_BAND_GONE;
}

SighejBand
sighej_sightings_get_band (SighejSightings *self, const SighejToken *token)
{
  Sighting *sighting = g_hash_table_lookup (self->by_token, token);

  return sighting == NULL ? SIGHEJ_BAND_GONE : sighting->band;
}

guint
sighej_sightings_get_n_tokens (SighejSightings *self)
{
  return g_hash_table_size (self->by_token);
}

void
sighej_sightings_count (SighejSightings *self, GVariantBuilder *counters)
{
  g_variant_builder_add (counters, "{st}", "sightings.new", self->n_new);
  g_variant_builder_add (counters, "{st}", "sightings.evicted", self->n_evicted);
  g_variant_builder_add (counters, "{st}", "sightings.own", self->n_own);
  g_variant_builder_add (counters, "{st}", "sightings.reports", self->n_reports);
}
