/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-peer"

#include "config.h"

#include "sighej-peer.h"

#include <sys/epoll.h>

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "sighej-delivery.h"
#include "sighej-hub-source.h"
#include "sighej-inlet.h"
#include "sighej-log.h"
#include "sighej-metrics.h"
#include "sighej-peer-meets.h"
#include "sighej-peer-sightings.h"
#include "sighej-receiver.h"
#include "sighej-send-queue.h"

typedef enum
{
  PEER_AUTH,
  PEER_SYNC,
  PEER_LIVE,
  PEER_DRAIN,
  PEER_GONE,
} PeerState;

struct _SighejPeer
{
  SighejWheelTimer timer; /* first: the wheel gives it back to us */
  const SighejPeerHost *host;
  int ref_count;
  int fd;
  guint32 watched; /* epoll events asked for */

  PeerState state : 8;
  SighejHubFlags flags : 8;
  union
  {
    char *token;            /* of the path; in AUTH */
    SighejPeerMeets *meets; /* (nullable): from SYNC on */
  };
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];
  char session_id[SIGHEJ_UUID_CHARS + 1];
  guint proving : 1;  /* the store is being asked who this is; nothing is read meanwhile */
  guint attached : 1; /* the store counts this socket */
  guint close_received : 1;
  guint is_unwritten : 1; /* out has got something that the socket was not offered yet */
  SighejPeerSightings sightings;

  /* the wire */
  SighejReceiver receiver;
  SighejInlet in;
  SighejSendQueue out;
  SighejPeer *next_unwritten; /* in the host's list, when is_unwritten */

  SighejPeerDeadlines deadlines; /* its state's: of AUTH, SYNC, DRAIN */
  SighejDelivery delivery;       /* of the outbox */
  SighejServicePlaces places;
};

static void read_on (SighejPeer *self);

static gint64
now_us (SighejPeer *self)
{
  return sighej_clock_now_us (self->host->clock);
}

SighejPeer *
sighej_peer_ref (SighejPeer *self)
{
  self->ref_count++;
  return self;
}

void
sighej_peer_unref (SighejPeer *self)
{
  if (--self->ref_count > 0)
    return;
  g_assert (self->state == PEER_GONE);
  sighej_inlet_clear (&self->in);
  sighej_send_queue_clear (&self->out);
  if (self->session_id[0] == '\0')
    g_free (self->token);
  else
    g_clear_pointer (&self->meets, sighej_peer_meets_free);
  g_free (self);
}

const char *
sighej_peer_get_session_id (SighejPeer *self)
{
  return self->session_id;
}

gboolean
sighej_peer_is_open (SighejPeer *self)
{
  return self->state == PEER_SYNC || self->state == PEER_LIVE;
}

guint
sighej_peer_get_remaining_ms (SighejPeer *self)
{
  return (guint) CLAMP (
      (self->deadlines.expires_us - now_us (self)) / G_TIME_SPAN_MILLISECOND, 1, G_MAXINT);
}

/* The states but the last are those of the metric, in its order. */
static void
count_state (SighejPeer *self, int change)
{
  sighej_metrics_change (SIGHEJ_METRIC_SOCKETS, self->state, change);
}

static void
count_close (guint close_code)
{
  sighej_metrics_add (SIGHEJ_METRIC_SOCKET_CLOSES, sighej_metric_close_code (close_code), 1);
}

/* ---- deadlines ---- */

static void
arm (SighejPeer *self)
{
  gboolean is_open = sighej_peer_is_open (self);
  gint64 next_us = sighej_peer_deadlines_next_us (&self->deadlines, is_open);
  gint64 left_us;

  if (is_open && self->meets != NULL)
    next_us = MIN (next_us, sighej_peer_meets_get_poll_us (self->meets));
  left_us = MAX (next_us - now_us (self), 0);
  sighej_wheel_set (
      self->host->wheel, &self->timer, (guint64) (left_us + 999) / G_TIME_SPAN_MILLISECOND);
}

