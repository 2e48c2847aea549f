/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-presence.h"

#include <string.h>

#include "sighej-config.h"
#include "sighej-enum-types.h"
#include "sighej-log.h"
#include "sighej-message-ids.h"

#define OFFLINE_US ((gint64) SIGHEJ_PRESENCE_OFFLINE_SECONDS * G_USEC_PER_SEC)
#define ROTATION_US ((gint64) SIGHEJ_PRESENCE_ROTATION_SECONDS * G_USEC_PER_SEC)
/* The wall clock may be set and the time zone may change: quiet hours are looked at this often. */
#define QUIET_LOOK_US ((gint64) 3600 * G_USEC_PER_SEC)
#define NEVER_US G_MAXINT64

typedef struct
{
  guint from_minute;
  guint to_minute;
} QuietRange;

struct _SighejPresence
{
  GObject parent_instance;

  SighejClock *clock;
  GTimeZone *zone; /* NULL: the machine's, asked for anew each time */

  /* What the person asked for. */
  gint64 until_us; /* 0: not open; NEVER_US: without an end */
  guint64 open_since_s;
  guint64 open_until_s;
  gboolean pairs;
  gboolean paused;
  gint64 paused_until_us; /* 0: until Resume */
  guint64 paused_until_s;
  GStrv quiet_hours;
  QuietRange quiet[SIGHEJ_QUIET_HOURS_MAX];
  guint n_quiet;
  SighejReason close_reason;
  gboolean close_told; /* of the last opening */

  /* What the others report. */
  gboolean suspending;
  gboolean locked;
  gboolean inhibited;
  gboolean quota_full;
  SighejReason trouble;
  gboolean on_air;
  SighejBackendState link_state;
  SighejReason link_reason;
  gboolean has_session;
  gboolean link_ended;

  /* What follows; assigned in reconsider() and below only. */
  SighejState state;
  SighejReason reason;
  gboolean session_wanted;
  gboolean air_wanted;
  gint64 offline_since_us; /* 0: not offline while wanted */
  gint64 off_air_since_us; /* 0: no gap while open */

  guint wait_id;
  gboolean reconsidering;
  gboolean again;
  gboolean dirty; /* something a getter shows has changed besides the state */
};

G_DEFINE_FINAL_TYPE (SighejPresence, sighej_presence, G_TYPE_OBJECT)

enum
{
  CHANGED,
  CLOSED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

#define TO(state) (1u << SIGHEJ_STATE_##state)

/* The drawing in the header. A state may always stay and change its reason. */
static const guint allowed_moves[] = {
  [SIGHEJ_STATE_OFF] = TO (OPENING) | TO (PAUSED) | TO (WAITING) | TO (CLOSING),
  [SIGHEJ_STATE_OPENING] = TO (OPEN) | TO (PAUSED) | TO (WAITING) | TO (CLOSING) | TO (OFF),
  [SIGHEJ_STATE_OPEN] = TO (OPENING) | TO (PAUSED) | TO (WAITING) | TO (CLOSING) | TO (OFF),
  [SIGHEJ_STATE_PAUSED] = TO (OPENING) | TO (WAITING) | TO (CLOSING) | TO (OFF),
  [SIGHEJ_STATE_WAITING] = TO (OPENING) | TO (OPEN) | TO (PAUSED) | TO (CLOSING) | TO (OFF),
  [SIGHEJ_STATE_CLOSING] = TO (OPENING) | TO (PAUSED) | TO (WAITING) | TO (OFF),
};

static void
sighej_presence_init (SighejPresence *self)
{
  self->link_ended = TRUE;
  self->close_told = TRUE;
  self->quiet_hours = g_new0 (char *, 1);
}

static void
sighej_presence_dispose (GObject *object)
{
  SighejPresence *self = SIGHEJ_PRESENCE (object);

  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->wait_id);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_presence_parent_class)->dispose (object);
}

static void
sighej_presence_finalize (GObject *object)
{
  SighejPresence *self = SIGHEJ_PRESENCE (object);

  g_clear_pointer (&self->zone, g_time_zone_unref);
  g_strfreev (self->quiet_hours);

  G_OBJECT_CLASS (sighej_presence_parent_class)->finalize (object);
}

