/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-problem"

#include "config.h"

#include "sighej-problem.h"

#include <string.h>

#include <libsoup/soup.h>

#include "sighej-crypto.h"
#include "sighej-json.h"

#define REQUEST_ID_BYTES 16

const char *const sighej_answer_headers[][2] = {
  { "X-Content-Type-Options", "nosniff" },
  { "X-Frame-Options", "DENY" },
  { "Referrer-Policy", "no-referrer" },
  { "Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'; base-uri 'none'" },
  { NULL, NULL },
};

SighejProblem
sighej_problem_from_error (const GError *error)
{
  gboolean ours = error->domain == SIGHEJ_ERROR;
  const SighejErrorInfo *info
      = sighej_error_get_info (ours ? (SighejError) error->code : SIGHEJ_ERROR_FAILED);

  return (SighejProblem){
    .status = info->http_status,
    .type = info->problem,
    .title = info->title,
    /* What broke inside is for the log, not for strangers. */
    .detail = info->http_status < 500 || info->http_status == 503 ? error->message : NULL,
  };
}

char *
sighej_problem_to_json (const SighejProblem *self, const char *instance, const char *trace_id)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) node = NULL;
  g_autofree char *type = g_strconcat ("/problems/", self->type, NULL);

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "type");
  json_builder_add_string_value (builder, type);
  json_builder_set_member_name (builder, "title");
  json_builder_add_string_value (builder, self->title);
  json_builder_set_member_name (builder, "status");
  json_builder_add_int_value (builder, self->status);
  json_builder_set_member_name (builder, "detail");
  json_builder_add_string_value (builder, self->detail != NULL ? self->detail : self->title);
  json_builder_set_member_name (builder, "instance");
  json_builder_add_string_value (builder, instance);
  json_builder_set_member_name (builder, "trace_id");
  json_builder_add_string_value (builder, trace_id);
  json_builder_end_object (builder);
  node = json_builder_get_root (builder);
  return sighej_json_to_string (node);
}

char *
sighej_problem_to_http (const SighejProblem *self)
{
  char request_id[SIGHEJ_REQUEST_ID_CHARS_MAX + 1];
  g_autofree char *body = NULL;
  GString *answer = g_string_new (NULL);

  sighej_request_id_draw (request_id);
  body = sighej_problem_to_json (self, "/", request_id);
  g_string_printf (answer,
                   "HTTP/1.1 %u %s\r\n"
                   "Content-Type: " SIGHEJ_PROBLEM_CONTENT_TYPE "\r\n"
                   "Content-Length: %" G_GSIZE_FORMAT "\r\n"
                   "Connection: close\r\n"
                   "Cache-Control: no-store\r\n"
                   "X-Request-Id: %s\r\n",
                   self->status,
                   soup_status_get_phrase (self->status),
                   strlen (body),
                   request_id);
  if (self->status == SOUP_STATUS_METHOD_NOT_ALLOWED)
    g_string_append (answer, "Allow: GET, HEAD, POST, DELETE, OPTIONS\r\n");
  if (self->status == SOUP_STATUS_SERVICE_UNAVAILABLE)
    g_string_append (answer, "Retry-After: 1\r\n");
  for (gsize i = 0; sighej_answer_headers[i][0] != NULL; i++)
    g_string_append_printf (
        answer, "%s: %s\r\n", sighej_answer_headers[i][0], sighej_answer_headers[i][1]);
  g_string_append_printf (answer, "\r\n%s", body);
  return g_string_free (answer, FALSE);
}

void
sighej_request_id_draw (char out[SIGHEJ_REQUEST_ID_CHARS_MAX + 1])
{
  guint8 bytes[REQUEST_ID_BYTES];

  sighej_random_bytes (bytes, sizeof bytes);
  sighej_hex_encode (bytes, sizeof bytes, out);
}

gboolean
sighej_request_id_is_sane (const char *text)
{
  gsize n = 0;

  for (; text[n] != '\0'; n++)
    if (n >= SIGHEJ_REQUEST_ID_CHARS_MAX || !(g_ascii_isalnum (text[n]) || text[n] == '-'))
      return FALSE;
  return n > 0;
}
