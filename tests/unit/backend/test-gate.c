/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-gate.h"

static void
test_counts_in_all (void)
{
  g_autoptr (SighejGate) gate = sighej_gate_new (2, 100);
  SighejTicket *first = sighej_gate_enter (gate, NULL);
  g_autoptr (SighejTicket) second = sighej_gate_enter (gate, "a");

  g_assert_nonnull (first);
  g_assert_nonnull (second);
  g_assert_null (sighej_gate_enter (gate, NULL));
  g_assert_null (sighej_gate_enter (gate, "b"));
  g_assert_cmpuint (sighej_gate_get_n (gate), ==, 2);

  sighej_ticket_free (first);
  first = sighej_gate_enter (gate, "b");
  g_assert_nonnull (first);
  sighej_ticket_free (first);
}

static void
test_counts_per_address (void)
{
  g_autoptr (SighejGate) gate = sighej_gate_new (100, 2);
  g_autoptr (SighejTicket) first G_GNUC_UNUSED = sighej_gate_enter (gate, "a");
  SighejTicket *second = sighej_gate_enter (gate, "a");
  g_autoptr (SighejTicket) other = NULL;

  g_assert_null (sighej_gate_enter (gate, "a"));
  other = sighej_gate_enter (gate, "b");
  g_assert_nonnull (other);
  sighej_ticket_free (second);
  second = sighej_gate_enter (gate, "a");
  g_assert_nonnull (second);
  g_assert_null (sighej_gate_enter (gate, "a"));
  sighej_ticket_free (second);
}

static void
test_unknown_addresses_count_in_all_only (void)
{
  g_autoptr (SighejGate) gate = sighej_gate_new (3, 1);
  g_autoptr (SighejTicket) first = sighej_gate_enter (gate, NULL);
  g_autoptr (SighejTicket) second = sighej_gate_enter (gate, NULL);

  g_assert_nonnull (first);
  g_assert_nonnull (second);
}

static void
test_counts_the_busy (void)
{
  g_autoptr (SighejGate) gate = sighej_gate_new (3, 3);
  SighejTicket *first = sighej_gate_enter (gate, NULL);
  g_autoptr (SighejTicket) second = sighej_gate_enter (gate, "a");

  g_assert_cmpuint (sighej_gate_get_n_busy (gate), ==, 0);
  sighej_ticket_set_busy (first, TRUE);
  sighej_ticket_set_busy (first, TRUE);
  sighej_ticket_set_busy (second, TRUE);
  g_assert_cmpuint (sighej_gate_get_n_busy (gate), ==, 2);
  sighej_ticket_set_busy (second, FALSE);
  sighej_ticket_set_busy (second, FALSE);
  g_assert_cmpuint (sighej_gate_get_n_busy (gate), ==, 1);
  sighej_ticket_free (first);
  g_assert_cmpuint (sighej_gate_get_n_busy (gate), ==, 0);
}

static void
test_other_limits_later (void)
{
  g_autoptr (SighejGate) gate = sighej_gate_new (1, 1);
  g_autoptr (SighejTicket) first = sighej_gate_enter (gate, "a");
  g_autoptr (SighejTicket) second = NULL;

  g_assert_nonnull (first);
  g_assert_null (sighej_gate_enter (gate, "b"));
  sighej_gate_set_limits (gate, 2, 2);
  second = sighej_gate_enter (gate, "a");
  g_assert_nonnull (second);
  sighej_gate_set_limits (gate, 1, 1);
  g_assert_cmpuint (sighej_gate_get_n (gate), ==, 2);
  g_assert_null (sighej_gate_enter (gate, "c"));
}

static void
test_ticket_outlives_the_gate (void)
{
  SighejGate *gate = sighej_gate_new (1, 1);
  SighejTicket *ticket = sighej_gate_enter (gate, "a");

  sighej_gate_unref (gate);
  sighej_ticket_free (ticket);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/gate/counts-in-all", test_counts_in_all);
  g_test_add_func ("/gate/counts-per-address", test_counts_per_address);
  g_test_add_func ("/gate/unknown-addresses-count-in-all-only",
                   test_unknown_addresses_count_in_all_only);
  g_test_add_func ("/gate/counts-the-busy", test_counts_the_busy);
  g_test_add_func ("/gate/other-limits-later", test_other_limits_later);
  g_test_add_func ("/gate/ticket-outlives-the-gate", test_ticket_outlives_the_gate);

  return g_test_run ();
}
