/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-host"

#include "config.h"

#include "sighej-notifier.h"

#include "sighej-names.h"

#define NAME "org.freedesktop.Notifications"
#define PATH "/org/freedesktop/Notifications"
#define INTERFACE "org.freedesktop.Notifications"
#define PROPERTIES "org.freedesktop.DBus.Properties"
#define APPLICATION_NAME "SigHej"

#define URGENCY_LOW 0
#define URGENCY_NORMAL 1
#define EXPIRES_BY_SERVER (-1)
#define EXPIRES_NEVER 0

typedef struct
{
  char *id;
  SighejBulletin *bulletin; /* NULL: withdrawn while it was being sent */
  guint32 number;           /* the server's; 0: not sent */
  gboolean sending;
  gboolean due; /* to be sent, once more if it is being sent */
} Notice;

struct _SighejNotifier
{
  GObject parent_instance;

  GDBusConnection *bus;
  GCancellable *cancellable;
  guint watch_id;
  guint signals_id;
  guint properties_id;

  /* What the server is and says. */
  gboolean present;
  guint generation; /* another one has another */
  gboolean known;   /* its capabilities were read */
  gboolean reading;
  gboolean has_actions;
  gboolean has_persistence;
  gboolean has_markup;
  gboolean dnd;

  GPtrArray *notices; /* Notice*, the oldest first */
  guint send_id;
};

G_DEFINE_FINAL_TYPE (SighejNotifier, sighej_notifier, G_TYPE_OBJECT)

