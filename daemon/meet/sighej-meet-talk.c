/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include "sighej-meet-talk.h"

#include "sighej-error.h"

/* When the backend is too busy to say how long. */
#define RETRY_US ((gint64) G_USEC_PER_SEC)
#define TYPING_US ((gint64) SIGHEJ_TALK_TYPING_SECONDS * G_USEC_PER_SEC)

struct _SighejMeetTalk
{
  GObject parent_instance;

  SighejClock *clock;
  SighejLinkMeets *line;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];
  SighejTalk *talk; /* NULL once it is over */
  SighejMeet *meet;
  SighejMeetTalkTell tell;
  gpointer user_data;

  /* What goes out. */
  gboolean flowing;
  guint flow;     /* which one this is: answers of one before count for nothing */
  guint64 sent_n; /* letters up to this one were sent in this flow */
  guint n_on_way;
  guint retry_wait;
  guint catch_up_wait;

  /* What came in. */
  gboolean acking;
  guint64 acked_n;
  guint64 gap_n; /* what was missing when we last asked for it */
  guint typing_wait;
  SighejToken peer_token;
};

typedef struct
{
  SighejMeetTalk *talk;
  guint flow;
  guint64 n;
} Letter;

G_DEFINE_FINAL_TYPE (SighejMeetTalk, sighej_meet_talk, G_TYPE_OBJECT)

static void
sighej_meet_talk_init (SighejMeetTalk *self)
{
}

void
sighej_meet_talk_end (SighejMeetTalk *self)
{
  g_clear_pointer (&self->talk, sighej_talk_free);
  self->meet = NULL;
  self->tell = NULL;
  self->flowing = FALSE;
  self->flow++;
  if (self->clock == NULL)
    return;
  sighej_clock_clear (self->clock, &self->retry_wait);
  sighej_clock_clear (self->clock, &self->catch_up_wait);
  sighej_clock_clear (self->clock, &self->typing_wait);
}

static void
sighej_meet_talk_dispose (GObject *object)
{
  SighejMeetTalk *self = SIGHEJ_MEET_TALK (object);

  sighej_meet_talk_end (self);
  g_clear_object (&self->line);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_meet_talk_parent_class)->dispose (object);
}

static void
sighej_meet_talk_class_init (SighejMeetTalkClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_meet_talk_dispose;
}

SighejMeetTalk *
sighej_meet_talk_new (SighejClock *clock,
                      SighejLinkMeets *line,
                      const char *nudge_id,
                      SighejTalk *talk,
                      SighejMeet *meet,
                      SighejMeetTalkTell tell,
                      gpointer user_data)
{
  SighejMeetTalk *self = g_object_new (SIGHEJ_TYPE_MEET_TALK, NULL);

  self->clock = g_object_ref (clock);
  self->line = g_object_ref (line);
  g_strlcpy (self->nudge_id, nudge_id, sizeof self->nudge_id);
  self->talk = talk;
  self->meet = meet;
  self->meet->trust = sighej_talk_get_trust (talk);
  self->tell = tell;
  self->user_data = user_data;
  return self;
}

/* ---- telling; whoever is told may end us ---- */

static void
tell (SighejMeetTalk *self, SighejMeetTalkTold told, const SighejMeetMessage *message)
{
  if (self->tell != NULL)
    self->tell (told, message, self->user_data);
}

static gint64
now_us (SighejMeetTalk *self)
{
  return sighej_clock_now_us (self->clock);
}

static void
become_broken (SighejMeetTalk *self)
{
  self->flowing = FALSE;
  self->flow++;
  self->meet->trust = SIGHEJ_MEET_TRUST_BROKEN;
  self->meet->problem = sighej_talk_get_problem (self->talk);
  tell (self, SIGHEJ_MEET_TALK_BROKEN, NULL);
}

/* ---- out ---- */

static void pump (SighejMeetTalk *self);

static gboolean
on_retry (gpointer user_data)
{
  SighejMeetTalk *self = user_data;

  self->retry_wait = 0;
  pump (self);
  return G_SOURCE_REMOVE;
}

/* The backend has them up to @n. */
static void
letter_said (SighejMeetTalk *self, guint64 n)
{
  if (!sighej_talk_said (self->talk, n, now_us (self)))
    {
      become_broken (self);
      return;
    }
  if (sighej_meet_mark (self->meet, n, SIGHEJ_MEET_MARK_SENT))
    tell (self, SIGHEJ_MEET_TALK_CHANGED, NULL);
}

/* What was sent after the one that failed will fail too: from the first again. */
static void
letter_failed (SighejMeetTalk *self, const GError *error)
{
  self->flow++;
  self->sent_n = 0;
  self->n_on_way = 0;
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_OFFLINE))
    self->flowing = FALSE;
  else if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED)
           || g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE))
    {
      sighej_clock_clear (self->clock, &self->retry_wait);
      self->retry_wait = sighej_clock_add (self->clock, RETRY_US, on_retry, self);
    }
  else
    {
      self->flowing = FALSE;
      tell (self, SIGHEJ_MEET_TALK_ASTRAY, NULL);
    }
}