void
sighej_peer_rearm (SighejPeer *self)
{
  if (sighej_peer_is_open (self))
    arm (self);
}

static void
set_state (SighejPeer *self, PeerState state, guint lasts_ms)
{
  g_assert (state > self->state);
  count_state (self, -1);
  self->state = state;
  count_state (self, 1);
  sighej_peer_deadlines_begin_state (&self->deadlines, now_us (self), lasts_ms);
  arm (self);
}

/* ---- out ---- */

static void
watch (SighejPeer *self)
{
  guint32 events = 0;

  if (self->state == PEER_GONE)
    return;
  if (!self->proving && !self->close_received)
    events |= EPOLLIN;
  if (!self->is_unwritten && !sighej_send_queue_is_empty (&self->out))
    events |= EPOLLOUT;
  if (events == self->watched)
    return;
  self->watched = events;
  sighej_hub_source_modify (self->host->source, self->fd, events, self);
}

void
sighej_peer_abort (SighejPeer *self)
{
  if (self->state == PEER_GONE)
    return;
  if (self->state != PEER_DRAIN)
    count_close (0);
  count_state (self, -1);
  self->state = PEER_GONE;
  sighej_wheel_clear (self->host->wheel, &self->timer);
  sighej_hub_source_remove (self->host->source, self->fd);
  sighej_receiver_settle (&self->receiver, self->fd);
  self->host->closing (self->fd, self->host->user_data);
  close (self->fd);
  self->fd = -1;
  if (self->attached)
    sighej_service_attach (self->host->service, self->session_id, -1);
  if (self->attached && self->meets != NULL)
    sighej_peer_meets_leave (self->meets);
  self->attached = FALSE;
  self->host->gone (self, self->host->user_data);
}

/* The outbox need not keep what the client has. */
static void
tell_acked (SighejPeer *self)
{
  sighej_service_ack (self->host->service, self->session_id, self->delivery.acked_seq);
}

static void
after_write (SighejPeer *self)
{
  gboolean is_done = sighej_send_queue_is_empty (&self->out);

  if (is_done && sighej_delivery_written (&self->delivery, now_us (self)))
    tell_acked (self);
  if (is_done && self->state == PEER_DRAIN && self->close_received)
    sighej_peer_abort (self);
  else
    watch (self);
}

/* Answers and nudges of one turn of the loop leave together: one system call, one packet. */
static void
write_soon (SighejPeer *self)
{
  if (self->is_unwritten)
    return;
  self->is_unwritten = TRUE;
  self->next_unwritten = *self->host->unwritten;
  *self->host->unwritten = self;
}

static void
write_out (SighejPeer *self)
{
  gboolean is_open;

  if (self->state == PEER_GONE)
    return;
  is_open = sighej_send_queue_write (&self->out, self->fd);
  sighej_receiver_note_sent (&self->receiver, self->fd);
  if (is_open)
    after_write (self);
  else
    sighej_peer_abort (self);
}

void
sighej_peer_write_all (SighejPeer **unwritten)
{
  while (*unwritten != NULL)
    {
      SighejPeer *self = *unwritten;

      *unwritten = self->next_unwritten;
      self->is_unwritten = FALSE;
      write_out (self);
    }
}

static void
send_frame (SighejPeer *self, SighejWsOpcode opcode, const void *payload, gsize n_payload)
{
  if (self->state == PEER_GONE)
    return;
  sighej_send_queue_add (&self->out, opcode, payload, n_payload);
  write_soon (self);
  if (self->state >= PEER_DRAIN
      || sighej_send_queue_get_n_bytes (&self->out) <= SIGHEJ_PEER_QUEUE_BYTES_MAX)
    return;
  /* Much in one turn is nobody's fault; what the socket does not take then is. */
  write_out (self);
  if (sighej_send_queue_get_n_bytes (&self->out) > SIGHEJ_PEER_QUEUE_BYTES_MAX)
    sighej_peer_close (self, SIGHEJ_WIRE_CLOSE_SLOW, "reads too slowly");
}

