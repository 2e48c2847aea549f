/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-session.h"

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-link-ask.h"
#include "sighej-link-socket.h"

/* Both times of an answer are cut to whole seconds, so a length may look this much shorter. */
#define ROUNDING_SECONDS 2

typedef struct
{
  guint64 id;
  gint64 asked_us;
  SighejToken detected;
} Report;

struct _SighejLinkSession
{
  GObject parent_instance;

  SoupSession *soup;
  SighejClock *clock;
  char *uri;
  guint timeout_s;
  GCancellable *cancellable;

  SighejLinkSessionState state;
  SighejLinkFailure *failure;

  SoupMessage *post;     /* while REGISTERING */
  SoupMessage *farewell; /* DELETE, while ENDING */
  gboolean is_left;

  /* The session: secrets, wiped in forget_secrets(). */
  guint8 seed[SIGHEJ_SEED_BYTES];
  SighejKeypair *keypair;
  SighejToken first_token;
  char *secret; /* NULL: a backend without credentials */
  SighejTokenSchedule *schedule;
  guint asked_s;
  gint64 accepted_us;
  SighejLinkTerm term;

  /* The WebSocket. */
  SighejLinkSocket *socket;
  guint64 acked_seq;
  guint64 last_report_id;
  GQueue reports; /* of Report, oldest first */
  guint n_unanswered;
  guint n_bad; /* of sockets gone by */

  guint end_wait;
};

enum
{
  CHANGED,
  NUDGE,
  SIGHTING_RESULT,
  MEET_MESSAGE,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SighejLinkSession, sighej_link_session, G_TYPE_OBJECT)

static void
sighej_link_session_init (SighejLinkSession *self)
{
  self->cancellable = g_cancellable_new ();
  g_queue_init (&self->reports);
}

static void
report_free (Report *report)
{
  sighej_wipe (report, sizeof *report);
  g_free (report);
}

static void
forget_reports (SighejLinkSession *self)
{
  self->n_unanswered += g_queue_get_length (&self->reports);
  g_queue_clear_full (&self->reports, (GDestroyNotify) report_free);
}

static void
forget_secrets (SighejLinkSession *self)
{
  sighej_wipe (self->seed, sizeof self->seed);
  sighej_wipe (&self->first_token, sizeof self->first_token);
  g_clear_pointer (&self->secret, sighej_wipe_free_string);
  g_clear_pointer (&self->schedule, sighej_token_schedule_unref);
  g_clear_pointer (&self->keypair, sighej_keypair_unref);
}

static void
drop_socket (SighejLinkSession *self)
{
  g_autoptr (SighejLinkSocket) socket = g_steal_pointer (&self->socket);

  forget_reports (self);
  if (socket == NULL)
    return;

  self->n_bad += sighej_link_socket_get_n_bad (socket);
  g_signal_handlers_disconnect_by_data (socket, self);
  sighej_link_socket_close (socket);
}

static void
sighej_link_session_dispose (GObject *object)
{
  SighejLinkSession *self = SIGHEJ_LINK_SESSION (object);

  g_cancellable_cancel (self->cancellable);
  drop_socket (self);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->end_wait);
  forget_secrets (self);
  g_clear_object (&self->post);
  g_clear_object (&self->farewell);
  g_clear_object (&self->soup);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_link_session_parent_class)->dispose (object);
}

static void
sighej_link_session_finalize (GObject *object)
{
  SighejLinkSession *self = SIGHEJ_LINK_SESSION (object);

  g_clear_pointer (&self->failure, sighej_link_failure_free);
  g_object_unref (self->cancellable);
  g_free (self->uri);

  G_OBJECT_CLASS (sighej_link_session_parent_class)->finalize (object);
}

static void
sighej_link_session_class_init (SighejLinkSessionClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_link_session_dispose;
  object_class->finalize = sighej_link_session_finalize;

  signals[CHANGED] = g_signal_new (
      "changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[NUDGE] = g_signal_new ("nudge",
                                 G_TYPE_FROM_CLASS (klass),
                                 G_SIGNAL_RUN_LAST,
                                 0,
                                 NULL,
                                 NULL,
                                 NULL,
                                 G_TYPE_NONE,
                                 1,
                                 G_TYPE_POINTER);
  signals[SIGHTING_RESULT] = g_signal_new ("sighting-result",
                                           G_TYPE_FROM_CLASS (klass),
                                           G_SIGNAL_RUN_LAST,
                                           0,
                                           NULL,
                                           NULL,
                                           NULL,
                                           G_TYPE_NONE,
                                           2,
                                           G_TYPE_POINTER,
                                           G_TYPE_BOOLEAN);
  signals[MEET_MESSAGE] = g_signal_new ("meet-message",
                                        G_TYPE_FROM_CLASS (klass),
                                        G_SIGNAL_RUN_LAST,
                                        0,
                                        NULL,
                                        NULL,
                                        NULL,
                                        G_TYPE_NONE,
                                        1,
                                        G_TYPE_POINTER);
}