static void
sighej_presence_class_init (SighejPresenceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_presence_dispose;
  object_class->finalize = sighej_presence_finalize;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[CLOSED] = g_signal_new ("closed",
                                  G_TYPE_FROM_CLASS (klass),
                                  G_SIGNAL_RUN_LAST,
                                  0,
                                  NULL,
                                  NULL,
                                  NULL,
                                  G_TYPE_NONE,
                                  1,
                                  SIGHEJ_TYPE_REASON);
}

/* ---- quiet hours ---- */

static GDateTime *
local_now (SighejPresence *self)
{
  g_autoptr (GTimeZone) zone
      = self->zone == NULL ? g_time_zone_new_local () : g_time_zone_ref (self->zone);
  g_autoptr (GDateTime) utc
      = g_date_time_new_from_unix_utc (sighej_clock_wall_us (self->clock) / G_USEC_PER_SEC);

  return g_date_time_to_timezone (utc, zone);
}

static gboolean
is_quiet_now (SighejPresence *self)
{
  g_autoptr (GDateTime) now = NULL;
  guint minute;

  if (self->n_quiet == 0)
    return FALSE;

  now = local_now (self);
  minute = (guint) (g_date_time_get_hour (now) * 60 + g_date_time_get_minute (now));
  for (guint i = 0; i < self->n_quiet; i++)
    {
      guint from = self->quiet[i].from_minute;
      guint to = self->quiet[i].to_minute;

      /* A range may go over midnight. */
      if (from < to ? minute >= from && minute < to : minute >= from || minute < to)
        return TRUE;
    }

  return FALSE;
}

/* Microseconds from @now until the local time next is @minute of the day. */
static gint64
us_until_minute (GDateTime *now, guint minute)
{
  for (int days = 0; days <= 1; days++)
    {
      g_autoptr (GDateTime) day = g_date_time_add_days (now, days);
      g_autoptr (GDateTime) at = g_date_time_new (g_date_time_get_timezone (now),
                                                  g_date_time_get_year (day),
                                                  g_date_time_get_month (day),
                                                  g_date_time_get_day_of_month (day),
                                                  (int) minute / 60,
                                                  (int) minute % 60,
                                                  0);

      if (at != NULL && g_date_time_difference (at, now) > 0)
        return g_date_time_difference (at, now);
    }

  return QUIET_LOOK_US;
}

static gint64
next_quiet_edge_us (SighejPresence *self, gint64 now_us)
{
  g_autoptr (GDateTime) now = NULL;
  gint64 delay_us = QUIET_LOOK_US;

  if (self->n_quiet == 0)
    return NEVER_US;

  now = local_now (self);
  for (guint i = 0; i < self->n_quiet; i++)
    {
      delay_us = MIN (delay_us, us_until_minute (now, self->quiet[i].from_minute));
      delay_us = MIN (delay_us, us_until_minute (now, self->quiet[i].to_minute));
    }
  return now_us + delay_us;
}

/* ---- from facts to what follows ---- */

static gboolean
has_been_offline (SighejPresence *self, gint64 now_us)
{
  return self->offline_since_us != 0 && now_us - self->offline_since_us >= OFFLINE_US;
}

/* NONE: nobody has said that this is no time to talk; the person goes before the machine. */
static SighejReason
pause_reason (SighejPresence *self)
{
  if (self->paused)
    return SIGHEJ_REASON_USER;
  if (self->suspending)
    return SIGHEJ_REASON_SUSPENDED;
  if (self->locked)
    return SIGHEJ_REASON_LOCKED;

  return self->inhibited ? SIGHEJ_REASON_INHIBITED : SIGHEJ_REASON_NONE;
}

static void
reconsider_wants (SighejPresence *self, gint64 now_us, gboolean quiet)
{
  gboolean may_be_open = self->until_us != 0 && pause_reason (self) == SIGHEJ_REASON_NONE && !quiet
                         && !self->quota_full;

  self->session_wanted
      = may_be_open && (self->session_wanted || self->pairs || self->trouble == SIGHEJ_REASON_NONE);

  if (!self->session_wanted || self->link_state == SIGHEJ_BACKEND_STATE_ONLINE)
    self->offline_since_us = 0;
  else if (self->offline_since_us == 0)
    self->offline_since_us = now_us;

  self->air_wanted = self->session_wanted && self->has_session && !has_been_offline (self, now_us);
}