static void
send_close_frame (SighejPeer *self, guint close_code, const char *reason)
{
  guint8 payload[SIGHEJ_FRAMER_CONTROL_BYTES_MAX];
  gsize n_reason = reason == NULL ? 0 : MIN (strlen (reason), sizeof payload - 2);

  payload[0] = (guint8) (close_code >> 8);
  payload[1] = (guint8) close_code;
  if (n_reason > 0)
    memcpy (payload + 2, reason, n_reason);
  send_frame (self, SIGHEJ_WS_CLOSE, payload, 2 + n_reason);
}

void
sighej_peer_close (SighejPeer *self, guint close_code, const char *reason)
{
  if (self->state >= PEER_DRAIN)
    return;
  /* What the socket takes now must arrive: else a long outbox ends every socket at its start. */
  if (close_code == SIGHEJ_WIRE_CLOSE_SLOW)
    write_out (self);
  if (self->state >= PEER_DRAIN)
    return;
  count_close (close_code);
  set_state (self, PEER_DRAIN, SIGHEJ_PEER_DRAIN_MS);
  /* What a slow reader has not got stays in the outbox; only a frame begun must be ended. */
  if (close_code == SIGHEJ_WIRE_CLOSE_SLOW && !sighej_send_queue_is_empty (&self->out))
    {
      sighej_send_queue_cut (&self->out);
      sighej_delivery_take_back (&self->delivery);
    }
  send_close_frame (self, close_code, reason);
}

void
sighej_peer_send (SighejPeer *self, const SighejWireServerMessage *message)
{
  GString *text = self->host->text;

  if (self->state >= PEER_DRAIN)
    return;
  g_string_truncate (text, 0);
  sighej_wire_server_message_append (message, text);
  send_frame (self, SIGHEJ_WS_TEXT, text->str, text->len);
  sighej_wipe (text->str, text->len);
}

void
sighej_peer_send_error (SighejPeer *self, const char *code, const char *text)
{
  SighejWireServerMessage message
      = { .type = SIGHEJ_WIRE_ERROR, .code = (char *) code, .message = (char *) text };

  sighej_peer_send (self, &message);
}

void
sighej_peer_send_failure (SighejPeer *self, const GError *error)
{
  gboolean limited = g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED);
  SighejWireServerMessage message = {
    .type = SIGHEJ_WIRE_ERROR,
    .code = (char *) (limited ? "rate_limited" : "unavailable"),
    .message = error->message,
    .retry_after_s = limited ? MAX (sighej_error_get_retry_after_s (error), 1) : 0,
  };

  sighej_peer_send (self, &message);
}

void
sighej_peer_end (SighejPeer *self, const char *state, guint close_code)
{
  SighejWireServerMessage message = { .type = SIGHEJ_WIRE_SESSION, .state = (char *) state };

  if (self->state >= PEER_DRAIN)
    return;
  if ((self->flags & SIGHEJ_HUB_LEGACY) == 0)
    sighej_peer_send (self, &message);
  sighej_peer_close (self, close_code, state);
  if (self->attached && self->meets != NULL)
    sighej_peer_meets_leave (self->meets);
}

/* ---- the outbox ---- */

static void
send_nudges (SighejPeer *self, const SighejWireServerMessage *messages, guint n_messages)
{
  if (n_messages > 0)
    sighej_delivery_begin_send (&self->delivery, messages[0].seq);
  for (guint i = 0; i < n_messages && self->state == PEER_LIVE; i++)
    {
      if (!sighej_delivery_send (&self->delivery, messages[i].seq, now_us (self)))
        {
          sighej_peer_close (self, SIGHEJ_WIRE_CLOSE_SLOW, "does not acknowledge");
          return;
        }
      sighej_peer_send (self, &messages[i]);
    }
}

