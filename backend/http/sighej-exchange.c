/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-exchange"

#include "config.h"

#include "sighej-exchange.h"

#include <string.h>

#include "sighej-crypto.h"
#include "sighej-log.h"
#include "sighej-problem.h"
#include "sighej-service.h"

#define BEARER "Bearer "
#define CACHE_CONTROL "Cache-Control"
#define REQUEST_ID "X-Request-Id"
#define TAG_BYTES 8
#define UNAVAILABLE_RETRY_SECONDS 1

struct _SighejExchange
{
  SighejCarrier *carrier;
  gint64 begun_us;
  char request_id[SIGHEJ_REQUEST_ID_CHARS_MAX + 1];
  gboolean id_is_ours;
  char trace_id[2 * SIGHEJ_TRACE_ID_BYTES + 1]; /* "": it belongs to none */
  SighejSpan *span;                             /* (nullable) */
  char *parameter;
  char *address;
  char made_session[SIGHEJ_UUID_CHARS + 1];
  gint64 made_until_us;
  SighejExchangeKeep keep;
  gpointer keeper;
  guint status;      /* of the answer that is made; 0: none is */
  GBytes *body;      /* (nullable): of it */
  gboolean answered; /* and may be sent */
  SighejExchangeAnswered on_answered;
  gpointer user_data;
};

static void
choose_request_id (SighejExchange *self)
{
  const char *given = sighej_exchange_get_header (self, REQUEST_ID);

  self->id_is_ours = given == NULL || !sighej_request_id_is_sane (given);
  if (self->id_is_ours)
    sighej_request_id_draw (self->request_id);
  else
    g_strlcpy (self->request_id, given, sizeof self->request_id);
}

static void
set_common_headers (SighejExchange *self, const char *origin)
{
  sighej_exchange_set_header (self, REQUEST_ID, self->request_id);
  sighej_exchange_set_header (self, CACHE_CONTROL, "no-store");
  sighej_exchange_set_header (self, "Vary", "Origin");
  for (gsize i = 0; sighej_answer_headers[i][0] != NULL; i++)
    sighej_exchange_set_header (self, sighej_answer_headers[i][0], sighej_answer_headers[i][1]);
  if (origin == NULL)
    return;
  sighej_exchange_set_header (self, "Access-Control-Allow-Origin", origin);
  sighej_exchange_set_header (
      self,
      "Access-Control-Expose-Headers",
      "ETag, RateLimit, RateLimit-Policy, Retry-After, traceparent, X-Request-Id");
}

SighejExchange *
sighej_exchange_new (SighejCarrier *carrier, const char *origin)
{
  SighejExchange *self = g_rc_box_new0 (SighejExchange);

  self->carrier = carrier;
  self->begun_us = g_get_monotonic_time ();
  choose_request_id (self);
  set_common_headers (self, origin);
  return self;
}

static void
exchange_clear (gpointer data)
{
  SighejExchange *self = data;

  self->carrier->funcs->free (self->carrier);
  g_clear_pointer (&self->body, g_bytes_unref);
  sighej_span_unref (self->span);
  g_free (self->parameter);
  g_free (self->address);
}

SighejExchange *
sighej_exchange_ref (SighejExchange *self)
{
  return g_rc_box_acquire (self);
}

void
sighej_exchange_unref (SighejExchange *self)
{
  g_rc_box_release_full (self, exchange_clear);
}

void
sighej_exchange_wait (SighejExchange *self)
{
  if (!self->answered)
    self->carrier->funcs->wait (self->carrier);
}

void
sighej_exchange_set_answered (SighejExchange *self,
                              SighejExchangeAnswered answered,
                              gpointer user_data)
{
  self->on_answered = answered;
  self->user_data = user_data;
}

/* ---- the request ---- */

SighejCarrier *
sighej_exchange_get_carrier (SighejExchange *self)
{
  return self->carrier;
}

const char *
sighej_exchange_get_method (SighejExchange *self)
{
  return self->carrier->funcs->get_method (self->carrier);
}

const char *
sighej_exchange_get_path (SighejExchange *self)
{
  return self->carrier->funcs->get_path (self->carrier);
}

const char *
sighej_exchange_get_header (SighejExchange *self, const char *name)
{
  return self->carrier->funcs->get_header (self->carrier, name);
}

const char *
sighej_exchange_get_content_type (SighejExchange *self)
{
  return self->carrier->funcs->get_content_type (self->carrier);
}