static void
on_said (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  g_autofree Letter *letter = user_data;
  g_autoptr (SighejMeetTalk) self = letter->talk;

  if (self->talk == NULL || letter->flow != self->flow)
    return;

  self->n_on_way--;
  if (error != NULL)
    letter_failed (self, error);
  else
    letter_said (self, letter->n);
  pump (self);
}

/* FALSE: it could not be sent now. */
static gboolean
send_letter (SighejMeetTalk *self, const SighejTalkLetter *letter)
{
  SighejWireMeet message
      = { .act = SIGHEJ_MEET_SAY, .number = letter->n, .kind = letter->kind, .body = letter->body };
  Letter *sent = g_new0 (Letter, 1);

  g_strlcpy (message.nudge_id, self->nudge_id, sizeof message.nudge_id);
  sent->talk = g_object_ref (self);
  sent->flow = self->flow;
  sent->n = letter->n;
  if (sighej_link_meets_ask (self->line, &message, on_said, sent, NULL))
    return TRUE;

  g_object_unref (self);
  g_free (sent);
  return FALSE;
}

static gboolean
on_catch_up (gpointer user_data)
{
  SighejMeetTalk *self = user_data;

  self->catch_up_wait = 0;
  pump (self);
  return G_SOURCE_REMOVE;
}

static void
catch_up (SighejMeetTalk *self)
{
  gint64 again_us = sighej_talk_catch_up (self->talk, now_us (self));

  sighej_clock_clear (self->clock, &self->catch_up_wait);
  if (again_us != 0)
    self->catch_up_wait = sighej_clock_add_at (self->clock, again_us, on_catch_up, self);
}

static void
pump (SighejMeetTalk *self)
{
  const SighejTalkLetter *letter;

  if (self->talk == NULL)
    return;

  catch_up (self);
  while (self->flowing && self->retry_wait == 0 && self->n_on_way < SIGHEJ_MEET_TALK_WINDOW_LETTERS
         && (letter = sighej_talk_get_outgoing (self->talk, self->sent_n)) != NULL)
    {
      if (!send_letter (self, letter))
        return;
      self->sent_n = letter->n;
      self->n_on_way++;
    }
}

void
sighej_meet_talk_flow (SighejMeetTalk *self)
{
  self->flowing = TRUE;
  self->flow++;
  self->sent_n = 0;
  self->n_on_way = 0;
  sighej_clock_clear (self->clock, &self->retry_wait);
  pump (self);
}

void
sighej_meet_talk_stop (SighejMeetTalk *self)
{
  self->flowing = FALSE;
  self->flow++;
}

/* ---- in ---- */

static void acknowledge (SighejMeetTalk *self);

static void
on_acked (const SighejWireServerMessage *answer, const GError *error, gpointer user_data)
{
  g_autoptr (SighejMeetTalk) self = user_data;

  self->acking = FALSE;
  if (error == NULL && self->talk != NULL)
    acknowledge (self);
}

/* Cumulative: while one is on its way, the next waits for all that come meanwhile. */
static void
acknowledge (SighejMeetTalk *self)
{
  SighejWireMeet message = { .act = SIGHEJ_MEET_ACK };

  message.number = sighej_talk_get_taken (self->talk);
  if (self->acking || message.number <= self->acked_n)
    return;

  g_strlcpy (message.nudge_id, self->nudge_id, sizeof message.nudge_id);
  if (!sighej_link_meets_ask (self->line, &message, on_acked, g_object_ref (self), NULL))
    {
      g_object_unref (self);
      return;
    }
  self->acking = TRUE;
  self->acked_n = message.number;
}

static gboolean
on_typing_over (gpointer user_data)
{
  SighejMeetTalk *self = user_data;

  self->typing_wait = 0;
  self->meet->peer_typing = FALSE;
  tell (self, SIGHEJ_MEET_TALK_CHANGED, NULL);
  return G_SOURCE_REMOVE;
}

static void
show_typing (SighejMeetTalk *self, gboolean typing)
{
  sighej_clock_clear (self->clock, &self->typing_wait);
  if (typing)
    self->typing_wait = sighej_clock_add (self->clock, TYPING_US, on_typing_over, self);
  self->meet->peer_typing = typing;
}

