/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-head.h"

static const SighejHeadLimits limits = {
  .header_bytes_max = 512,
  .header_lines_max = 8,
  .url_bytes_max = 64,
  .body_bytes_max = 1000,
};

/* The status a head is refused with, 0 when it is taken. */
static guint
check (const char *head, gsize *body_bytes)
{
  SighejProblem problem;
  gsize searched = 0, end;

  if (!sighej_head_find_end (head, strlen (head), &searched, &end))
    return sighej_head_malformed.status;
  g_assert_cmpuint (end, >, 0);
  if (sighej_head_check (head, end, &limits, body_bytes, &problem))
    return 0;
  g_assert_nonnull (problem.type);
  g_assert_nonnull (problem.title);
  return problem.status;
}

static void
assert_status (const char *head, guint status)
{
  gsize body_bytes;

  g_assert_cmpuint (check (head, &body_bytes), ==, status);
}

static void
test_takes_strict_requests (void)
{
  gsize body_bytes = 77;

  g_assert_cmpuint (check ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", &body_bytes), ==, 0);
  g_assert_cmpuint (body_bytes, ==, 0);
  g_assert_cmpuint (
      check ("POST /x?y=%2f HTTP/1.1\r\nHost: [::1]:80\r\nContent-Length: \t1000 \r\n\r\n",
             &body_bytes),
      ==,
      0);
  g_assert_cmpuint (body_bytes, ==, 1000);
  assert_status ("GET / HTTP/1.0\r\n\r\n", 0);
  assert_status ("DELETE / HTTP/1.1\r\nhOsT:a.b-c_d:65535\r\nX:\r\n\r\n", 0);
}

static void
test_refuses_doubtful_lengths (void)
{
  static const char *const lengths[]
      = { "", "-1", "+3", "0x3", "3,3", "3 3", "1000000", "٣", "3;", "00000000000000000003" };

  for (gsize i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      g_autofree char *head = g_strdup_printf (
          "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: %s\r\n\r\n", lengths[i]);

      assert_status (head, 400);
    }
  assert_status ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1001\r\n\r\n", 413);
  assert_status ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\n",
                 400);
  assert_status ("POST / HTTP/1.1\r\nHost: a\r\n\r\n", 411);
}

static void
test_refuses_transfer_encodings (void)
{
  assert_status ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n", 411);
  assert_status ("GET / HTTP/1.1\r\nHost: a\r\ntransfer-encoding:\r\n\r\n", 411);
  assert_status (
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400);
}

static void
test_refuses_doubtful_hosts (void)
{
  static const char *const hosts[]
      = { "",     "a b", "a/b",   "a?b",    "a@b",     "a#b",  "a:65536", "a:x", "a:1:2",
          "[::1", "[]",  "[x:y]", "[::1]x", "[::1]:x", "a%00", ":80",     "a,b" };

  for (gsize i = 0; i < G_N_ELEMENTS (hosts); i++)
    {
      g_autofree char *head = g_strdup_printf ("GET / HTTP/1.1\r\nHost: %s\r\n\r\n", hosts[i]);

      assert_status (head, 400);
    }
  assert_status ("GET / HTTP/1.1\r\n\r\n", 400);
  assert_status ("GET / HTTP/1.0\r\nHost: a\r\nHost: a\r\n\r\n", 400);
}