/* What could not be read is read again soon: a nudge is waiting there, perhaps. */
static void
plan_retry (SighejPeer *self)
{
  guint wait_ms = sighej_delivery_get_retry_ms (&self->delivery);

  sighej_peer_deadlines_set_retry (&self->deadlines, now_us (self), wait_ms);
  if (wait_ms > 0)
    sighej_peer_rearm (self);
}

static void
on_outbox (const SighejWireServerMessage *messages,
           guint n_messages,
           const GError *error,
           gpointer user_data)
{
  SighejPeer *self = user_data;

  if (sighej_delivery_end_read (&self->delivery, error != NULL))
    send_nudges (self, messages, n_messages);
  else if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND))
    sighej_peer_end (self, "expired", SIGHEJ_WIRE_CLOSE_EXPIRED);
  plan_retry (self);
  if (self->delivery.reads_again)
    sighej_peer_pull (self);
  sighej_peer_unref (self);
}

void
sighej_peer_wake (SighejPeer *self)
{
  sighej_peer_pull (self);
  if (sighej_peer_is_open (self) && self->meets != NULL)
    sighej_peer_meets_look (self->meets);
}

void
sighej_peer_pull (SighejPeer *self)
{
  if (self->state != PEER_LIVE || !sighej_delivery_begin_read (&self->delivery))
    return;
  sighej_service_read_outbox (self->host->service,
                              self->session_id,
                              self->delivery.sent_seq,
                              on_outbox,
                              sighej_peer_ref (self));
}

static void
go_live (SighejPeer *self)
{
  set_state (self, PEER_LIVE, 0);
  sighej_peer_pull (self);
}

static void
acknowledge (SighejPeer *self, guint64 seq)
{
  if (sighej_delivery_acknowledge (&self->delivery, seq, self->deadlines.heard_us))
    tell_acked (self);
}

static void
resume (SighejPeer *self, guint64 after)
{
  if (sighej_delivery_resume (&self->delivery, after, self->deadlines.heard_us))
    tell_acked (self);
  if (self->state == PEER_SYNC)
    go_live (self);
  else
    sighej_peer_pull (self);
}

/* ---- who is it ---- */

static void
send_snapshot (SighejPeer *self, guint remaining_ms)
{
  SighejWireServerMessage message = {
    .type = SIGHEJ_WIRE_SNAPSHOT,
    .state = (char *) "active",
    .seq = self->delivery.newest_seq,
    .expires_at_us
    = sighej_clock_wall_us (self->host->clock) + (gint64) remaining_ms * G_TIME_SPAN_MILLISECOND,
  };

  sighej_peer_send (self, &message);
}

static void
prove (SighejPeer *self, const SighejStoreInfo *info)
{
  g_clear_pointer (&self->token, g_free);
  g_strlcpy (self->session_id, info->id, sizeof self->session_id);
  memcpy (self->opening, info->opening, sizeof self->opening);
  self->delivery.newest_seq = info->newest_seq;
  self->deadlines.expires_us
      = now_us (self) + (gint64) info->remaining_ms * G_TIME_SPAN_MILLISECOND;
  self->deadlines.pinged_us = now_us (self);
  self->attached = TRUE;
  sighej_service_attach (self->host->service, self->session_id, 1);
  set_state (self, PEER_SYNC, SIGHEJ_PEER_SYNC_MS);
  self->host->proved (self, self->host->user_data);
  if (self->state == PEER_SYNC && (self->flags & SIGHEJ_HUB_LEGACY) == 0)
    send_snapshot (self, info->remaining_ms);
  if (self->state == PEER_SYNC && (!self->delivery.is_reliable || info->newest_seq == 0))
    go_live (self);
}