/* Between two tokens the air is silent for a moment; who is open stays open. */
static gboolean
is_on_air_or_rotating (SighejPresence *self, gint64 now_us)
{
  if (self->on_air || !self->air_wanted || self->state != SIGHEJ_STATE_OPEN)
    {
      self->off_air_since_us = 0;
      return self->on_air && self->air_wanted;
    }

  if (self->off_air_since_us == 0)
    self->off_air_since_us = now_us;
  return now_us - self->off_air_since_us < ROTATION_US;
}

static SighejState
wanted_state (SighejPresence *self, gint64 now_us, gboolean quiet, SighejReason *reason)
{
  gboolean shown = is_on_air_or_rotating (self, now_us);

  *reason = pause_reason (self);
  if (*reason != SIGHEJ_REASON_NONE)
    return SIGHEJ_STATE_PAUSED;

  if (quiet)
    *reason = SIGHEJ_REASON_QUIET_HOURS;
  else if (self->quota_full)
    *reason = SIGHEJ_REASON_RATE_LIMITED;
  else if (self->trouble != SIGHEJ_REASON_NONE)
    *reason = self->trouble;
  else if (shown)
    return SIGHEJ_STATE_OPEN;
  else if (self->link_reason != SIGHEJ_REASON_NONE)
    *reason = self->link_reason;
  else if (has_been_offline (self, now_us))
    *reason = SIGHEJ_REASON_BACKEND_OFFLINE;
  else
    return SIGHEJ_STATE_OPENING;

  return SIGHEJ_STATE_WAITING;
}

static SighejState
compute_state (SighejPresence *self, gint64 now_us, gboolean quiet, SighejReason *reason)
{
  *reason = SIGHEJ_REASON_NONE;
  if (self->until_us != 0)
    return wanted_state (self, now_us, quiet, reason);

  /* Closed, and yet the kernel may go on sending for a bluetoothd that died: that is said. */
  *reason = self->on_air && self->trouble == SIGHEJ_REASON_BLUETOOTH_LOST ? self->trouble
                                                                          : self->close_reason;
  self->off_air_since_us = 0;
  return self->on_air || !self->link_ended ? SIGHEJ_STATE_CLOSING : SIGHEJ_STATE_OFF;
}

static gboolean
is_of_bluetooth (SighejReason reason)
{
  return sighej_reason_to_bluetooth (reason) != SIGHEJ_BLUETOOTH_READY
         || reason == SIGHEJ_REASON_RADIO_STALLED || reason == SIGHEJ_REASON_SCAN_CONFLICT
         || reason == SIGHEJ_REASON_PRIVACY_BLOCKED;
}

/* (nullable): what the journal's catalogue knows of this move. */
static const char *
get_message_id (SighejState before, SighejState state, SighejReason reason)
{
  if (state == SIGHEJ_STATE_WAITING)
    return is_of_bluetooth (reason) ? SIGHEJ_MESSAGE_ID_BLOCKED : NULL;
  if (before == state)
    return NULL;
  if (state == SIGHEJ_STATE_OPEN)
    return SIGHEJ_MESSAGE_ID_OPEN;
  return state == SIGHEJ_STATE_OFF ? SIGHEJ_MESSAGE_ID_CLOSED : NULL;
}

static void
log_state (SighejState before, SighejState state, SighejReason reason)
{
  const char *word = sighej_enum_to_nick (SIGHEJ_TYPE_STATE, (int) state);

  sighej_log_event (G_LOG_DOMAIN,
                    get_message_id (before, state, reason),
                    word,
                    sighej_reason_to_word (reason),
                    "%s -> %s%s%s%s",
                    sighej_enum_to_nick (SIGHEJ_TYPE_STATE, (int) before),
                    word,
                    reason == SIGHEJ_REASON_NONE ? "" : " (",
                    sighej_reason_to_word (reason),
                    reason == SIGHEJ_REASON_NONE ? "" : ")");
}