GSocketAddress *
sighej_exchange_get_remote_address (SighejExchange *self)
{
  return self->carrier->funcs->get_remote_address (self->carrier);
}

const char *
sighej_exchange_get_parameter (SighejExchange *self)
{
  return self->parameter != NULL ? self->parameter : "";
}

void
sighej_exchange_set_parameter (SighejExchange *self, const char *parameter)
{
  g_free (self->parameter);
  self->parameter = g_strdup (parameter);
}

const char *
sighej_exchange_get_address (SighejExchange *self)
{
  return self->address;
}

void
sighej_exchange_take_address (SighejExchange *self, char *address)
{
  g_free (self->address);
  self->address = address;
}

char *
sighej_exchange_dup_bearer (SighejExchange *self)
{
  const char *header = sighej_exchange_get_header (self, "Authorization");

  if (header == NULL || g_ascii_strncasecmp (header, BEARER, strlen (BEARER)) != 0)
    return NULL;
  header += strlen (BEARER);
  return sighej_wire_is_token (header) ? g_strdup (header) : NULL;
}

GBytes *
sighej_exchange_dup_body (SighejExchange *self)
{
  return self->carrier->funcs->dup_body (self->carrier);
}

void
sighej_exchange_set_trace (SighejExchange *self, const SighejTrace *trace, SighejSpan *span)
{
  sighej_trace_get_id (trace, self->trace_id);
  sighej_span_unref (self->span);
  self->span = span;
}

SighejSpan *
sighej_exchange_get_span (SighejExchange *self)
{
  return self->span;
}

const char *
sighej_exchange_get_log_trace_id (SighejExchange *self)
{
  return self->trace_id[0] != '\0' ? self->trace_id : sighej_exchange_get_log_id (self);
}

guint64
sighej_exchange_get_age_us (SighejExchange *self)
{
  return (guint64) (g_get_monotonic_time () - self->begun_us);
}

const char *
sighej_exchange_get_log_id (SighejExchange *self)
{
  /* A client may put anything there, its secret too. */
  return self->id_is_ours ? self->request_id : sighej_log_redact (self->request_id);
}

/* ---- the answer ---- */

void
sighej_exchange_set_header (SighejExchange *self, const char *name, const char *value)
{
  self->carrier->funcs->set_header (self->carrier, name, value);
}

void
sighej_exchange_set_keep (SighejExchange *self, SighejExchangeKeep keep, gpointer user_data)
{
  self->keep = keep;
  self->keeper = user_data;
}

void
sighej_exchange_set_made (SighejExchange *self, const char *session_id, gint64 until_us)
{
  g_strlcpy (self->made_session, session_id, sizeof self->made_session);
  self->made_until_us = until_us;
}

const char *
sighej_exchange_get_made_session (SighejExchange *self)
{
  return self->made_session[0] != '\0' ? self->made_session : NULL;
}

gint64
sighej_exchange_get_made_until (SighejExchange *self)
{
  return self->made_until_us;
}

void
sighej_exchange_release (SighejExchange *self)
{
  self->answered = TRUE;
  if (self->on_answered != NULL)
    self->on_answered (self, self->user_data);
  self->carrier->funcs->send (self->carrier, self->status, self->body);
}

static void
finish (SighejExchange *self, guint status, GBytes *body)
{
  g_return_if_fail (self->status == 0);

  self->status = status;
  self->body = body != NULL ? g_bytes_ref (body) : NULL;
  if (self->keep != NULL)
    self->keep (self, status, body, self->keeper);
  else
    sighej_exchange_release (self);
}

void
sighej_exchange_answer_bytes (SighejExchange *self,
                              guint status,
                              const char *content_type,
                              GBytes *body)
{
  sighej_exchange_set_header (self, "Content-Type", content_type);
  finish (self, status, body);
}

static void
answer_text (SighejExchange *self, guint status, const char *content_type, char *text)
{
  g_autoptr (GBytes) body = g_bytes_new_with_free_func (
      text, strlen (text), (GDestroyNotify) sighej_wipe_free_string, text);

  sighej_exchange_answer_bytes (self, status, content_type, body);
}

void
sighej_exchange_answer_json (SighejExchange *self, guint status, char *json)
{
  answer_text (self, status, "application/json", json);
}

