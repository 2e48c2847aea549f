/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-express.h"

#define HEAD(more)                                                                                 \
  "POST /match HTTP/1.1\r\nHost: x\r\ncontent-type: Application/JSON\r\n" more                     \
  "Content-Length: 5\r\n\r\n"

static gboolean
is_express (const char *head)
{
  SighejExpress express;

  return sighej_express_read (&express, head, strlen (head), 5);
}

static void
test_takes_what_clients_write (void)
{
  g_assert_true (is_express (HEAD ("")));
  g_assert_true (is_express (HEAD ("Connection: keep-alive\r\nAccept: */*\r\nEmpty:\r\n")));
  g_assert_true (is_express (HEAD ("Authorization: Bearer abc\r\nUser-Agent: a b:c\r\n")));
  g_assert_true (is_express ("POST /api/v1/match HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n"
                             "Content-Type: application/json\r\n\r\n"));
}

static void
test_leaves_the_rest_to_libsoup (void)
{
  static const char *const heads[] = {
    "GET /match HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n",
    "POST /match HTTP/1.0\r\nHost: x\r\nContent-Type: application/json\r\n\r\n",
    "POST /match?a HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n",
    "POST /matches HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n",
    "POST //match HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n\r\n",
    "POST /match HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
    "POST /match HTTP/1.1\r\nHost: x\r\nContent-Type: text/plain\r\n\r\n",
    "POST /match HTTP/1.1\r\nHost: x\r\nContent-Type: application/json;charset=utf-8\r\n\r\n",
    HEAD ("Connection: close\r\n"),
    HEAD ("Connection: keep-alive, Upgrade\r\n"),
    HEAD ("Upgrade: websocket\r\n"),
    HEAD ("expect: 100-continue\r\n"),
    HEAD ("Origin: a\r\norigin: a\r\n"),
    HEAD ("Content-Type: application/json\r\n"),
    HEAD ("A: \xc3\xa9\r\n"),
  };

  for (gsize i = 0; i < G_N_ELEMENTS (heads); i++)
    g_assert_false (is_express (heads[i]));
}

static void
test_bounds (void)
{
  g_autoptr (GString) head = g_string_new ("POST /match HTTP/1.1\r\nHost: x\r\n"
                                           "Content-Type: application/json\r\n\r\n");
  SighejExpress express;
  const gsize n_left = SIGHEJ_EXPRESS_BYTES_MAX - head->len;

  g_assert_true (sighej_express_read (&express, head->str, head->len, n_left));
  g_assert_false (sighej_express_read (&express, head->str, head->len, n_left + 1));

  g_string_truncate (head, head->len - 2);
  for (guint i = 2; i < SIGHEJ_EXPRESS_LINES_MAX; i++)
    g_string_append_printf (head, "X-%u: 1\r\n", i);
  g_string_append (head, "\r\n");
  g_assert_true (is_express (head->str));
  g_string_truncate (head, head->len - 2);
  g_string_append (head, "One-More: 1\r\n\r\n");
  g_assert_false (is_express (head->str));
}

static void
test_finds_by_name (void)
{
  static const char head[] = HEAD ("X-Blank: \t a b \t \r\nX-Empty:\r\n");
  SighejExpress express;
  int i;

  g_assert_true (sighej_express_read (&express, head, strlen (head), 5));
  g_assert_cmpmem (head + express.path, (gsize) (express.path_end - express.path), "/match", 6);
  i = sighej_express_find (&express, head, "x-blank");
  g_assert_cmpint (i, >=, 0);
  g_assert_cmpmem (head + express.lines[i].value,
                   (gsize) (express.lines[i].value_end - express.lines[i].value),
                   "a b",
                   3);
  i = sighej_express_find (&express, head, "X-EMPTY");
  g_assert_cmpint (i, >=, 0);
  g_assert_cmpuint (express.lines[i].value, ==, express.lines[i].value_end);
  g_assert_cmpint (sighej_express_find (&express, head, "X-Blan"), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/express/takes-what-clients-write", test_takes_what_clients_write);
  g_test_add_func ("/express/leaves-the-rest-to-libsoup", test_leaves_the_rest_to_libsoup);
  g_test_add_func ("/express/bounds", test_bounds);
  g_test_add_func ("/express/finds-by-name", test_finds_by_name);

  return g_test_run ();
}