static void
set_state (SighejPresence *self, SighejState state, SighejReason reason)
{
  SighejState before = self->state;

  if (before == state && self->reason == reason)
    return;

  if (before != state && (allowed_moves[before] & (1u << state)) == 0)
    g_critical ("%s -> %s is no move",
                sighej_enum_to_nick (SIGHEJ_TYPE_STATE, (int) before),
                sighej_enum_to_nick (SIGHEJ_TYPE_STATE, (int) state));

  log_state (before, state, reason);
  self->state = state;
  self->reason = reason;
  self->dirty = TRUE;
}

static void
end_opening (SighejPresence *self, SighejReason reason)
{
  self->until_us = 0;
  self->open_since_s = 0;
  self->open_until_s = 0;
  self->pairs = FALSE;
  self->paused = FALSE;
  self->paused_until_us = 0;
  self->paused_until_s = 0;
  self->close_reason = reason;
  self->dirty = TRUE;
}

static void
end_pause (SighejPresence *self)
{
  self->paused = FALSE;
  self->paused_until_us = 0;
  self->paused_until_s = 0;
  self->dirty = TRUE;
}

static void
pass_time (SighejPresence *self, gint64 now_us)
{
  if (self->until_us != 0 && self->until_us <= now_us)
    end_opening (self, SIGHEJ_REASON_EXPIRED);
  if (self->paused && self->paused_until_us != 0 && self->paused_until_us <= now_us)
    end_pause (self);
}

/* One pass; a listener may tell a new fact meanwhile, which asks for the next pass. */
static void
reconsider_once (SighejPresence *self)
{
  gint64 now_us = sighej_clock_now_us (self->clock);
  gboolean session_wanted = self->session_wanted;
  gboolean air_wanted = self->air_wanted;
  SighejReason reason;
  SighejState state;
  gboolean quiet;

  pass_time (self, now_us);
  quiet = self->until_us != 0 && is_quiet_now (self);
  reconsider_wants (self, now_us, quiet);
  state = compute_state (self, now_us, quiet, &reason);
  set_state (self, state, reason);

  if (!self->dirty && session_wanted == self->session_wanted && air_wanted == self->air_wanted)
    return;
  self->dirty = FALSE;
  g_signal_emit (self, signals[CHANGED], 0);
  if (state == SIGHEJ_STATE_OFF && !self->close_told)
    {
      self->close_told = TRUE;
      g_signal_emit (self, signals[CLOSED], 0, reason);
    }
}

static void reconsider (SighejPresence *self);

static gboolean
on_wait_over (gpointer user_data)
{
  SighejPresence *self = SIGHEJ_PRESENCE (user_data);

  self->wait_id = 0;
  reconsider (self);
  return G_SOURCE_REMOVE;
}

static void
wait_for_next (SighejPresence *self)
{
  gint64 now_us = sighej_clock_now_us (self->clock);
  gint64 at_us = NEVER_US;

  sighej_clock_clear (self->clock, &self->wait_id);
  if (self->until_us == 0)
    return;

  at_us = MIN (self->until_us, next_quiet_edge_us (self, now_us));
  if (self->paused_until_us != 0)
    at_us = MIN (at_us, self->paused_until_us);
  if (self->offline_since_us != 0 && !has_been_offline (self, now_us))
    at_us = MIN (at_us, self->offline_since_us + OFFLINE_US);
  if (self->off_air_since_us != 0 && self->off_air_since_us + ROTATION_US > now_us)
    at_us = MIN (at_us, self->off_air_since_us + ROTATION_US);
  if (at_us != NEVER_US)
    self->wait_id = sighej_clock_add_at (self->clock, at_us, on_wait_over, self);
}

static void
reconsider (SighejPresence *self)
{
  if (self->reconsidering)
    {
      self->again = TRUE;
      return;
    }

  g_object_ref (self);
  self->reconsidering = TRUE;
  do
    {
      self->again = FALSE;
      reconsider_once (self);
    }
  while (self->again);
  self->reconsidering = FALSE;
  wait_for_next (self);
  g_object_unref (self);
}

