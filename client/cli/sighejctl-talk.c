/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighej-enum-types.h"
#include "sighej-words.h"
#include "sighejctl-cmds.h"
#include "sighejctl-pick.h"

/* Messages asked for at once; the daemon's own most. */
#define PAGE_MESSAGES 200
/* Where the text of a message begins, columns. */
#define TEXT_COLUMN 18

static int
talk_failed (guint id, GError *reason, GError **error)
{
  g_autoptr (GError) owned = reason;

  if (sighejctl_is_object_gone (owned))
    return sighejctl_no_such_meet (id, error);
  g_propagate_error (error, g_steal_pointer (&owned));
  return -1;
}

int
sighejctl_cmd_say (Sighejctl *self, GError **error)
{
  g_autofree char *text = sighejctl_dup_rest (self, 1);
  g_autoptr (SighejDBusMeet1) meet = NULL;
  GError *reason = NULL;
  GVariantBuilder record;
  guint64 number;
  guint id;

  meet = sighejctl_pick_meet (self, self->arguments[0], &id, error);
  if (meet == NULL)
    return -1;
  if (!sighej_dbus_meet1_call_send_message_sync (meet, text, &number, NULL, &reason))
    return talk_failed (id, reason, error);

  sighejctl_output_say (
      &self->output, _ ("Said. 'sighejctl messages %u' shows when it is read.\n"), id);
  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "id", g_variant_new_uint32 (id));
  sighejctl_record_add (&record, "n", g_variant_new_uint64 (number));
  sighejctl_output_record (&self->output, g_variant_builder_end (&record));
  return SIGHEJCTL_EXIT_DONE;
}

/**
 * Reading:
 * @last: number of the last message that was shown
 * @follows: whether each message is a line of its own, at once, and again when it came further
 * @records: the messages for the list, when it does not
 * @came: a message came or was said since
 * @marks: of own messages, by number: the mark that was shown, static
 * @marked: numbers of own messages that came further since
 *
 * The talk of one meet, shown.
 */
typedef struct
{
  Sighejctl *ctl;
  SighejDBusMeet1 *meet;
  guint id;
  guint64 last;
  gboolean follows;
  GVariantBuilder records;
  guint n_shown;
  gboolean came;
  GHashTable *marks;
  GArray *marked;
} Reading;

/* One of GetMessages. */
typedef struct
{
  guint64 n;
  gboolean own;
  guint64 time;
  const char *text;
  const char *mark;
} Message;

static Message
read_message (GVariant *value)
{
  Message message;

  g_variant_get (
      value, "(tbt&s&s)", &message.n, &message.own, &message.time, &message.text, &message.mark);
  return message;
}

static GVariant *
message_record (const Message *message)
{
  GVariantBuilder record;

  g_variant_builder_init (&record, G_VARIANT_TYPE_VARDICT);
  sighejctl_record_add (&record, "n", g_variant_new_uint64 (message->n));
  sighejctl_record_add (&record, "own", g_variant_new_boolean (message->own));
  sighejctl_record_add (&record, "time", g_variant_new_uint64 (message->time));
  sighejctl_record_add (&record, "text", g_variant_new_string (message->text));
  sighejctl_record_add (&record, "mark", g_variant_new_string (message->mark));
  return g_variant_builder_end (&record);
}

/* Whether another mark of it was shown last; this one counts as shown then. */
static gboolean
mark_is_news (Reading *self, const Message *message)
{
  const char *shown = g_hash_table_lookup (self->marks, &message->n);

  if (g_strcmp0 (shown, message->mark) == 0)
    return FALSE;
  g_hash_table_insert (self->marks,
                       g_memdup2 (&message->n, sizeof message->n),
                       (gpointer) g_intern_string (message->mark));
  return TRUE;
}

static void
say_message (Reading *self, const Message *message, const char *text)
{
  g_autofree char *indented = sighejctl_dup_indented (text, TEXT_COLUMN);
  g_autofree char *clock = sighej_words_dup_clock (message->time);

  sighejctl_output_say (&self->ctl->output,
                        "%3" G_GUINT64_FORMAT "  %s  %s  %s%s%s%s\n",
                        message->n,
                        clock,
                        message->own ? _ ("you ") : _ ("they"),
                        indented,
                        message->own ? "  (" : "",
                        message->own ? sighej_words_of (SIGHEJ_TYPE_MEET_MARK, message->mark) : "",
                        message->own ? ")" : "");
}

static void
show_message (Reading *self, const Message *message)
{
  say_message (self, message, message->text);
  if (message->own)
    mark_is_news (self, message);
  if (self->follows)
    sighejctl_output_event (&self->ctl->output, message_record (message));
  else
    g_variant_builder_add_value (&self->records, message_record (message));
  self->last = MAX (self->last, message->n);
  self->n_shown++;
}

/* Shows what is new, and says that it has been seen. */
static gboolean
show_new (Reading *self, GError **error)
{
  guint64 before = self->last;
  gsize n_messages;

  do
    {
      g_autoptr (GVariant) messages = NULL;

      if (!sighej_dbus_meet1_call_get_messages_sync (
              self->meet, self->last, PAGE_MESSAGES, &messages, NULL, error))
        return FALSE;
      n_messages = g_variant_n_children (messages);
      for (gsize i = 0; i < n_messages; i++)
        {
          g_autoptr (GVariant) value = g_variant_get_child_value (messages, i);
          Message message = read_message (value);

          show_message (self, &message);
        }
    }
  while (n_messages == PAGE_MESSAGES);

  return self->last == before
         || sighej_dbus_meet1_call_mark_read_sync (self->meet, self->last, NULL, error);
}