SighejLinkSession *
sighej_link_session_new (SoupSession *session, SighejClock *clock, const char *uri, guint timeout_s)
{
  SighejLinkSession *self = g_object_new (SIGHEJ_TYPE_LINK_SESSION, NULL);

  self->soup = g_object_ref (session);
  self->clock = g_object_ref (clock);
  self->uri = g_strdup (uri);
  self->timeout_s = timeout_s;
  return self;
}

/* ---- states ---- */

#define TO(state) (1u << SIGHEJ_LINK_SESSION_##state)
static const guint moves[] = {
  [SIGHEJ_LINK_SESSION_NEW] = TO (REGISTERING) | TO (ENDING),
  [SIGHEJ_LINK_SESSION_REGISTERING] = TO (REGISTERED) | TO (ENDING) | TO (DEAD),
  [SIGHEJ_LINK_SESSION_REGISTERED] = TO (CONNECTING) | TO (ENDING),
  [SIGHEJ_LINK_SESSION_CONNECTING] = TO (ONLINE) | TO (REGISTERED) | TO (ENDING) | TO (DEAD),
  [SIGHEJ_LINK_SESSION_ONLINE] = TO (REGISTERED) | TO (ENDING) | TO (DEAD),
  [SIGHEJ_LINK_SESSION_ENDING] = TO (DEAD),
  [SIGHEJ_LINK_SESSION_DEAD] = 0,
};
static const char *const state_words[]
    = { "new", "registering", "registered", "connecting", "online", "ending", "dead" };
G_STATIC_ASSERT (G_N_ELEMENTS (moves) == SIGHEJ_LINK_SESSION_DEAD + 1);
G_STATIC_ASSERT (G_N_ELEMENTS (state_words) == G_N_ELEMENTS (moves));

/* Takes @failure. */
static void
set_state (SighejLinkSession *self, SighejLinkSessionState next, SighejLinkFailure *failure)
{
  g_assert ((moves[self->state] & (1u << next)) != 0);

  g_debug ("session: %s -> %s (%s)",
           state_words[self->state],
           state_words[next],
           failure != NULL ? failure->text : "as asked");
  self->state = next;
  g_clear_pointer (&self->failure, sighej_link_failure_free);
  self->failure = failure;

  if (next == SIGHEJ_LINK_SESSION_DEAD)
    {
      sighej_clock_clear (self->clock, &self->end_wait);
      g_cancellable_cancel (self->cancellable);
      drop_socket (self);
      forget_secrets (self);
    }
  g_signal_emit (self, signals[CHANGED], 0);
}

/* ---- the end ---- */

static void
deleted (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejLinkSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = sighej_link_http_send_finish (SOUP_SESSION (source), result, &error);
  guint status;

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  status = soup_message_get_status (self->farewell);
  /* Who does not know the secret any more knows no session. */
  self->is_left
      = body == NULL || (status != SOUP_STATUS_NO_CONTENT && status != SOUP_STATUS_UNAUTHORIZED);
  if (self->is_left)
    g_debug ("the session is left to the backend's expiry: %s",
             error != NULL ? error->message : "it could not be ended");
  set_state (self, SIGHEJ_LINK_SESSION_DEAD, NULL);
}

static gboolean
on_end_deadline (gpointer user_data)
{
  SighejLinkSession *self = user_data;

  self->end_wait = 0;
  self->is_left = self->secret != NULL || self->post != NULL;
  g_debug ("the session is left to the backend's expiry: no answer to DELETE");
  set_state (self, SIGHEJ_LINK_SESSION_DEAD, NULL);
  return G_SOURCE_REMOVE;
}

/* DEAD is never announced from inside a call of the owner's, who may be in the middle of things. */
static void
arm_end (SighejLinkSession *self, guint seconds)
{
  sighej_clock_clear (self->clock, &self->end_wait);
  self->end_wait
      = sighej_clock_add (self->clock, (gint64) seconds * G_USEC_PER_SEC, on_end_deadline, self);
}

