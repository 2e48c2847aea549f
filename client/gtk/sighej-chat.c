/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-chat.h"

#include <glib/gi18n.h>

#include "sighej-chat-row.h"
#include "sighej-composer.h"
#include "sighej-enum-types.h"
#include "sighej-names.h"
#include "sighej-talk-log.h"
#include "sighej-words.h"

/* Messages one GetMessages answers at most. */
#define PAGE_MESSAGES 200

struct _SighejChat
{
  AdwBin parent_instance;

  SighejModel *model;
  SighejClient *client; /* whose signals are followed */
  SighejTalkLog *log;
  GtkWindow *window; /* whose focus is followed, while mapped */

  /* of the meet that is shown */
  guint id;
  SighejDBusMeet1 *meet;
  GCancellable *cancellable;
  char *peer;
  guint64 read; /* the other's messages up to this one were said to be seen */
  gboolean fetching;
  gboolean fetch_again;

  gboolean at_end; /* of the scroller: it follows what is added */
  GtkScrolledWindow *scroller;
  GtkListBox *list;
  GtkLabel *typing;
  SighejComposer *composer;
};

G_DEFINE_FINAL_TYPE (SighejChat, sighej_chat, ADW_TYPE_BIN)

/* ---- what was seen ---- */

static void
mark_read (SighejChat *self)
{
  SighejTalkMessage *newest = sighej_talk_log_get_newest_theirs (self->log);
  guint64 last = newest != NULL ? sighej_talk_message_get_number (newest) : 0;

  if (self->id == 0 || last <= self->read || self->window == NULL
      || !gtk_window_is_active (self->window))
    return;
  self->read = last;
  sighej_model_mark_read (self->model, self->id, last);
}

static void
sighej_chat_map (GtkWidget *widget)
{
  SighejChat *self = SIGHEJ_CHAT (widget);

  GTK_WIDGET_CLASS (sighej_chat_parent_class)->map (widget);
  self->window = GTK_WINDOW (gtk_widget_get_root (widget));
  g_signal_connect_object (
      self->window, "notify::is-active", G_CALLBACK (mark_read), self, G_CONNECT_SWAPPED);
  mark_read (self);
}

static void
sighej_chat_unmap (GtkWidget *widget)
{
  SighejChat *self = SIGHEJ_CHAT (widget);

  g_signal_handlers_disconnect_by_func (self->window, mark_read, self);
  self->window = NULL;
  GTK_WIDGET_CLASS (sighej_chat_parent_class)->unmap (widget);
}

/* ---- what was said ---- */

static void fetch (SighejChat *self);

static void
fetched (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejChat) self = user_data;
  g_autoptr (GVariant) messages = NULL;
  g_autoptr (GError) error = NULL;
  gboolean again;

  if (!sighej_dbus_meet1_call_get_messages_finish (
          SIGHEJ_DBUS_MEET1 (source), &messages, result, &error))
    {
      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      self->fetching = FALSE;
      sighej_model_tell_error (self->model, error);
      return;
    }

  self->fetching = FALSE;
  again = self->fetch_again || g_variant_n_children (messages) == PAGE_MESSAGES;
  sighej_talk_log_take (self->log, messages);
  mark_read (self);
  if (again)
    fetch (self);
}

static void
fetch (SighejChat *self)
{
  if (self->meet == NULL)
    return;
  self->fetch_again = self->fetching;
  if (self->fetching)
    return;
  self->fetching = TRUE;
  sighej_dbus_meet1_call_get_messages (self->meet,
                                       sighej_talk_log_get_last (self->log),
                                       PAGE_MESSAGES,
                                       self->cancellable,
                                       fetched,
                                       g_object_ref (self));
}

static void
on_message (SighejClient *client, guint id, guint64 number, const char *text, SighejChat *self)
{
  if (id == self->id)
    fetch (self);
}

