/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "scripted-backend.h"

#include "sighej-names.h"
#include "sighej-test.h"

/* For 127.0.0.1 and localhost, signed by itself, worth nothing outside this test. */
static const char certificate_pem[]
    = "-----BEGIN CERTIFICATE-----\n"
      "MIIBmzCCAUGgAwIBAgIUJ7W8HnZsYzbhavNL5lCM1aHRkXwwCgYIKoZIzj0EAwIw\n"
      "FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTEyMTExMzIyMFoYDzIxMjYxMDI4\n"
      "MTEzMjIwWjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
      "PQMBBwNCAASgUESiwv/N9r8HGY4DfBLq7Lr6sGO1H9bnT/w2l3iiJ0dZucfxdZbI\n"
      "WP8DCPz3r4/2H6MA+ZUvL57lXFu+rIdgo28wbTAdBgNVHQ4EFgQU3YxMmsKgwZUJ\n"
      "6UEINEAa+VZ4L5kwHwYDVR0jBBgwFoAU3YxMmsKgwZUJ6UEINEAa+VZ4L5kwDwYD\n"
      "VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARhwR/AAABgglsb2NhbGhvc3QwCgYIKoZI\n"
      "zj0EAwIDSAAwRQIhAPch6m+8Sv+qmgwnH+21SpmLYExBRRWZgOaWgWCSX0DGAiA6\n"
      "Iam/E26L1rJo+sl2MqrYa/J2vfGD0XQY1/uGjkp64A==\n"
      "-----END CERTIFICATE-----\n";
static const char key_pem[] = "-----BEGIN PRIVATE KEY-----\n"
                              "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgjSjMql6+RTl8ZJw6\n"
                              "vftI2u4nVJOciOE2tzb+1jnO3jmhRANCAASgUESiwv/N9r8HGY4DfBLq7Lr6sGO1\n"
                              "H9bnT/w2l3iiJ0dZucfxdZbIWP8DCPz3r4/2H6MA+ZUvL57lXFu+rIdg\n"
                              "-----END PRIVATE KEY-----\n";

/* ---- HTTP ---- */

static char *
make_answer (ScriptedBackend *self)
{
  g_autofree char *secret = g_strdup_printf ("secret-%u", self->requests->len);
  g_autofree char *session_id
      = g_strdup_printf ("11111111-2222-4333-8444-%012u", self->requests->len);
  SighejWireSessionAnswer answer = { 0 };
  gint64 now_s = g_get_real_time () / G_USEC_PER_SEC;

  g_strlcpy (answer.session_id, session_id, sizeof answer.session_id);
  answer.expires_at_us = (now_s + self->session_s) * G_USEC_PER_SEC;
  answer.session_secret = self->no_secret ? NULL : secret;
  return sighej_wire_session_answer_write (&answer);
}

static void
take_post (ScriptedBackend *self, SoupServerMessage *message)
{
  SoupMessageBody *body = soup_server_message_get_request_body (message);
  g_autoptr (GBytes) bytes = soup_message_body_flatten (body);
  g_autoptr (GError) error = NULL;
  g_autofree char *answer = NULL;
  SighejWireSessionRequest *request;

  request = sighej_wire_session_request_read (
      g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), &error);
  g_assert_no_error (error);
  g_ptr_array_add (self->requests, request);

  if (self->post_status == 0)
    {
      g_ptr_array_add (self->held, g_object_ref (message));
      soup_server_message_pause (message);
      return;
    }
  answer = self->post_body != NULL ? g_strdup (self->post_body) : make_answer (self);
  soup_server_message_set_status (message, self->post_status, NULL);
  soup_server_message_set_response (
      message, "application/json", SOUP_MEMORY_COPY, answer, strlen (answer));
}

static void
take_delete (ScriptedBackend *self, SoupServerMessage *message)
{
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  g_ptr_array_add (self->deleted,
                   g_strdup (soup_message_headers_get_one (headers, "Authorization")));
  if (self->delete_status == 0)
    {
      g_ptr_array_add (self->held, g_object_ref (message));
      soup_server_message_pause (message);
      return;
    }
  soup_server_message_set_status (message, self->delete_status, NULL);
}

static void
on_session (SoupServer *server,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  ScriptedBackend *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  g_free (self->user_agent);
  self->user_agent = g_strdup (soup_message_headers_get_one (headers, "User-Agent"));
  if (self->retry_after_s != NULL)
    soup_message_headers_replace (
        soup_server_message_get_response_headers (message), "Retry-After", self->retry_after_s);

  if (soup_server_message_get_method (message) == SOUP_METHOD_POST)
    take_post (self, message);
  else
    take_delete (self, message);
}

