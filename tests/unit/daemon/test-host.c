/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <glib-unix.h>
#include <unistd.h>

#include "sighej-host-lock.h"
#include "sighej-host-sleep.h"
#include "sighej-test.h"

#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)

typedef struct
{
  SighejTestClock *clock;
  SighejHostSleep *sleep;
  guint n_asked;
  guint n_changed;
  int last_lock; /* our end of the last lock that was given, -1: none */
} Fixture;

static void
on_ask (SighejHostSleep *sleep, Fixture *fixture)
{
  fixture->n_asked++;
}

static void
on_changed (SighejHostSleep *sleep, Fixture *fixture)
{
  fixture->n_changed++;
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->sleep = sighej_host_sleep_new (SIGHEJ_CLOCK (fixture->clock));
  fixture->last_lock = -1;
  g_signal_connect (fixture->sleep, "ask", G_CALLBACK (on_ask), fixture);
  g_signal_connect (fixture->sleep, "changed", G_CALLBACK (on_changed), fixture);
}

static void
forget_lock (Fixture *fixture)
{
  if (fixture->last_lock >= 0)
    close (fixture->last_lock);
  fixture->last_lock = -1;
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->sleep);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
  forget_lock (fixture);
}

/* The login manager's end is readable, and at its end, once the other is closed. */
static gboolean
is_held (Fixture *fixture)
{
  GPollFD poll = { .fd = fixture->last_lock };

  return fixture->last_lock >= 0 && g_poll (&poll, 1, 0) == 0;
}

/* ---- what happens, by its name ---- */

static void
manager_comes (Fixture *fixture)
{
  sighej_host_sleep_appear (fixture->sleep, FALSE);
}

static void
manager_comes_falling_asleep (Fixture *fixture)
{
  sighej_host_sleep_appear (fixture->sleep, TRUE);
}

static void
manager_goes (Fixture *fixture)
{
  sighej_host_sleep_vanish (fixture->sleep);
}

static void
person_opens (Fixture *fixture)
{
  sighej_host_sleep_set_open (fixture->sleep, TRUE);
}

static void
person_closes (Fixture *fixture)
{
  sighej_host_sleep_set_open (fixture->sleep, FALSE);
}

static void
lock_comes (Fixture *fixture)
{
  int ends[2];

  forget_lock (fixture);
  g_assert_true (g_unix_open_pipe (ends, FD_CLOEXEC, NULL));
  fixture->last_lock = ends[0];
  sighej_host_sleep_take_lock (fixture->sleep, ends[1]);
}

static void
lock_is_refused (Fixture *fixture)
{
  sighej_host_sleep_refuse (fixture->sleep, "for the test");
}

static void
about_to_sleep (Fixture *fixture)
{
  sighej_host_sleep_prepare (fixture->sleep, TRUE);
}

static void
awake (Fixture *fixture)
{
  sighej_host_sleep_prepare (fixture->sleep, FALSE);
}

static void
silent (Fixture *fixture)
{
  sighej_host_sleep_set_silent (fixture->sleep, TRUE);
}

static void
heard (Fixture *fixture)
{
  sighej_host_sleep_set_silent (fixture->sleep, FALSE);
}

static void
a_second_passes (Fixture *fixture)
{
  sighej_test_clock_advance (fixture->clock, S (1));
}

static void
three_seconds_pass (Fixture *fixture)
{
  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_HOST_SLEEP_SILENCE_SECONDS_MAX));
}

static void
ten_seconds_pass (Fixture *fixture)
{
  sighej_test_clock_advance (fixture->clock, S (SIGHEJ_HOST_SLEEP_LOST_SECONDS));
}

/* ---- the drawing of the header, walked ---- */

typedef struct
{
  void (*event) (Fixture *fixture);
  SighejHostSleepState state;
  gboolean held;
} Step;

#define STATE(name) SIGHEJ_HOST_SLEEP_##name
#define WALK_END                                                                                   \
  {                                                                                                \
    NULL, STATE (ABSENT), FALSE                                                                    \
  }

