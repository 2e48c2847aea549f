/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"
#include "config.h"

#include "sighej-herald.h"

#include "sighej-crypto.h"

#define OPEN_TOLD_US ((gint64) SIGHEJ_OPEN_TOLD_SECONDS * G_USEC_PER_SEC)

typedef struct
{
  guint64 number;
  SighejNudgeState state;
  GStrv shared;
  gboolean told;
  SighejQuietVerdict shown; /* NONE: nothing is up */
} Nudge;

typedef struct
{
  guint64 number;
  char *cue;
  guint n_unread;
  gboolean told;
  SighejQuietVerdict shown;

  /* What was said last, until it is told or read; NULL: nothing. */
  char *from;
  char *text;
  SighejQuietVerdict message_shown;
} Meet;

struct _SighejHerald
{
  GObject parent_instance;

  SighejClock *clock;
  gboolean speaking;
  gboolean keeping;
  SighejQuietFacts facts;
  SighejHeraldPresence presence;
  GPtrArray *nudges; /* Nudge* */
  GPtrArray *meets;  /* Meet* */

  gboolean was_on;
  gboolean expired_shown;

  /* The lasting one. */
  SighejBulletin *open; /* what is up, or was dismissed; NULL: nothing */
  gboolean open_dismissed;
  gint64 open_told_us;
  guint open_wait_id;

  SighejNearbyPace pace;
  gboolean nearby_shown;
  guint nearby_wait_id;
};

G_DEFINE_FINAL_TYPE (SighejHerald, sighej_herald, G_TYPE_OBJECT)

enum
{
  SHOW,
  WITHDRAW,
  ANNOUNCED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
nudge_free (gpointer data)
{
  Nudge *nudge = data;

  g_strfreev (nudge->shared);
  g_free (nudge);
}

static void
forget_message (Meet *meet)
{
  g_clear_pointer (&meet->from, g_free);
  g_clear_pointer (&meet->text, sighej_wipe_free_string);
}

static void
meet_free (gpointer data)
{
  Meet *meet = data;

  forget_message (meet);
  g_free (meet->cue);
  g_free (meet);
}

static void
sighej_herald_init (SighejHerald *self)
{
  self->speaking = TRUE;
  self->keeping = TRUE;
  self->nudges = g_ptr_array_new_with_free_func (nudge_free);
  self->meets = g_ptr_array_new_with_free_func (meet_free);
}

static void
sighej_herald_dispose (GObject *object)
{
  SighejHerald *self = SIGHEJ_HERALD (object);

  if (self->clock != NULL)
    {
      sighej_clock_clear (self->clock, &self->open_wait_id);
      sighej_clock_clear (self->clock, &self->nearby_wait_id);
    }
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_herald_parent_class)->dispose (object);
}

