/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-client"

#include "config.h"

#include "sighej-talk-log.h"

#include "sighej-crypto.h"
#include "sighej-enum-types.h"

/* ---- one message ---- */

struct _SighejTalkMessage
{
  GObject parent_instance;

  guint64 number;
  gboolean own;
  guint64 time_s;
  char *text;
  SighejMeetMark mark;
};

G_DEFINE_FINAL_TYPE (SighejTalkMessage, sighej_talk_message, G_TYPE_OBJECT)

enum
{
  PROP_MARK = 1,
  N_PROPERTIES
};

static GParamSpec *properties[N_PROPERTIES];

static void
sighej_talk_message_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  g_assert (id == PROP_MARK);
  g_value_set_enum (value, SIGHEJ_TALK_MESSAGE (object)->mark);
}

static void
sighej_talk_message_finalize (GObject *object)
{
  SighejTalkMessage *self = SIGHEJ_TALK_MESSAGE (object);

  sighej_wipe_free_string (self->text);
  G_OBJECT_CLASS (sighej_talk_message_parent_class)->finalize (object);
}

static void
sighej_talk_message_class_init (SighejTalkMessageClass *class)
{
  GObjectClass *object_class = G_OBJECT_CLASS (class);

  object_class->finalize = sighej_talk_message_finalize;
  object_class->get_property = sighej_talk_message_get_property;
  properties[PROP_MARK] = g_param_spec_enum ("mark",
                                             NULL,
                                             NULL,
                                             SIGHEJ_TYPE_MEET_MARK,
                                             SIGHEJ_MEET_MARK_WAITING,
                                             G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}

static void
sighej_talk_message_init (SighejTalkMessage *self)
{
}

static void
set_mark (SighejTalkMessage *self, SighejMeetMark mark)
{
  if (mark <= self->mark)
    return;
  self->mark = mark;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_MARK]);
}

guint64
sighej_talk_message_get_number (SighejTalkMessage *self)
{
  g_return_val_if_fail (SIGHEJ_IS_TALK_MESSAGE (self), 0);

  return self->number;
}

gboolean
sighej_talk_message_is_own (SighejTalkMessage *self)
{
  g_return_val_if_fail (SIGHEJ_IS_TALK_MESSAGE (self), FALSE);

  return self->own;
}

guint64
sighej_talk_message_get_time_s (SighejTalkMessage *self)
{
  g_return_val_if_fail (SIGHEJ_IS_TALK_MESSAGE (self), 0);

  return self->time_s;
}

const char *
sighej_talk_message_get_text (SighejTalkMessage *self)
{
  g_return_val_if_fail (SIGHEJ_IS_TALK_MESSAGE (self), "");

  return self->text;
}

SighejMeetMark
sighej_talk_message_get_mark (SighejTalkMessage *self)
{
  g_return_val_if_fail (SIGHEJ_IS_TALK_MESSAGE (self), SIGHEJ_MEET_MARK_WAITING);

  return self->mark;
}

/* ---- all of them ---- */

struct _SighejTalkLog
{
  GObject parent_instance;

  GPtrArray *messages;
};

static GType
get_item_type (GListModel *list)
{
  return SIGHEJ_TYPE_TALK_MESSAGE;
}

static guint
get_n_items (GListModel *list)
{
  return SIGHEJ_TALK_LOG (list)->messages->len;
}

static gpointer
get_item (GListModel *list, guint position)
{
  GPtrArray *messages = SIGHEJ_TALK_LOG (list)->messages;

  return position < messages->len ? g_object_ref (g_ptr_array_index (messages, position)) : NULL;
}

static void
list_model_iface_init (GListModelInterface *iface)
{
  iface->get_item_type = get_item_type;
  iface->get_n_items = get_n_items;
  iface->get_item = get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (SighejTalkLog,
                               sighej_talk_log,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, list_model_iface_init))

static void
sighej_talk_log_finalize (GObject *object)
{
  g_ptr_array_unref (SIGHEJ_TALK_LOG (object)->messages);
  G_OBJECT_CLASS (sighej_talk_log_parent_class)->finalize (object);
}

static void
sighej_talk_log_class_init (SighejTalkLogClass *class)
{
  G_OBJECT_CLASS (class)->finalize = sighej_talk_log_finalize;
}

