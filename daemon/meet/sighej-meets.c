/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-meets.h"

struct _SighejMeets
{
  GObject parent_instance;

  SighejClock *clock;
  SighejLink *link;
  SighejEncounters *encounters;
  SighejSightings *sightings;

  GPtrArray *live; /* SighejMeet*, oldest first */
};

G_DEFINE_FINAL_TYPE (SighejMeets, sighej_meets, G_TYPE_OBJECT)

enum
{
  ADDED,
  CHANGED,
  REMOVED,
  MESSAGE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
sighej_meets_init (SighejMeets *self)
{
  self->live = g_ptr_array_new ();
}

static void
sighej_meets_dispose (GObject *object)
{
  SighejMeets *self = SIGHEJ_MEETS (object);

  g_clear_object (&self->sightings);
  g_clear_object (&self->encounters);
  g_clear_object (&self->link);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_meets_parent_class)->dispose (object);
}

static void
sighej_meets_finalize (GObject *object)
{
  g_ptr_array_unref (SIGHEJ_MEETS (object)->live);

  G_OBJECT_CLASS (sighej_meets_parent_class)->finalize (object);
}

static void
sighej_meets_class_init (SighejMeetsClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GType type = G_TYPE_FROM_CLASS (klass);
  static const char *const names[] = { "added", "changed", "removed" };

  object_class->dispose = sighej_meets_dispose;
  object_class->finalize = sighej_meets_finalize;

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    signals[ADDED + i] = g_signal_new (
        names[i], type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
  signals[MESSAGE] = g_signal_new ("message",
                                   type,
                                   G_SIGNAL_RUN_LAST,
                                   0,
                                   NULL,
                                   NULL,
                                   NULL,
                                   G_TYPE_NONE,
                                   2,
                                   G_TYPE_POINTER,
                                   G_TYPE_POINTER);
}

SighejMeets *
sighej_meets_new (SighejClock *clock,
                  SighejLink *link,
                  SighejEncounters *encounters,
                  SighejSightings *sightings)
{
  SighejMeets *self = g_object_new (SIGHEJ_TYPE_MEETS, NULL);

  self->clock = g_object_ref (clock);
  self->link = g_object_ref (link);
  self->encounters = g_object_ref (encounters);
  self->sightings = g_object_ref (sightings);
  return self;
}

guint
sighej_meets_get_n_live (SighejMeets *self)
{
  return self->live->len;
}

const SighejMeet *
sighej_meets_get_nth (SighejMeets *self, guint i)
{
  g_return_val_if_fail (i < self->live->len, NULL);

  return g_ptr_array_index (self->live, i);
}

const SighejMeet *
sighej_meets_get (SighejMeets *self, guint64 number)
{
  for (guint i = 0; i < self->live->len; i++)
    if (sighej_meets_get_nth (self, i)->number == number)
      return sighej_meets_get_nth (self, i);
  return NULL;
}

const SighejMeet *
sighej_meets_get_of_nudge (SighejMeets *self, guint64 nudge)
{
  for (guint i = 0; nudge != 0 && i < self->live->len; i++)
    if (sighej_meets_get_nth (self, i)->nudge == nudge)
      return sighej_meets_get_nth (self, i);
  return NULL;
}