static void
sighej_herald_finalize (GObject *object)
{
  SighejHerald *self = SIGHEJ_HERALD (object);

  g_ptr_array_unref (self->nudges);
  g_ptr_array_unref (self->meets);
  g_clear_pointer (&self->open, sighej_bulletin_free);

  G_OBJECT_CLASS (sighej_herald_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, GType type)
{
  return g_signal_newv (
      name, SIGHEJ_TYPE_HERALD, G_SIGNAL_RUN_LAST, NULL, NULL, NULL, NULL, G_TYPE_NONE, 1, &type);
}

static void
sighej_herald_class_init (SighejHeraldClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_herald_dispose;
  object_class->finalize = sighej_herald_finalize;

  signals[SHOW] = add_signal ("show", G_TYPE_POINTER);
  signals[WITHDRAW] = add_signal ("withdraw", G_TYPE_STRING);
  signals[ANNOUNCED] = add_signal ("announced", G_TYPE_UINT64);
}

/* ---- sending ---- */

/* Takes @bulletin. */
static void
show (SighejHerald *self, SighejBulletin *bulletin)
{
  g_signal_emit (self, signals[SHOW], 0, bulletin);
  sighej_bulletin_free (bulletin);
}

static void
withdraw (SighejHerald *self, SighejAlert alert, guint64 number)
{
  g_autofree char *id = sighej_bulletin_dup_id (alert, number);

  g_signal_emit (self, signals[WITHDRAW], 0, id);
}

static void
withdraw_item (SighejHerald *self, SighejAlert alert, guint64 number, SighejQuietVerdict *shown)
{
  if (*shown == SIGHEJ_QUIET_NONE)
    return;

  *shown = SIGHEJ_QUIET_NONE;
  withdraw (self, alert, number);
}

/* Somebody looks at the window, where it stands too. */
static gboolean
is_seen (SighejHerald *self)
{
  return self->facts.watched && !self->facts.locked;
}

/**
 * judge:
 * @told: (inout): whether the person knows of it
 * @shown: (inout): what is up of it
 *
 * Returns: what to show now, if anything: for the first time, or plain in place of what others
 *   shall not read
 */
static SighejQuietVerdict
judge (SighejHerald *self, SighejAlert alert, gboolean *told, SighejQuietVerdict *shown)
{
  SighejQuietVerdict verdict;

  if (*told)
    {
      if (*shown != SIGHEJ_QUIET_FULL || !self->facts.locked)
        return SIGHEJ_QUIET_NONE;
      *shown = SIGHEJ_QUIET_PLAIN;
      return SIGHEJ_QUIET_PLAIN;
    }
  if (!self->speaking)
    return SIGHEJ_QUIET_NONE;

  verdict = sighej_quiet_judge (alert, &self->facts);
  *told = verdict != SIGHEJ_QUIET_NONE || is_seen (self);
  *shown = verdict;
  return verdict;
}

/* ---- nudges ---- */

static void
tell_nudge (SighejHerald *self, Nudge *nudge)
{
  gboolean was_told = nudge->told;
  SighejQuietVerdict verdict;

  if (nudge->state != SIGHEJ_NUDGE_STATE_NEW)
    {
      withdraw_item (self, SIGHEJ_ALERT_NUDGE, nudge->number, &nudge->shown);
      return;
    }

  verdict = judge (self, SIGHEJ_ALERT_NUDGE, &nudge->told, &nudge->shown);
  if (verdict != SIGHEJ_QUIET_NONE)
    show (self,
          sighej_bulletin_new_nudge (
              nudge->number, (const char *const *) nudge->shared, verdict == SIGHEJ_QUIET_PLAIN));
  if (nudge->told && !was_told)
    g_signal_emit (self, signals[ANNOUNCED], 0, nudge->number);
}

static Nudge *
find_nudge (SighejHerald *self, guint64 number)
{
  for (guint i = 0; i < self->nudges->len; i++)
    {
      Nudge *nudge = g_ptr_array_index (self->nudges, i);

      if (nudge->number == number)
        return nudge;
    }
  return NULL;
}

void
sighej_herald_put_nudge (SighejHerald *self,
                         guint64 number,
                         SighejNudgeState state,
                         const char *const *shared,
                         gboolean announced)
{
  Nudge *nudge = find_nudge (self, number);

  if (nudge == NULL)
    {
      if (self->nudges->len >= SIGHEJ_HERALD_ITEMS_MAX)
        return;
      nudge = g_new0 (Nudge, 1);
      nudge->number = number;
      nudge->shared = g_strdupv ((GStrv) shared);
      g_ptr_array_add (self->nudges, nudge);
    }

  nudge->state = state;
  nudge->told |= announced;
  tell_nudge (self, nudge);
}

void
sighej_herald_drop_nudge (SighejHerald *self, guint64 number)
{
  Nudge *nudge = find_nudge (self, number);

  if (nudge == NULL)
    return;

  withdraw_item (self, SIGHEJ_ALERT_NUDGE, number, &nudge->shown);
  g_ptr_array_remove (self->nudges, nudge);
}

/* ---- meets, and what is said in them ---- */

static void
tell_meet (SighejHerald *self, Meet *meet)
{
  SighejQuietVerdict verdict = judge (self, SIGHEJ_ALERT_MEET, &meet->told, &meet->shown);

  if (verdict != SIGHEJ_QUIET_NONE)
    show (self, sighej_bulletin_new_meet (meet->number, meet->cue, verdict == SIGHEJ_QUIET_PLAIN));
  if (is_seen (self))
    withdraw_item (self, SIGHEJ_ALERT_MEET, meet->number, &meet->shown);
}

static void
show_message (SighejHerald *self, Meet *meet)
{
  gboolean is_plain = meet->message_shown == SIGHEJ_QUIET_PLAIN;

  show (self, sighej_bulletin_new_message (meet->number, meet->from, meet->text, is_plain));
  forget_message (meet);
}

static void
tell_message (SighejHerald *self, Meet *meet)
{
  SighejQuietVerdict verdict;
  gboolean told = meet->text == NULL;

  if (is_seen (self))
    {
      forget_message (meet);
      withdraw_item (self, SIGHEJ_ALERT_MESSAGE, meet->number, &meet->message_shown);
      return;
    }
  if (told)
    {
      /* The text is gone, and a plain one needs none. */
      if (judge (self, SIGHEJ_ALERT_MESSAGE, &told, &meet->message_shown) == SIGHEJ_QUIET_PLAIN)
        show (self, sighej_bulletin_new_message (meet->number, "", "", TRUE));
      return;
    }

  verdict = sighej_quiet_judge (SIGHEJ_ALERT_MESSAGE, &self->facts);
  if (self->speaking && verdict != SIGHEJ_QUIET_NONE)
    {
      meet->message_shown = verdict;
      show_message (self, meet);
    }
}

static Meet *
find_meet (SighejHerald *self, guint64 number)
{
  for (guint i = 0; i < self->meets->len; i++)
    {
      Meet *meet = g_ptr_array_index (self->meets, i);

      if (meet->number == number)
        return meet;
    }
  return NULL;
}

static Meet *
add_meet (SighejHerald *self, guint64 number, const char *cue, gboolean is_old)
{
  Meet *meet = g_new0 (Meet, 1);

  meet->number = number;
  meet->cue = g_strdup (cue);
  meet->told = is_old;
  g_ptr_array_add (self->meets, meet);
  return meet;
}

void
sighej_herald_put_meet (
    SighejHerald *self, guint64 number, const char *cue, guint n_unread, gboolean is_old)
{
  Meet *meet = find_meet (self, number);

  if (meet == NULL)
    {
      if (self->meets->len >= SIGHEJ_HERALD_ITEMS_MAX)
        return;
      meet = add_meet (self, number, cue, is_old);
    }

  if (n_unread == 0 && meet->n_unread > 0)
    {
      forget_message (meet);
      withdraw_item (self, SIGHEJ_ALERT_MESSAGE, number, &meet->message_shown);
    }
  meet->n_unread = n_unread;
  tell_meet (self, meet);
}

void
sighej_herald_drop_meet (SighejHerald *self, guint64 number)
{
  Meet *meet = find_meet (self, number);

  if (meet == NULL)
    return;

  withdraw_item (self, SIGHEJ_ALERT_MEET, number, &meet->shown);
  withdraw_item (self, SIGHEJ_ALERT_MESSAGE, number, &meet->message_shown);
  g_ptr_array_remove (self->meets, meet);
}

void
sighej_herald_take_message (SighejHerald *self, guint64 number, const char *from, const char *text)
{
  Meet *meet = find_meet (self, number);

  if (meet == NULL)
    return;

  forget_message (meet);
  meet->from = g_strdup (from);
  meet->text = g_strdup (text);
  tell_message (self, meet);
}

/* ---- how things are ---- */

static gboolean
is_on (SighejState state)
{
  return state != SIGHEJ_STATE_OFF && state != SIGHEJ_STATE_CLOSING;
}

static void
withdraw_open (SighejHerald *self)
{
  sighej_clock_clear (self->clock, &self->open_wait_id);
  if (self->open != NULL && !self->open_dismissed)
    withdraw (self, SIGHEJ_ALERT_OPEN, 0);
  g_clear_pointer (&self->open, sighej_bulletin_free);
}

static gboolean on_open_wait_over (gpointer user_data);

/* What stands in the way may come and go; what the person did is shown at once. */
static gboolean
may_replace_open (SighejHerald *self)
{
  gint64 again_us = self->open_told_us + OPEN_TOLD_US;

  if (self->open == NULL || self->presence.state != SIGHEJ_STATE_WAITING
      || sighej_clock_now_us (self->clock) >= again_us)
    return TRUE;

  self->open_wait_id = sighej_clock_add_at (self->clock, again_us, on_open_wait_over, self);
  return FALSE;
}

static void
update_open (SighejHerald *self)
{
  const SighejHeraldPresence *presence = &self->presence;
  g_autoptr (SighejBulletin) wanted = NULL;

  if (!self->keeping || !is_on (presence->state))
    {
      withdraw_open (self);
      self->open_dismissed &= is_on (presence->state);
      return;
    }
  if (self->open_dismissed)
    return;

  wanted = sighej_bulletin_new_open (
      presence->state, presence->reason, presence->open_until_s, presence->paused_until_s);
  sighej_clock_clear (self->clock, &self->open_wait_id);
  if (self->open != NULL && g_str_equal (self->open->title, wanted->title)
      && g_str_equal (self->open->body, wanted->body))
    return;
  if (!may_replace_open (self))
    return;

  g_clear_pointer (&self->open, sighej_bulletin_free);
  self->open = g_steal_pointer (&wanted);
  self->open_told_us = sighej_clock_now_us (self->clock);
  g_signal_emit (self, signals[SHOW], 0, self->open);
}

static gboolean
on_open_wait_over (gpointer user_data)
{
  SighejHerald *self = SIGHEJ_HERALD (user_data);

  self->open_wait_id = 0;
  update_open (self);
  return G_SOURCE_REMOVE;
}

static gboolean on_nearby_wait_over (gpointer user_data);

static void
withdraw_nearby (SighejHerald *self)
{
  if (!self->nearby_shown)
    return;

  self->nearby_shown = FALSE;
  withdraw (self, SIGHEJ_ALERT_NEARBY, 0);
}

static void
update_nearby (SighejHerald *self)
{
  guint nearby = self->presence.state == SIGHEJ_STATE_OPEN ? self->presence.nearby : 0;
  gboolean may = self->speaking && self->presence.notify_nearby
                 && sighej_quiet_judge (SIGHEJ_ALERT_NEARBY, &self->facts) != SIGHEJ_QUIET_NONE;
  gint64 again_us;

  sighej_clock_clear (self->clock, &self->nearby_wait_id);
  if (sighej_nearby_pace_step (
          &self->pace, nearby, may, sighej_clock_now_us (self->clock), &again_us))
    {
      self->nearby_shown = TRUE;
      show (self, sighej_bulletin_new_nearby (nearby));
    }
  else if (again_us != 0)
    self->nearby_wait_id = sighej_clock_add_at (self->clock, again_us, on_nearby_wait_over, self);

  if (nearby == 0 || !may)
    withdraw_nearby (self);
}

static gboolean
on_nearby_wait_over (gpointer user_data)
{
  SighejHerald *self = SIGHEJ_HERALD (user_data);

  self->nearby_wait_id = 0;
  update_nearby (self);
  return G_SOURCE_REMOVE;
}

/* An opening has begun or ended. */
static void
update_expired (SighejHerald *self)
{
  gboolean on = is_on (self->presence.state);

  if (on && self->expired_shown)
    {
      self->expired_shown = FALSE;
      withdraw (self, SIGHEJ_ALERT_EXPIRED, 0);
    }
  if (on)
    self->was_on = TRUE;
  if (!self->was_on || self->presence.state != SIGHEJ_STATE_OFF)
    return;

  self->was_on = FALSE;
  if (self->speaking && self->presence.reason == SIGHEJ_REASON_EXPIRED
      && sighej_quiet_judge (SIGHEJ_ALERT_EXPIRED, &self->facts) != SIGHEJ_QUIET_NONE)
    {
      self->expired_shown = TRUE;
      show (self, sighej_bulletin_new_expired ());
    }
}

/* ---- facts ---- */

/* What was kept back may come now. */
static void
tell_all (SighejHerald *self)
{
  for (guint i = 0; i < self->nudges->len; i++)
    tell_nudge (self, g_ptr_array_index (self->nudges, i));
  for (guint i = 0; i < self->meets->len; i++)
    {
      tell_meet (self, g_ptr_array_index (self->meets, i));
      tell_message (self, g_ptr_array_index (self->meets, i));
    }
  update_nearby (self);
}

void
sighej_herald_set_presence (SighejHerald *self, const SighejHeraldPresence *presence)
{
  gboolean was_quiet = self->facts.quiet_hours;

  self->presence = *presence;
  self->facts.quiet_hours = presence->reason == SIGHEJ_REASON_QUIET_HOURS;
  update_open (self);
  update_expired (self);
  if (was_quiet != self->facts.quiet_hours)
    tell_all (self);
  else
    update_nearby (self);
}

void
sighej_herald_set_desk (SighejHerald *self, gboolean dnd, gboolean locked, gboolean watched)
{
  SighejQuietFacts *facts = &self->facts;

  if (facts->dnd == dnd && facts->locked == locked && facts->watched == watched)
    return;

  facts->dnd = dnd;
  facts->locked = locked;
  facts->watched = watched;
  tell_all (self);
}

void
sighej_herald_set_speaking (SighejHerald *self, gboolean speaking, gboolean keeping)
{
  if (self->speaking == speaking && self->keeping == keeping)
    return;

  self->speaking = speaking;
  self->keeping = keeping;
  update_open (self);
  tell_all (self);
}

void
sighej_herald_dismissed (SighejHerald *self, const char *id)
{
  for (guint i = 0; i < self->nudges->len; i++)
    {
      Nudge *nudge = g_ptr_array_index (self->nudges, i);
      g_autofree char *own = sighej_bulletin_dup_id (SIGHEJ_ALERT_NUDGE, nudge->number);

      if (g_str_equal (id, own))
        nudge->shown = SIGHEJ_QUIET_NONE;
    }
  for (guint i = 0; i < self->meets->len; i++)
    {
      Meet *meet = g_ptr_array_index (self->meets, i);
      g_autofree char *own = sighej_bulletin_dup_id (SIGHEJ_ALERT_MEET, meet->number);
      g_autofree char *said = sighej_bulletin_dup_id (SIGHEJ_ALERT_MESSAGE, meet->number);

      if (g_str_equal (id, own))
        meet->shown = SIGHEJ_QUIET_NONE;
      if (g_str_equal (id, said))
        meet->message_shown = SIGHEJ_QUIET_NONE;
    }
  if (g_str_equal (id, "open"))
    self->open_dismissed = TRUE;
  if (g_str_equal (id, "nearby"))
    self->nearby_shown = FALSE;
  if (g_str_equal (id, "expired"))
    self->expired_shown = FALSE;
}

SighejHerald *
sighej_herald_new (SighejClock *clock)
{
  SighejHerald *self = g_object_new (SIGHEJ_TYPE_HERALD, NULL);

  self->clock = g_object_ref (clock);
  return self;
}