static const Step through_a_night[] = {
  { person_opens, STATE (ABSENT), FALSE },   { manager_comes, STATE (ASKING), FALSE },
  { lock_comes, STATE (HELD), TRUE },        { heard, STATE (HELD), TRUE },
  { about_to_sleep, STATE (FALLING), TRUE }, { about_to_sleep, STATE (FALLING), TRUE },
  { silent, STATE (ASLEEP), FALSE },         { awake, STATE (ASKING), FALSE },
  { lock_comes, STATE (HELD), TRUE },        { person_closes, STATE (IDLE), FALSE },
  { about_to_sleep, STATE (ASLEEP), FALSE }, { person_opens, STATE (ASLEEP), FALSE },
  { person_closes, STATE (ASLEEP), FALSE },  { awake, STATE (IDLE), FALSE },
  { manager_goes, STATE (ABSENT), FALSE },   WALK_END,
};

static const Step nothing_to_wait_for[] = {
  { manager_comes, STATE (IDLE), FALSE }, { person_opens, STATE (ASKING), FALSE },
  { lock_comes, STATE (HELD), TRUE },     { about_to_sleep, STATE (ASLEEP), FALSE },
  { awake, STATE (ASKING), FALSE },       WALK_END,
};

static const Step never_silent[] = {
  { manager_comes, STATE (IDLE), FALSE },
  { person_opens, STATE (ASKING), FALSE },
  { lock_comes, STATE (HELD), TRUE },
  { heard, STATE (HELD), TRUE },
  { about_to_sleep, STATE (FALLING), TRUE },
  { a_second_passes, STATE (FALLING), TRUE },
  { three_seconds_pass, STATE (ASLEEP), FALSE },
  { awake, STATE (ASKING), FALSE },
  /* Sleep that is called off. */
  { lock_comes, STATE (HELD), TRUE },
  { about_to_sleep, STATE (FALLING), TRUE },
  { awake, STATE (ASKING), FALSE },
  { three_seconds_pass, STATE (ASKING), FALSE },
  WALK_END,
};

static const Step answers_late[] = {
  { manager_comes, STATE (IDLE), FALSE },   { person_opens, STATE (ASKING), FALSE },
  { heard, STATE (ASKING), FALSE },         { about_to_sleep, STATE (FALLING), FALSE },
  { lock_comes, STATE (FALLING), TRUE },    { silent, STATE (ASLEEP), FALSE },
  { lock_comes, STATE (ASLEEP), FALSE },    { awake, STATE (ASKING), FALSE },
  { person_closes, STATE (IDLE), FALSE },   { lock_comes, STATE (IDLE), FALSE },
  { lock_is_refused, STATE (IDLE), FALSE }, WALK_END,
};

static const Step refused[] = {
  { manager_comes, STATE (IDLE), FALSE },      { person_opens, STATE (ASKING), FALSE },
  { lock_is_refused, STATE (WITHOUT), FALSE }, { a_second_passes, STATE (ASKING), FALSE },
  { lock_is_refused, STATE (WITHOUT), FALSE }, { heard, STATE (WITHOUT), FALSE },
  { about_to_sleep, STATE (ASLEEP), FALSE },   { awake, STATE (ASKING), FALSE },
  { lock_is_refused, STATE (WITHOUT), FALSE }, { person_closes, STATE (IDLE), FALSE },
  { person_opens, STATE (ASKING), FALSE },     { lock_is_refused, STATE (WITHOUT), FALSE },
  { manager_goes, STATE (ABSENT), FALSE },     WALK_END,
};

static const Step manager_restarts[] = {
  { manager_comes_falling_asleep, STATE (ASLEEP), FALSE },
  { person_opens, STATE (ASLEEP), FALSE },
  { manager_goes, STATE (LOST), FALSE },
  { manager_goes, STATE (LOST), FALSE },
  { manager_comes_falling_asleep, STATE (ASLEEP), FALSE },
  { manager_goes, STATE (LOST), FALSE },
  { manager_comes, STATE (ASKING), FALSE },
  { lock_comes, STATE (HELD), TRUE },
  { manager_comes, STATE (HELD), TRUE },
  { heard, STATE (HELD), TRUE },
  { about_to_sleep, STATE (FALLING), TRUE },
  { manager_goes, STATE (LOST), FALSE },
  { awake, STATE (ASKING), FALSE },
  { lock_comes, STATE (HELD), TRUE },
  { manager_goes, STATE (ABSENT), FALSE },
  { awake, STATE (ABSENT), FALSE },
  { manager_comes, STATE (ASKING), FALSE },
  { about_to_sleep, STATE (FALLING), FALSE },
  { manager_goes, STATE (LOST), FALSE },
  { ten_seconds_pass, STATE (ABSENT), FALSE },
  WALK_END,
};

