/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-peer-deadlines.h"

#define MS_US ((gint64) G_TIME_SPAN_MILLISECOND)
#define NOW_US (1000 * (gint64) G_USEC_PER_SEC)
#define PING_US (NOW_US + SIGHEJ_PEER_PING_MS * MS_US)
#define SILENCE_US (NOW_US + SIGHEJ_PEER_SILENCE_MS * MS_US)
#define HOUR_US (3600 * (gint64) G_USEC_PER_SEC)

/* Heard and pinged now, of a session that lasts an hour. */
static const SighejPeerDeadlines fresh
    = { .expires_us = NOW_US + HOUR_US, .heard_us = NOW_US, .pinged_us = NOW_US };

/* It is due at that very moment, and a microsecond before nothing is. */
static void
assert_next (const SighejPeerDeadlines *self, gboolean is_open, gint64 at_us, SighejPeerDue due)
{
  g_assert_cmpint (sighej_peer_deadlines_next_us (self, is_open), ==, at_us);
  g_assert_cmpint (
      sighej_peer_deadlines_get_due (self, is_open, at_us - 1), ==, SIGHEJ_PEER_NOTHING_DUE);
  g_assert_cmpint (sighej_peer_deadlines_get_due (self, is_open, at_us), ==, due);
}

static void
test_an_open_socket_is_pinged (void)
{
  assert_next (&fresh, TRUE, PING_US, SIGHEJ_PEER_PING_DUE);
}

static void
test_one_that_is_not_open_is_not (void)
{
  assert_next (&fresh, FALSE, SILENCE_US, SIGHEJ_PEER_SILENT);
}

static void
test_pings_do_not_count_as_heard (void)
{
  SighejPeerDeadlines self = fresh;

  self.pinged_us = NOW_US + 2 * SIGHEJ_PEER_PING_MS * MS_US;
  assert_next (&self, TRUE, SILENCE_US, SIGHEJ_PEER_SILENT);
}

static void
test_a_state_ends (void)
{
  SighejPeerDeadlines self = fresh;

  sighej_peer_deadlines_begin_state (&self, NOW_US, 5000);
  assert_next (&self, FALSE, NOW_US + 5000 * MS_US, SIGHEJ_PEER_STATE_OVER);
  sighej_peer_deadlines_begin_state (&self, NOW_US, 0);
  assert_next (&self, FALSE, SILENCE_US, SIGHEJ_PEER_SILENT);
}

static void
test_a_session_expires_only_while_open (void)
{
  SighejPeerDeadlines self = fresh;

  self.expires_us = NOW_US + 300 * MS_US;
  assert_next (&self, TRUE, NOW_US + 300 * MS_US, SIGHEJ_PEER_EXPIRED);
  assert_next (&self, FALSE, SILENCE_US, SIGHEJ_PEER_SILENT);
}

static void
test_an_outbox_is_read_again_while_open (void)
{
  SighejPeerDeadlines self = fresh;

  sighej_peer_deadlines_set_retry (&self, NOW_US, 1000);
  assert_next (&self, TRUE, NOW_US + 1000 * MS_US, SIGHEJ_PEER_RETRY_DUE);
  assert_next (&self, FALSE, SILENCE_US, SIGHEJ_PEER_SILENT);
  sighej_peer_deadlines_set_retry (&self, NOW_US, 0);
  assert_next (&self, TRUE, PING_US, SIGHEJ_PEER_PING_DUE);
}

/* A dead client is not written to, and a state that is over not pinged. */
static void
test_the_gravest_comes_first (void)
{
  SighejPeerDeadlines self = fresh;

  self.expires_us = PING_US;
  sighej_peer_deadlines_begin_state (&self, NOW_US, SIGHEJ_PEER_PING_MS);
  g_assert_cmpint (sighej_peer_deadlines_get_due (&self, TRUE, SILENCE_US), ==, SIGHEJ_PEER_SILENT);
  g_assert_cmpint (
      sighej_peer_deadlines_get_due (&self, TRUE, SILENCE_US - 1), ==, SIGHEJ_PEER_STATE_OVER);
  self.state_until_us = 0;
  g_assert_cmpint (
      sighej_peer_deadlines_get_due (&self, TRUE, SILENCE_US - 1), ==, SIGHEJ_PEER_EXPIRED);
  self.expires_us = NOW_US + HOUR_US;
  self.retry_us = PING_US;
  g_assert_cmpint (
      sighej_peer_deadlines_get_due (&self, TRUE, SILENCE_US - 1), ==, SIGHEJ_PEER_RETRY_DUE);
  self.retry_us = 0;
  g_assert_cmpint (
      sighej_peer_deadlines_get_due (&self, TRUE, SILENCE_US - 1), ==, SIGHEJ_PEER_PING_DUE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/peer-deadlines/ping", test_an_open_socket_is_pinged);
  g_test_add_func ("/peer-deadlines/no-ping", test_one_that_is_not_open_is_not);
  g_test_add_func ("/peer-deadlines/silence", test_pings_do_not_count_as_heard);
  g_test_add_func ("/peer-deadlines/state", test_a_state_ends);
  g_test_add_func ("/peer-deadlines/expiry", test_a_session_expires_only_while_open);
  g_test_add_func ("/peer-deadlines/retry", test_an_outbox_is_read_again_while_open);
  g_test_add_func ("/peer-deadlines/order", test_the_gravest_comes_first);
  return g_test_run ();
}