/* ---- public: what the person asks for ---- */

SighejPresence *
sighej_presence_new (SighejClock *clock, GTimeZone *zone)
{
  SighejPresence *self = g_object_new (SIGHEJ_TYPE_PRESENCE, NULL);

  self->clock = g_object_ref (clock);
  self->zone = zone == NULL ? NULL : g_time_zone_ref (zone);
  return self;
}

static gboolean
check_seconds (guint seconds, guint least, guint most, GError **error)
{
  if (seconds >= least && seconds <= most)
    return TRUE;

  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_INVALID_DURATION,
               "%u seconds is not between %u and %u",
               seconds,
               least,
               most);
  return FALSE;
}

static gboolean
check_open (SighejPresence *self, GError **error)
{
  if (self->until_us != 0)
    return TRUE;

  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_OPEN, "not open to talk");
  return FALSE;
}

static guint64
wall_s (SighejPresence *self)
{
  return (guint64) (sighej_clock_wall_us (self->clock) / G_USEC_PER_SEC);
}

gboolean
sighej_presence_check_open_seconds (guint seconds, GError **error)
{
  return check_seconds (seconds, SIGHEJ_OPEN_SECONDS_MIN, SIGHEJ_OPEN_SECONDS_MAX, error);
}

/* @until_s: what people are told; 0: none */
static void
begin_opening (SighejPresence *self, gint64 until_us, guint64 until_s)
{
  if (self->until_us == 0)
    self->open_since_s = wall_s (self);
  self->until_us = until_us;
  self->open_until_s = until_s;
  self->close_told = FALSE;
  end_pause (self);
  reconsider (self);
}

gboolean
sighej_presence_open (SighejPresence *self, guint seconds, GError **error)
{
  if (!sighej_presence_check_open_seconds (seconds, error))
    return FALSE;

  begin_opening (self,
                 sighej_clock_now_us (self->clock) + (gint64) seconds * G_USEC_PER_SEC,
                 wall_s (self) + seconds);
  return TRUE;
}

void
sighej_presence_stay_open (SighejPresence *self)
{
  begin_opening (self, NEVER_US, 0);
}

void
sighej_presence_close (SighejPresence *self, SighejReason reason)
{
  if (self->until_us == 0)
    return;

  end_opening (self, reason);
  reconsider (self);
}

gboolean
sighej_presence_pause (SighejPresence *self, guint seconds, GError **error)
{
  if (!check_open (self, error))
    return FALSE;
  if (seconds != 0
      && !check_seconds (seconds, SIGHEJ_PAUSE_SECONDS_MIN, SIGHEJ_PAUSE_SECONDS_MAX, error))
    return FALSE;

  self->paused = TRUE;
  self->paused_until_us
      = seconds == 0 ? 0 : sighej_clock_now_us (self->clock) + (gint64) seconds * G_USEC_PER_SEC;
  self->paused_until_s = seconds == 0 ? 0 : wall_s (self) + seconds;
  self->dirty = TRUE;
  reconsider (self);
  return TRUE;
}

gboolean
sighej_presence_resume (SighejPresence *self, GError **error)
{
  if (!check_open (self, error))
    return FALSE;

  if (self->paused)
    {
      end_pause (self);
      reconsider (self);
    }
  return TRUE;
}

gboolean
sighej_presence_extend (SighejPresence *self, guint seconds, GError **error)
{
  gint64 more_us = (gint64) seconds * G_USEC_PER_SEC;
  gint64 latest_us
      = sighej_clock_now_us (self->clock) + (gint64) SIGHEJ_OPEN_SECONDS_MAX * G_USEC_PER_SEC;

  if (!check_open (self, error)
      || !check_seconds (seconds, SIGHEJ_EXTEND_SECONDS_MIN, SIGHEJ_EXTEND_SECONDS_MAX, error))
    return FALSE;
  if (self->until_us > latest_us - more_us)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_INVALID_DURATION,
                   "the end would be more than %u seconds from now",
                   SIGHEJ_OPEN_SECONDS_MAX);
      return FALSE;
    }

  self->until_us += more_us;
  self->open_until_s += seconds;
  self->dirty = TRUE;
  reconsider (self);
  return TRUE;
}

