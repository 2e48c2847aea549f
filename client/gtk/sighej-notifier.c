/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-notifier.h"

#include "sighej-desk.h"
#include "sighej-enum-types.h"
#include "sighej-herald.h"
#include "sighej-names.h"

#define SETTING_NUDGES "notify-nudges"

struct _SighejNotifier
{
  GObject parent_instance;

  GtkApplication *application; /* weak */
  SighejModel *model;
  SighejDesk *desk;
  SighejHerald *herald;
  SighejClient *client; /* whose messages are followed */
  gboolean was_present;
  gboolean stopped;
  GArray *nudges; /* guint: what the herald was told of */
  GArray *meets;
};

G_DEFINE_FINAL_TYPE (SighejNotifier, sighej_notifier, G_TYPE_OBJECT)

static void
sighej_notifier_init (SighejNotifier *self)
{
  self->nudges = g_array_new (FALSE, FALSE, sizeof (guint));
  self->meets = g_array_new (FALSE, FALSE, sizeof (guint));
}

static void
sighej_notifier_dispose (GObject *object)
{
  SighejNotifier *self = SIGHEJ_NOTIFIER (object);

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_clear_object (&self->client);
  g_clear_object (&self->herald);
  g_clear_object (&self->desk);
  g_clear_object (&self->model);
  g_clear_weak_pointer (&self->application);

  G_OBJECT_CLASS (sighej_notifier_parent_class)->dispose (object);
}

static void
sighej_notifier_finalize (GObject *object)
{
  SighejNotifier *self = SIGHEJ_NOTIFIER (object);

  g_array_unref (self->nudges);
  g_array_unref (self->meets);

  G_OBJECT_CLASS (sighej_notifier_parent_class)->finalize (object);
}

static void
sighej_notifier_class_init (SighejNotifierClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->dispose = sighej_notifier_dispose;
  object_class->finalize = sighej_notifier_finalize;
}

/* ---- sending ---- */

/*
 * GLib hands a body to the notification server as it is, and many servers read markup in it. What
 * another person wrote shall make no links or pictures there, and escaped it would look odd where
 * none is read: so the brackets become others that look alike.
 */
static char *
dup_harmless (const char *text)
{
  GString *harmless = g_string_new (text);

  g_string_replace (harmless, "<", "‹", 0);
  g_string_replace (harmless, ">", "›", 0);
  return g_string_free (harmless, FALSE);
}

static void
add_button (GNotification *notification,
            const SighejBulletin *bulletin,
            const SighejBulletinButton *button)
{
  guint32 number = (guint32) bulletin->number;

  if (g_str_equal (button->action, "wave"))
    g_notification_add_button_with_target (notification, button->label, "app.wave", "u", number);
  else if (g_str_equal (button->action, "not-now"))
    g_notification_add_button_with_target (notification, button->label, "app.not-now", "u", number);
  else if (g_str_equal (button->action, "close"))
    g_notification_add_button (notification, button->label, "app.close-session");
  else if (g_str_equal (button->action, "open"))
    g_notification_add_button (notification, button->label, "app.open");
}

/* Whether the person wants to be told of nudges (preferences). */
static gboolean
wants_nudges (SighejNotifier *self)
{
  GSettings *settings = sighej_model_get_settings (self->model);

  return settings == NULL || g_settings_get_boolean (settings, SETTING_NUDGES);
}

static void
on_show (SighejNotifier *self, const SighejBulletin *bulletin)
{
  g_autoptr (GNotification) notification = g_notification_new (bulletin->title);
  g_autoptr (GIcon) icon = g_themed_icon_new (SIGHEJ_CLIENT_NAME);
  g_autofree char *harmless = dup_harmless (bulletin->body);

  if (self->application == NULL || (bulletin->alert == SIGHEJ_ALERT_NUDGE && !wants_nudges (self)))
    return;

  g_notification_set_body (notification, bulletin->is_message ? harmless : bulletin->body);
  g_notification_set_icon (notification, icon);
  g_notification_set_priority (notification,
                               sighej_bulletin_is_low (bulletin) ? G_NOTIFICATION_PRIORITY_LOW
                                                                 : G_NOTIFICATION_PRIORITY_NORMAL);
  if (bulletin->alert == SIGHEJ_ALERT_NUDGE)
    g_notification_set_default_action_and_target (
        notification, "app.show-nudge", "u", (guint32) bulletin->number);
  for (guint i = 0; i < bulletin->n_buttons; i++)
    add_button (notification, bulletin, &bulletin->buttons[i]);
  g_application_send_notification (G_APPLICATION (self->application), bulletin->id, notification);
}