enum
{
  ACTION,
  DISMISSED,
  DND_CHANGED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

static void
notice_free (gpointer data)
{
  Notice *notice = data;

  g_free (notice->id);
  g_clear_pointer (&notice->bulletin, sighej_bulletin_free);
  g_free (notice);
}

static void
sighej_notifier_init (SighejNotifier *self)
{
  self->cancellable = g_cancellable_new ();
  self->notices = g_ptr_array_new_with_free_func (notice_free);
}

static void
unsubscribe (SighejNotifier *self, guint *id)
{
  if (*id != 0)
    g_dbus_connection_signal_unsubscribe (self->bus, *id);
  *id = 0;
}

static void
sighej_notifier_dispose (GObject *object)
{
  SighejNotifier *self = SIGHEJ_NOTIFIER (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_handle_id (&self->watch_id, g_bus_unwatch_name);
  g_clear_handle_id (&self->send_id, g_source_remove);
  unsubscribe (self, &self->signals_id);
  unsubscribe (self, &self->properties_id);
  g_clear_object (&self->bus);

  G_OBJECT_CLASS (sighej_notifier_parent_class)->dispose (object);
}

static void
sighej_notifier_finalize (GObject *object)
{
  SighejNotifier *self = SIGHEJ_NOTIFIER (object);

  g_object_unref (self->cancellable);
  g_ptr_array_unref (self->notices);

  G_OBJECT_CLASS (sighej_notifier_parent_class)->finalize (object);
}

static guint
add_signal (const char *name, guint n_texts)
{
  GType types[] = { G_TYPE_STRING, G_TYPE_STRING };

  return g_signal_newv (name,
                        SIGHEJ_TYPE_NOTIFIER,
                        G_SIGNAL_RUN_LAST,
                        NULL,
                        NULL,
                        NULL,
                        NULL,
                        G_TYPE_NONE,
                        n_texts,
                        types);
}

static void
sighej_notifier_class_init (SighejNotifierClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_notifier_dispose;
  object_class->finalize = sighej_notifier_finalize;

  signals[ACTION] = add_signal ("action", 2);
  signals[DISMISSED] = add_signal ("dismissed", 1);
  signals[DND_CHANGED] = add_signal ("dnd-changed", 0);
}

/* ---- what is up ---- */

static Notice *
find (SighejNotifier *self, const char *id)
{
  for (guint i = 0; i < self->notices->len; i++)
    {
      Notice *notice = g_ptr_array_index (self->notices, i);

      if (g_str_equal (notice->id, id))
        return notice;
    }
  return NULL;
}

static Notice *
find_number (SighejNotifier *self, guint32 number)
{
  for (guint i = 0; number != 0 && i < self->notices->len; i++)
    {
      Notice *notice = g_ptr_array_index (self->notices, i);

      if (notice->number == number)
        return notice;
    }
  return NULL;
}

/* ---- sending ---- */

static char *
dup_body (SighejNotifier *self, const SighejBulletin *bulletin)
{
  g_autofree char *text = self->has_actions || *bulletin->hint == '\0'
                              ? g_strdup (bulletin->body)
                              : g_strdup_printf ("%s\n%s", bulletin->body, bulletin->hint);

  return self->has_markup ? g_markup_escape_text (text, -1) : g_steal_pointer (&text);
}

static GVariant *
make_actions (SighejNotifier *self, const SighejBulletin *bulletin)
{
  GVariantBuilder actions;

  g_variant_builder_init (&actions, G_VARIANT_TYPE ("as"));
  for (guint i = 0; self->has_actions && i < bulletin->n_buttons; i++)
    {
      g_variant_builder_add (&actions, "s", bulletin->buttons[i].action);
      g_variant_builder_add (&actions, "s", bulletin->buttons[i].label);
    }
  return g_variant_builder_end (&actions);
}

static GVariant *
make_hints (const SighejBulletin *bulletin)
{
  GVariantBuilder hints;
  guchar urgency = sighej_bulletin_is_low (bulletin) ? URGENCY_LOW : URGENCY_NORMAL;

  g_variant_builder_init (&hints, G_VARIANT_TYPE ("a{sv}"));
  g_variant_builder_add (&hints, "{sv}", "urgency", g_variant_new_byte (urgency));
  g_variant_builder_add (&hints, "{sv}", "desktop-entry", g_variant_new_string (SIGHEJ_DESKTOP_ID));
  if (sighej_bulletin_is_lasting (bulletin))
    {
      g_variant_builder_add (&hints, "{sv}", "resident", g_variant_new_boolean (TRUE));
      g_variant_builder_add (&hints, "{sv}", "suppress-sound", g_variant_new_boolean (TRUE));
    }
  return g_variant_builder_end (&hints);
}

static void
call (SighejNotifier *self,
      const char *method,
      GVariant *arguments,
      const char *answer,
      GAsyncReadyCallback callback,
      gpointer user_data)
{
  g_dbus_connection_call (self->bus,
                          NAME,
                          PATH,
                          INTERFACE,
                          method,
                          arguments,
                          G_VARIANT_TYPE (answer),
                          G_DBUS_CALL_FLAGS_NONE,
                          SIGHEJ_NOTIFIER_CALL_TIMEOUT_MS,
                          self->cancellable,
                          callback,
                          user_data);
}

static void
close_number (SighejNotifier *self, guint32 number)
{
  /* A server that does not know it any more has closed it: nothing is to be learnt from errors. */
  call (self, "CloseNotification", g_variant_new ("(u)", number), "()", NULL, NULL);
}

typedef struct
{
  SighejNotifier *self;
  char *id; /* NULL: capabilities are asked for */
  guint generation;
} Question;

static Question *
question_new (SighejNotifier *self, const char *id)
{
  Question *question = g_new0 (Question, 1);

  question->self = g_object_ref (self);
  question->id = g_strdup (id);
  question->generation = self->generation;
  return question;
}

static void
question_free (Question *question)
{
  g_object_unref (question->self);
  g_free (question->id);
  g_free (question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static void on_sent (GObject *source, GAsyncResult *result, gpointer user_data);

static void
send_notice (SighejNotifier *self, Notice *notice)
{
  const SighejBulletin *bulletin = notice->bulletin;
  g_autofree char *body = dup_body (self, bulletin);
  gboolean stays = sighej_bulletin_is_lasting (bulletin) && !self->has_persistence;

  notice->sending = TRUE;
  notice->due = FALSE;
  call (self,
        "Notify",
        g_variant_new ("(susss@as@a{sv}i)",
                       APPLICATION_NAME,
                       notice->number,
                       SIGHEJ_CLIENT_NAME,
                       bulletin->title,
                       body,
                       make_actions (self, bulletin),
                       make_hints (bulletin),
                       stays ? EXPIRES_NEVER : EXPIRES_BY_SERVER),
        "(u)",
        on_sent,
        question_new (self, notice->id));
}

/* @number: 0: it was not taken, or by a server that is gone */
static void
sent (SighejNotifier *self, Notice *notice, guint32 number, gboolean is_new_server)
{
  notice->sending = FALSE;
  notice->number = number;
  if (notice->bulletin == NULL)
    {
      if (number != 0)
        close_number (self, number);
      g_ptr_array_remove (self->notices, notice);
    }
  else if (self->known && (notice->due || is_new_server))
    send_notice (self, notice);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  SighejNotifier *self = question->self;
  gboolean is_new_server = question->generation != self->generation;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);
  guint32 number = 0;

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  if (reply == NULL)
    g_info ("the notification server shows nothing: %s", error->message);
  else if (!is_new_server)
    g_variant_get (reply, "(u)", &number);
  /* What is being sent is not removed. */
  sent (self, find (self, question->id), number, is_new_server);
}

/* ---- what the server can do ---- */

static void
send_all (SighejNotifier *self)
{
  for (guint i = 0; i < self->notices->len; i++)
    {
      Notice *notice = g_ptr_array_index (self->notices, i);

      if (!notice->sending && (notice->due || notice->number == 0))
        send_notice (self, notice);
    }
}

static void read_capabilities (SighejNotifier *self);

static void
on_capabilities (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Question) question = user_data;
  SighejNotifier *self = question->self;
  g_autofree const char **names = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, &error);

  if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    return;

  self->reading = FALSE;
  if (question->generation != self->generation)
    {
      if (self->present)
        read_capabilities (self);
      return;
    }
  if (reply == NULL)
    {
      /* Sent all the same when one comes; until then nothing asks again. */
      g_info ("there is no notification server: %s", error->message);
      return;
    }

  g_variant_get (reply, "(^a&s)", &names);
  self->known = TRUE;
  self->has_actions = g_strv_contains (names, "actions");
  self->has_persistence = g_strv_contains (names, "persistence");
  self->has_markup = g_strv_contains (names, "body-markup");
  send_all (self);
}

/* Asking it starts it, where the bus can. */
static void
read_capabilities (SighejNotifier *self)
{
  if (self->reading)
    return;

  self->reading = TRUE;
  call (self, "GetCapabilities", NULL, "(as)", on_capabilities, question_new (self, NULL));
}

static void
set_dnd (SighejNotifier *self, gboolean dnd)
{
  if (self->dnd == dnd)
    return;

  self->dnd = dnd;
  g_signal_emit (self, signals[DND_CHANGED], 0);
}

static void
on_inhibited (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejNotifier) self = user_data;
  g_autoptr (GVariant) value = NULL;
  g_autoptr (GVariant) reply
      = g_dbus_connection_call_finish (G_DBUS_CONNECTION (source), result, NULL);

