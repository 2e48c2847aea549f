/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <libsoup/soup.h>

#include "fuzz.h"
#include "sighej-head.h"

static const SighejHeadLimits limits = {
  .header_bytes_max = 16384,
  .header_lines_max = 64,
  .url_bytes_max = 2048,
  .body_bytes_max = 16384,
};

/* What is let through, libsoup must take, and see the same end of the request. */
static void
compare_with_soup (const char *head, gsize n_bytes, gsize body_bytes)
{
  SoupMessageHeaders *headers = soup_message_headers_new (SOUP_MESSAGE_HEADERS_REQUEST);
  g_autofree char *method = NULL;
  g_autofree char *path = NULL;
  SoupHTTPVersion version;
  guint status
      = soup_headers_parse_request (head, (int) n_bytes, headers, &method, &path, &version);

  g_assert_cmpuint (status, ==, SOUP_STATUS_OK);
  g_assert_cmpint (path[0], ==, '/');
  g_assert_cmpint (soup_message_headers_get_content_length (headers), ==, (goffset) body_bytes);
  g_assert_null (soup_message_headers_get_list (headers, "Transfer-Encoding"));
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