static void
test_refuses_malformed_lines (void)
{
  assert_status ("\r\n", 400);
  assert_status ("GET\r\n\r\n", 400);
  assert_status ("GET /\r\n\r\n", 400);
  assert_status ("GET / x HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status ("G\tT / HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status ("GET x HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status ("GET /% HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status ("GET /%f HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status ("GET /%fg HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status ("GET /\xc3\xa6 HTTP/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status ("GET / http/1.1\r\nHost: a\r\n\r\n", 400);
  assert_status ("GET / HTTP/1.2\r\nHost: a\r\n\r\n", 505);
  assert_status ("PATCH / HTTP/1.1\r\nHost: a\r\n\r\n", 405);
  assert_status ("GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n", 400);
  assert_status ("GET / HTTP/1.1\r\nHost: a\r\n: y\r\n\r\n", 400);
  assert_status ("GET / HTTP/1.1\r\nHost: a\r\nX : y\r\n\r\n", 400);
  assert_status ("GET / HTTP/1.1\r\nHost: a\r\n\tfolded: y\r\n\r\n", 400);
  assert_status ("GET / HTTP/1.1\r\nHost: a\r\nX: \x7f\r\n\r\n", 400);
  assert_status ("GET / HTTP/1.1\nHost: a\n\n", 400);
}

static void
test_keeps_to_its_limits (void)
{
  g_autofree char *path = g_strnfill (63, 'x');
  g_autofree char *fits = g_strdup_printf ("GET /%s HTTP/1.1\r\nHost: a\r\n\r\n", path);
  g_autofree char *long_path = g_strdup_printf ("GET /x%s HTTP/1.1\r\nHost: a\r\n\r\n", path);
  g_autofree char *filler = g_strnfill (512, 'y');
  g_autofree char *large = g_strdup_printf ("GET / HTTP/1.1\r\nHost: a\r\nX: %s\r\n\r\n", filler);

  assert_status (fits, 0);
  assert_status (long_path, 414);
  assert_status (large, 431);
  assert_status ("GET / HTTP/1.1\r\nHost: a\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\n\r\n", 0);
  assert_status (
      "GET / HTTP/1.1\r\nHost: a\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\nA:\r\n\r\n", 431);
}

/* However the bytes come, the end is found at the same place. */
static void
test_finds_the_end_in_pieces (void)
{
  static const char text[] = "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET";
  gsize whole = strlen (text) - 3;

  for (gsize cut = 0; cut <= strlen (text); cut++)
    {
      gsize searched = 0, end;

      g_assert_true (sighej_head_find_end (text, cut, &searched, &end));
      g_assert_cmpuint (end, ==, cut >= whole ? whole : 0);
      if (end == 0)
        g_assert_true (sighej_head_find_end (text, strlen (text), &searched, &end));
      g_assert_cmpuint (end, ==, whole);
      g_assert_cmpuint (searched, ==, whole);
    }
}

/* Whatever comes, it is judged without reading beyond it; a sanitizer watches. */
static void
test_judges_any_bytes (void)
{
  static const char *const pieces[]
      = { "GET ",           "/", " HTTP/1.1", "\r\n", "\n", ":",       " ",
          "Host",           "a", "[",         "]",    "%",  "\t",      "\r",
          "Content-Length", "1", "POST ",     "\x80", ",",  "HTTP/1.0" };
  guint n_taken = 0;

  for (guint i = 0; i < 20000; i++)
    {
      g_autoptr (GString) text = g_string_new (g_test_rand_bit () ? "GET / HTTP/1.0\r\n" : "");
      g_autofree char *exact = NULL;
      SighejProblem problem;
      gsize searched = 0, end, body_bytes;
      guint n = (guint) g_test_rand_int_range (0, 12);

      for (guint j = 0; j < n; j++)
        g_string_append (text, pieces[g_test_rand_int_range (0, (gint32) G_N_ELEMENTS (pieces))]);
      g_string_append (text, "\r\n\r\n");
      exact = g_memdup2 (text->str, text->len);
      if (!sighej_head_find_end (exact, text->len, &searched, &end))
        continue;
      n_taken += sighej_head_check (exact, end, &limits, &body_bytes, &problem);
    }
  g_assert_cmpuint (n_taken, >, 0);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/head/takes-strict-requests", test_takes_strict_requests);
  g_test_add_func ("/head/refuses-doubtful-lengths", test_refuses_doubtful_lengths);
  g_test_add_func ("/head/refuses-transfer-encodings", test_refuses_transfer_encodings);
  g_test_add_func ("/head/refuses-doubtful-hosts", test_refuses_doubtful_hosts);
  g_test_add_func ("/head/refuses-malformed-lines", test_refuses_malformed_lines);
  g_test_add_func ("/head/keeps-to-its-limits", test_keeps_to_its_limits);
  g_test_add_func ("/head/finds-the-end-in-pieces", test_finds_the_end_in_pieces);
  g_test_add_func ("/head/judges-any-bytes", test_judges_any_bytes);

  return g_test_run ();
}
