/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-meets.h"

#include "sighej-crypto.h"
#include "sighej-error.h"

#define ANSWER_US ((gint64) SIGHEJ_LINK_MEETS_ANSWER_SECONDS * G_USEC_PER_SEC)

typedef struct
{
  guint64 id;
  char *text; /* as it was sent */
  gint64 until_us;
  SighejLinkMeetsAnswered answered;
  gpointer user_data;
} Question;

struct _SighejLinkMeets
{
  GObject parent_instance;

  SighejClock *clock;
  SighejLinkMeetsSend send; /* NULL: no line */
  gpointer send_data;

  guint64 last_id;
  GQueue questions; /* of Question, oldest first */
  guint wait;       /* for the answer to the oldest */

  guint64 n_questions;
  guint64 n_unanswered;
  guint64 n_refused;
  guint64 n_states;
  guint64 n_letters;
};

enum
{
  ONLINE,
  MEET,
  TALK,
  PAIRED,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SighejLinkMeets, sighej_link_meets, G_TYPE_OBJECT)

static void
sighej_link_meets_init (SighejLinkMeets *self)
{
  g_queue_init (&self->questions);
}

/* ---- questions and their end ---- */

static void
question_free (Question *question)
{
  sighej_wipe_free_string (question->text);
  g_free (question);
}
G_DEFINE_AUTOPTR_CLEANUP_FUNC (Question, question_free)

static void
fail_questions (SighejLinkMeets *self, const char *why)
{
  GQueue failed = self->questions;
  Question *question;

  g_queue_init (&self->questions);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->wait);
  while ((question = g_queue_pop_head (&failed)) != NULL)
    {
      g_autoptr (GError) error = g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE, why);

      self->n_unanswered++;
      question->answered (NULL, error, question->user_data);
      question_free (question);
    }
}

static gboolean on_late (gpointer user_data);

/* All wait equally long, so the oldest is the first to be late. */
static void
wait_for_oldest (SighejLinkMeets *self)
{
  const Question *oldest = g_queue_peek_head (&self->questions);

  sighej_clock_clear (self->clock, &self->wait);
  if (oldest != NULL)
    self->wait = sighej_clock_add_at (self->clock, oldest->until_us, on_late, self);
}

static gboolean
on_late (gpointer user_data)
{
  g_autoptr (SighejLinkMeets) self = g_object_ref (user_data);
  g_autoptr (GError) error = g_error_new_literal (
      SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE, "the backend has not answered in time");
  gint64 now_us = sighej_clock_now_us (self->clock);
  Question *question;

  self->wait = 0;
  while ((question = g_queue_peek_head (&self->questions)) != NULL && question->until_us <= now_us)
    {
      g_queue_pop_head (&self->questions);
      self->n_unanswered++;
      question->answered (NULL, error, question->user_data);
      question_free (question);
    }
  wait_for_oldest (self);
  /* Whoever gave up for want of an answer begins anew, as after a lost line: this one may stay. */
  if (self->send != NULL)
    g_signal_emit (self, signals[ONLINE], 0);
  return G_SOURCE_REMOVE;
}

static Question *
steal_question (SighejLinkMeets *self, guint64 id)
{
  for (GList *link = self->questions.head; link != NULL; link = link->next)
    {
      Question *question = link->data;

      if (question->id != id)
        continue;
      g_queue_delete_link (&self->questions, link);
      wait_for_oldest (self);
      return question;
    }
  return NULL;
}

static void
sighej_link_meets_dispose (GObject *object)
{
  SighejLinkMeets *self = SIGHEJ_LINK_MEETS (object);

  self->send = NULL;
  fail_questions (self, "the program ends");
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_link_meets_parent_class)->dispose (object);
}

