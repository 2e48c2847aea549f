/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gunixsocketaddress.h>

#include "sighej-client-address.h"

#define ITEMS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const char *const nobody[] = { NULL };

static void
assert_address (const char *const *trusted,
                const char *peer,
                const char *forwarded_for,
                const char *expected)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejTrust) trust = sighej_trust_new (trusted, &error);
  g_autoptr (GSocketAddress) address = NULL;
  g_autofree char *got = NULL;

  g_assert_no_error (error);
  address = peer[0] == '/' ? g_unix_socket_address_new (peer)
                           : g_inet_socket_address_new_from_string (peer, 1234);
  g_assert_nonnull (address);
  got = sighej_client_address (trust, address, forwarded_for);
  g_assert_cmpstr (got, ==, expected);
}

static void
test_a_stranger_is_who_it_is (void)
{
  assert_address (nobody, "192.0.2.1", NULL, "192.0.2.1");
  assert_address (nobody, "192.0.2.1", "198.51.100.1", "192.0.2.1");
  assert_address (ITEMS ("10.0.0.0/8"), "192.0.2.1", "198.51.100.1", "192.0.2.1");
  assert_address (nobody, "2001:db8:1:2:3:4:5:6", NULL, "2001:db8:1:2::/64");
  assert_address (nobody, "::ffff:192.0.2.1", NULL, "192.0.2.1");
}

static void
test_a_proxy_tells_who_it_is (void)
{
  assert_address (ITEMS ("10.0.0.1"), "10.0.0.1", "198.51.100.1", "198.51.100.1");
  assert_address (ITEMS ("10.0.0.1"), "10.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1");
  assert_address (ITEMS ("10.0.0.0/8"), "10.0.0.1", "198.51.100.1 , 10.9.9.9", "198.51.100.1");
  assert_address (ITEMS ("10.0.0.1"), "::ffff:10.0.0.1", "2001:db8::1", "2001:db8::/64");
  assert_address (ITEMS ("::1"), "::1", "::ffff:198.51.100.1", "198.51.100.1");
}

static void
test_unknown_stays_unknown (void)
{
  assert_address (ITEMS ("10.0.0.1"), "10.0.0.1", NULL, NULL);
  assert_address (ITEMS ("10.0.0.1"), "10.0.0.1", "", NULL);
  assert_address (ITEMS ("10.0.0.1"), "10.0.0.1", "1.1.1.1, unknown", NULL);
  assert_address (ITEMS ("10.0.0.1"), "10.0.0.1", "10.0.0.1", NULL);
  assert_address (nobody, "/run/socket", NULL, NULL);
  assert_address (nobody, "/run/socket", "1.1.1.1", NULL);
}

static void
test_unix_sockets_are_trusted_when_said_so (void)
{
  assert_address (ITEMS ("unix"), "/run/socket", "1.1.1.1", "1.1.1.1");
  assert_address (ITEMS ("unix"), "192.0.2.1", "1.1.1.1", "192.0.2.1");
}

static void
test_a_long_chain_is_cut (void)
{
  g_autoptr (GString) chain = g_string_new ("192.0.2.1");

  for (guint i = 0; i < 20; i++)
    g_string_append (chain, ",10.0.0.1");
  assert_address (ITEMS ("10.0.0.1"), "10.0.0.1", chain->str, NULL);
}

static void
test_refuses_what_is_no_network (void)
{
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_trust_new (ITEMS ("10.0.0.1", "proxy.example"), &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_assert_nonnull (strstr (error->message, "proxy.example"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/client-address/a-stranger-is-who-it-is", test_a_stranger_is_who_it_is);
  g_test_add_func ("/client-address/a-proxy-tells-who-it-is", test_a_proxy_tells_who_it_is);
  g_test_add_func ("/client-address/unknown-stays-unknown", test_unknown_stays_unknown);
  g_test_add_func ("/client-address/unix-sockets-are-trusted-when-said-so",
                   test_unix_sockets_are_trusted_when_said_so);
  g_test_add_func ("/client-address/a-long-chain-is-cut", test_a_long_chain_is_cut);
  g_test_add_func ("/client-address/refuses-what-is-no-network", test_refuses_what_is_no_network);

  return g_test_run ();
}