static void
on_found (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  SighejPeer *self = user_data;

  self->proving = FALSE;
  if (self->state == PEER_AUTH)
    {
      if (error != NULL && g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE))
        sighej_peer_close (self, SIGHEJ_WS_CLOSE_TRY_AGAIN, "try again");
      else if (error != NULL || g_strcmp0 (info->first_token, self->token) != 0)
        sighej_peer_close (self, SIGHEJ_WIRE_CLOSE_UNAUTHORIZED, "unauthorized");
      else
        prove (self, info);
      read_on (self);
    }
  sighej_peer_unref (self);
}

static void
ask_who (SighejPeer *self, const char *secret)
{
  self->proving = TRUE;
  watch (self);
  if (secret != NULL)
    sighej_service_authenticate (self->host->service, secret, on_found, sighej_peer_ref (self));
  else
    sighej_service_find (self->host->service, self->token, on_found, sighej_peer_ref (self));
}

/* ---- in ---- */

/* The first contract knows no meets. */
static void
take_meet (SighejPeer *self, const SighejWireClientMessage *message, const char *data, gsize n_data)
{
  if ((self->flags & SIGHEJ_HUB_LEGACY) != 0)
    return;
  if (self->meets == NULL)
    self->meets = sighej_peer_meets_new (self, self->host->meetings, self->opening);
  sighej_peer_meets_take (self->meets, message->type, message->number, data, n_data);
}

static void
handle_proved (SighejPeer *self,
               const SighejWireClientMessage *message,
               const char *data,
               gsize n_data)
{
  SighejWireServerMessage pong = { .type = SIGHEJ_WIRE_PONG };

  switch (message->type)
    {
    case SIGHEJ_WIRE_SIGHTING:
      sighej_peer_sightings_take (
          &self->sightings, self, self->host->service, &self->places, message);
      break;
    case SIGHEJ_WIRE_ACK:
      acknowledge (self, message->number);
      break;
    case SIGHEJ_WIRE_RESUME:
      resume (self, message->number);
      break;
    case SIGHEJ_WIRE_PING:
      sighej_peer_send (self, &pong);
      break;
    case SIGHEJ_WIRE_ASK_MEET:
    case SIGHEJ_WIRE_ASK_CODE:
    case SIGHEJ_WIRE_ASK_PAIR:
      take_meet (self, message, data, n_data);
      break;
    case SIGHEJ_WIRE_AUTH:
    default:
      sighej_peer_send_error (self, "invalid_request", "this socket is authenticated already");
      break;
    }
}

/* A message that cannot be read counts like one that can. */
static void
handle_talk (SighejPeer *self,
             const SighejWireClientMessage *message,
             const char *data,
             gsize n_data,
             const GError *unreadable)
{
  g_autoptr (GError) too_many = NULL;
  gboolean is_legacy = (self->flags & SIGHEJ_HUB_LEGACY) != 0;

  if (!sighej_service_take_message (
          self->host->service, &self->places, self->session_id, &too_many))
    {
      if (!is_legacy)
        sighej_peer_send_failure (self, too_many);
    }
  else if (unreadable == NULL)
    handle_proved (self, message, data, n_data);
  else if (!is_legacy)
    sighej_peer_send_error (self, "invalid_request", unreadable->message);
}

static void
handle_message (SighejPeer *self, const char *data, gsize n_data)
{
  g_autoptr (GError) error = NULL;
  SighejWireClientMessage message;
  gboolean valid = sighej_wire_client_message_read (data, n_data, &message, &error);

  self->in.intake.bytes_since_message = 0;
  if (self->state == PEER_AUTH)
    {
      if (valid && message.type == SIGHEJ_WIRE_AUTH)
        ask_who (self, message.secret);
      else
        sighej_peer_close (self, SIGHEJ_WIRE_CLOSE_UNAUTHORIZED, "unauthorized");
    }
  else
    handle_talk (self, &message, data, n_data, error);
  sighej_wipe (&message, sizeof message);
}

static void
handle_close (SighejPeer *self, guint close_code)
{
  self->close_received = TRUE;
  if (self->state == PEER_DRAIN)
    after_write (self);
  else
    sighej_peer_close (
        self, close_code == SIGHEJ_WS_CLOSE_NO_STATUS ? SIGHEJ_WS_CLOSE_NORMAL : close_code, NULL);
}