static void
test_walk (Fixture *fixture, gconstpointer data)
{
  for (const Step *step = data; step->event != NULL; step++)
    {
      SighejHostSleepState state;

      g_test_message ("step %td", step - (const Step *) data);
      step->event (fixture);
      state = sighej_host_sleep_get_state (fixture->sleep);
      g_assert_cmpint (state, ==, step->state);
      g_assert_cmpint (is_held (fixture), ==, step->held);
      g_assert_cmpint (sighej_host_sleep_get_suspending (fixture->sleep),
                       ==,
                       state == STATE (FALLING) || state == STATE (ASLEEP)
                           || state == STATE (LOST));
    }
  manager_goes (fixture);
  ten_seconds_pass (fixture);
}

/* Marks every state that can be reached from @from. */
static void
reach (SighejHostSleepState from, gboolean *reached)
{
  reached[from] = TRUE;
  for (guint to = 0; to < SIGHEJ_HOST_SLEEP_N_STATES; to++)
    if (sighej_host_sleep_may_move (from, to) && !reached[to])
      reach (to, reached);
}

static void
test_every_state_leads_to_every_other (void)
{
  for (guint from = 0; from < SIGHEJ_HOST_SLEEP_N_STATES; from++)
    {
      gboolean reached[SIGHEJ_HOST_SLEEP_N_STATES] = { FALSE };

      g_assert_false (sighej_host_sleep_may_move (from, from));
      reach (from, reached);
      for (guint to = 0; to < SIGHEJ_HOST_SLEEP_N_STATES; to++)
        g_assert_true (reached[to]);
    }
}

/* Whoever was on the air cannot come back there without all having been taken down. */
static void
test_no_way_from_sleep_to_a_lock_of_before (void)
{
  for (guint from = SIGHEJ_HOST_SLEEP_FALLING; from <= SIGHEJ_HOST_SLEEP_LOST; from++)
    g_assert_false (sighej_host_sleep_may_move (from, SIGHEJ_HOST_SLEEP_HELD));
}

/* ---- what is told ---- */

static void
test_sleep_that_nobody_announced_is_told (Fixture *fixture, gconstpointer data)
{
  manager_comes (fixture);
  awake (fixture);
  g_assert_cmpuint (fixture->n_changed, ==, 2);
  person_opens (fixture);
  lock_comes (fixture);
  heard (fixture);
  awake (fixture);
  g_assert_cmpuint (fixture->n_changed, ==, 4);
  g_assert_false (is_held (fixture));
  g_assert_cmpuint (fixture->n_asked, ==, 2);
  lock_is_refused (fixture);
  awake (fixture);
  g_assert_cmpuint (fixture->n_changed, ==, 6);
  g_assert_cmpint (sighej_host_sleep_get_state (fixture->sleep), ==, STATE (ASKING));
}

static void
close_when_awake (SighejHostSleep *sleep, Fixture *fixture)
{
  if (!sighej_host_sleep_get_suspending (sleep))
    person_closes (fixture);
}

static void
test_opening_that_ended_in_sleep_asks_for_nothing (Fixture *fixture, gconstpointer data)
{
  manager_comes (fixture);
  person_opens (fixture);
  lock_comes (fixture);
  about_to_sleep (fixture);
  g_signal_connect (fixture->sleep, "changed", G_CALLBACK (close_when_awake), fixture);
  awake (fixture);
  g_assert_cmpint (sighej_host_sleep_get_state (fixture->sleep), ==, STATE (IDLE));
  g_assert_cmpuint (fixture->n_asked, ==, 1);
}

static void
fall_silent (SighejHostSleep *sleep, Fixture *fixture)
{
  g_assert_true (is_held (fixture));
  silent (fixture);
  /* Others who listen have not been told yet. */
  g_assert_true (is_held (fixture));
}

static void
test_lock_is_held_until_all_were_told (Fixture *fixture, gconstpointer data)
{
  manager_comes (fixture);
  person_opens (fixture);
  lock_comes (fixture);
  heard (fixture);
  g_signal_connect (fixture->sleep, "changed", G_CALLBACK (fall_silent), fixture);
  about_to_sleep (fixture);
  g_assert_false (is_held (fixture));
}