void
sighej_exchange_answer_empty (SighejExchange *self, guint status)
{
  finish (self, status, NULL);
}

/* RFC 9110 section 13.1.2: a list of tags, weak ones compare as strong; or "*". */
static gboolean
header_holds_tag (const char *header, const char *tag)
{
  g_auto (GStrv) items = g_strsplit (header, ",", -1);

  for (gsize i = 0; items[i] != NULL; i++)
    {
      const char *item = g_strstrip (items[i]);

      if (g_str_has_prefix (item, "W/"))
        item += strlen ("W/");
      if (strcmp (item, tag) == 0 || strcmp (item, "*") == 0)
        return TRUE;
    }
  return FALSE;
}

/* (transfer full): strong, so equal for equal bytes only */
static char *
dup_tag (GBytes *body)
{
  guint8 digest[SIGHEJ_SHA256_BYTES];
  char hex[2 * TAG_BYTES + 1];
  gsize n_body;
  const guint8 *data = g_bytes_get_data (body, &n_body);

  sighej_sha256 (data, n_body, digest);
  sighej_hex_encode (digest, TAG_BYTES, hex);
  return g_strdup_printf ("\"%s\"", hex);
}

void
sighej_exchange_answer_tagged (SighejExchange *self,
                               const char *content_type,
                               GBytes *body,
                               const char *version)
{
  const char *known = sighej_exchange_get_header (self, "If-None-Match");
  g_autofree char *tag = version != NULL ? g_strdup_printf ("\"%s\"", version) : dup_tag (body);

  sighej_exchange_set_header (self, "ETag", tag);
  sighej_exchange_set_header (self, CACHE_CONTROL, "no-cache");
  if (known != NULL && header_holds_tag (known, tag))
    sighej_exchange_answer_empty (self, SOUP_STATUS_NOT_MODIFIED);
  else
    sighej_exchange_answer_bytes (self, SOUP_STATUS_OK, content_type, body);
}

void
sighej_exchange_set_quota (SighejExchange *self, const SighejQuota *quota)
{
  g_autofree char *policy
      = g_strdup_printf ("\"%s\";q=%u;w=%u", quota->name, quota->n_per_period, quota->period_s);
  g_autofree char *left
      = g_strdup_printf ("\"%s\";r=%u;t=%u", quota->name, quota->n_left, quota->full_s);

  sighej_exchange_set_header (self, "RateLimit-Policy", policy);
  sighej_exchange_set_header (self, "RateLimit", left);
}

static void
set_error_headers (SighejExchange *self, const GError *error, guint status)
{
  g_autofree char *seconds = NULL;

  if (status == SOUP_STATUS_UNAUTHORIZED)
    sighej_exchange_set_header (self, "WWW-Authenticate", "Bearer realm=\"sighej\"");
  if (status == 429)
    seconds = g_strdup_printf ("%u", MAX (sighej_error_get_retry_after_s (error), 1));
  else if (status == SOUP_STATUS_SERVICE_UNAVAILABLE)
    seconds = g_strdup_printf ("%u", UNAVAILABLE_RETRY_SECONDS);
  if (seconds != NULL)
    sighej_exchange_set_header (self, "Retry-After", seconds);
}

void
sighej_exchange_answer_error (SighejExchange *self, const GError *error)
{
  SighejProblem problem = sighej_problem_from_error (error);

  if (problem.status >= 500)
    g_log_structured (G_LOG_DOMAIN,
                      G_LOG_LEVEL_MESSAGE,
                      SIGHEJ_LOG_PROBLEM,
                      problem.type,
                      SIGHEJ_LOG_TRACE_ID,
                      sighej_exchange_get_log_trace_id (self),
                      "MESSAGE",
                      "request %s failed: %s",
                      sighej_exchange_get_log_id (self),
                      error->message);
  set_error_headers (self, error, problem.status);
  answer_text (
      self,
      problem.status,
      SIGHEJ_PROBLEM_CONTENT_TYPE,
      sighej_problem_to_json (&problem, sighej_exchange_get_path (self), self->request_id));
}

void
sighej_exchange_refuse (SighejExchange *self, SighejError code, const char *detail)
{
  g_autoptr (GError) error = g_error_new_literal (SIGHEJ_ERROR, (int) code, detail);

  sighej_exchange_answer_error (self, error);
}

guint
sighej_exchange_get_status (SighejExchange *self)
{
  return self->status;
}