/* Behind a violation nothing can be trusted: not a byte more is read, our close frame is the last
 * word. */
static void
stop_reading (SighejPeer *self, guint close_code, const char *reason)
{
  self->close_received = TRUE;
  if (self->state < PEER_DRAIN)
    sighej_peer_close (self, close_code, reason);
  else
    after_write (self);
}

static gboolean
may_take_in (SighejPeer *self)
{
  return !self->proving && !self->close_received && self->state != PEER_GONE;
}

static gboolean
on_event (SighejFramerEvent event, const SighejFramerResult *result, gpointer user_data)
{
  SighejPeer *self = user_data;

  switch (event)
    {
    case SIGHEJ_FRAMER_MESSAGE:
      if (self->state < PEER_DRAIN)
        handle_message (self, (const char *) result->data, result->n_data);
      break;
    case SIGHEJ_FRAMER_PING:
      if (self->state < PEER_DRAIN)
        send_frame (self, SIGHEJ_WS_PONG, result->data, result->n_data);
      break;
    case SIGHEJ_FRAMER_CLOSE:
      handle_close (self, result->close_code);
      break;
    case SIGHEJ_FRAMER_ERROR:
      stop_reading (self, result->close_code, NULL);
      break;
    case SIGHEJ_FRAMER_PONG:
    case SIGHEJ_FRAMER_FRAME:
    case SIGHEJ_FRAMER_MORE:
    default:
      break;
    }
  return may_take_in (self);
}

/* Takes in what came while the store was asked. */
static void
read_on (SighejPeer *self)
{
  if (may_take_in (self))
    sighej_inlet_take_kept (&self->in, on_event, self);
  watch (self);
}

static gboolean
within_bounds (SighejPeer *self, gint64 now, gsize n_read)
{
  SighejIntakeVerdict verdict = sighej_intake_add (&self->in.intake, now, n_read);

  if (verdict == SIGHEJ_INTAKE_TOO_FAST)
    stop_reading (self, SIGHEJ_WS_CLOSE_POLICY, "too much in 10 seconds");
  else if (verdict == SIGHEJ_INTAKE_TOO_LONG)
    stop_reading (self, SIGHEJ_WS_CLOSE_TOO_BIG, NULL);
  return !self->close_received;
}

static void
read_in (SighejPeer *self)
{
  guint8 buffer[SIGHEJ_INLET_BUFFER_BYTES];
  gsize n_kept = sighej_inlet_begin (&self->in, buffer);
  gssize n_read;

  n_read
      = sighej_receiver_read (&self->receiver, self->fd, buffer + n_kept, sizeof buffer - n_kept);
  if (n_read < 0 && (errno == EAGAIN || errno == EINTR))
    return;
  if (n_read <= 0)
    {
      sighej_peer_abort (self);
      return;
    }
  self->deadlines.heard_us = now_us (self);
  if (within_bounds (self, self->deadlines.heard_us, (gsize) n_read))
    sighej_inlet_take (&self->in, buffer, n_kept + (gsize) n_read, on_event, self);
  if (!self->is_unwritten)
    sighej_receiver_settle (&self->receiver, self->fd);
  watch (self);
}

void
sighej_peer_ready (SighejPeer *self, guint32 events)
{
  if (self->state == PEER_GONE)
    return;
  if ((events & EPOLLOUT) != 0)
    write_out (self);
  if (self->state != PEER_GONE && (events & EPOLLIN) != 0)
    read_in (self);
  if (self->state != PEER_GONE && (events & (EPOLLHUP | EPOLLERR)) != 0)
    sighej_peer_abort (self);
}

/* ---- time ---- */