  /* Few servers have it. */
  if (reply == NULL || self->bus == NULL)
    return;

  g_variant_get (reply, "(v)", &value);
  if (g_variant_is_of_type (value, G_VARIANT_TYPE_BOOLEAN))
    set_dnd (self, g_variant_get_boolean (value));
}

static void
read_inhibited (SighejNotifier *self)
{
  g_dbus_connection_call (self->bus,
                          NAME,
                          PATH,
                          PROPERTIES,
                          "Get",
                          g_variant_new ("(ss)", INTERFACE, "Inhibited"),
                          G_VARIANT_TYPE ("(v)"),
                          G_DBUS_CALL_FLAGS_NO_AUTO_START,
                          SIGHEJ_NOTIFIER_CALL_TIMEOUT_MS,
                          self->cancellable,
                          on_inhibited,
                          g_object_ref (self));
}

static void
on_properties (GDBusConnection *bus,
               const char *sender,
               const char *path,
               const char *interface,
               const char *signal,
               GVariant *parameters,
               gpointer user_data)
{
  SighejNotifier *self = SIGHEJ_NOTIFIER (user_data);
  g_autoptr (GVariant) changed = NULL;
  gboolean dnd;

  if (!g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(sa{sv}as)")))
    return;

  changed = g_variant_get_child_value (parameters, 1);
  if (g_variant_lookup (changed, "Inhibited", "b", &dnd))
    set_dnd (self, dnd);
}

/* ---- what becomes of them ---- */

static void
on_action_invoked (SighejNotifier *self, guint32 number, const char *action)
{
  const Notice *notice = find_number (self, number);
  g_autofree char *id = NULL;

  if (notice == NULL || notice->bulletin == NULL)
    return;

  for (guint i = 0; i < notice->bulletin->n_buttons; i++)
    if (g_str_equal (notice->bulletin->buttons[i].action, action))
      {
        id = g_strdup (notice->id);
        g_signal_emit (self, signals[ACTION], 0, id, action);
        return;
      }
}

static void
on_closed (SighejNotifier *self, guint32 number)
{
  Notice *notice = find_number (self, number);
  g_autofree char *id = NULL;

  /* Being replaced: the answer brings another number. */
  if (notice == NULL || notice->sending)
    return;

  id = g_strdup (notice->id);
  g_ptr_array_remove (self->notices, notice);
  g_signal_emit (self, signals[DISMISSED], 0, id);
}

static void
on_signal (GDBusConnection *bus,
           const char *sender,
           const char *path,
           const char *interface,
           const char *signal,
           GVariant *parameters,
           gpointer user_data)
{
  SighejNotifier *self = SIGHEJ_NOTIFIER (user_data);
  const char *action;
  guint32 number;
  guint32 reason;

  if (g_str_equal (signal, "ActionInvoked")
      && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(us)")))
    {
      g_variant_get (parameters, "(u&s)", &number, &action);
      on_action_invoked (self, number, action);
    }
  else if (g_str_equal (signal, "NotificationClosed")
           && g_variant_is_of_type (parameters, G_VARIANT_TYPE ("(uu)")))
    {
      g_variant_get (parameters, "(uu)", &number, &reason);
      on_closed (self, number);
    }
}

/* ---- the server comes and goes ---- */

static void
on_appeared (GDBusConnection *bus, const char *name, const char *owner, gpointer user_data)
{
  SighejNotifier *self = SIGHEJ_NOTIFIER (user_data);

  self->present = TRUE;
  read_inhibited (self);
  if (self->notices->len > 0)
    read_capabilities (self);
}

static void
on_vanished (GDBusConnection *bus, const char *name, gpointer user_data)
{
  SighejNotifier *self = SIGHEJ_NOTIFIER (user_data);

  self->present = FALSE;
  self->known = FALSE;
  self->generation++;
  for (guint i = 0; i < self->notices->len; i++)
    ((Notice *) g_ptr_array_index (self->notices, i))->number = 0;
  set_dnd (self, FALSE);
}

SighejNotifier *
sighej_notifier_new (GDBusConnection *bus)
{
  SighejNotifier *self = g_object_new (SIGHEJ_TYPE_NOTIFIER, NULL);

  self->bus = g_object_ref (bus);
  self->signals_id = g_dbus_connection_signal_subscribe (
      bus, NAME, INTERFACE, NULL, PATH, NULL, G_DBUS_SIGNAL_FLAGS_NONE, on_signal, self, NULL);
  self->properties_id = g_dbus_connection_signal_subscribe (bus,
                                                            NAME,
                                                            PROPERTIES,
                                                            "PropertiesChanged",
                                                            PATH,
                                                            INTERFACE,
                                                            G_DBUS_SIGNAL_FLAGS_NONE,
                                                            on_properties,
                                                            self,
                                                            NULL);
  self->watch_id = g_bus_watch_name_on_connection (
      bus, NAME, G_BUS_NAME_WATCHER_FLAGS_NONE, on_appeared, on_vanished, self, NULL);
  return self;
}

/* ---- showing and withdrawing ---- */

/* Only a server that does not answer can leave no room. */
static gboolean
make_room (SighejNotifier *self)
{
  for (guint i = 0; self->notices->len >= SIGHEJ_NOTIFIER_SHOWN_MAX && i < self->notices->len;)
    {
      const Notice *notice = g_ptr_array_index (self->notices, i);

      if (notice->sending || sighej_bulletin_is_lasting (notice->bulletin))
        i++;
      else
        sighej_notifier_withdraw (self, notice->id);
    }
  return self->notices->len < SIGHEJ_NOTIFIER_SHOWN_MAX;
}

static gboolean
on_send (gpointer user_data)
{
  SighejNotifier *self = SIGHEJ_NOTIFIER (user_data);

  self->send_id = 0;
  if (self->known)
    send_all (self);
  else if (self->notices->len > 0)
    read_capabilities (self);
  return G_SOURCE_REMOVE;
}

void
sighej_notifier_show (SighejNotifier *self, const SighejBulletin *bulletin)
{
  Notice *notice = find (self, bulletin->id);

  if (notice == NULL)
    {
      if (!make_room (self))
        return;
      notice = g_new0 (Notice, 1);
      notice->id = g_strdup (bulletin->id);
      g_ptr_array_add (self->notices, notice);
    }

  g_clear_pointer (&notice->bulletin, sighej_bulletin_free);
  notice->bulletin = sighej_bulletin_copy (bulletin);
  notice->due = TRUE;
  if (self->send_id != 0)
    return;
  self->send_id = g_idle_add_full (G_PRIORITY_DEFAULT, on_send, self, NULL);
  g_source_set_name_by_id (self->send_id, "sighej-notify");
}

void
sighej_notifier_withdraw (SighejNotifier *self, const char *id)
{
  Notice *notice = find (self, id);

  if (notice == NULL)
    return;

  if (notice->sending)
    {
      g_clear_pointer (&notice->bulletin, sighej_bulletin_free);
      return;
    }
  if (notice->number != 0)
    close_number (self, notice->number);
  g_ptr_array_remove (self->notices, notice);
}

void
sighej_notifier_withdraw_all (SighejNotifier *self)
{
  for (guint i = self->notices->len; i > 0; i--)
    {
      const Notice *notice = g_ptr_array_index (self->notices, i - 1);

      sighej_notifier_withdraw (self, notice->id);
    }
}

gboolean
sighej_notifier_get_dnd (SighejNotifier *self)
{
  return self->dnd;
}
