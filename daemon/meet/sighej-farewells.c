/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-farewells.h"

#include "sighej-crypto.h"
#include "sighej-error.h"

#define FAREWELL_US ((gint64) SIGHEJ_FAREWELL_SECONDS * G_USEC_PER_SEC)
/* When the backend was too busy. */
#define RETRY_US ((gint64) G_USEC_PER_SEC)

typedef struct
{
  guint64 number;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  SighejMeetAct act;
  char *ticket;
  gint64 until_us;
  gboolean on_way;
} Farewell;

struct _SighejFarewells
{
  GObject parent_instance;

  SighejClock *clock;
  SighejLinkMeets *line;
  GQueue waiting; /* of Farewell, oldest first */
  guint64 last_number;
  guint retry_wait;
};

typedef struct
{
  SighejFarewells *farewells;
  guint64 number;
} Said;

static guint told_signal;

G_DEFINE_FINAL_TYPE (SighejFarewells, sighej_farewells, G_TYPE_OBJECT)

static void
farewell_free (gpointer data)
{
  Farewell *farewell = data;

  sighej_wipe_free_string (farewell->ticket);
  g_free (farewell);
}

static void
sighej_farewells_init (SighejFarewells *self)
{
  g_queue_init (&self->waiting);
}

void
sighej_farewells_clear (SighejFarewells *self)
{
  g_queue_clear_full (&self->waiting, farewell_free);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->retry_wait);
}

static void
sighej_farewells_dispose (GObject *object)
{
  SighejFarewells *self = SIGHEJ_FAREWELLS (object);

  sighej_farewells_clear (self);
  g_clear_object (&self->line);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_farewells_parent_class)->dispose (object);
}

static void
sighej_farewells_class_init (SighejFarewellsClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_farewells_dispose;

  told_signal = g_signal_new (
      "told", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static GList *
find (SighejFarewells *self, guint64 number, const char *nudge_id)
{
  for (GList *link = self->waiting.head; link != NULL; link = link->next)
    {
      const Farewell *farewell = link->data;

      if (farewell->number == number || g_strcmp0 (farewell->nudge_id, nudge_id) == 0)
        return link;
    }
  return NULL;
}

static void
forget (SighejFarewells *self, GList *link)
{
  if (link == NULL)
    return;

  farewell_free (link->data);
  g_queue_delete_link (&self->waiting, link);
}

static void tell_all (SighejFarewells *self);

static gboolean
on_retry (gpointer user_data)
{
  SighejFarewells *self = user_data;

  self->retry_wait = 0;
  tell_all (self);
  return G_SOURCE_REMOVE;
}

/* The backend has it, or knows nothing of it, unless it was not reached or too busy. */
static void
settle (SighejFarewells *self, GList *link, const GError *error)
{
  ((Farewell *) link->data)->on_way = FALSE;
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE))
    return;
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED)
      || g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE))
    {
      if (self->retry_wait == 0)
        self->retry_wait = sighej_clock_add (self->clock, RETRY_US, on_retry, self);
      return;
    }
  forget (self, link);
}

static void
on_told (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  g_autofree Said *said = user_data;
  g_autoptr (SighejFarewells) self = said->farewells;
  GList *link = find (self, said->number, NULL);

  if (link != NULL)
    settle (self, link, error);
  if (!sighej_farewells_get_telling (self))
    g_signal_emit (self, told_signal, 0);
}

static void
tell_one (SighejFarewells *self, Farewell *farewell)
{
  SighejWireMeet message = { .act = farewell->act, .ticket = farewell->ticket };
  Said *said;

  if (farewell->on_way)
    return;

  g_strlcpy (message.nudge_id, farewell->nudge_id, sizeof message.nudge_id);
  said = g_new0 (Said, 1);
  said->farewells = g_object_ref (self);
  said->number = farewell->number;
  farewell->on_way = sighej_link_meets_ask (self->line, &message, on_told, said, NULL);
  if (!farewell->on_way)
    {
      g_object_unref (self);
      g_free (said);
    }
}

static void
tell_all (SighejFarewells *self)
{
  gint64 now_us = sighej_clock_now_us (self->clock);
  const Farewell *oldest;

  while ((oldest = g_queue_peek_head (&self->waiting)) != NULL && oldest->until_us <= now_us)
    forget (self, self->waiting.head);
  for (GList *link = self->waiting.head; link != NULL; link = link->next)
    tell_one (self, link->data);
}

SighejFarewells *
sighej_farewells_new (SighejClock *clock, SighejLinkMeets *line)
{
  SighejFarewells *self = g_object_new (SIGHEJ_TYPE_FAREWELLS, NULL);

  self->clock = g_object_ref (clock);
  self->line = g_object_ref (line);
  g_signal_connect_object (line, "online", G_CALLBACK (tell_all), self, G_CONNECT_SWAPPED);
  return self;
}

void
sighej_farewells_take_back (SighejFarewells *self, const char *nudge_id)
{
  forget (self, find (self, 0, nudge_id));
}

void
sighej_farewells_say (SighejFarewells *self,
                      const char *nudge_id,
                      SighejMeetAct act,
                      const char *ticket)
{
  Farewell *farewell = g_new0 (Farewell, 1);

  sighej_farewells_take_back (self, nudge_id);
  if (g_queue_get_length (&self->waiting) == SIGHEJ_FAREWELLS_MAX)
    forget (self, self->waiting.head);
  farewell->number = ++self->last_number;
  g_strlcpy (farewell->nudge_id, nudge_id, sizeof farewell->nudge_id);
  farewell->act = act;
  farewell->ticket = g_strdup (ticket);
  farewell->until_us = sighej_clock_now_us (self->clock) + FAREWELL_US;
  g_queue_push_tail (&self->waiting, farewell);
  tell_one (self, farewell);
}

gboolean
sighej_farewells_get_telling (SighejFarewells *self)
{
  for (GList *link = self->waiting.head; link != NULL; link = link->next)
    if (((const Farewell *) link->data)->on_way)
      return TRUE;
  return FALSE;
}