/* How far a message came that was shown before; programs get the whole of it again. */
static gboolean
show_mark (Reading *self, guint64 number, GError **error)
{
  g_autoptr (GVariant) messages = NULL;
  g_autoptr (GVariant) value = NULL;
  Message message;

  if (!sighej_dbus_meet1_call_get_messages_sync (self->meet, number - 1, 1, &messages, NULL, error))
    return FALSE;
  if (g_variant_n_children (messages) == 0)
    return TRUE;

  value = g_variant_get_child_value (messages, 0);
  message = read_message (value);
  if (message.n == number && mark_is_news (self, &message))
    {
      if (!g_str_equal (message.mark, "sent"))
        say_message (self, &message, "");
      sighejctl_output_event (&self->ctl->output, message_record (&message));
    }
  return TRUE;
}

static gboolean
show_marks (Reading *self, GError **error)
{
  for (guint i = 0; i < self->marked->len; i++)
    if (!show_mark (self, g_array_index (self->marked, guint64, i), error))
      return FALSE;

  g_array_set_size (self->marked, 0);
  return TRUE;
}

static void
on_message (SighejClient *client, guint id, guint64 number, const char *text, Reading *self)
{
  self->came = self->came || id == self->id;
}

static void
on_marked (SighejClient *client, guint id, guint64 number, const char *mark, Reading *self)
{
  if (id != self->id)
    return;
  if (number > self->last)
    self->came = TRUE;
  else
    g_array_append_val (self->marked, number);
}

/* Whether a message came, or the meet is over, or nobody reads any more. */
static gboolean
has_news (Sighejctl *ctl, gpointer user_data)
{
  Reading *self = user_data;
  g_autoptr (SighejDBusMeet1) meet = sighej_client_dup_meet (ctl->client, self->id);

  return self->came || self->marked->len > 0 || meet == NULL || ferror (ctl->output.file) != 0;
}

static gboolean
follow (Reading *self, GError **error)
{
  g_autoptr (SighejDBusMeet1) meet = g_object_ref (self->meet);

  while (meet != NULL && ferror (self->ctl->output.file) == 0)
    {
      if (self->came)
        {
          self->came = FALSE;
          if (!show_new (self, error))
            return FALSE;
        }
      if (!show_marks (self, error))
        return FALSE;
      if (!sighejctl_wait_until (self->ctl, has_news, self, 0, error))
        return FALSE;
      g_clear_object (&meet);
      meet = sighej_client_dup_meet (self->ctl->client, self->id);
    }
  return TRUE;
}

/* What was told of the meet last, before it left the bus. */
static void
tell_end (Reading *self)
{
  const char *problem = sighejctl_meet_explain_problem (self->meet);
  SighejctlOutput *output = &self->ctl->output;

  if (problem != NULL)
    sighejctl_output_say (output, "%s\n", problem);
  sighejctl_output_say (output, _ ("The meet is over.\n"));
}

static int
read_talk (Reading *self, GError **error)
{
  SighejctlOutput *output = &self->ctl->output;
  g_autoptr (GVariant) records = NULL;
  GError *reason = NULL;
  gboolean done = show_new (self, &reason) && (!self->follows || follow (self, &reason));

  records = g_variant_ref_sink (g_variant_builder_end (&self->records));
  /* Followed, the talk ends with the meet. */
  if (!done && !(self->follows && sighejctl_is_object_gone (reason)))
    return talk_failed (self->id, reason, error);

  g_clear_error (&reason);
  if (self->follows)
    tell_end (self);
  else if (self->n_shown == 0)
    sighejctl_output_say (output, _ ("Nothing was said yet. 'sighejctl say %u TEXT'\n"), self->id);
  if (!self->follows)
    sighejctl_output_list (output, "messages", records);
  return SIGHEJCTL_EXIT_DONE;
}

int
sighejctl_cmd_messages (Sighejctl *self, GError **error)
{
  g_autoptr (GHashTable) marks = g_hash_table_new_full (g_int64_hash, g_int64_equal, g_free, NULL);
  g_autoptr (GArray) marked = g_array_new (FALSE, FALSE, sizeof (guint64));
  Reading reading = { .ctl = self, .follows = self->follow, .marks = marks, .marked = marked };
  int status;

  reading.meet = sighejctl_pick_meet (self, self->arguments[0], &reading.id, error);
  if (reading.meet == NULL)
    return -1;

  g_variant_builder_init (&reading.records, G_VARIANT_TYPE ("aa{sv}"));
  g_signal_connect (self->client, "message", G_CALLBACK (on_message), &reading);
  g_signal_connect (self->client, "message-marked", G_CALLBACK (on_marked), &reading);
  status = read_talk (&reading, error);
  g_signal_handlers_disconnect_by_data (self->client, &reading);
  g_object_unref (reading.meet);
  return status;
}