static void
send_delete (SighejLinkSession *self)
{
  self->farewell
      = sighej_link_http_message_new (SOUP_METHOD_DELETE, self->uri, "/session", self->secret);
  sighej_link_http_send_async (self->soup,
                               self->farewell,
                               self->clock,
                               SIGHEJ_LINK_END_SECONDS,
                               self->cancellable,
                               deleted,
                               g_object_ref (self));
}

void
sighej_link_session_end (SighejLinkSession *self)
{
  SighejLinkSessionState was = self->state;

  if (was == SIGHEJ_LINK_SESSION_ENDING || was == SIGHEJ_LINK_SESSION_DEAD)
    return;

  /* In mid-POST the answer is awaited: only it says what there is to delete. The socket stays
   * for what is on its way through it. */
  set_state (self, SIGHEJ_LINK_SESSION_ENDING, NULL);
  if (was == SIGHEJ_LINK_SESSION_REGISTERING)
    arm_end (self, SIGHEJ_LINK_END_SECONDS);
  else if (self->secret == NULL)
    arm_end (self, 0);
  else
    {
      arm_end (self, SIGHEJ_LINK_END_SECONDS);
      send_delete (self);
    }
}

/* ---- POST /session ---- */

/*
 * How long the session will live, seconds, by the backend's own clock: expires_at less its Date
 * header. Without one our clock must do, unless that gives nonsense.
 */
static guint
granted_s (SighejLinkSession *self, SoupMessage *message, gint64 expires_at_us)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *date = soup_message_headers_get_one (headers, "Date");
  g_autoptr (GDateTime) backend_now
      = date != NULL ? soup_date_time_new_from_http_string (date) : NULL;
  gint64 now_s = backend_now != NULL ? g_date_time_to_unix (backend_now)
                                     : sighej_clock_wall_us (self->clock) / G_USEC_PER_SEC;
  gint64 length_s = expires_at_us / G_USEC_PER_SEC - now_s;

  if (length_s >= (gint64) self->asked_s - ROUNDING_SECONDS)
    return self->asked_s;
  if (length_s < SIGHEJ_SESSION_SECONDS_MIN - ROUNDING_SECONDS)
    return backend_now != NULL ? 0 : self->asked_s;
  return MAX ((guint) length_s, SIGHEJ_SESSION_SECONDS_MIN);
}

/* Takes over what the answer says. FALSE: the backend's session is not one we can use. */
static gboolean
accept_answer (SighejLinkSession *self, SoupMessage *message, SighejWireSessionAnswer *answer)
{
  guint session_s = granted_s (self, message, answer->expires_at_us);

  self->secret = g_steal_pointer (&answer->session_secret);
  if (session_s == 0)
    return FALSE;

  self->accepted_us = sighej_clock_now_us (self->clock);
  sighej_link_term_accept (&self->term, self->clock, session_s);
  self->schedule = sighej_token_schedule_new (
      self->seed, sighej_keypair_get_public (self->keypair), session_s);
  sighej_wipe (self->seed, sizeof self->seed);
  return TRUE;
}

static void
register_failed (SighejLinkSession *self, SighejLinkFailure *failure)
{
  set_state (self, SIGHEJ_LINK_SESSION_DEAD, failure);
}

static void
answered (SighejLinkSession *self, SoupMessage *message, GBytes *body)
{
  g_autoptr (SighejWireSessionAnswer) answer = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes;
  const char *data = g_bytes_get_data (body, &n_bytes);
  gboolean usable;

  answer = sighej_wire_session_answer_read (data, n_bytes, &error);
  if (answer == NULL)
    {
      register_failed (self,
                       sighej_link_failure_new (SIGHEJ_LINK_FAILURE_OFFLINE,
                                                "what answers there is no SigHej backend"));
      return;
    }

  usable = accept_answer (self, message, answer);
  if (self->state == SIGHEJ_LINK_SESSION_ENDING && self->secret != NULL)
    send_delete (self);
  else if (self->state == SIGHEJ_LINK_SESSION_ENDING)
    set_state (self, SIGHEJ_LINK_SESSION_DEAD, NULL);
  else if (usable)
    set_state (self, SIGHEJ_LINK_SESSION_REGISTERED, NULL);
  else
    register_failed (self,
                     sighej_link_failure_new (SIGHEJ_LINK_FAILURE_REFUSED,
                                              "the backend's sessions are too short"));
}

