/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-otlp"

#include "config.h"

#include "sighej-otlp.h"

#include <string.h>

#include <libsoup/soup.h>

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-metrics.h"

#define PATH "/v1/traces"
#define STATUS_ERROR 2
#define INSTANCE_BYTES 8

struct _SighejOtlp
{
  GObject parent_instance;

  SighejClock *clock;
  SoupSession *session;
  char *url;
  char instance[2 * INSTANCE_BYTES + 1];

  GQueue waiting; /* of SighejSpan */
  guint n_in_flight;
  GCancellable *cancellable; /* of the request in flight */
  guint timeout;
  guint batch_timer;
  gboolean is_away; /* the last request failed; said once */

  SighejOtlpStopped stopped; /* set: stopping */
  gpointer stopped_data;
  guint stop_timer;
};

G_DEFINE_FINAL_TYPE (SighejOtlp, sighej_otlp, G_TYPE_OBJECT)

/* ---- the body ---- */

static void
append_text (GString *out, const char *key, const char *text)
{
  g_string_append_printf (out, "{\"key\":\"%s\",\"value\":{\"stringValue\":\"%s\"}}", key, text);
}

static void
append_attributes (GString *out, const SighejSpan *span)
{
  guint n;
  const SighejSpanAttribute *attributes = sighej_span_get_attributes (span, &n);

  for (guint i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      if (attributes[i].text != NULL)
        append_text (out, attributes[i].key, attributes[i].text);
      else
        g_string_append_printf (out,
                                "{\"key\":\"%s\",\"value\":{\"intValue\":\"%" G_GINT64_FORMAT
                                "\"}}",
                                attributes[i].key,
                                attributes[i].number);
    }
}

static void
append_span (GString *out, const SighejSpan *span)
{
  const SighejTrace *trace = sighej_span_get_trace (span);
  const guint8 *parent_id = sighej_span_get_parent_id (span);
  char trace_id[2 * SIGHEJ_TRACE_ID_BYTES + 1];
  char span_id[2 * SIGHEJ_SPAN_ID_BYTES + 1];
  gint64 begun_us, ended_us;

  sighej_trace_get_id (trace, trace_id);
  sighej_hex_encode (trace->span_id, SIGHEJ_SPAN_ID_BYTES, span_id);
  g_string_append_printf (out, "{\"traceId\":\"%s\",\"spanId\":\"%s\",", trace_id, span_id);
  if (parent_id != NULL)
    {
      sighej_hex_encode (parent_id, SIGHEJ_SPAN_ID_BYTES, span_id);
      g_string_append_printf (out, "\"parentSpanId\":\"%s\",", span_id);
    }
  sighej_span_get_times (span, &begun_us, &ended_us);
  g_string_append_printf (
      out,
      "\"flags\":1,\"name\":\"%s\",\"kind\":%d,\"startTimeUnixNano\":\"%" G_GINT64_FORMAT
      "000\",\"endTimeUnixNano\":\"%" G_GINT64_FORMAT "000\",\"attributes\":[",
      sighej_span_get_name (span),
      sighej_span_get_kind (span),
      begun_us,
      ended_us);
  append_attributes (out, span);
  g_string_append (out, "]");
  if (sighej_span_has_failed (span))
    g_string_append_printf (out, ",\"status\":{\"code\":%d}", STATUS_ERROR);
  g_string_append (out, "}");
}

char *
sighej_otlp_write (SighejSpan *const *spans, guint n_spans, const char *instance)
{
  GString *out = g_string_new ("{\"resourceSpans\":[{\"resource\":{\"attributes\":[");

  append_text (out, "service.name", "sighej-backend");
  g_string_append_c (out, ',');
  append_text (out, "service.version", SIGHEJ_VERSION);
  g_string_append_c (out, ',');
  append_text (out, "service.instance.id", instance);
  g_string_append (out,
                   "]},\"scopeSpans\":[{\"scope\":{\"name\":\"sighej-backend\",\"version\":"
                   "\"" SIGHEJ_VERSION "\"},\"spans\":[");
  for (guint i = 0; i < n_spans; i++)
    {
      if (i > 0)
        g_string_append_c (out, ',');
      append_span (out, spans[i]);
    }
  g_string_append (out, "]}]}]}");
  return g_string_free (out, FALSE);
}