static gboolean
parse_quiet_hours (const char *const *ranges, QuietRange *out, guint *n_out, GError **error)
{
  *n_out = 0;
  for (guint i = 0; ranges != NULL && ranges[i] != NULL; i++)
    {
      if (i == SIGHEJ_QUIET_HOURS_MAX)
        {
          g_set_error (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_CONFIG,
                       "there may be at most %u quiet hours",
                       SIGHEJ_QUIET_HOURS_MAX);
          return FALSE;
        }
      if (!sighej_quiet_hours_parse (ranges[i], &out[i].from_minute, &out[i].to_minute, error))
        return FALSE;
      *n_out = i + 1;
    }

  return TRUE;
}

gboolean
sighej_presence_set_quiet_hours (SighejPresence *self, const char *const *ranges, GError **error)
{
  QuietRange quiet[SIGHEJ_QUIET_HOURS_MAX];
  guint n_quiet;

  if (!parse_quiet_hours (ranges, quiet, &n_quiet, error))
    return FALSE;

  g_strfreev (self->quiet_hours);
  self->quiet_hours = ranges == NULL ? g_new0 (char *, 1) : g_strdupv ((GStrv) ranges);
  memcpy (self->quiet, quiet, n_quiet * sizeof quiet[0]);
  self->n_quiet = n_quiet;
  self->dirty = TRUE;
  reconsider (self);
  return TRUE;
}

/* ---- public: facts ---- */

void
sighej_presence_set_host (SighejPresence *self, gboolean suspending, gboolean locked)
{
  self->suspending = suspending;
  self->locked = locked;
  reconsider (self);
}

void
sighej_presence_set_inhibited (SighejPresence *self, gboolean inhibited)
{
  self->inhibited = inhibited;
  reconsider (self);
}

void
sighej_presence_pair (SighejPresence *self)
{
  self->pairs = self->until_us != 0;
  reconsider (self);
}

void
sighej_presence_set_quota_full (SighejPresence *self, gboolean full)
{
  self->quota_full = full;
  reconsider (self);
}

void
sighej_presence_set_radio (SighejPresence *self, SighejReason trouble, gboolean on_air)
{
  self->trouble = trouble;
  self->on_air = on_air;
  reconsider (self);
}

void
sighej_presence_set_link (SighejPresence *self,
                          SighejBackendState state,
                          SighejReason reason,
                          gboolean has_session,
                          gboolean ended)
{
  self->link_state = state;
  self->link_reason = reason;
  self->has_session = has_session;
  self->link_ended = ended;
  reconsider (self);
}

/* ---- public: what follows ---- */

SighejState
sighej_presence_get_state (SighejPresence *self)
{
  return self->state;
}

SighejReason
sighej_presence_get_reason (SighejPresence *self)
{
  return self->reason;
}

gboolean
sighej_presence_get_wanted (SighejPresence *self)
{
  return self->until_us != 0;
}

gboolean
sighej_presence_get_session_wanted (SighejPresence *self)
{
  return self->session_wanted;
}

gboolean
sighej_presence_get_air_wanted (SighejPresence *self)
{
  return self->air_wanted;
}

gint64
sighej_presence_get_until_us (SighejPresence *self)
{
  return self->until_us;
}

guint64
sighej_presence_get_open_since_s (SighejPresence *self)
{
  return self->open_since_s;
}

guint64
sighej_presence_get_open_until_s (SighejPresence *self)
{
  return self->open_until_s;
}

guint64
sighej_presence_get_paused_until_s (SighejPresence *self)
{
  return self->paused_until_s;
}

const char *const *
sighej_presence_get_quiet_hours (SighejPresence *self)
{
  return (const char *const *) self->quiet_hours;
}

void
sighej_presence_check (SighejPresence *self, GPtrArray *results)
{
  if (self->reason == SIGHEJ_REASON_QUIET_HOURS)
    sighej_check_results_add (results,
                              "presence.quiet-hours",
                              "warning",
                              "these are quiet hours",
                              "wait until they are over, or change the quiet hours");
}