static void
registered (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejLinkSession) self = user_data;
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) body = sighej_link_http_send_finish (SOUP_SESSION (source), result, &error);
  g_autoptr (SoupMessage) message = g_steal_pointer (&self->post);

  if (g_cancellable_is_cancelled (self->cancellable))
    return;

  if (body == NULL)
    register_failed (self, sighej_link_failure_new_for_error (error));
  else if (soup_message_get_status (message) == SOUP_STATUS_CREATED)
    answered (self, message, body);
  else
    register_failed (self, sighej_link_failure_new_for_message (message));
}

static SoupMessage *
make_request (SighejLinkSession *self,
              const char *const *interests,
              const guint8 *opening_id,
              const guint8 (*avoid)[SIGHEJ_AVOID_TAG_BYTES])
{
  g_autoptr (SighejWireSessionRequest) request = g_new0 (SighejWireSessionRequest, 1);
  g_autoptr (GBytes) body = NULL;
  SoupMessage *message;
  char *text;

  sighej_token_to_hex (&self->first_token, request->ble_token);
  request->interests = g_strdupv ((GStrv) interests);
  request->has_seed = TRUE;
  memcpy (request->token_seed, self->seed, SIGHEJ_SEED_BYTES);
  request->has_public_key = TRUE;
  memcpy (request->public_key, sighej_keypair_get_public (self->keypair), SIGHEJ_PUBLIC_KEY_BYTES);
  request->has_avoid = avoid != NULL;
  if (avoid != NULL)
    memcpy (request->avoid, avoid, sizeof request->avoid);
  request->has_opening_id = TRUE;
  memcpy (request->opening_id, opening_id, SIGHEJ_OPENING_ID_BYTES);
  request->expires_in_s = self->asked_s;

  text = sighej_wire_session_request_write (request);
  body = g_bytes_new_with_free_func (
      text, strlen (text), (GDestroyNotify) sighej_wipe_free_string, text);
  message = sighej_link_http_message_new (SOUP_METHOD_POST, self->uri, "/session", NULL);
  soup_message_set_request_body_from_bytes (message, "application/json", body);
  return message;
}

void
sighej_link_session_register (SighejLinkSession *self,
                              const char *const *interests,
                              const guint8 opening_id[SIGHEJ_OPENING_ID_BYTES],
                              const guint8 (*avoid)[SIGHEJ_AVOID_TAG_BYTES],
                              guint session_s)
{
  g_autoptr (SighejTokenSchedule) schedule = NULL;

  self->asked_s = session_s;
  sighej_link_term_begin (&self->term, self->clock);
  sighej_random_bytes (self->seed, sizeof self->seed);
  self->keypair = sighej_keypair_new ();
  schedule = sighej_token_schedule_new (
      self->seed, sighej_keypair_get_public (self->keypair), session_s);
  self->first_token = sighej_token_schedule_get_epoch (schedule, 0)->token;

  self->post = make_request (self, interests, opening_id, avoid);
  sighej_link_http_send_async (self->soup,
                               self->post,
                               self->clock,
                               self->timeout_s,
                               self->cancellable,
                               registered,
                               g_object_ref (self));
  set_state (self, SIGHEJ_LINK_SESSION_REGISTERING, NULL);
}

/* ---- the WebSocket ---- */

static void
on_opened (SighejLinkSocket *socket, gpointer user_data)
{
  SighejLinkSession *self = user_data;

  if (self->state == SIGHEJ_LINK_SESSION_CONNECTING)
    set_state (self, SIGHEJ_LINK_SESSION_ONLINE, NULL);
}

/* Takes @failure. */
static void
lose_socket (SighejLinkSession *self, SighejLinkFailure *failure)
{
  drop_socket (self);
  if (self->state == SIGHEJ_LINK_SESSION_ENDING)
    sighej_link_failure_free (failure);
  else if (failure->kind == SIGHEJ_LINK_FAILURE_GONE)
    set_state (self, SIGHEJ_LINK_SESSION_DEAD, failure);
  else
    set_state (self, SIGHEJ_LINK_SESSION_REGISTERED, failure);
}

static void
on_lost (SighejLinkSocket *socket, SighejLinkFailure *failure, gpointer user_data)
{
  lose_socket (user_data, sighej_link_failure_copy (failure));
}

static gboolean
report_is_late (SighejLinkSession *self, const Report *report)
{
  return sighej_clock_now_us (self->clock) - report->asked_us
         >= SIGHEJ_LINK_REPORT_SECONDS * G_USEC_PER_SEC;
}