static void
on_marked (SighejClient *client, guint id, guint64 number, const char *word, SighejChat *self)
{
  int mark;

  if (id != self->id || !sighej_enum_from_nick (SIGHEJ_TYPE_MEET_MARK, word, &mark))
    return;
  if (!sighej_talk_log_mark (self->log, number, (SighejMeetMark) mark)
      && number > sighej_talk_log_get_last (self->log))
    fetch (self);
}

static void
follow_client (SighejChat *self)
{
  SighejClient *client = sighej_model_get_client (self->model);

  if (client == self->client)
    return;
  if (self->client != NULL)
    g_signal_handlers_disconnect_by_data (self->client, self);
  g_set_object (&self->client, client);
  if (client == NULL)
    return;
  g_signal_connect_object (client, "message", G_CALLBACK (on_message), self, 0);
  g_signal_connect_object (client, "message-marked", G_CALLBACK (on_marked), self, 0);
}

/* ---- what one says oneself ---- */

static void
sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejChat) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autofree char *problem = NULL;
  guint64 number;

  if (!sighej_dbus_meet1_call_send_message_finish (
          SIGHEJ_DBUS_MEET1 (source), &number, result, &error))
    {
      g_autofree char *reason = NULL;

      if (g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        return;
      reason = sighej_words_dup_error (error);
      /* Translators: why a message was not sent, as a clause: "Not sent: the text is too long." */
      problem = g_strdup_printf (_ ("Not sent: %s."), reason);
    }
  sighej_composer_sent (self->composer, problem);
  self->at_end = self->at_end || problem == NULL;
  fetch (self);
}

static void
sighej_chat_send (SighejChat *self, const char *text)
{
  if (self->meet == NULL)
    return;
  sighej_dbus_meet1_call_send_message (
      self->meet, text, self->cancellable, sent, g_object_ref (self));
}

static void
sighej_chat_say_typing (SighejChat *self, gboolean typing)
{
  if (self->id != 0)
    sighej_model_set_typing (self->model, self->id, typing);
}

/* ---- the list ---- */

static GtkWidget *
make_row (gpointer item, gpointer user_data)
{
  return sighej_chat_row_new (item, SIGHEJ_CHAT (user_data)->peer);
}

static void
on_scrolled (SighejChat *self, GtkAdjustment *adjustment)
{
  self->at_end = gtk_adjustment_get_value (adjustment) + gtk_adjustment_get_page_size (adjustment)
                 >= gtk_adjustment_get_upper (adjustment) - 1;
}

/* Something was added, or there is less room: who was at the end stays there. */
static void
on_resized (SighejChat *self, GtkAdjustment *adjustment)
{
  if (self->at_end)
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
}

static gboolean
sighej_chat_grab_focus (GtkWidget *widget)
{
  return gtk_widget_grab_focus (GTK_WIDGET (SIGHEJ_CHAT (widget)->composer));
}

static void
sighej_chat_dispose (GObject *object)
{
  SighejChat *self = SIGHEJ_CHAT (object);

  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->meet);
  g_clear_object (&self->client);
  g_clear_object (&self->model);
  g_clear_pointer (&self->peer, g_free);
  g_clear_object (&self->log);
  G_OBJECT_CLASS (sighej_chat_parent_class)->dispose (object);
}

