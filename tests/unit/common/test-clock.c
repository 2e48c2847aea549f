/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-clock.h"
#include "sighej-test.h"

#define MS_US G_GINT64_CONSTANT (1000)
#define FAR_US (G_GINT64_CONSTANT (3600) * G_USEC_PER_SEC)

typedef struct
{
  SighejClock *clock;
  GString *calls;
  guint other;
  guint n_left;
} Fixture;

typedef struct
{
  Fixture *fixture;
  char name;
} Call;

static gboolean
record (gpointer user_data)
{
  Call *call = user_data;

  g_string_append_c (call->fixture->calls, call->name);
  return G_SOURCE_REMOVE;
}

static gboolean
record_and_remove_other (gpointer user_data)
{
  Call *call = user_data;

  record (user_data);
  sighej_clock_clear (call->fixture->clock, &call->fixture->other);
  return G_SOURCE_REMOVE;
}

static gboolean
record_and_drop_the_clock (gpointer user_data)
{
  Call *call = user_data;

  record (user_data);
  g_clear_object (&call->fixture->clock);
  return G_SOURCE_REMOVE;
}

static gboolean
add_again_until_done (gpointer user_data)
{
  Call *call = user_data;

  record (user_data);
  if (call->fixture->n_left-- > 1)
    sighej_clock_add_at (call->fixture->clock, 0, add_again_until_done, call);
  return G_SOURCE_REMOVE;
}

static void
fixture_set_up_turned (Fixture *self, gconstpointer unused)
{
  self->clock = SIGHEJ_CLOCK (sighej_test_clock_new ());
  self->calls = g_string_new (NULL);
}

static void
fixture_set_up_system (Fixture *self, gconstpointer unused)
{
  self->clock = sighej_clock_new_system ();
  self->calls = g_string_new (NULL);
}

static void
fixture_tear_down (Fixture *self, gconstpointer unused)
{
  if (self->clock != NULL)
    sighej_test_assert_finalized (g_steal_pointer (&self->clock));
  g_string_free (self->calls, TRUE);
}

/* Lets @us pass: turned on the test clock, waited for on the system's. */
static void
pass (Fixture *self, gint64 us, gsize n_calls)
{
  if (SIGHEJ_IS_TEST_CLOCK (self->clock))
    sighej_test_clock_advance (SIGHEJ_TEST_CLOCK (self->clock), us);
  WAIT_UNTIL (self->calls->len >= n_calls);
}

static void
test_calls_in_order_of_time (Fixture *self, gconstpointer unused)
{
  Call a = { self, 'a' };
  Call b = { self, 'b' };
  Call c = { self, 'c' };
  Call d = { self, 'd' };
  gint64 now_us = sighej_clock_now_us (self->clock);

  sighej_clock_add_at (self->clock, now_us + 9 * MS_US, record, &c);
  sighej_clock_add_at (self->clock, now_us + 3 * MS_US, record, &a);
  sighej_clock_add_at (self->clock, now_us + 9 * MS_US, record, &d);
  sighej_clock_add_at (self->clock, now_us + 6 * MS_US, record, &b);
  pass (self, 10 * MS_US, 4);
  g_assert_cmpstr (self->calls->str, ==, "abcd");
}

static void
test_past_instant_fires_soon (Fixture *self, gconstpointer unused)
{
  Call a = { self, 'a' };

  g_assert_cmpuint (sighej_clock_add_at (self->clock, 0, record, &a), !=, 0);
  g_assert_cmpstr (self->calls->str, ==, "");
  pass (self, 0, 1);
  g_assert_cmpstr (self->calls->str, ==, "a");
}

static void
test_removed_wait_is_not_called (Fixture *self, gconstpointer unused)
{
  Call a = { self, 'a' };
  Call b = { self, 'b' };
  guint id = sighej_clock_add (self->clock, MS_US, record, &a);
  guint none = 0;

  sighej_clock_add (self->clock, 2 * MS_US, record, &b);
  sighej_clock_clear (self->clock, &id);
  g_assert_cmpuint (id, ==, 0);
  sighej_clock_clear (self->clock, &id);
  sighej_clock_clear (self->clock, &none);
  pass (self, 2 * MS_US, 1);
  g_assert_cmpstr (self->calls->str, ==, "b");
}