static void
on_said (SoupServer *server,
         SoupServerMessage *message,
         const char *path,
         GHashTable *query,
         gpointer user_data)
{
  ScriptedBackend *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);
  g_autoptr (GBytes) body
      = soup_message_body_flatten (soup_server_message_get_request_body (message));

  g_ptr_array_add (self->said,
                   g_strdup_printf ("%s|%s|%.*s",
                                    path,
                                    soup_message_headers_get_one (headers, "Idempotency-Key"),
                                    (int) g_bytes_get_size (body),
                                    (const char *) g_bytes_get_data (body, NULL)));
  if (self->said_status == 0)
    {
      g_ptr_array_add (self->held, g_object_ref (message));
      soup_server_message_pause (message);
      return;
    }
  soup_server_message_set_status (message, self->said_status, NULL);
  soup_server_message_set_response (message, "application/json", SOUP_MEMORY_STATIC, "{}", 2);
}

/* ---- WebSocket ---- */

static void
on_handshake (SoupServer *server,
              SoupServerMessage *message,
              const char *path,
              GHashTable *query,
              gpointer user_data)
{
  ScriptedBackend *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  g_ptr_array_add (
      self->handshakes,
      g_strdup_printf ("%s|%s|%s",
                       path,
                       soup_message_headers_get_one (headers, "Authorization"),
                       soup_message_headers_get_one (headers, "Sec-WebSocket-Protocol")));
  if (self->retry_after_s != NULL)
    soup_message_headers_replace (
        soup_server_message_get_response_headers (message), "Retry-After", self->retry_after_s);
  if (self->ws_status != 0)
    soup_server_message_set_status (message, self->ws_status, NULL);
}

static void
on_message (SoupWebsocketConnection *connection,
            SoupWebsocketDataType type,
            GBytes *bytes,
            gpointer user_data)
{
  ScriptedBackend *self = user_data;
  g_autofree SighejWireClientMessage *message = g_new0 (SighejWireClientMessage, 1);
  g_autoptr (GError) error = NULL;

  sighej_wire_client_message_read (
      g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes), message, &error);
  g_assert_no_error (error);
  if (message->type != SIGHEJ_WIRE_PING)
    {
      g_ptr_array_add (self->messages, g_steal_pointer (&message));
      return;
    }

  self->n_pings++;
  if (!self->silent)
    soup_websocket_connection_send_text (connection, "{\"type\":\"pong\"}");
}

static void
on_closed (SoupWebsocketConnection *connection, gpointer user_data)
{
  ScriptedBackend *self = user_data;

  g_ptr_array_remove (self->sockets, connection);
}

static void
on_websocket (SoupServer *server,
              SoupServerMessage *message,
              const char *path,
              SoupWebsocketConnection *connection,
              gpointer user_data)
{
  ScriptedBackend *self = user_data;

  g_ptr_array_add (self->sockets, g_object_ref (connection));
  g_signal_connect (connection, "message", G_CALLBACK (on_message), self);
  g_signal_connect (connection, "closed", G_CALLBACK (on_closed), self);
}

/* ---- life ---- */

static void
use_tls (ScriptedBackend *self)
{
  g_autofree char *pem = g_strconcat (certificate_pem, key_pem, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GTlsCertificate) certificate = g_tls_certificate_new_from_pem (pem, -1, &error);

  g_assert_no_error (error);
  soup_server_set_tls_certificate (self->server, certificate);
  self->dir = sighej_test_dup_dir ();
  self->certificate_file = g_build_filename (self->dir, "ca.pem", NULL);
  g_file_set_contents (self->certificate_file, certificate_pem, -1, &error);
  g_assert_no_error (error);
}

static void
listen_on_loopback (ScriptedBackend *self, gboolean with_tls)
{
  g_autoptr (GError) error = NULL;
  GSList *uris;

  soup_server_listen_local (self->server,
                            0,
                            SOUP_SERVER_LISTEN_IPV4_ONLY
                                | (with_tls ? SOUP_SERVER_LISTEN_HTTPS : 0),
                            &error);
  g_assert_no_error (error);
  uris = soup_server_get_uris (self->server);
  self->uri = g_uri_to_string (uris->data);
  g_slist_free_full (uris, (GDestroyNotify) g_uri_unref);
}