static void
on_state_over (SighejPeer *self)
{
  self->deadlines.state_until_us = 0;
  if (self->state == PEER_AUTH)
    sighej_peer_close (self, SIGHEJ_WIRE_CLOSE_UNAUTHORIZED, "did not authenticate in time");
  else if (self->state == PEER_SYNC)
    go_live (self);
  else
    sighej_peer_abort (self);
}

static void
ping (SighejPeer *self, gint64 now)
{
  guint n_ticks = sighej_ping_pace_take (self->host->pace, now);

  self->deadlines.pinged_us += (gint64) n_ticks * SIGHEJ_WHEEL_TICK_MS * G_TIME_SPAN_MILLISECOND;
  if (n_ticks > 0)
    return;
  self->deadlines.pinged_us = now;
  send_frame (self, SIGHEJ_WS_PING, NULL, 0);
}

static void
look_after_meets (SighejPeer *self, gint64 now)
{
  if (sighej_peer_is_open (self) && self->meets != NULL
      && now >= sighej_peer_meets_get_poll_us (self->meets))
    sighej_peer_meets_poll (self->meets, now);
}

static void
do_what_is_due (SighejPeer *self, gint64 now)
{
  switch (sighej_peer_deadlines_get_due (&self->deadlines, sighej_peer_is_open (self), now))
    {
    case SIGHEJ_PEER_SILENT:
      sighej_peer_abort (self);
      break;
    case SIGHEJ_PEER_STATE_OVER:
      on_state_over (self);
      break;
    case SIGHEJ_PEER_EXPIRED:
      sighej_peer_end (self, "expired", SIGHEJ_WIRE_CLOSE_EXPIRED);
      break;
    case SIGHEJ_PEER_RETRY_DUE:
      sighej_peer_deadlines_set_retry (&self->deadlines, now, 0);
      sighej_peer_pull (self);
      look_after_meets (self, now);
      break;
    case SIGHEJ_PEER_PING_DUE:
      ping (self, now);
      look_after_meets (self, now);
      break;
    case SIGHEJ_PEER_NOTHING_DUE:
    default:
      look_after_meets (self, now);
      break;
    }
}

void
sighej_peer_timer (SighejWheelTimer *timer)
{
  SighejPeer *self = (SighejPeer *) timer;

  sighej_peer_ref (self);
  do_what_is_due (self, now_us (self));
  if (self->state != PEER_GONE)
    arm (self);
  sighej_peer_unref (self);
}

/* ---- life ---- */

SighejPeer *
sighej_peer_new (const SighejPeerHost *host, int fd, const char *token, SighejHubFlags flags)
{
  SighejPeer *self = g_new0 (SighejPeer, 1);

  self->ref_count = 1;
  self->host = host;
  self->fd = fd;
  self->flags = flags;
  self->delivery.is_reliable = (flags & SIGHEJ_HUB_RELIABLE) != 0;
  self->token = g_strdup (token);
  self->deadlines.heard_us = self->in.intake.window_us = now_us (self);
  count_state (self, 1);
  sighej_metrics_add (SIGHEJ_METRIC_SOCKETS_OPENED, 0, 1);
  sighej_receiver_prepare (fd);
  return self;
}

void
sighej_peer_start (SighejPeer *self, GBytes *early, const char *secret)
{
  self->watched = EPOLLIN;
  if (!sighej_hub_source_add (self->host->source, self->fd, EPOLLIN, self))
    {
      g_warning ("cannot watch a socket: %s", g_strerror (errno));
      sighej_peer_abort (self);
      return;
    }
  sighej_peer_deadlines_begin_state (&self->deadlines, now_us (self), SIGHEJ_PEER_AUTH_MS);
  arm (self);
  if (early != NULL && within_bounds (self, now_us (self), g_bytes_get_size (early)))
    sighej_inlet_keep (&self->in, g_bytes_get_data (early, NULL), g_bytes_get_size (early));
  if (self->state != PEER_AUTH)
    return;
  if (secret != NULL || (self->flags & SIGHEJ_HUB_LEGACY) != 0)
    ask_who (self, secret);
  else
    read_on (self);
}