/* ---- sending ---- */

static void consider (SighejOtlp *self);

static void
count (SighejMetricSpan outcome, guint n)
{
  sighej_metrics_add (SIGHEJ_METRIC_SPANS, outcome, n);
}

static void
finish_stop (SighejOtlp *self)
{
  SighejOtlpStopped stopped = self->stopped;

  if (stopped == NULL)
    return;
  self->stopped = NULL;
  sighej_clock_clear (self->clock, &self->stop_timer);
  stopped (self->stopped_data);
}

static gboolean
on_timeout (gpointer user_data)
{
  SighejOtlp *self = user_data;

  self->timeout = 0;
  g_cancellable_cancel (self->cancellable);
  return G_SOURCE_REMOVE;
}

static void
note_outcome (SighejOtlp *self, const char *problem)
{
  if (problem != NULL && !self->is_away)
    g_message ("spans are dropped, the collector does not take them: %s", problem);
  if (problem == NULL && self->is_away)
    g_info ("the collector takes spans again");
  self->is_away = problem != NULL;
  count (problem != NULL ? SIGHEJ_SPANS_DROPPED : SIGHEJ_SPANS_SENT, self->n_in_flight);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (SighejOtlp) self = user_data;
  SoupSession *session = SOUP_SESSION (source);
  SoupMessage *message = soup_session_get_async_result_message (session, result);
  g_autoptr (GError) error = NULL;
  g_autoptr (GInputStream) stream = soup_session_send_finish (session, result, &error);
  guint status = soup_message_get_status (message);
  g_autofree char *refusal = g_strdup_printf ("it answers %u", status);

  sighej_clock_clear (self->clock, &self->timeout);
  g_clear_object (&self->cancellable);
  if (stream == NULL)
    note_outcome (self, error->message);
  else
    note_outcome (self, SOUP_STATUS_IS_SUCCESSFUL (status) ? NULL : refusal);
  self->n_in_flight = 0;
  consider (self);
}

static SoupMessage *
make_message (SighejOtlp *self)
{
  g_autoptr (GPtrArray) spans = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_span_unref);
  g_autoptr (GBytes) body = NULL;
  SoupMessage *message = soup_message_new (SOUP_METHOD_POST, self->url);
  char *text;

  while (spans->len < SIGHEJ_OTLP_BATCH_SPANS_MAX && self->waiting.length > 0)
    g_ptr_array_add (spans, g_queue_pop_head (&self->waiting));
  self->n_in_flight = spans->len;
  text = sighej_otlp_write ((SighejSpan *const *) spans->pdata, spans->len, self->instance);
  body = g_bytes_new_take (text, strlen (text));
  soup_message_set_request_body_from_bytes (message, "application/json", body);
  return message;
}

static void
send_batch (SighejOtlp *self)
{
  g_autoptr (SoupMessage) message = make_message (self);

  sighej_clock_clear (self->clock, &self->batch_timer);
  self->cancellable = g_cancellable_new ();
  self->timeout = sighej_clock_add (
      self->clock, SIGHEJ_OTLP_TIMEOUT_MS * G_TIME_SPAN_MILLISECOND, on_timeout, self);
  soup_session_send_async (
      self->session, message, G_PRIORITY_LOW, self->cancellable, on_sent, g_object_ref (self));
}

static gboolean
on_batch_due (gpointer user_data)
{
  SighejOtlp *self = user_data;

  self->batch_timer = 0;
  if (self->n_in_flight == 0 && self->waiting.length > 0)
    send_batch (self);
  return G_SOURCE_REMOVE;
}

/* Sends a full batch now, a smaller one when its time has come. */
static void
consider (SighejOtlp *self)
{
  if (self->n_in_flight > 0)
    return;
  if (self->waiting.length == 0)
    finish_stop (self);
  else if (self->stopped != NULL || self->waiting.length >= SIGHEJ_OTLP_BATCH_SPANS_MAX)
    send_batch (self);
  else if (self->batch_timer == 0)
    self->batch_timer = sighej_clock_add (
        self->clock, SIGHEJ_OTLP_BATCH_MS * G_TIME_SPAN_MILLISECOND, on_batch_due, self);
}