static void
on_withdraw (SighejNotifier *self, const char *id)
{
  if (self->application != NULL)
    g_application_withdraw_notification (G_APPLICATION (self->application), id);
}

/* Nobody waits for the answer: the nudge may have gone meanwhile. */
static void
on_announced (SighejNotifier *self, guint64 number)
{
  g_autoptr (SighejDBusNudge1) nudge = NULL;

  if (self->client != NULL)
    nudge = sighej_client_dup_nudge (self->client, (guint) number);
  if (nudge != NULL)
    g_dbus_proxy_call (
        G_DBUS_PROXY (nudge),
        "org.freedesktop.DBus.Properties.Set",
        g_variant_new ("(ssv)", "org.sighej.Nudge1", "Announced", g_variant_new_boolean (TRUE)),
        G_DBUS_CALL_FLAGS_NO_AUTO_START,
        SIGHEJ_MODEL_CALL_TIMEOUT_MS,
        NULL,
        NULL,
        NULL);
}

/* ---- what there is to tell ---- */

static void
put_nudge (SighejNotifier *self, guint id)
{
  g_autoptr (SighejDBusNudge1) nudge = sighej_client_dup_nudge (self->client, id);
  const char *word = nudge != NULL ? sighej_dbus_nudge1_get_state (nudge) : NULL;
  const char *const *shared
      = nudge != NULL ? sighej_dbus_nudge1_get_shared_interests (nudge) : NULL;
  int state;

  if (word == NULL || shared == NULL
      || !sighej_enum_from_nick (SIGHEJ_TYPE_NUDGE_STATE, word, &state))
    return;

  sighej_herald_put_nudge (
      self->herald, id, (SighejNudgeState) state, shared, sighej_dbus_nudge1_get_announced (nudge));
}

static void
put_meet (SighejNotifier *self, guint id, gboolean is_old)
{
  g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (self->client, id);
  const char *cue = meet != NULL ? sighej_dbus_meet1_get_cue (meet) : NULL;

  if (cue != NULL)
    sighej_herald_put_meet (self->herald, id, cue, sighej_dbus_meet1_get_unread (meet), is_old);
}

static gboolean
contains (const GArray *ids, guint id)
{
  for (guint i = 0; i < ids->len; i++)
    if (g_array_index (ids, guint, i) == id)
      return TRUE;
  return FALSE;
}

/* Drops what is no longer there, and takes @now for what is. */
static void
replace (SighejNotifier *self,
         GArray **ids,
         GArray *now,
         void (*drop) (SighejHerald *herald, guint64 number))
{
  for (guint i = 0; i < (*ids)->len; i++)
    {
      guint id = g_array_index (*ids, guint, i);

      if (!contains (now, id))
        drop (self->herald, id);
    }
  g_array_unref (*ids);
  *ids = now;
}

static void
follow_people (SighejNotifier *self, gboolean present)
{
  gboolean is_old = !self->was_present;
  GArray *nudges = present ? sighej_client_dup_nudge_ids (self->client)
                           : g_array_new (FALSE, FALSE, sizeof (guint));
  GArray *meets = present ? sighej_client_dup_meet_ids (self->client)
                          : g_array_new (FALSE, FALSE, sizeof (guint));

  self->was_present = present;
  replace (self, &self->nudges, nudges, sighej_herald_drop_nudge);
  replace (self, &self->meets, meets, sighej_herald_drop_meet);
  for (guint i = 0; i < nudges->len; i++)
    put_nudge (self, g_array_index (nudges, guint, i));
  for (guint i = 0; i < meets->len; i++)
    put_meet (self, g_array_index (meets, guint, i), is_old);
}

