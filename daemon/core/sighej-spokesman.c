/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-spokesman.h"

#include <string.h>

#include "sighej-client-watch.h"
#include "sighej-herald.h"
#include "sighej-locale.h"
#include "sighej-notifier.h"
#include "sighej-words.h"

struct _SighejSpokesman
{
  GObject parent_instance;

  SighejPerson *person;
  SighejCore *core; /* the same */
  SighejHerald *herald;
  SighejNotifier *notifier;
  SighejClientWatch *client;
  gboolean was_open;
};

G_DEFINE_FINAL_TYPE (SighejSpokesman, sighej_spokesman, G_TYPE_OBJECT)

static void
sighej_spokesman_init (SighejSpokesman *self)
{
}

static void
sighej_spokesman_dispose (GObject *object)
{
  SighejSpokesman *self = SIGHEJ_SPOKESMAN (object);

  if (self->notifier != NULL)
    sighej_notifier_withdraw_all (self->notifier);
  g_clear_object (&self->notifier);
  g_clear_object (&self->herald);
  g_clear_object (&self->client);
  g_clear_object (&self->person);

  G_OBJECT_CLASS (sighej_spokesman_parent_class)->dispose (object);
}

static void
sighej_spokesman_class_init (SighejSpokesmanClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_spokesman_dispose;
}

/* ---- what there is to tell ---- */

static void
follow_presence (SighejSpokesman *self)
{
  SighejPresence *presence = sighej_core_get_presence (self->core);
  gboolean is_open = sighej_presence_get_wanted (presence);
  const SighejHeraldPresence facts = {
    .state = sighej_presence_get_state (presence),
    .reason = sighej_presence_get_reason (presence),
    .open_until_s = sighej_presence_get_open_until_s (presence),
    .paused_until_s = sighej_presence_get_paused_until_s (presence),
    .notify_nearby
    = sighej_preferences_get_notify_nearby (sighej_core_get_preferences (self->core)),
    .nearby = sighej_sightings_get_nearby (sighej_person_get_sightings (self->person)),
  };

  if (is_open && !self->was_open)
    sighej_client_watch_start (self->client);
  self->was_open = is_open;
  sighej_herald_set_presence (self->herald, &facts);
}

static void
follow_desk (SighejSpokesman *self)
{
  sighej_herald_set_desk (self->herald,
                          sighej_notifier_get_dnd (self->notifier),
                          sighej_host_get_locked (sighej_core_get_host (self->core)),
                          FALSE);
}

static void
follow_client (SighejSpokesman *self)
{
  sighej_herald_set_speaking (self->herald,
                              sighej_client_watch_get_absent (self->client),
                              sighej_client_watch_get_keepless (self->client));
}

static void
on_nudge (SighejSpokesman *self, const SighejNudge *nudge)
{
  sighej_herald_put_nudge (self->herald,
                           nudge->number,
                           nudge->state,
                           (const char *const *) nudge->shared_interests,
                           nudge->announced);
}

static void
on_nudge_removed (SighejSpokesman *self, const SighejNudge *nudge)
{
  sighej_herald_drop_nudge (self->herald, nudge->number);
}

static void
on_meet (SighejSpokesman *self, const SighejMeet *meet)
{
  if (sighej_meet_is_over (meet))
    sighej_herald_drop_meet (self->herald, meet->number);
  else
    sighej_herald_put_meet (self->herald, meet->number, meet->cue, meet->n_unread, FALSE);
}

static void
on_meet_removed (SighejSpokesman *self, const SighejMeet *meet)
{
  sighej_herald_drop_meet (self->herald, meet->number);
}

static void
on_message (SighejSpokesman *self, const SighejMeet *meet, const SighejMeetMessage *message)
{
  sighej_herald_take_message (self->herald, meet->number, meet->peer_handle, message->text);
}

/* ---- telling ---- */

static void
on_announced (SighejSpokesman *self, guint64 number)
{
  sighej_encounters_set_announced (sighej_person_get_encounters (self->person), number, TRUE);
}

static void
fail (SighejSpokesman *self, GError *error)
{
  g_auto (SighejLocaleScope) scope G_GNUC_UNUSED = sighej_locale_enter ();
  g_autofree char *clause = sighej_words_dup_error (error);
  g_autoptr (SighejBulletin) bulletin = sighej_bulletin_new_failure (clause);

  sighej_notifier_show (self->notifier, bulletin);
  g_error_free (error);
}

