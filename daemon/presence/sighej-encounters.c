/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-encounters.h"

#define NUDGE_US ((gint64) SIGHEJ_NUDGE_SECONDS * G_USEC_PER_SEC)
#define HOUR_US ((gint64) 3600 * G_USEC_PER_SEC)

struct _SighejEncounters
{
  GObject parent_instance;

  SighejClock *clock;
  guint per_hour_max;
  guint64 last_number;
  guint64 last_taken;

  GPtrArray *live; /* LiveNudge*, oldest first */
  GHashTable *ids; /* set of char*: all taken in this opening */
  guint expiry_wait_id;

  GQueue recent_us; /* gint64* of nudges in the last hour, at most SIGHEJ_NUDGES_PER_HOUR_MAX */
  guint hour_wait_id;
  gboolean told_quota_full;

  guint64 n_taken;
  guint64 n_repeated;
  guint64 n_refused;
};

typedef struct
{
  SighejNudge nudge;
  gint64 expires_us;
} LiveNudge;

G_DEFINE_FINAL_TYPE (SighejEncounters, sighej_encounters, G_TYPE_OBJECT)

enum
{
  ADDED,
  CHANGED,
  REMOVED,
  QUOTA_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
live_nudge_free (gpointer data)
{
  LiveNudge *live = data;

  g_strfreev (live->nudge.shared_interests);
  g_free (live->nudge.message);
  g_free (live);
}

static void
sighej_encounters_init (SighejEncounters *self)
{
  self->live = g_ptr_array_new_with_free_func (live_nudge_free);
  self->ids = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, NULL);
}

static void
sighej_encounters_dispose (GObject *object)
{
  SighejEncounters *self = SIGHEJ_ENCOUNTERS (object);

  if (self->clock != NULL)
    {
      sighej_clock_clear (self->clock, &self->expiry_wait_id);
      sighej_clock_clear (self->clock, &self->hour_wait_id);
    }
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_encounters_parent_class)->dispose (object);
}

static void
sighej_encounters_finalize (GObject *object)
{
  SighejEncounters *self = SIGHEJ_ENCOUNTERS (object);

  g_ptr_array_unref (self->live);
  g_hash_table_unref (self->ids);
  g_queue_clear_full (&self->recent_us, g_free);

  G_OBJECT_CLASS (sighej_encounters_parent_class)->finalize (object);
}

static void
sighej_encounters_class_init (SighejEncountersClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  static const char *const names[] = { "added", "changed", "removed" };

  object_class->dispose = sighej_encounters_dispose;
  object_class->finalize = sighej_encounters_finalize;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    signals[ADDED + i] = g_signal_new (names[i],
                                       G_TYPE_FROM_CLASS (klass),
                                       G_SIGNAL_RUN_LAST,
                                       0,
                                       NULL,
                                       NULL,
                                       NULL,
                                       G_TYPE_NONE,
                                       1,
                                       G_TYPE_POINTER);
  signals[QUOTA_CHANGED] = g_signal_new ("quota-changed",
                                         G_TYPE_FROM_CLASS (klass),
                                         G_SIGNAL_RUN_LAST,
                                         0,
                                         NULL,
                                         NULL,
                                         NULL,
                                         G_TYPE_NONE,
                                         0);
}

/* ---- the hour's quota ---- */

static void
tell_quota (SighejEncounters *self)
{
  gboolean full = sighej_encounters_get_quota_full (self);

  if (self->told_quota_full == full)
    return;

  self->told_quota_full = full;
  g_signal_emit (self, signals[QUOTA_CHANGED], 0);
}

static gboolean on_hour_over (gpointer user_data);

/* Only a full quota is waited for to be free again; else the old entries go with the next nudge. */
static void
update_quota (SighejEncounters *self)
{
  gint64 now_us = sighej_clock_now_us (self->clock);
  gint64 *oldest_us;

  while ((oldest_us = g_queue_peek_head (&self->recent_us)) != NULL
         && (*oldest_us + HOUR_US <= now_us || self->recent_us.length > SIGHEJ_NUDGES_PER_HOUR_MAX))
    g_free (g_queue_pop_head (&self->recent_us));

  sighej_clock_clear (self->clock, &self->hour_wait_id);
  if (oldest_us != NULL && sighej_encounters_get_quota_full (self))
    self->hour_wait_id
        = sighej_clock_add_at (self->clock, *oldest_us + HOUR_US, on_hour_over, self);
  tell_quota (self);
}

static gboolean
on_hour_over (gpointer user_data)
{
  SighejEncounters *self = SIGHEJ_ENCOUNTERS (user_data);

  self->hour_wait_id = 0;
  update_quota (self);
  return G_SOURCE_REMOVE;
}