static void
follow_presence (SighejNotifier *self)
{
  const SighejScreenFacts *facts = sighej_model_get_facts (self->model);
  SighejDBusManager1 *manager = sighej_model_get_manager (self->model);
  const SighejHeraldPresence presence = {
    .state = facts->state,
    .reason = facts->reason,
    .open_until_s = facts->open_until,
    .paused_until_s = facts->paused_until,
    .notify_nearby = manager != NULL && sighej_dbus_manager1_get_notify_nearby (manager),
    .nearby = facts->nearby,
  };

  sighej_herald_set_presence (self->herald, &presence);
}

static void
follow_desk (SighejNotifier *self)
{
  const SighejScreenFacts *facts = sighej_model_get_facts (self->model);
  /* The login manager knows of locks that no screen saver tells; the daemon follows it. */
  gboolean locked = facts->present && facts->reason == SIGHEJ_REASON_LOCKED;

  sighej_herald_set_desk (self->herald,
                          sighej_desk_get_dnd (self->desk),
                          locked || sighej_desk_get_locked (self->desk),
                          sighej_desk_get_watched (self->desk));
  sighej_herald_set_speaking (
      self->herald, !self->stopped, !self->stopped && sighej_desk_get_keeps (self->desk));
}

static void on_message (SighejNotifier *self, guint id, guint64 number, const char *text);

static void
follow_client (SighejNotifier *self)
{
  SighejClient *client = sighej_model_get_client (self->model);

  if (client == self->client)
    return;

  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_set_object (&self->client, client);
  if (client != NULL)
    g_signal_connect_object (client, "message", G_CALLBACK (on_message), self, G_CONNECT_SWAPPED);
}

static void
on_changed (SighejNotifier *self)
{
  gboolean present = sighej_model_get_facts (self->model)->present;

  follow_client (self);
  follow_desk (self);
  follow_presence (self);
  follow_people (self, present && self->client != NULL);
}

static void
on_message (SighejNotifier *self, guint id, guint64 number, const char *text)
{
  g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (self->client, id);
  const char *from = meet != NULL ? sighej_dbus_meet1_get_peer_handle (meet) : NULL;

  if (from == NULL)
    return;

  on_changed (self); /* the meet may be as new as this */
  sighej_herald_take_message (self->herald, id, from, text);
}

/* What a button came to is told by a toast, where a window is there to show it. */
static void
on_error (SighejNotifier *self, const char *sentence, const char *next_step)
{
  g_autoptr (SighejBulletin) bulletin = NULL;

  if (self->application == NULL || gtk_application_get_windows (self->application) != NULL)
    return;

  bulletin = sighej_bulletin_new_failure (sentence);
  on_show (self, bulletin);
}

/* ---- public ---- */

SighejNotifier *
sighej_notifier_new (GtkApplication *application, SighejModel *model)
{
  SighejNotifier *self = g_object_new (SIGHEJ_TYPE_NOTIFIER, NULL);
  g_autoptr (SighejClock) clock = sighej_clock_new_system ();

  g_set_weak_pointer (&self->application, application);
  self->model = g_object_ref (model);
  self->desk = sighej_desk_new (application);
  self->herald = sighej_herald_new (clock);
  g_signal_connect_object (self->herald, "show", G_CALLBACK (on_show), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->herald, "withdraw", G_CALLBACK (on_withdraw), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->herald, "announced", G_CALLBACK (on_announced), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (
      self->desk, "changed", G_CALLBACK (follow_desk), self, G_CONNECT_SWAPPED);
  follow_desk (self);
  g_signal_connect_object (model, "changed", G_CALLBACK (on_changed), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (model, "error", G_CALLBACK (on_error), self, G_CONNECT_SWAPPED);
  return self;
}

void
sighej_notifier_stop (SighejNotifier *self)
{
  self->stopped = TRUE;
  follow_desk (self);
}