static void
sighej_chat_class_init (SighejChatClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  g_type_ensure (SIGHEJ_TYPE_COMPOSER);
  G_OBJECT_CLASS (class)->dispose = sighej_chat_dispose;
  widget_class->grab_focus = sighej_chat_grab_focus;
  widget_class->map = sighej_chat_map;
  widget_class->unmap = sighej_chat_unmap;
  gtk_widget_class_set_template_from_resource (widget_class, SIGHEJ_CLIENT_PATH "/sighej-chat.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejChat, scroller);
  gtk_widget_class_bind_template_child (widget_class, SighejChat, list);
  gtk_widget_class_bind_template_child (widget_class, SighejChat, typing);
  gtk_widget_class_bind_template_child (widget_class, SighejChat, composer);
  gtk_widget_class_bind_template_callback (widget_class, sighej_chat_send);
  gtk_widget_class_bind_template_callback (widget_class, sighej_chat_say_typing);
}

static void
sighej_chat_init (SighejChat *self)
{
  GtkAdjustment *adjustment;

  gtk_widget_init_template (GTK_WIDGET (self));
  self->log = sighej_talk_log_new ();
  self->at_end = TRUE;
  gtk_list_box_bind_model (self->list, G_LIST_MODEL (self->log), make_row, self, NULL);
  adjustment = gtk_scrolled_window_get_vadjustment (self->scroller);
  g_signal_connect_object (
      adjustment, "value-changed", G_CALLBACK (on_scrolled), self, G_CONNECT_SWAPPED);
  g_signal_connect_object (adjustment, "changed", G_CALLBACK (on_resized), self, G_CONNECT_SWAPPED);
}

void
sighej_chat_set_model (SighejChat *self, SighejModel *model)
{
  g_return_if_fail (SIGHEJ_IS_CHAT (self));
  g_return_if_fail (self->model == NULL);

  self->model = g_object_ref (model);
}

const char *
sighej_chat_get_unread_text (SighejChat *self)
{
  SighejTalkMessage *last;

  g_return_val_if_fail (SIGHEJ_IS_CHAT (self), NULL);

  last = sighej_talk_log_get_newest_theirs (self->log);
  if (last == NULL || sighej_talk_message_get_mark (last) == SIGHEJ_MEET_MARK_SEEN
      || sighej_talk_message_get_number (last) <= self->read)
    return NULL;
  return sighej_talk_message_get_text (last);
}

GListModel *
sighej_chat_get_messages (SighejChat *self)
{
  g_return_val_if_fail (SIGHEJ_IS_CHAT (self), NULL);

  return G_LIST_MODEL (self->log);
}

/* ---- which meet ---- */

static void
forget (SighejChat *self)
{
  g_cancellable_cancel (self->cancellable);
  g_clear_object (&self->cancellable);
  g_clear_object (&self->meet);
  self->id = 0;
  self->read = 0;
  self->fetching = self->fetch_again = FALSE;
  self->at_end = TRUE;
  sighej_talk_log_clear (self->log);
  sighej_composer_clear (self->composer);
}

static void
begin (SighejChat *self, guint id, SighejDBusMeet1 *meet)
{
  forget (self);
  self->id = id;
  self->meet = g_object_ref (meet);
  self->cancellable = g_cancellable_new ();
  g_free (self->peer);
  self->peer = g_strdup (sighej_dbus_meet1_get_peer_handle (meet));
  g_dbus_proxy_set_default_timeout (G_DBUS_PROXY (meet), SIGHEJ_MODEL_CALL_TIMEOUT_MS);
  fetch (self);
}

static gboolean
is_broken (SighejDBusMeet1 *meet)
{
  const char *broken = sighej_enum_to_nick (SIGHEJ_TYPE_MEET_TRUST, SIGHEJ_MEET_TRUST_BROKEN);

  return g_strcmp0 (sighej_dbus_meet1_get_trust (meet), broken) == 0;
}

void
sighej_chat_show (SighejChat *self, guint id, SighejDBusMeet1 *meet)
{
  g_return_if_fail (SIGHEJ_IS_CHAT (self));

  follow_client (self);
  if (meet == NULL)
    {
      if (self->id != 0)
        forget (self);
      return;
    }
  if (id != self->id || meet != self->meet)
    begin (self, id, meet);
  gtk_label_set_text (self->typing,
                      sighej_dbus_meet1_get_peer_typing (meet) ? _ ("They are typing…") : "");
  gtk_widget_set_sensitive (GTK_WIDGET (self->composer), !is_broken (meet));
}