static void
note_in_quota (SighejEncounters *self)
{
  gint64 now_us = sighej_clock_now_us (self->clock);

  g_queue_push_tail (&self->recent_us, g_memdup2 (&now_us, sizeof now_us));
  update_quota (self);
}

/* ---- leaving ---- */

static gboolean on_expiry (gpointer user_data);

static gboolean
expires (const LiveNudge *live)
{
  return live->nudge.state != SIGHEJ_NUDGE_STATE_MUTUAL;
}

/* All that expire live equally long, so the oldest of them goes first. */
static void
wait_for_expiry (SighejEncounters *self)
{
  sighej_clock_clear (self->clock, &self->expiry_wait_id);
  for (guint i = 0; i < self->live->len && self->expiry_wait_id == 0; i++)
    {
      const LiveNudge *live = g_ptr_array_index (self->live, i);

      if (expires (live))
        self->expiry_wait_id = sighej_clock_add_at (self->clock, live->expires_us, on_expiry, self);
    }
}

static void
remove_nth (SighejEncounters *self, guint i, SighejNudgeState last_state)
{
  LiveNudge *live = g_ptr_array_steal_index (self->live, i);

  live->nudge.state = last_state;
  g_signal_emit (self, signals[CHANGED], 0, &live->nudge);
  g_signal_emit (self, signals[REMOVED], 0, &live->nudge);
  live_nudge_free (live);
}

static gboolean
on_expiry (gpointer user_data)
{
  SighejEncounters *self = SIGHEJ_ENCOUNTERS (user_data);
  gint64 now_us = sighej_clock_now_us (self->clock);

  self->expiry_wait_id = 0;
  for (guint i = 0; i < self->live->len;)
    {
      const LiveNudge *live = g_ptr_array_index (self->live, i);

      if (expires (live) && live->expires_us <= now_us)
        remove_nth (self, i, SIGHEJ_NUDGE_STATE_EXPIRED);
      else
        i++;
    }

  wait_for_expiry (self);
  return G_SOURCE_REMOVE;
}

/* ---- public ---- */

SighejEncounters *
sighej_encounters_new (SighejClock *clock, guint per_hour_max)
{
  SighejEncounters *self = g_object_new (SIGHEJ_TYPE_ENCOUNTERS, NULL);

  self->clock = g_object_ref (clock);
  self->per_hour_max = MIN (per_hour_max, SIGHEJ_NUDGES_PER_HOUR_MAX);
  self->told_quota_full = sighej_encounters_get_quota_full (self);
  return self;
}

void
sighej_encounters_set_per_hour_max (SighejEncounters *self, guint per_hour_max)
{
  self->per_hour_max = MIN (per_hour_max, SIGHEJ_NUDGES_PER_HOUR_MAX);
  update_quota (self);
}

static LiveNudge *
live_nudge_new (SighejEncounters *self,
                const char *const *shared_interests,
                const char *message,
                SighejBand band)
{
  LiveNudge *live = g_new0 (LiveNudge, 1);

  live->nudge.number = ++self->last_number;
  self->last_taken = live->nudge.number;
  live->nudge.state = SIGHEJ_NUDGE_STATE_NEW;
  live->nudge.shared_interests = g_strdupv ((GStrv) shared_interests);
  live->nudge.message = g_strdup (message);
  live->nudge.band = band;
  live->nudge.created_s = (guint64) (sighej_clock_wall_us (self->clock) / G_USEC_PER_SEC);
  live->nudge.expires_s = live->nudge.created_s + SIGHEJ_NUDGE_SECONDS;
  live->expires_us = sighej_clock_now_us (self->clock) + NUDGE_US;
  return live;
}

/* The oldest that nobody has waved at, or else the oldest. */
static guint
find_least_wanted (SighejEncounters *self)
{
  for (guint i = 0; i < self->live->len; i++)
    if (sighej_encounters_get_nth (self, i)->state == SIGHEJ_NUDGE_STATE_NEW)
      return i;
  return 0;
}