/* Answers come in the order of the questions, but one may stay out. */
static void
take_result (SighejLinkSession *self, const SighejWireServerMessage *message)
{
  for (GList *link = self->reports.head; link != NULL; link = link->next)
    {
      Report *report = link->data;

      if (report->id != message->seq)
        continue;

      g_queue_delete_link (&self->reports, link);
      if (report_is_late (self, report))
        self->n_unanswered++;
      else
        g_signal_emit (self, signals[SIGHTING_RESULT], 0, &report->detected, message->match);
      report_free (report);
      return;
    }
}

static void
take_session (SighejLinkSession *self, const SighejWireServerMessage *message)
{
  if (g_strcmp0 (message->state, "active") != 0)
    lose_socket (
        self, sighej_link_failure_new (SIGHEJ_LINK_FAILURE_GONE, "the backend ended the session"));
}

static void
on_message (SighejLinkSocket *socket, const SighejWireServerMessage *message, gpointer user_data)
{
  SighejLinkSession *self = user_data;

  switch (message->type)
    {
    case SIGHEJ_WIRE_NUDGE:
      g_signal_emit (self, signals[NUDGE], 0, message);
      break;
    case SIGHEJ_WIRE_SIGHTING_RESULT:
      take_result (self, message);
      break;
    case SIGHEJ_WIRE_SNAPSHOT:
    case SIGHEJ_WIRE_SESSION:
      take_session (self, message);
      break;
    case SIGHEJ_WIRE_ERROR:
      g_debug ("the backend says: %s", message->code);
      break;
    case SIGHEJ_WIRE_PONG:
      break;
    case SIGHEJ_WIRE_MEET_RESULT:
    case SIGHEJ_WIRE_MEET:
    case SIGHEJ_WIRE_TALK:
    case SIGHEJ_WIRE_CODE:
    case SIGHEJ_WIRE_PAIR:
    case SIGHEJ_WIRE_PAIRED:
      g_signal_emit (self, signals[MEET_MESSAGE], 0, message);
      break;
    default:
      g_assert_not_reached ();
    }
}

void
sighej_link_session_connect (SighejLinkSession *self)
{
  g_autoptr (SoupMessage) message = NULL;
  char hex[SIGHEJ_TOKEN_HEX_CHARS + 1];
  g_autofree char *path = NULL;

  g_return_if_fail (self->state == SIGHEJ_LINK_SESSION_REGISTERED);

  sighej_token_to_hex (&self->first_token, hex);
  path = g_strconcat ("/ws/", hex, NULL);
  message = sighej_link_http_message_new (SOUP_METHOD_GET, self->uri, path, self->secret);

  self->socket = sighej_link_socket_new (self->soup, message, self->clock, self->timeout_s);
  g_signal_connect_object (self->socket, "opened", G_CALLBACK (on_opened), self, 0);
  g_signal_connect_object (self->socket, "message", G_CALLBACK (on_message), self, 0);
  g_signal_connect_object (self->socket, "lost", G_CALLBACK (on_lost), self, 0);
  set_state (self, SIGHEJ_LINK_SESSION_CONNECTING, NULL);
  sighej_link_socket_start (self->socket, self->acked_seq);
}

/* ---- what goes over it ---- */

static void
drop_late_reports (SighejLinkSession *self)
{
  Report *report;

  while ((report = g_queue_peek_head (&self->reports)) != NULL && report_is_late (self, report))
    {
      g_queue_pop_head (&self->reports);
      report_free (report);
      self->n_unanswered++;
    }
}

gboolean
sighej_link_session_report (SighejLinkSession *self, const SighejToken *detected)
{
  SighejWireClientMessage message = { .type = SIGHEJ_WIRE_SIGHTING };
  Report *report;

  if (self->state != SIGHEJ_LINK_SESSION_ONLINE)
    return FALSE;
  drop_late_reports (self);
  if (g_queue_get_length (&self->reports) >= SIGHEJ_LINK_REPORTS_MAX)
    return FALSE;

  message.number = self->last_report_id + 1;
  sighej_token_to_hex (detected, message.detected_token);
  if (!sighej_link_socket_send (self->socket, &message))
    return FALSE;

  self->last_report_id = message.number;
  report = g_new0 (Report, 1);
  report->id = message.number;
  report->asked_us = sighej_clock_now_us (self->clock);
  report->detected = *detected;
  g_queue_push_tail (&self->reports, report);
  return TRUE;
}