/* Writes the news into the meet. Returns: (nullable): the message that came */
static const SighejMeetMessage *
show_news (SighejMeetTalk *self, const SighejTalkNews *news)
{
  switch (news->type)
    {
    case SIGHEJ_TALK_NEWS_TRUST:
      self->meet->trust = sighej_talk_get_trust (self->talk);
      break;
    case SIGHEJ_TALK_NEWS_TEXT:
      show_typing (self, FALSE);
      return sighej_meet_add_message (
          self->meet, FALSE, news->number, news->text, sighej_clock_wall_us (self->clock));
    case SIGHEJ_TALK_NEWS_DELIVERED:
      sighej_meet_mark (self->meet, news->number, SIGHEJ_MEET_MARK_DELIVERED);
      break;
    case SIGHEJ_TALK_NEWS_SEEN:
      sighej_meet_mark (self->meet, news->number, SIGHEJ_MEET_MARK_SEEN);
      break;
    case SIGHEJ_TALK_NEWS_TYPING:
      show_typing (self, news->typing);
      break;
    case SIGHEJ_TALK_NEWS_TOKEN:
      self->peer_token = news->token;
      break;
    case SIGHEJ_TALK_NEWS_NONE:
    default:
      break;
    }
  return NULL;
}

static SighejMeetTalkTold
told_of (const SighejTalkNews *news)
{
  switch (news->type)
    {
    case SIGHEJ_TALK_NEWS_TEXT:
      return SIGHEJ_MEET_TALK_MESSAGE;
    case SIGHEJ_TALK_NEWS_TOKEN:
      return SIGHEJ_MEET_TALK_TOKEN;
    case SIGHEJ_TALK_NEWS_NONE:
    case SIGHEJ_TALK_NEWS_TRUST:
    case SIGHEJ_TALK_NEWS_DELIVERED:
    case SIGHEJ_TALK_NEWS_SEEN:
    case SIGHEJ_TALK_NEWS_TYPING:
    default:
      return SIGHEJ_MEET_TALK_CHANGED;
    }
}

static void
open_letter (SighejMeetTalk *self, const SighejWireTalk *letter)
{
  SighejTalkNews news = { 0 };
  const SighejMeetMessage *message;
  gsize n_body;
  const guint8 *body = g_bytes_get_data (letter->body, &n_body);

  if (!sighej_talk_take (self->talk, letter->n, letter->kind, body, n_body, now_us (self), &news))
    {
      sighej_talk_news_clear (&news);
      become_broken (self);
      return;
    }

  acknowledge (self);
  message = show_news (self, &news);
  if (news.type != SIGHEJ_TALK_NEWS_NONE)
    tell (self, told_of (&news), message);
  sighej_talk_news_clear (&news);
  pump (self);
}

void
sighej_meet_talk_take (SighejMeetTalk *self, const SighejWireTalk *letter)
{
  G_GNUC_UNUSED g_autoptr (SighejMeetTalk) held = g_object_ref (self);
  guint64 taken_n;

  if (self->talk == NULL || sighej_talk_get_trust (self->talk) == SIGHEJ_MEET_TRUST_BROKEN)
    return;

  taken_n = sighej_talk_get_taken (self->talk);
  if (letter->n <= taken_n)
    {
      /* Sent again because the acknowledgement was lost. */
      self->acked_n = MIN (self->acked_n, letter->n - 1);
      acknowledge (self);
    }
  else if (letter->n == taken_n + 1 || self->gap_n == taken_n + 1)
    {
      /* Asked for and not there: the talk says what that means. */
      open_letter (self, letter);
    }
  else
    {
      self->gap_n = taken_n + 1;
      self->flowing = FALSE;
      tell (self, SIGHEJ_MEET_TALK_ASTRAY, NULL);
    }
}

guint64
sighej_meet_talk_get_taken (SighejMeetTalk *self)
{
  return self->talk != NULL ? sighej_talk_get_taken (self->talk) : 0;
}

const guint8 *
sighej_meet_talk_get_joiner_secret (SighejMeetTalk *self)
{
  return self->talk != NULL ? sighej_talk_get_joiner_secret (self->talk) : NULL;
}

/* ---- what the person does ---- */

const SighejMeetMessage *
sighej_meet_talk_say (SighejMeetTalk *self, const char *text, GError **error)
{
  const SighejMeetMessage *message;
  guint64 number;

  if (!sighej_talk_say (self->talk, text, now_us (self), &number, error))
    return NULL;

  message = sighej_meet_add_message (
      self->meet, TRUE, number, text, sighej_clock_wall_us (self->clock));
  pump (self);
  return message;
}

void
sighej_meet_talk_mark_seen (SighejMeetTalk *self, guint64 letter)
{
  sighej_talk_mark_seen (self->talk, letter, now_us (self));
  pump (self);
}

void
sighej_meet_talk_set_typing (SighejMeetTalk *self, gboolean typing)
{
  sighej_talk_set_typing (self->talk, typing, now_us (self));
  pump (self);
}

void
sighej_meet_talk_set_token (SighejMeetTalk *self, const SighejTokenOrigin *origin)
{
  sighej_talk_set_token (self->talk, origin, now_us (self));
  pump (self);
}

const SighejToken *
sighej_meet_talk_get_peer_token (SighejMeetTalk *self)
{
  return &self->peer_token;
}
