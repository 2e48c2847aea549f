/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-link"

#include "config.h"

#include "sighej-link-http.h"

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-wire.h"

/* One byte more than may come, so that one read tells "too much" from "just enough". */
#define BODY_BUFFER_BYTES (SIGHEJ_WIRE_BODY_BYTES_MAX + 1)

/* A connection kept for the next request is closed after this long, seconds. */
#define IDLE_CONNECTION_SECONDS 15

/* ---- failures ---- */

SighejLinkFailure *
sighej_link_failure_new (SighejLinkFailureKind kind, const char *text)
{
  SighejLinkFailure *self = g_new0 (SighejLinkFailure, 1);

  self->kind = kind;
  self->text = g_strdup (text);
  return self;
}

SighejLinkFailure *
sighej_link_failure_copy (const SighejLinkFailure *self)
{
  SighejLinkFailure *copy = sighej_link_failure_new (self->kind, self->text);

  copy->retry_after_s = self->retry_after_s;
  return copy;
}

void
sighej_link_failure_free (SighejLinkFailure *self)
{
  g_free (self->text);
  g_free (self);
}

SighejLinkFailure *
sighej_link_failure_new_for_error (const GError *error)
{
  SighejLinkFailureKind kind = SIGHEJ_LINK_FAILURE_OFFLINE;

  if (error->domain == G_TLS_ERROR)
    kind = SIGHEJ_LINK_FAILURE_TLS;
  else if (g_error_matches (error, SOUP_WEBSOCKET_ERROR, SOUP_WEBSOCKET_ERROR_NOT_WEBSOCKET))
    kind = SIGHEJ_LINK_FAILURE_NO_UPGRADE;
  return sighej_link_failure_new (kind, error->message);
}

static SighejLinkFailureKind
kind_of_status (guint status)
{
  switch (status)
    {
    case SOUP_STATUS_CONFLICT:
      return SIGHEJ_LINK_FAILURE_TAKEN;
    case 429: /* Too Many Requests; libsoup has no name for it */
      return SIGHEJ_LINK_FAILURE_RATE_LIMITED;
    case SOUP_STATUS_REQUEST_TIMEOUT:
      return SIGHEJ_LINK_FAILURE_OFFLINE;
    default:
      return SOUP_STATUS_IS_REDIRECTION (status) || SOUP_STATUS_IS_CLIENT_ERROR (status)
                 ? SIGHEJ_LINK_FAILURE_REFUSED
                 : SIGHEJ_LINK_FAILURE_OFFLINE;
    }
}

/* Seconds only; the other form, a date, needs a clock both sides agree on. */
static guint
retry_after_s (SoupMessage *message)
{
  SoupMessageHeaders *headers = soup_message_get_response_headers (message);
  const char *text = soup_message_headers_get_one (headers, "Retry-After");
  guint64 seconds;

  if (text == NULL || !g_ascii_string_to_unsigned (text, 10, 0, G_MAXUINT, &seconds, NULL))
    return 0;
  return (guint) MIN (seconds, SIGHEJ_LINK_RETRY_AFTER_SECONDS_MAX);
}

SighejLinkFailure *
sighej_link_failure_new_for_message (SoupMessage *message)
{
  guint status = soup_message_get_status (message);
  SighejLinkFailure *self = g_new0 (SighejLinkFailure, 1);

  self->kind = kind_of_status (status);
  self->retry_after_s = retry_after_s (message);
  self->text = g_strdup_printf ("the backend answered with HTTP status %u", status);
  return self;
}

/* ---- the client ---- */

SoupSession *
sighej_link_http_session_new (const char *ca_file, GError **error)
{
  g_autoptr (SoupSession) session = NULL;

  session = soup_session_new_with_options ("user-agent",
                                           "sighejd/" SIGHEJ_VERSION,
                                           "timeout",
                                           0u,
                                           "idle-timeout",
                                           IDLE_CONNECTION_SECONDS,
                                           NULL);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_AUTH_MANAGER);
  soup_session_remove_feature_by_type (session, SOUP_TYPE_CONTENT_DECODER);

  if (ca_file != NULL)
    {
      g_autoptr (GError) local_error = NULL;
      g_autoptr (GTlsDatabase) database = g_tls_file_database_new (ca_file, &local_error);

      if (database == NULL)
        {
          g_set_error (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_CONFIG,
                       "cannot read the authorities to trust from %s: %s",
                       ca_file,
                       local_error->message);
          return NULL;
        }
      soup_session_set_tls_database (session, database);
    }
  return g_steal_pointer (&session);
}