static void
test_callback_may_remove_another (Fixture *self, gconstpointer unused)
{
  Call a = { self, 'a' };
  Call b = { self, 'b' };
  Call c = { self, 'c' };
  gint64 at_us = sighej_clock_now_us (self->clock) + MS_US;

  sighej_clock_add_at (self->clock, at_us, record_and_remove_other, &a);
  self->other = sighej_clock_add_at (self->clock, at_us, record, &b);
  sighej_clock_add_at (self->clock, at_us + MS_US, record, &c);
  pass (self, 2 * MS_US, 2);
  g_assert_cmpstr (self->calls->str, ==, "ac");
}

static void
test_callback_may_add_itself (Fixture *self, gconstpointer unused)
{
  Call a = { self, 'a' };

  self->n_left = 3;
  sighej_clock_add (self->clock, 0, add_again_until_done, &a);
  pass (self, MS_US, 3);
  g_assert_cmpstr (self->calls->str, ==, "aaa");
}

static void
test_callback_may_drop_the_clock (Fixture *self, gconstpointer unused)
{
  Call a = { self, 'a' };
  gpointer weak = self->clock;

  g_object_add_weak_pointer (G_OBJECT (self->clock), &weak);
  sighej_clock_add (self->clock, 0, record_and_drop_the_clock, &a);
  if (SIGHEJ_IS_TEST_CLOCK (self->clock))
    sighej_test_clock_advance (SIGHEJ_TEST_CLOCK (self->clock), 0);
  WAIT_UNTIL (weak == NULL);
  g_assert_cmpstr (self->calls->str, ==, "a");
}

static void
test_pending_waits_die_with_the_clock (Fixture *self, gconstpointer unused)
{
  Call a = { self, 'a' };

  sighej_clock_add (self->clock, 0, record, &a);
  sighej_clock_add (self->clock, FAR_US, record, &a);
  sighej_test_assert_finalized (g_steal_pointer (&self->clock));
  sighej_test_settle ();
  g_assert_cmpstr (self->calls->str, ==, "");
}

/* ---- only the test clock ---- */

static gboolean
record_time (gpointer user_data)
{
  Fixture *self = user_data;

  g_string_append_printf (self->calls, "%" G_GINT64_FORMAT " ", sighej_clock_now_us (self->clock));
  return G_SOURCE_REMOVE;
}

static void
test_turning_stops_at_each_instant (Fixture *self, gconstpointer unused)
{
  SighejTestClock *clock = SIGHEJ_TEST_CLOCK (self->clock);

  g_assert_cmpint (sighej_clock_now_us (self->clock), ==, 1000000000);
  g_assert_cmpint (sighej_test_clock_next_us (clock), ==, -1);
  sighej_clock_add (self->clock, 20, record_time, self);
  sighej_clock_add (self->clock, 10, record_time, self);
  g_assert_cmpint (sighej_test_clock_next_us (clock), ==, 10);
  sighej_test_clock_advance (clock, 15);
  g_assert_cmpstr (self->calls->str, ==, "1000000010 ");
  g_assert_cmpint (sighej_test_clock_next_us (clock), ==, 5);
  sighej_test_clock_advance (clock, 15);
  g_assert_cmpstr (self->calls->str, ==, "1000000010 1000000020 ");
  g_assert_cmpint (sighej_clock_now_us (self->clock), ==, 1000000030);
}

static void
test_wall_clock_jumps_alone (Fixture *self, gconstpointer unused)
{
  SighejTestClock *clock = SIGHEJ_TEST_CLOCK (self->clock);
  g_autoptr (GDateTime) start
      = g_date_time_new_from_unix_utc (sighej_clock_wall_us (self->clock) / G_USEC_PER_SEC);
  g_autofree char *text = g_date_time_format_iso8601 (start);
  gint64 wall_us = sighej_clock_wall_us (self->clock);
  gint64 now_us = sighej_clock_now_us (self->clock);

  g_assert_cmpstr (text, ==, "2026-01-01T10:00:00Z");
  sighej_test_clock_jump_wall (clock, -500);
  g_assert_cmpint (sighej_clock_now_us (self->clock), ==, now_us);
  sighej_test_clock_advance (clock, 100);
  g_assert_cmpint (sighej_clock_wall_us (self->clock), ==, wall_us - 400);
}