static void
sighej_talk_log_init (SighejTalkLog *self)
{
  self->messages = g_ptr_array_new_with_free_func (g_object_unref);
}

SighejTalkLog *
sighej_talk_log_new (void)
{
  return g_object_new (SIGHEJ_TYPE_TALK_LOG, NULL);
}

static SighejMeetMark
mark_from_word (const char *word)
{
  int mark;

  return sighej_enum_from_nick (SIGHEJ_TYPE_MEET_MARK, word, &mark) ? (SighejMeetMark) mark
                                                                    : SIGHEJ_MEET_MARK_WAITING;
}

/* (transfer full): what GetMessages says of one, (tbtss) */
static SighejTalkMessage *
read_message (GVariant *value)
{
  SighejTalkMessage *message = g_object_new (SIGHEJ_TYPE_TALK_MESSAGE, NULL);
  const char *mark;

  g_variant_get (
      value, "(tbts&s)", &message->number, &message->own, &message->time_s, &message->text, &mark);
  message->mark = mark_from_word (mark);
  return message;
}

static void
drop_oldest (SighejTalkLog *self)
{
  guint n_over = self->messages->len > SIGHEJ_TALK_LOG_MESSAGES_MAX
                     ? self->messages->len - SIGHEJ_TALK_LOG_MESSAGES_MAX
                     : 0;

  if (n_over == 0)
    return;
  g_ptr_array_remove_range (self->messages, 0, n_over);
  g_list_model_items_changed (G_LIST_MODEL (self), 0, n_over, 0);
}

guint
sighej_talk_log_take (SighejTalkLog *self, GVariant *messages)
{
  guint before, n_added;

  g_return_val_if_fail (SIGHEJ_IS_TALK_LOG (self), 0);
  g_return_val_if_fail (g_variant_is_of_type (messages, G_VARIANT_TYPE ("a(tbtss)")), 0);

  before = self->messages->len;
  for (gsize i = 0; i < g_variant_n_children (messages); i++)
    {
      g_autoptr (GVariant) value = g_variant_get_child_value (messages, i);
      g_autoptr (SighejTalkMessage) message = read_message (value);

      if (message->number > sighej_talk_log_get_last (self))
        g_ptr_array_add (self->messages, g_steal_pointer (&message));
      else
        sighej_talk_log_mark (self, message->number, message->mark);
    }
  n_added = self->messages->len - before;
  if (n_added > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), before, 0, n_added);
  drop_oldest (self);
  return n_added;
}

gboolean
sighej_talk_log_mark (SighejTalkLog *self, guint64 number, SighejMeetMark mark)
{
  g_return_val_if_fail (SIGHEJ_IS_TALK_LOG (self), FALSE);

  /* From the end: what is marked is new. */
  for (guint i = self->messages->len; i > 0; i--)
    {
      SighejTalkMessage *message = g_ptr_array_index (self->messages, i - 1);

      if (message->number < number)
        break;
      if (message->number != number)
        continue;
      set_mark (message, mark);
      return TRUE;
    }
  return FALSE;
}

guint64
sighej_talk_log_get_last (SighejTalkLog *self)
{
  SighejTalkMessage *last;

  g_return_val_if_fail (SIGHEJ_IS_TALK_LOG (self), 0);

  if (self->messages->len == 0)
    return 0;
  last = g_ptr_array_index (self->messages, self->messages->len - 1);
  return last->number;
}

SighejTalkMessage *
sighej_talk_log_get_newest_theirs (SighejTalkLog *self)
{
  g_return_val_if_fail (SIGHEJ_IS_TALK_LOG (self), NULL);

  for (guint i = self->messages->len; i > 0; i--)
    {
      SighejTalkMessage *message = g_ptr_array_index (self->messages, i - 1);

      if (!message->own)
        return message;
    }
  return NULL;
}

void
sighej_talk_log_clear (SighejTalkLog *self)
{
  guint n_messages;

  g_return_if_fail (SIGHEJ_IS_TALK_LOG (self));

  n_messages = self->messages->len;
  g_ptr_array_set_size (self->messages, 0);
  if (n_messages > 0)
    g_list_model_items_changed (G_LIST_MODEL (self), 0, n_messages, 0);
}
