/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>
#include <unistd.h>

#include "sighej-listener.h"
#include "sighej-test.h"

static void
on_accepted (GSocket *socket, gpointer user_data)
{
  guint *n_accepted = user_data;

  g_assert_false (g_socket_get_blocking (socket));
  (*n_accepted)++;
}

static GSocket *
connect_to (SighejListener *listener)
{
  g_autoptr (GSocketAddress) address = sighej_listener_dup_address (listener);
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (g_socket_address_get_family (address),
                                  G_SOCKET_TYPE_STREAM,
                                  G_SOCKET_PROTOCOL_DEFAULT,
                                  &error);

  g_assert_no_error (error);
  g_socket_connect (socket, address, NULL, &error);
  g_assert_no_error (error);
  return socket;
}

static void
test_accepts_and_stops (void)
{
  g_autoptr (SighejClock) clock = sighej_clock_new_system ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejListener) listener = sighej_listener_new_for_text ("127.0.0.1:0", &error);
  g_autoptr (GSocketAddress) address = NULL;
  g_autoptr (GSocket) client = NULL, late = NULL;
  guint n_accepted = 0;

  g_assert_no_error (error);
  g_assert_true (g_str_has_prefix (sighej_listener_get_name (listener), "127.0.0.1:"));
  g_assert_false (g_str_has_suffix (sighej_listener_get_name (listener), ":0"));
  g_assert_true (sighej_listener_start (listener, clock, on_accepted, &n_accepted, &error));
  client = connect_to (listener);
  WAIT_UNTIL (n_accepted == 1);

  address = sighej_listener_dup_address (listener);
  sighej_listener_stop (listener);
  sighej_listener_stop (listener);
  late = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, 0, NULL);
  g_assert_false (g_socket_connect (late, address, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CONNECTION_REFUSED);
}

/* Non-blocking, so that a handshake nobody answers does not hold the test up. */
static GSocket *
try_to_connect_to (SighejListener *listener)
{
  g_autoptr (GSocketAddress) address = sighej_listener_dup_address (listener);
  g_autoptr (GError) error = NULL;
  GSocket *socket = g_socket_new (G_SOCKET_FAMILY_IPV4, G_SOCKET_TYPE_STREAM, 0, &error);

  g_assert_no_error (error);
  g_socket_set_blocking (socket, FALSE);
  g_socket_connect (socket, address, NULL, &error);
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_PENDING);
  return socket;
}

static void
test_resets_nobody_in_the_queue (void)
{
  g_autoptr (SighejClock) clock = sighej_clock_new_system ();
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejListener) listener = sighej_listener_new_for_text ("127.0.0.1:0", &error);
  g_autoptr (GSocket) early = NULL, late = NULL;
  guint n_accepted = 0;

  g_assert_no_error (error);
  g_assert_true (sighej_listener_start (listener, clock, on_accepted, &n_accepted, &error));
  early = connect_to (listener);
  sighej_listener_refuse (listener);
  late = try_to_connect_to (listener);
  g_assert_cmpint (g_socket_condition_check (late, G_IO_OUT | G_IO_HUP | G_IO_ERR), ==, 0);

  g_assert_cmpuint (n_accepted, ==, 0);
  sighej_listener_finish (listener);
  WAIT_UNTIL (!sighej_listener_is_open (listener));
  g_assert_cmpuint (n_accepted, ==, 1);
  g_assert_cmpint (g_socket_condition_check (late, G_IO_OUT | G_IO_HUP | G_IO_ERR), ==, 0);
}

static void
test_leaves_what_it_inherited_to_others (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejListener) first = sighej_listener_new_for_text ("127.0.0.1:0", &error);
  g_autoptr (SighejListener) second = NULL;
  g_autoptr (GSocket) client = NULL;

  g_assert_no_error (error);
  second = sighej_listener_new_for_fd (dup (sighej_listener_get_fd (first)), &error);
  g_assert_no_error (error);
  sighej_listener_finish (second);
  g_assert_false (sighej_listener_is_open (second));
  client = connect_to (first);
}

static void
test_says_who_is_in_the_way (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejListener) first = sighej_listener_new_for_text ("127.0.0.1:0", &error);

  g_assert_no_error (error);
  g_assert_null (sighej_listener_new_for_text (sighej_listener_get_name (first), &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_nonnull (strstr (error->message, "is in use by another program"));
}

static void
test_replaces_only_a_dead_socket (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *name = g_strconcat ("unix:", folder, "/socket", NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejListener) first = sighej_listener_new_for_text (name, &error);
  g_autoptr (SighejListener) again = NULL;

  g_assert_no_error (error);
  g_assert_cmpstr (sighej_listener_get_name (first), ==, name);
  g_assert_true (sighej_listener_is_local (first));
  g_assert_null (sighej_listener_new_for_text (name, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE);
  g_clear_error (&error);

  sighej_listener_stop (first);
  g_assert_false (g_file_test (name + strlen ("unix:"), G_FILE_TEST_EXISTS));
  again = sighej_listener_new_for_text (name, &error);
  g_assert_no_error (error);
}

static void
test_reads_addresses (void)
{
  static const struct
  {
    const char *text;
    int local; /* -1: no address */
  } cases[] = {
    { "127.0.0.1:80", TRUE },
    { "localhost:0", TRUE },
    { "[::1]:8080", TRUE },
    { "unix:/run/x", TRUE },
    { "127.9.9.9:1", TRUE },
    { "0.0.0.0:80", FALSE },
    { "[::]:80", FALSE },
    { "192.0.2.1:1", FALSE },
    { "", -1 },
    { "80", -1 },
    { ":80", -1 },
    { "::1:80", -1 },
    { "127.0.0.1", -1 },
    { "127.0.0.1:", -1 },
    { "127.0.0.1:65536", -1 },
    { "127.0.0.1:-1", -1 },
    { "127.0.0.1:x", -1 },
    { "host.example:80", -1 },
    { "unix:", -1 },
    { "unix:x", -1 },
    { "[]:80", -1 },
    { "127.0.0.1:80 ", -1 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      gboolean local = -1;

      if (sighej_listener_check_text (cases[i].text, &local, &error))
        g_assert_no_error (error);
      else
        g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
      g_assert_cmpint (local, ==, cases[i].local);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/listener/accepts-and-stops", test_accepts_and_stops);
  g_test_add_func ("/listener/resets-nobody-in-the-queue", test_resets_nobody_in_the_queue);
  g_test_add_func ("/listener/leaves-what-it-inherited-to-others",
                   test_leaves_what_it_inherited_to_others);
  g_test_add_func ("/listener/says-who-is-in-the-way", test_says_who_is_in_the_way);
  g_test_add_func ("/listener/replaces-only-a-dead-socket", test_replaces_only_a_dead_socket);
  g_test_add_func ("/listener/reads-addresses", test_reads_addresses);

  return g_test_run ();
}