ScriptedBackend *
scripted_backend_new (gboolean with_tls)
{
  static char *protocols[] = { (char *) SIGHEJ_WS_PROTOCOL, NULL };
  ScriptedBackend *self = g_new0 (ScriptedBackend, 1);

  self->post_status = SOUP_STATUS_CREATED;
  self->delete_status = SOUP_STATUS_NO_CONTENT;
  self->said_status = SOUP_STATUS_ACCEPTED;
  self->session_s = SIGHEJ_SESSION_SECONDS_MAX;
  self->requests
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_wire_session_request_free);
  self->deleted = g_ptr_array_new_with_free_func (g_free);
  self->handshakes = g_ptr_array_new_with_free_func (g_free);
  self->said = g_ptr_array_new_with_free_func (g_free);
  self->sockets = g_ptr_array_new_with_free_func (g_object_unref);
  self->messages = g_ptr_array_new_with_free_func (g_free);
  self->held = g_ptr_array_new_with_free_func (g_object_unref);

  self->server = soup_server_new (NULL, NULL);
  if (with_tls)
    use_tls (self);
  soup_server_add_handler (self->server, "/session", on_session, self, NULL);
  soup_server_add_handler (self->server, "/api/v1", on_said, self, NULL);
  soup_server_add_early_handler (self->server, "/ws", on_handshake, self, NULL);
  soup_server_add_websocket_handler (
      self->server, "/ws", NULL, protocols, on_websocket, self, NULL);
  listen_on_loopback (self, with_tls);
  return self;
}

void
scripted_backend_go_away (ScriptedBackend *self)
{
  soup_server_disconnect (self->server);
  while (self->sockets->len > 0)
    {
      SoupWebsocketConnection *socket = g_ptr_array_steal_index (self->sockets, 0);

      g_signal_handlers_disconnect_by_data (socket, self);
      g_io_stream_close (soup_websocket_connection_get_io_stream (socket), NULL, NULL);
      g_object_run_dispose (G_OBJECT (socket));
      g_object_unref (socket);
    }
}

void
scripted_backend_free (ScriptedBackend *self)
{
  scripted_backend_go_away (self);
  g_object_unref (self->server);
  g_ptr_array_unref (self->requests);
  g_ptr_array_unref (self->deleted);
  g_ptr_array_unref (self->handshakes);
  g_ptr_array_unref (self->said);
  g_ptr_array_unref (self->sockets);
  g_ptr_array_unref (self->messages);
  g_ptr_array_unref (self->held);
  g_free (self->user_agent);
  g_free (self->uri);
  g_free (self->dir);
  g_free (self->certificate_file);
  g_free (self);
}

/* ---- for tests ---- */

const SighejWireSessionRequest *
scripted_backend_request (ScriptedBackend *self, guint i)
{
  g_assert_cmpuint (i, <, self->requests->len);
  return self->requests->pdata[i];
}

SoupWebsocketConnection *
scripted_backend_socket (ScriptedBackend *self)
{
  g_assert_cmpuint (self->sockets->len, >, 0);
  return self->sockets->pdata[self->sockets->len - 1];
}

void
scripted_backend_say (ScriptedBackend *self, const char *text)
{
  soup_websocket_connection_send_text (scripted_backend_socket (self), text);
}

void
scripted_backend_nudge (ScriptedBackend *self, guint64 seq)
{
  const char *shared[] = { "jazz", NULL };
  SighejWireServerMessage nudge = { .type = SIGHEJ_WIRE_NUDGE,
                                    .nudge_id = "00112233445566778899aabbccddeeff",
                                    .seq = seq,
                                    .shared_interests = (GStrv) shared,
                                    .message = (char *) "Hello." };
  g_autofree char *text = sighej_wire_server_message_write (&nudge);

  scripted_backend_say (self, text);
}

void
scripted_backend_close (ScriptedBackend *self, gushort code)
{
  soup_websocket_connection_close (scripted_backend_socket (self), code, NULL);
}

const SighejWireClientMessage *
scripted_backend_last (ScriptedBackend *self, SighejWireClientType type)
{
  for (guint i = self->messages->len; i > 0; i--)
    {
      const SighejWireClientMessage *message = self->messages->pdata[i - 1];

      if (message->type == type)
        return message;
    }
  return NULL;
}

guint
scripted_backend_count (ScriptedBackend *self, SighejWireClientType type)
{
  guint n = 0;

  for (guint i = 0; i < self->messages->len; i++)
    n += ((SighejWireClientMessage *) self->messages->pdata[i])->type == type ? 1 : 0;
  return n;
}
