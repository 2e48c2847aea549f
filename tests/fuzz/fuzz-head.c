/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <libsoup/soup.h>

#include "fuzz.h"
#include "sighej-express.h"
#include "sighej-head.h"

static const SighejHeadLimits limits = {
  .header_bytes_max = 16384,
  .header_lines_max = 64,
  .url_bytes_max = 2048,
  .body_bytes_max = 16384,
};

/* What is answered without libsoup must be read as libsoup would have read it. */
static void
compare_express (const char *head, const SighejExpress *express, SoupMessageHeaders *headers)
{
  const char *type = soup_message_headers_get_content_type (headers, NULL);

  for (guint i = 0; i < express->n_lines; i++)
    {
      const SighejExpressLine *line = &express->lines[i];
      g_autofree char *name = g_strndup (head + line->name, (gsize) (line->name_end - line->name));
      g_autofree char *value
          = g_strndup (head + line->value, (gsize) (line->value_end - line->value));

      g_assert_cmpstr (soup_message_headers_get_list (headers, name), ==, value);
    }
  g_assert_cmpint (g_ascii_strcasecmp (type, "application/json"), ==, 0);
  g_assert_cmpint (soup_message_headers_get_expectations (headers), ==, 0);
  g_assert_false (soup_message_headers_header_contains (headers, "Connection", "close"));
}

/* What is let through, libsoup must take, and see the same end of the request. */
static void
compare_with_soup (const char *head, gsize n_bytes, gsize body_bytes)
{
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  g_autofree char *method = NULL;
  g_autofree char *path = NULL;
  SighejExpress express;
  SoupHTTPVersion version;
  guint status
      = soup_headers_parse_request (head, (int) n_bytes, headers, &method, &path, &version);

  g_assert_cmpuint (status, ==, SOUP_STATUS_OK);
  g_assert_cmpint (path[0], ==, '/');
  g_assert_cmpint (soup_message_headers_get_content_length (headers), ==, (goffset) body_bytes);
  g_assert_null (soup_message_headers_get_list (headers, "Transfer-Encoding"));
  if (sighej_express_read (&express, head, n_bytes, body_bytes))
    {
      g_autofree char *target
          = g_strndup (head + express.path, (gsize) (express.path_end - express.path));

      g_assert_cmpstr (method, ==, "POST");
      g_assert_cmpint (version, ==, SOUP_HTTP_1_1);
      g_assert_cmpstr (path, ==, target);
      compare_express (head, &express, headers);
    }
  soup_message_headers_unref (headers);
}

int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autofree char *exact = n_bytes > 0 ? g_memdup2 (data, n_bytes) : NULL;
  SighejProblem problem = { 0 };
  gsize searched = 0, end, body_bytes;

  if (!sighej_head_find_end (exact, n_bytes, &searched, &end) || end == 0)
    return 0;
  if (sighej_head_check (exact, end, &limits, &body_bytes, &problem))
    compare_with_soup (exact, end, body_bytes);
  else
    g_assert_cmpuint (problem.status, >=, 400);
  return 0;
}