gboolean
sighej_encounters_take (SighejEncounters *self,
                        const char *id,
                        const char *const *shared_interests,
                        const char *message,
                        SighejBand band)
{
  LiveNudge *live;

  if (g_hash_table_contains (self->ids, id))
    {
      self->n_repeated++;
      return FALSE;
    }

  if (g_hash_table_size (self->ids) >= SIGHEJ_NUDGES_PER_OPENING_MAX)
    {
      self->n_refused++;
      return FALSE;
    }

  if (self->live->len >= SIGHEJ_NUDGES_LIVE_MAX)
    remove_nth (self, find_least_wanted (self), SIGHEJ_NUDGE_STATE_GONE);

  g_hash_table_add (self->ids, g_strdup (id));
  live = live_nudge_new (self, shared_interests, message, band);
  g_ptr_array_add (self->live, live);
  self->n_taken++;
  wait_for_expiry (self);
  g_signal_emit (self, signals[ADDED], 0, &live->nudge);
  note_in_quota (self);
  return TRUE;
}

guint64
sighej_encounters_get_last_number (SighejEncounters *self)
{
  return self->last_taken;
}

guint64
sighej_encounters_draw_number (SighejEncounters *self)
{
  return ++self->last_number;
}

const SighejNudge *
sighej_encounters_get (SighejEncounters *self, guint64 number)
{
  for (guint i = 0; i < self->live->len; i++)
    if (sighej_encounters_get_nth (self, i)->number == number)
      return sighej_encounters_get_nth (self, i);
  return NULL;
}

gboolean
sighej_encounters_set_state (SighejEncounters *self,
                             guint64 number,
                             SighejNudgeState state,
                             GError **error)
{
  for (guint i = 0; i < self->live->len; i++)
    {
      LiveNudge *live = g_ptr_array_index (self->live, i);

      if (live->nudge.number != number)
        continue;
      if (live->nudge.state != state)
        {
          live->nudge.state = state;
          wait_for_expiry (self);
          g_signal_emit (self, signals[CHANGED], 0, &live->nudge);
        }
      return TRUE;
    }

  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such nudge");
  return FALSE;
}

gboolean
sighej_encounters_dismiss (SighejEncounters *self, guint64 number, GError **error)
{
  for (guint i = 0; i < self->live->len; i++)
    if (sighej_encounters_get_nth (self, i)->number == number)
      {
        remove_nth (self, i, SIGHEJ_NUDGE_STATE_GONE);
        wait_for_expiry (self);
        return TRUE;
      }

  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND, "there is no such nudge");
  return FALSE;
}

void
sighej_encounters_set_band (SighejEncounters *self, SighejBand band)
{
  for (guint i = 0; i < self->live->len; i++)
    {
      LiveNudge *live = g_ptr_array_index (self->live, i);

      if (live->nudge.band == band)
        continue;
      live->nudge.band = band;
      g_signal_emit (self, signals[CHANGED], 0, &live->nudge);
    }
}

void
sighej_encounters_set_announced (SighejEncounters *self, guint64 number, gboolean announced)
{
  for (guint i = 0; i < self->live->len; i++)
    {
      LiveNudge *live = g_ptr_array_index (self->live, i);

      if (live->nudge.number != number || live->nudge.announced == announced)
        continue;
      live->nudge.announced = announced;
      g_signal_emit (self, signals[CHANGED], 0, &live->nudge);
    }
}

void
sighej_encounters_close (SighejEncounters *self)
{
  while (self->live->len > 0)
    remove_nth (self, 0, SIGHEJ_NUDGE_STATE_GONE);
  g_hash_table_remove_all (self->ids);
  sighej_clock_clear (self->clock, &self->expiry_wait_id);
}

void
sighej_encounters_forget_hour (SighejEncounters *self)
{
  g_queue_clear_full (&self->recent_us, g_free);
  update_quota (self);
}

guint
sighej_encounters_get_n_live (SighejEncounters *self)
{
  return self->live->len;
}

const SighejNudge *
sighej_encounters_get_nth (SighejEncounters *self, guint i)
{
  g_return_val_if_fail (i < self->live->len, NULL);

  return &((LiveNudge *) g_ptr_array_index (self->live, i))->nudge;
}

gboolean
sighej_encounters_get_quota_full (SighejEncounters *self)
{
  return self->recent_us.length >= self->per_hour_max;
}

void
sighej_encounters_check (SighejEncounters *self, GPtrArray *results)
{
  if (sighej_encounters_get_quota_full (self))
    sighej_check_results_add (results,
                              "presence.quota",
                              "warning",
                              "as many nudges as you want in an hour have come",
                              "wait, or raise MaxNudgesPerHour in sighejd.conf");
}

void
sighej_encounters_count (SighejEncounters *self, GVariantBuilder *counters)
{
  g_variant_builder_add (counters, "{st}", "nudges.taken", self->n_taken);
  g_variant_builder_add (counters, "{st}", "nudges.repeated", self->n_repeated);
  g_variant_builder_add (counters, "{st}", "nudges.refused", self->n_refused);
}