SoupMessage *
sighej_link_http_message_new (const char *method,
                              const char *base_uri,
                              const char *path,
                              const char *secret)
{
  gsize n_base = strlen (base_uri);
  g_autofree char *uri = NULL;
  SoupMessage *message;

  while (n_base > 0 && base_uri[n_base - 1] == '/')
    n_base--;
  uri = g_strdup_printf ("%.*s%s", (int) n_base, base_uri, path);
  message = soup_message_new (method, uri);
  g_assert (message != NULL); /* sighej_link_check_uri() let it through */

  soup_message_add_flags (message, SOUP_MESSAGE_NO_REDIRECT);
  if (secret != NULL)
    {
      char *bearer = g_strconcat ("Bearer ", secret, NULL);

      soup_message_headers_replace (
          soup_message_get_request_headers (message), "Authorization", bearer);
      sighej_wipe_free_string (bearer);
    }
  return message;
}

/* ---- one exchange ---- */

typedef struct
{
  SoupMessage *message;
  SighejClock *clock;
  GCancellable *guard; /* cancelled by the deadline, or through the caller's */
  GCancellable *caller;
  gulong caller_id;
  guint deadline_wait;
  gboolean timed_out;
  GInputStream *stream;
  char *buffer;
} SendData;

static void
send_data_free (SendData *data)
{
  g_cancellable_disconnect (data->caller, data->caller_id);
  sighej_clock_clear (data->clock, &data->deadline_wait);
  g_clear_object (&data->stream);
  g_object_unref (data->message);
  g_object_unref (data->clock);
  g_object_unref (data->guard);
  g_clear_object (&data->caller);
  if (data->buffer != NULL)
    sighej_wipe (data->buffer, BODY_BUFFER_BYTES);
  g_free (data->buffer);
  g_free (data);
}

static gboolean
on_deadline (gpointer user_data)
{
  SendData *data = user_data;

  data->deadline_wait = 0;
  data->timed_out = TRUE;
  g_cancellable_cancel (data->guard);
  return G_SOURCE_REMOVE;
}

static void
on_caller_cancelled (GCancellable *caller, gpointer user_data)
{
  g_cancellable_cancel (user_data);
}

static void
send_return_error (GTask *task, GError *error)
{
  SendData *data = g_task_get_task_data (task);

  if (data->timed_out)
    {
      g_error_free (error);
      g_task_return_new_error (
          task, G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "the backend did not answer in time");
    }
  else
    {
      g_task_return_error (task, error);
    }
}

static void
wipe_free_body (gpointer user_data)
{
  GString *body = user_data;

  sighej_wipe (body->str, body->len);
  g_string_free (body, TRUE);
}

static void
body_read (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SendData *data = g_task_get_task_data (task);
  GError *error = NULL;
  GString *body;
  gsize n_read;

  if (!g_input_stream_read_all_finish (G_INPUT_STREAM (source), result, &n_read, &error))
    {
      send_return_error (task, error);
      return;
    }
  if (n_read > SIGHEJ_WIRE_BODY_BYTES_MAX)
    {
      g_task_return_new_error (task,
                               G_IO_ERROR,
                               G_IO_ERROR_MESSAGE_TOO_LARGE,
                               "the backend's answer is larger than %d bytes",
                               SIGHEJ_WIRE_BODY_BYTES_MAX);
      return;
    }

  body = g_string_new_len (data->buffer, n_read);
  g_task_return_pointer (task,
                         g_bytes_new_with_free_func (body->str, body->len, wipe_free_body, body),
                         (GDestroyNotify) g_bytes_unref);
}

static void
headers_received (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  SendData *data = g_task_get_task_data (task);
  GError *error = NULL;

  data->stream = soup_session_send_finish (SOUP_SESSION (source), result, &error);
  if (data->stream == NULL)
    {
      send_return_error (task, error);
      return;
    }

  data->buffer = g_malloc (BODY_BUFFER_BYTES);
  g_input_stream_read_all_async (data->stream,
                                 data->buffer,
                                 BODY_BUFFER_BYTES,
                                 G_PRIORITY_DEFAULT,
                                 data->guard,
                                 body_read,
                                 g_steal_pointer (&task));
}

void
sighej_link_http_send_async (SoupSession *session,
                             SoupMessage *message,
                             SighejClock *clock,
                             guint timeout_s,
                             GCancellable *cancellable,
                             GAsyncReadyCallback callback,
                             gpointer user_data)
{
  GTask *task = g_task_new (session, cancellable, callback, user_data);
  SendData *data = g_new0 (SendData, 1);

  g_task_set_source_tag (task, sighej_link_http_send_async);
  data->message = g_object_ref (message);
  data->clock = g_object_ref (clock);
  data->guard = g_cancellable_new ();
  g_set_object (&data->caller, cancellable);
  g_task_set_task_data (task, data, (GDestroyNotify) send_data_free);

  data->deadline_wait
      = sighej_clock_add (clock, (gint64) timeout_s * G_USEC_PER_SEC, on_deadline, data);
  if (cancellable != NULL)
    data->caller_id = g_cancellable_connect (
        cancellable, G_CALLBACK (on_caller_cancelled), g_object_ref (data->guard), g_object_unref);

  soup_session_send_async (
      session, message, G_PRIORITY_DEFAULT, data->guard, headers_received, task);
}

GBytes *
sighej_link_http_send_finish (SoupSession *session, GAsyncResult *result, GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, session), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