void
sighej_otlp_add (SighejOtlp *self, SighejSpan *span)
{
  if (self->stopped != NULL || self->waiting.length >= SIGHEJ_OTLP_QUEUE_SPANS_MAX)
    {
      count (SIGHEJ_SPANS_DROPPED, 1);
      return;
    }
  g_queue_push_tail (&self->waiting, sighej_span_ref (span));
  consider (self);
}

static gboolean
on_stop_late (gpointer user_data)
{
  SighejOtlp *self = user_data;

  self->stop_timer = 0;
  count (SIGHEJ_SPANS_DROPPED, self->waiting.length);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) sighej_span_unref);
  if (self->cancellable != NULL)
    g_cancellable_cancel (self->cancellable);
  finish_stop (self);
  return G_SOURCE_REMOVE;
}

void
sighej_otlp_stop (SighejOtlp *self, SighejOtlpStopped stopped, gpointer user_data)
{
  g_return_if_fail (self->stopped == NULL);

  self->stopped = stopped;
  self->stopped_data = user_data;
  self->stop_timer = sighej_clock_add (
      self->clock, SIGHEJ_OTLP_STOP_MS * G_TIME_SPAN_MILLISECOND, on_stop_late, self);
  consider (self);
}

/* ---- life ---- */

gboolean
sighej_otlp_check_endpoint (const char *endpoint, GError **error)
{
  g_autoptr (GUri) uri = g_uri_parse (endpoint, G_URI_FLAGS_NONE, NULL);
  const char *scheme = uri != NULL ? g_uri_get_scheme (uri) : "";

  if ((strcmp (scheme, "http") == 0 || strcmp (scheme, "https") == 0)
      && g_uri_get_host (uri) != NULL && g_uri_get_host (uri)[0] != '\0'
      && g_uri_get_userinfo (uri) == NULL && g_uri_get_query (uri) == NULL)
    return TRUE;
  g_set_error_literal (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_CONFIG,
                       "must be http://HOST:PORT or https://HOST:PORT, without a password");
  return FALSE;
}

static void
sighej_otlp_dispose (GObject *object)
{
  SighejOtlp *self = SIGHEJ_OTLP (object);

  sighej_clock_clear (self->clock, &self->timeout);
  sighej_clock_clear (self->clock, &self->batch_timer);
  sighej_clock_clear (self->clock, &self->stop_timer);
  g_queue_clear_full (&self->waiting, (GDestroyNotify) sighej_span_unref);
  g_clear_object (&self->session);

  G_OBJECT_CLASS (sighej_otlp_parent_class)->dispose (object);
}

static void
sighej_otlp_finalize (GObject *object)
{
  SighejOtlp *self = SIGHEJ_OTLP (object);

  g_clear_object (&self->cancellable);
  g_clear_object (&self->clock);
  g_free (self->url);

  G_OBJECT_CLASS (sighej_otlp_parent_class)->finalize (object);
}

static void
sighej_otlp_class_init (SighejOtlpClass *klass)
{
  G_OBJECT_CLASS (klass)->dispose = sighej_otlp_dispose;
  G_OBJECT_CLASS (klass)->finalize = sighej_otlp_finalize;
}

static void
sighej_otlp_init (SighejOtlp *self)
{
  guint8 instance[INSTANCE_BYTES];

  g_queue_init (&self->waiting);
  sighej_random_bytes (instance, sizeof instance);
  sighej_hex_encode (instance, sizeof instance, self->instance);
}

SighejOtlp *
sighej_otlp_new (const char *endpoint, SighejClock *clock)
{
  SighejOtlp *self = g_object_new (SIGHEJ_TYPE_OTLP, NULL);
  gsize n = strlen (endpoint);

  while (n > 0 && endpoint[n - 1] == '/')
    n--;
  self->url = g_strdup_printf ("%.*s" PATH, (int) n, endpoint);
  self->clock = g_object_ref (clock);
  /* No proxy of the environment: what is told to the collector is told to nobody else. */
  self->session = soup_session_new_with_options ("max-conns", 1, "proxy-resolver", NULL, NULL);
  return self;
}