void
sighej_link_session_ack (SighejLinkSession *self, guint64 seq)
{
  SighejWireClientMessage message = { .type = SIGHEJ_WIRE_ACK, .number = seq };

  if (seq <= self->acked_seq)
    return;

  self->acked_seq = seq;
  if (self->socket != NULL)
    sighej_link_socket_send (self->socket, &message);
}

gboolean
sighej_link_session_say (SighejLinkSession *self, const char *text)
{
  return self->state == SIGHEJ_LINK_SESSION_ONLINE
         && sighej_link_socket_send_text (self->socket, text);
}

void
sighej_link_session_post_async (SighejLinkSession *self,
                                const char *path,
                                const char *key,
                                GBytes *body,
                                GAsyncReadyCallback callback,
                                gpointer user_data)
{
  g_autoptr (SoupMessage) message
      = sighej_link_http_message_new (SOUP_METHOD_POST, self->uri, path, self->secret);

  soup_message_headers_replace (soup_message_get_request_headers (message), "Idempotency-Key", key);
  soup_message_set_request_body_from_bytes (message, "application/json", body);
  sighej_link_ask_async (self,
                         self->soup,
                         message,
                         self->clock,
                         self->timeout_s,
                         self->cancellable,
                         callback,
                         user_data);
}

gboolean
sighej_link_session_post_finish (SighejLinkSession *self, GAsyncResult *result, GError **error)
{
  g_autoptr (GBytes) body = sighej_link_ask_finish (self, result, error);

  return body != NULL;
}

void
sighej_link_session_fetch_async (SighejLinkSession *self,
                                 const char *path,
                                 GAsyncReadyCallback callback,
                                 gpointer user_data)
{
  g_autoptr (SoupMessage) message
      = sighej_link_http_message_new (SOUP_METHOD_GET, self->uri, path, self->secret);

  sighej_link_ask_async (self,
                         self->soup,
                         message,
                         self->clock,
                         self->timeout_s,
                         self->cancellable,
                         callback,
                         user_data);
}

GBytes *
sighej_link_session_fetch_finish (SighejLinkSession *self, GAsyncResult *result, GError **error)
{
  return sighej_link_ask_finish (self, result, error);
}

/* ---- what is ---- */

SighejLinkSessionState
sighej_link_session_get_state (SighejLinkSession *self)
{
  return self->state;
}

const SighejLinkFailure *
sighej_link_session_get_failure (SighejLinkSession *self)
{
  return self->failure;
}

SighejTokenSchedule *
sighej_link_session_get_schedule (SighejLinkSession *self)
{
  return self->schedule;
}

gint64
sighej_link_session_get_accepted_us (SighejLinkSession *self)
{
  return self->accepted_us;
}

const SighejLinkTerm *
sighej_link_session_get_term (SighejLinkSession *self)
{
  return &self->term;
}

SighejKeypair *
sighej_link_session_get_keypair (SighejLinkSession *self)
{
  return self->keypair;
}

guint
sighej_link_session_get_proofs (SighejLinkSession *self,
                                guint8 proofs[SIGHEJ_TALK_PROOFS_MAX][SIGHEJ_TALK_PROOF_BYTES])
{
  gint64 since_us = sighej_clock_now_us (self->clock) - self->accepted_us;
  guint at_s = (guint) MAX (since_us / G_USEC_PER_SEC, 0);
  guint n = 0;

  if (self->schedule == NULL)
    return 0;

  for (guint i = sighej_token_schedule_get_n_epochs (self->schedule); i-- > 0;)
    {
      const SighejTokenEpoch *epoch = sighej_token_schedule_get_epoch (self->schedule, i);

      if (epoch->start_s <= at_s && at_s < epoch->end_s + SIGHEJ_LINK_PROOF_SECONDS
          && n < SIGHEJ_TALK_PROOFS_MAX)
        sighej_token_schedule_get_key (self->schedule, i, proofs[n++]);
    }
  return n;
}

guint
sighej_link_session_get_n_unanswered (SighejLinkSession *self)
{
  return self->n_unanswered;
}

guint
sighej_link_session_get_n_bad (SighejLinkSession *self)
{
  return self->n_bad + (self->socket != NULL ? sighej_link_socket_get_n_bad (self->socket) : 0);
}

gboolean
sighej_link_session_get_is_left (SighejLinkSession *self)
{
  return self->is_left;
}
