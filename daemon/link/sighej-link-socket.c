/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-socket.h"

#include "sighej-names.h"

#define PING_US (SIGHEJ_LINK_PING_SECONDS * G_USEC_PER_SEC)
#define SILENCE_US (SIGHEJ_LINK_SILENCE_SECONDS * G_USEC_PER_SEC)

struct _SighejLinkSocket
{
  GObject parent_instance;

  SoupSession *session;
  SoupMessage *message;
  SighejClock *clock;
  guint timeout_s;
  guint64 resume_after;

  GCancellable *cancellable;
  SoupWebsocketConnection *connection; /* from the handshake to the loss */
  gboolean opened;
  gboolean lost;
  guint n_bad;

  /* Before "opened": the deadline. After: the next ping, or the end of the backend's silence. */
  guint wait;
  gint64 heard_us;
  gint64 pinged_us;
};

enum
{
  OPENED,
  MESSAGE,
  LOST,
  N_SIGNALS
};
static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (SighejLinkSocket, sighej_link_socket, G_TYPE_OBJECT)

static void
sighej_link_socket_init (SighejLinkSocket *self)
{
  self->cancellable = g_cancellable_new ();
}

/* Lets go of the connection without waiting for the other side's part of the closing handshake. */
static void
drop_connection (SighejLinkSocket *self)
{
  if (self->connection == NULL)
    return;

  g_signal_handlers_disconnect_by_data (self->connection, self);
  if (soup_websocket_connection_get_state (self->connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_close (self->connection, SOUP_WEBSOCKET_CLOSE_NORMAL, NULL);
  g_clear_object (&self->connection);
}

void
sighej_link_socket_close (SighejLinkSocket *self)
{
  self->lost = TRUE;
  self->opened = FALSE;
  g_cancellable_cancel (self->cancellable);
  if (self->clock != NULL)
    sighej_clock_clear (self->clock, &self->wait);
  drop_connection (self);
}

static void
sighej_link_socket_dispose (GObject *object)
{
  SighejLinkSocket *self = SIGHEJ_LINK_SOCKET (object);

  sighej_link_socket_close (self);
  g_clear_object (&self->session);
  g_clear_object (&self->message);
  g_clear_object (&self->clock);

  G_OBJECT_CLASS (sighej_link_socket_parent_class)->dispose (object);
}

static void
sighej_link_socket_finalize (GObject *object)
{
  g_object_unref (SIGHEJ_LINK_SOCKET (object)->cancellable);

  G_OBJECT_CLASS (sighej_link_socket_parent_class)->finalize (object);
}

static void
sighej_link_socket_class_init (SighejLinkSocketClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->dispose = sighej_link_socket_dispose;
  object_class->finalize = sighej_link_socket_finalize;

  signals[OPENED] = g_signal_new (
      "opened", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
  signals[MESSAGE] = g_signal_new ("message",
                                   G_TYPE_FROM_CLASS (klass),
                                   G_SIGNAL_RUN_LAST,
                                   0,
                                   NULL,
                                   NULL,
                                   NULL,
                                   G_TYPE_NONE,
                                   1,
                                   G_TYPE_POINTER);
  signals[LOST] = g_signal_new ("lost",
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

SighejLinkSocket *
sighej_link_socket_new (SoupSession *session,
                        SoupMessage *message,
                        SighejClock *clock,
                        guint timeout_s)
{
  SighejLinkSocket *self = g_object_new (SIGHEJ_TYPE_LINK_SOCKET, NULL);

  self->session = g_object_ref (session);
  self->message = g_object_ref (message);
  self->clock = g_object_ref (clock);
  self->timeout_s = timeout_s;
  return self;
}

/* ---- the end ---- */

/* Takes @failure. The receiver of "lost" usually drops the last reference it knows of. */
static void
lose (SighejLinkSocket *self, SighejLinkFailure *failure)
{
  g_autoptr (SighejLinkFailure) owned = failure;

  if (self->lost)
    return;

  sighej_link_socket_close (self);
  g_signal_emit (self, signals[LOST], 0, owned);
}

static void
on_closed (SoupWebsocketConnection *connection, gpointer user_data)
{
  SighejLinkSocket *self = user_data;
  guint code = soup_websocket_connection_get_close_code (connection);
  g_autofree char *text = g_strdup_printf ("the WebSocket was closed with code %u%s",
                                           code,
                                           self->opened ? "" : " before anything came through it");
  gboolean gone = code == SIGHEJ_WIRE_CLOSE_UNAUTHORIZED || code == SIGHEJ_WIRE_CLOSE_NO_SESSION
                  || code == SIGHEJ_WIRE_CLOSE_EXPIRED;

  lose (self,
        sighej_link_failure_new (gone ? SIGHEJ_LINK_FAILURE_GONE : SIGHEJ_LINK_FAILURE_OFFLINE,
                                 text));
}

static void
on_error (SoupWebsocketConnection *connection, GError *error, gpointer user_data)
{
  g_debug ("WebSocket: %s", error->message);
}

/* ---- is the other side still there? ---- */

static gboolean on_watch (gpointer user_data);

static void
arm_watch (SighejLinkSocket *self)
{
  gint64 at_us = MIN (self->pinged_us + PING_US, self->heard_us + SILENCE_US);

  self->wait = sighej_clock_add_at (self->clock, at_us, on_watch, self);
}

static void
send_ping (SighejLinkSocket *self)
{
  SighejWireClientMessage ping = { .type = SIGHEJ_WIRE_PING };

  self->pinged_us = sighej_clock_now_us (self->clock);
  sighej_link_socket_send (self, &ping);
}

static gboolean
on_watch (gpointer user_data)
{
  SighejLinkSocket *self = user_data;

  self->wait = 0;
  if (sighej_clock_now_us (self->clock) - self->heard_us >= SILENCE_US)
    {
      lose (self,
            sighej_link_failure_new (SIGHEJ_LINK_FAILURE_OFFLINE, "the backend has gone silent"));
      return G_SOURCE_REMOVE;
    }

  send_ping (self);
  arm_watch (self);
  return G_SOURCE_REMOVE;
}

/* ---- messages ---- */

static void
become_open (SighejLinkSocket *self)
{
  self->opened = TRUE;
  sighej_clock_clear (self->clock, &self->wait);
  arm_watch (self);
  g_signal_emit (self, signals[OPENED], 0);
}

static void
on_message (SoupWebsocketConnection *connection,
            SoupWebsocketDataType type,
            GBytes *bytes,
            gpointer user_data)
{
  g_autoptr (SighejLinkSocket) self = g_object_ref (user_data);
  g_autoptr (SighejWireServerMessage) message = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_bytes;
  const char *data = g_bytes_get_data (bytes, &n_bytes);

  if (type == SOUP_WEBSOCKET_DATA_TEXT)
    message = sighej_wire_server_message_read (data, n_bytes, &error);
  if (message == NULL)
    {
      self->n_bad++;
      g_debug ("not a message: %s", error != NULL ? error->message : "binary");
      return;
    }

  self->heard_us = sighej_clock_now_us (self->clock);
  if (!self->opened)
    become_open (self);
  if (!self->lost && message->type != SIGHEJ_WIRE_PONG)
    g_signal_emit (self, signals[MESSAGE], 0, message);
}

gboolean
sighej_link_socket_send_text (SighejLinkSocket *self, const char *text)
{
  if (self->connection == NULL
      || soup_websocket_connection_get_state (self->connection) != SOUP_WEBSOCKET_STATE_OPEN)
    return FALSE;

  soup_websocket_connection_send_text (self->connection, text);
  return TRUE;
}

gboolean
sighej_link_socket_send (SighejLinkSocket *self, const SighejWireClientMessage *message)
{
  g_autofree char *text = sighej_wire_client_message_write (message);

  return sighej_link_socket_send_text (self, text);
}

guint
sighej_link_socket_get_n_bad (SighejLinkSocket *self)
{
  return self->n_bad;
}

/* ---- the handshake ---- */

static SighejLinkFailure *
failure_of_handshake (SoupMessage *message, const GError *error)
{
  SighejLinkFailure *failure;
  guint status = soup_message_get_status (message);

  if (status < SOUP_STATUS_MULTIPLE_CHOICES)
    return sighej_link_failure_new_for_error (error);

  failure = sighej_link_failure_new_for_message (message);
  if (status == SOUP_STATUS_UNAUTHORIZED || status == SOUP_STATUS_NOT_FOUND
      || status == SOUP_STATUS_GONE)
    failure->kind = SIGHEJ_LINK_FAILURE_GONE;
  else if (failure->kind == SIGHEJ_LINK_FAILURE_TAKEN
           || (failure->kind == SIGHEJ_LINK_FAILURE_REFUSED && status != SOUP_STATUS_FORBIDDEN))
    failure->kind = SIGHEJ_LINK_FAILURE_NO_UPGRADE;
  return failure;
}

static void
handshake_done (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejLinkSocket) self = user_data;
  g_autoptr (GError) error = NULL;
  SighejWireClientMessage resume = { .type = SIGHEJ_WIRE_RESUME, .number = self->resume_after };

  self->connection = soup_session_websocket_connect_finish (SOUP_SESSION (source), result, &error);
  if (self->lost)
    {
      drop_connection (self);
      return;
    }
  if (self->connection == NULL)
    {
      lose (self, failure_of_handshake (self->message, error));
      return;
    }

  /* libsoup's own keepalive stays off: the pings are ours, so the waits are. */
  soup_websocket_connection_set_max_incoming_payload_size (self->connection,
                                                           SIGHEJ_WIRE_MESSAGE_BYTES_MAX);
  g_signal_connect (self->connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (self->connection, "error", G_CALLBACK (on_error), self);
  g_signal_connect (self->connection, "closed", G_CALLBACK (on_closed), self);
  sighej_link_socket_send (self, &resume);
  send_ping (self);
}

static gboolean
on_handshake_deadline (gpointer user_data)
{
  SighejLinkSocket *self = user_data;

  self->wait = 0;
  lose (self,
        sighej_link_failure_new (self->connection != NULL ? SIGHEJ_LINK_FAILURE_NO_UPGRADE
                                                          : SIGHEJ_LINK_FAILURE_OFFLINE,
                                 "the backend did not answer on the WebSocket in time"));
  return G_SOURCE_REMOVE;
}

void
sighej_link_socket_start (SighejLinkSocket *self, guint64 resume_after)
{
  const char *const protocols[] = { SIGHEJ_WS_PROTOCOL, NULL };

  self->resume_after = resume_after;
  self->wait = sighej_clock_add (
      self->clock, (gint64) self->timeout_s * G_USEC_PER_SEC, on_handshake_deadline, self);
  soup_session_websocket_connect_async (self->session,
                                        self->message,
                                        NULL,
                                        (char **) protocols,
                                        G_PRIORITY_DEFAULT,
                                        self->cancellable,
                                        handshake_done,
                                        g_object_ref (self));
}