/* ---- only the system's clock ---- */

static void
test_system_time_goes_on (Fixture *self, gconstpointer unused)
{
  gint64 before_us = sighej_clock_now_us (self->clock);
  gint64 wall_us = sighej_clock_wall_us (self->clock);
  Call a = { self, 'a' };

  sighej_clock_add (self->clock, 5 * MS_US, record, &a);
  WAIT_UNTIL (self->calls->len == 1);
  g_assert_cmpint (sighej_clock_now_us (self->clock), >=, before_us + 5 * MS_US);
  g_assert_cmpint (ABS (wall_us - g_get_real_time ()), <, 60 * G_USEC_PER_SEC);
}

static void
test_system_nearer_wait_overtakes (Fixture *self, gconstpointer unused)
{
  Call a = { self, 'a' };
  Call far_away = { self, 'x' };
  guint id = sighej_clock_add (self->clock, FAR_US, record, &far_away);

  sighej_clock_add (self->clock, MS_US, record, &a);
  WAIT_UNTIL (self->calls->len == 1);
  g_assert_cmpstr (self->calls->str, ==, "a");
  sighej_clock_remove (self->clock, id);
  sighej_test_settle ();
  g_assert_cmpstr (self->calls->str, ==, "a");
}

static void
test_system_serves_the_context_it_was_made_in (void)
{
  g_autoptr (GMainContext) context = g_main_context_new ();
  Fixture self = { 0 };
  Call a = { &self, 'a' };

  g_main_context_push_thread_default (context);
  fixture_set_up_system (&self, NULL);
  sighej_clock_add (self.clock, 0, record, &a);
  while (self.calls->len == 0)
    g_main_context_iteration (context, TRUE);
  fixture_tear_down (&self, NULL);
  g_main_context_pop_thread_default (context);
}

typedef void (*TestFunc) (Fixture *self, gconstpointer unused);

static void
add_for_both (const char *name, TestFunc test)
{
  g_autofree char *turned = g_strdup_printf ("/clock/turned/%s", name);
  g_autofree char *system = g_strdup_printf ("/clock/system/%s", name);

  g_test_add (turned, Fixture, NULL, fixture_set_up_turned, test, fixture_tear_down);
  g_test_add (system, Fixture, NULL, fixture_set_up_system, test, fixture_tear_down);
}

static void
add_for_one (const char *path, gboolean turned, TestFunc test)
{
  g_test_add (path,
              Fixture,
              NULL,
              turned ? fixture_set_up_turned : fixture_set_up_system,
              test,
              fixture_tear_down);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  add_for_both ("calls-in-order-of-time", test_calls_in_order_of_time);
  add_for_both ("past-instant-fires-soon", test_past_instant_fires_soon);
  add_for_both ("removed-wait-is-not-called", test_removed_wait_is_not_called);
  add_for_both ("callback-may-remove-another", test_callback_may_remove_another);
  add_for_both ("callback-may-add-itself", test_callback_may_add_itself);
  add_for_both ("callback-may-drop-the-clock", test_callback_may_drop_the_clock);
  add_for_both ("pending-waits-die-with-the-clock", test_pending_waits_die_with_the_clock);
  add_for_one ("/clock/turned/stops-at-each-instant", TRUE, test_turning_stops_at_each_instant);
  add_for_one ("/clock/turned/wall-clock-jumps-alone", TRUE, test_wall_clock_jumps_alone);
  add_for_one ("/clock/system/time-goes-on", FALSE, test_system_time_goes_on);
  add_for_one ("/clock/system/nearer-wait-overtakes", FALSE, test_system_nearer_wait_overtakes);
  g_test_add_func ("/clock/system/serves-the-context-it-was-made-in",
                   test_system_serves_the_context_it_was_made_in);
  return g_test_run ();
}