static void
on_waved (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejSpokesman) self = user_data;
  GError *error = NULL;

  if (!sighej_meets_act_finish (SIGHEJ_MEETS (source), result, &error) && self->notifier != NULL)
    fail (self, g_steal_pointer (&error));
  g_clear_error (&error);
}

static void
on_core_closed (GObject *source, GAsyncResult *result, gpointer user_data)
{
  sighej_core_close_finish (SIGHEJ_CORE (source), result);
}

static guint64
number_of (const char *id)
{
  const char *dash = strrchr (id, '-');

  return dash != NULL ? g_ascii_strtoull (dash + 1, NULL, 10) : 0;
}

static void
on_action (SighejSpokesman *self, const char *id, const char *action)
{
  SighejMeets *meets = sighej_person_get_meets (self->person);
  GError *error = NULL;

  if (g_str_equal (action, "wave"))
    sighej_meets_wave_async (meets, number_of (id), on_waved, g_object_ref (self));
  else if (g_str_equal (action, "not-now"))
    sighej_meets_not_now (meets, number_of (id), &error);
  else if (g_str_equal (action, "close"))
    sighej_core_close_async (self->core, on_core_closed, NULL);
  else if (g_str_equal (action, "open"))
    sighej_core_open (self->core, 0, &error);

  if (error != NULL)
    fail (self, error);
}

/* ---- public ---- */

static void
follow (SighejSpokesman *self, gpointer part, const char *signal, GCallback callback)
{
  g_signal_connect_object (part, signal, callback, self, G_CONNECT_SWAPPED);
}

static void
follow_core (SighejSpokesman *self)
{
  SighejCore *core = self->core;
  SighejEncounters *encounters = sighej_person_get_encounters (self->person);
  SighejMeets *meets = sighej_person_get_meets (self->person);

  follow (self, sighej_core_get_presence (core), "changed", G_CALLBACK (follow_presence));
  follow (self,
          sighej_person_get_sightings (self->person),
          "nearby-changed",
          G_CALLBACK (follow_presence));
  follow (self,
          sighej_core_get_preferences (core),
          "changed::notify-nearby",
          G_CALLBACK (follow_presence));
  follow (self, sighej_core_get_host (core), "changed", G_CALLBACK (follow_desk));
  follow (self, encounters, "added", G_CALLBACK (on_nudge));
  follow (self, encounters, "changed", G_CALLBACK (on_nudge));
  follow (self, encounters, "removed", G_CALLBACK (on_nudge_removed));
  follow (self, meets, "added", G_CALLBACK (on_meet));
  follow (self, meets, "changed", G_CALLBACK (on_meet));
  follow (self, meets, "removed", G_CALLBACK (on_meet_removed));
  follow (self, meets, "message", G_CALLBACK (on_message));
}

SighejSpokesman *
sighej_spokesman_new (SighejPerson *person, GDBusConnection *bus)
{
  SighejSpokesman *self = g_object_new (SIGHEJ_TYPE_SPOKESMAN, NULL);

  self->person = g_object_ref (person);
  self->core = SIGHEJ_CORE (person);
  self->herald = sighej_herald_new (sighej_core_get_clock (self->core));
  self->notifier = sighej_notifier_new (bus);
  self->client = sighej_client_watch_new (bus);

  g_signal_connect_object (
      self->herald, "show", G_CALLBACK (sighej_notifier_show), self->notifier, G_CONNECT_SWAPPED);
  g_signal_connect_object (self->herald,
                           "withdraw",
                           G_CALLBACK (sighej_notifier_withdraw),
                           self->notifier,
                           G_CONNECT_SWAPPED);
  follow (self, self->herald, "announced", G_CALLBACK (on_announced));
  follow (self, self->notifier, "action", G_CALLBACK (on_action));
  follow (self, self->notifier, "dnd-changed", G_CALLBACK (follow_desk));
  g_signal_connect_object (self->notifier,
                           "dismissed",
                           G_CALLBACK (sighej_herald_dismissed),
                           self->herald,
                           G_CONNECT_SWAPPED);
  follow (self, self->client, "changed", G_CALLBACK (follow_client));
  follow_core (self);
  follow_presence (self);
  follow_desk (self);
  return self;
}
