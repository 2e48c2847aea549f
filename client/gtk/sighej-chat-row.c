/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej"

#include "config.h"

#include "sighej-chat-row.h"

#include <glib/gi18n.h>

#include "sighej-names.h"
#include "sighej-words.h"

struct _SighejChatRow
{
  GtkListBoxRow parent_instance;

  SighejTalkMessage *message;
  char *peer;

  GtkLabel *text;
  GtkBox *footer;
  GtkLabel *time;
  GtkImage *icon;
  GtkLabel *mark;
};

G_DEFINE_FINAL_TYPE (SighejChatRow, sighej_chat_row, GTK_TYPE_LIST_BOX_ROW)

static void
sighej_chat_row_dispose (GObject *object)
{
  SighejChatRow *self = SIGHEJ_CHAT_ROW (object);

  g_clear_object (&self->message);
  g_clear_pointer (&self->peer, g_free);
  G_OBJECT_CLASS (sighej_chat_row_parent_class)->dispose (object);
}

static void
sighej_chat_row_class_init (SighejChatRowClass *class)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (class);

  G_OBJECT_CLASS (class)->dispose = sighej_chat_row_dispose;
  gtk_widget_class_set_template_from_resource (widget_class,
                                               SIGHEJ_CLIENT_PATH "/sighej-chat-row.ui");
  gtk_widget_class_bind_template_child (widget_class, SighejChatRow, text);
  gtk_widget_class_bind_template_child (widget_class, SighejChatRow, footer);
  gtk_widget_class_bind_template_child (widget_class, SighejChatRow, time);
  gtk_widget_class_bind_template_child (widget_class, SighejChatRow, icon);
  gtk_widget_class_bind_template_child (widget_class, SighejChatRow, mark);
}

static void
sighej_chat_row_init (SighejChatRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

static const char *
icon_of (SighejMeetMark mark)
{
  static const char *const icons[] = {
    [SIGHEJ_MEET_MARK_WAITING] = "content-loading-symbolic",
    [SIGHEJ_MEET_MARK_SENT] = "go-up-symbolic",
    [SIGHEJ_MEET_MARK_DELIVERED] = "object-select-symbolic",
    [SIGHEJ_MEET_MARK_SEEN] = "view-reveal-symbolic",
  };

  return icons[mark];
}

/* All of it in one sentence for whoever hears it. */
static void
describe (SighejChatRow *self, const char *mark)
{
  const char *text = sighej_talk_message_get_text (self->message);
  const char *clock = gtk_label_get_text (self->time);
  g_autofree char *label = NULL;

  if (sighej_talk_message_is_own (self->message))
    /* Translators: "You, 14:03, seen: the text of the message" */
    label = g_strdup_printf (_ ("You, %s, %s: %s"), clock, mark, text);
  else
    /* Translators: "Red Fox, 14:03: the text of the message" */
    label = g_strdup_printf (_ ("%s, %s: %s"), self->peer, clock, text);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
show_mark (SighejChatRow *self)
{
  SighejMeetMark mark = sighej_talk_message_get_mark (self->message);
  const char *word = sighej_words_mark (mark);

  gtk_image_set_from_icon_name (self->icon, icon_of (mark));
  gtk_label_set_text (self->mark, word);
  describe (self, word);
}

/* Ours stand at the end of the line, theirs at its beginning; the first word of each row says the
 * same to whoever hears it. */
static void
take_side (SighejChatRow *self, gboolean own)
{
  GtkAlign side = own ? GTK_ALIGN_END : GTK_ALIGN_START;

  gtk_widget_set_halign (gtk_list_box_row_get_child (GTK_LIST_BOX_ROW (self)), side);
  gtk_widget_set_halign (GTK_WIDGET (self->footer), side);
  gtk_widget_set_halign (GTK_WIDGET (self->text), side);
  gtk_widget_add_css_class (GTK_WIDGET (self->text), own ? "chat-own" : "chat-theirs");
  gtk_widget_set_visible (GTK_WIDGET (self->icon), own);
  gtk_widget_set_visible (GTK_WIDGET (self->mark), own);
}

GtkWidget *
sighej_chat_row_new (SighejTalkMessage *message, const char *peer)
{
  SighejChatRow *self = g_object_new (SIGHEJ_TYPE_CHAT_ROW, NULL);
  g_autofree char *clock = sighej_words_dup_clock (sighej_talk_message_get_time_s (message));

  self->message = g_object_ref (message);
  self->peer = g_strdup (peer != NULL && *peer != '\0' ? peer : _ ("They"));
  gtk_label_set_text (self->text, sighej_talk_message_get_text (message));
  gtk_label_set_text (self->time, clock);
  take_side (self, sighej_talk_message_is_own (message));
  g_signal_connect_object (
      message, "notify::mark", G_CALLBACK (show_mark), self, G_CONNECT_SWAPPED);
  show_mark (self);
  return GTK_WIDGET (self);
}