static void
test_refusals_are_spaced (Fixture *fixture, gconstpointer data)
{
  manager_comes (fixture);
  person_opens (fixture);
  for (guint i = 0; i < 20; i++)
    {
      lock_is_refused (fixture);
      sighej_test_clock_advance (fixture->clock, S (60));
    }
  g_assert_cmpuint (fixture->n_asked, ==, 21);
  lock_is_refused (fixture);
  sighej_test_clock_advance (fixture->clock, S (29));
  g_assert_cmpuint (fixture->n_asked, ==, 21);
}

/* ---- the screen ---- */

static void
test_hint_is_believed (void)
{
  SighejHostLock lock = { FALSE, FALSE };

  g_assert_false (sighej_host_lock_is_locked (&lock));
  sighej_host_lock_set_hint (&lock, TRUE);
  sighej_host_lock_ask (&lock, TRUE);
  sighej_host_lock_ask (&lock, FALSE);
  sighej_host_lock_see_person (&lock);
  g_assert_true (sighej_host_lock_is_locked (&lock));
  sighej_host_lock_set_hint (&lock, FALSE);
  g_assert_false (sighej_host_lock_is_locked (&lock));
}

static void
test_asked_lock_holds_until_a_word_comes (void)
{
  SighejHostLock lock = { FALSE, FALSE };

  for (guint word = 0; word < 4; word++)
    {
      sighej_host_lock_ask (&lock, TRUE);
      g_assert_true (sighej_host_lock_is_locked (&lock));
      if (word == 0)
        sighej_host_lock_ask (&lock, FALSE);
      else if (word == 1)
        sighej_host_lock_see_person (&lock);
      else if (word == 2)
        sighej_host_lock_set_hint (&lock, FALSE);
      else
        sighej_host_lock_start_over (&lock);
      g_assert_false (sighej_host_lock_is_locked (&lock));
    }
}

static void
test_lost_word_keeps_the_lock (void)
{
  SighejHostLock lock = { FALSE, FALSE };

  sighej_host_lock_lose_word (&lock);
  g_assert_false (sighej_host_lock_is_locked (&lock));
  sighej_host_lock_set_hint (&lock, TRUE);
  sighej_host_lock_lose_word (&lock);
  g_assert_true (sighej_host_lock_is_locked (&lock));
  sighej_host_lock_see_person (&lock);
  g_assert_false (sighej_host_lock_is_locked (&lock));
}

#define ADD(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)
#define ADD_WALK(path, walk) g_test_add (path, Fixture, walk, set_up, test_walk, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD_WALK ("/host/sleep/through-a-night", through_a_night);
  ADD_WALK ("/host/sleep/nothing-to-wait-for", nothing_to_wait_for);
  ADD_WALK ("/host/sleep/never-silent", never_silent);
  ADD_WALK ("/host/sleep/answers-late", answers_late);
  ADD_WALK ("/host/sleep/refused", refused);
  ADD_WALK ("/host/sleep/manager-restarts", manager_restarts);
  g_test_add_func ("/host/sleep/every-state-leads-to-every-other",
                   test_every_state_leads_to_every_other);
  g_test_add_func ("/host/sleep/no-way-from-sleep-to-a-lock-of-before",
                   test_no_way_from_sleep_to_a_lock_of_before);
  ADD ("/host/sleep/that-nobody-announced-is-told", test_sleep_that_nobody_announced_is_told);
  ADD ("/host/sleep/opening-that-ended-in-it-asks-for-nothing",
       test_opening_that_ended_in_sleep_asks_for_nothing);
  ADD ("/host/sleep/lock-is-held-until-all-were-told", test_lock_is_held_until_all_were_told);
  ADD ("/host/sleep/refusals-are-spaced", test_refusals_are_spaced);
  g_test_add_func ("/host/lock/hint-is-believed", test_hint_is_believed);
  g_test_add_func ("/host/lock/asked-lock-holds-until-a-word-comes",
                   test_asked_lock_holds_until_a_word_comes);
  g_test_add_func ("/host/lock/lost-word-keeps-the-lock", test_lost_word_keeps_the_lock);

  return g_test_run ();
}