static void
sighej_link_meets_class_init (SighejLinkMeetsClass *klass)
{
  GType type = G_TYPE_FROM_CLASS (klass);
  static const char *const names[] = { "meet", "talk", "paired" };

  G_OBJECT_CLASS (klass)->dispose = sighej_link_meets_dispose;

  signals[ONLINE]
      = g_signal_new ("online", type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    signals[MEET + i] = g_signal_new (
        names[i], type, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1, G_TYPE_POINTER);
}

SighejLinkMeets *
sighej_link_meets_new (SighejClock *clock)
{
  SighejLinkMeets *self = g_object_new (SIGHEJ_TYPE_LINK_MEETS, NULL);

  self->clock = g_object_ref (clock);
  return self;
}

/* ---- the line ---- */

/* The answers may still come over the line before: each question is answered by the first. */
static void
ask_anew (SighejLinkMeets *self)
{
  for (GList *link = self->questions.head; link != NULL; link = link->next)
    {
      const Question *question = link->data;

      if (!self->send (question->text, self->send_data))
        return;
    }
}

void
sighej_link_meets_set_line (SighejLinkMeets *self, SighejLinkMeetsSend send, gpointer user_data)
{
  gboolean was_online = self->send != NULL;

  if (self->send == send && self->send_data == user_data)
    return;

  self->send = send;
  self->send_data = user_data;
  if (was_online && send != NULL)
    ask_anew (self);
  else
    fail_questions (self, "the connection to the backend was lost");
  if (self->send != NULL)
    g_signal_emit (self, signals[ONLINE], 0);
}

gboolean
sighej_link_meets_get_online (SighejLinkMeets *self)
{
  return self->send != NULL;
}

/* ---- what comes ---- */

/* Takes @error, when there is one. */
static void
answer (SighejLinkMeets *self, guint64 id, const SighejWireServerMessage *message, GError *error)
{
  g_autoptr (GError) owned = error;
  g_autoptr (Question) question = steal_question (self, id);

  if (question == NULL)
    return;
  if (owned != NULL)
    self->n_refused++;
  question->answered (owned == NULL ? message : NULL, owned, question->user_data);
}

void
sighej_link_meets_take (SighejLinkMeets *self, const SighejWireServerMessage *message)
{
  G_GNUC_UNUSED g_autoptr (SighejLinkMeets) held = g_object_ref (self);

  switch ((int) message->type)
    {
    case SIGHEJ_WIRE_MEET_RESULT:
      answer (self,
              message->result->id,
              message,
              message->result->ok ? NULL : sighej_wire_meet_result_to_error (message->result));
      break;
    case SIGHEJ_WIRE_CODE:
      answer (self, message->pair_code->id, message, NULL);
      break;
    case SIGHEJ_WIRE_PAIR:
      answer (self, message->paired->id, message, NULL);
      break;
    case SIGHEJ_WIRE_MEET:
      self->n_states++;
      g_signal_emit (self, signals[MEET], 0, message->meet);
      break;
    case SIGHEJ_WIRE_TALK:
      self->n_letters++;
      g_signal_emit (self, signals[TALK], 0, message->talk);
      break;
    case SIGHEJ_WIRE_PAIRED:
      g_signal_emit (self, signals[PAIRED], 0, message->paired);
      break;
    default:
      g_assert_not_reached ();
    }
}

/* ---- asking ---- */

static gboolean
check_may_ask (SighejLinkMeets *self, GError **error)
{
  if (self->send == NULL)
    g_set_error_literal (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE, "there is no connection to the backend now");
  else if (g_queue_get_length (&self->questions) >= SIGHEJ_LINK_MEETS_PENDING_MAX)
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_RATE_LIMITED,
                 "too much waits for the backend, try again in %u s",
                 SIGHEJ_LINK_MEETS_ANSWER_SECONDS);
  else
    return TRUE;
  return FALSE;
}

/* Takes @text, which is wiped in the end. */
static gboolean
send_question (SighejLinkMeets *self,
               char *text,
               SighejLinkMeetsAnswered answered,
               gpointer user_data,
               GError **error)
{
  Question *question;

  if (!self->send (text, self->send_data))
    {
      sighej_wipe_free_string (text);
      g_set_error_literal (
          error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE, "there is no connection to the backend now");
      return FALSE;
    }

  question = g_new0 (Question, 1);
  question->id = self->last_id;
  question->text = text;
  question->until_us = sighej_clock_now_us (self->clock) + ANSWER_US;
  question->answered = answered;
  question->user_data = user_data;
  g_queue_push_tail (&self->questions, question);
  self->n_questions++;
  if (self->wait == 0)
    wait_for_oldest (self);
  return TRUE;
}

gboolean
sighej_link_meets_ask (SighejLinkMeets *self,
                       SighejWireMeet *message,
                       SighejLinkMeetsAnswered answered,
                       gpointer user_data,
                       GError **error)
{
  if (!check_may_ask (self, error))
    return FALSE;

  message->id = ++self->last_id;
  return send_question (self, sighej_wire_meet_write (message), answered, user_data, error);
}

gboolean
sighej_link_meets_ask_code (SighejLinkMeets *self,
                            SighejWireCodeRequest *request,
                            SighejLinkMeetsAnswered answered,
                            gpointer user_data,
                            GError **error)
{
  if (!check_may_ask (self, error))
    return FALSE;

  request->id = ++self->last_id;
  return send_question (self, sighej_wire_code_request_write (request), answered, user_data, error);
}

gboolean
sighej_link_meets_ask_pair (SighejLinkMeets *self,
                            SighejWirePairRequest *request,
                            SighejLinkMeetsAnswered answered,
                            gpointer user_data,
                            GError **error)
{
  if (!check_may_ask (self, error))
    return FALSE;

  request->id = ++self->last_id;
  return send_question (self, sighej_wire_pair_request_write (request), answered, user_data, error);
}

/* ---- what is, for others ---- */

void
sighej_link_meets_count (SighejLinkMeets *self, GVariantBuilder *counters)
{
  g_variant_builder_add (counters, "{st}", "link.meet-questions", self->n_questions);
  g_variant_builder_add (counters, "{st}", "link.meet-unanswered", self->n_unanswered);
  g_variant_builder_add (counters, "{st}", "link.meet-refused", self->n_refused);
  g_variant_builder_add (counters, "{st}", "link.meet-states", self->n_states);
  g_variant_builder_add (counters, "{st}", "link.meet-letters", self->n_letters);
}
