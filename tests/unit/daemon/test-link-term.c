/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "link-fixture.h"

#include "sighej-link-term.h"

#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)
#define START_S (10 * HOUR_S) /* of its day, where the test clock stands */
#define SETTLE_S SIGHEJ_LINK_TERM_SETTLE_SECONDS
#define WINDOW_S (SIGHEJ_LINK_TERM_SETTLE_SECONDS + SIGHEJ_LINK_TERM_SPREAD_SECONDS)
#define S(seconds) ((gint64) (seconds) *G_USEC_PER_SEC)
#define N_TERMS 200

/* ---- the term itself ---- */

typedef struct
{
  SighejTestClock *clock;
  SighejLinkTerm term;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer unused)
{
  fixture->clock = sighej_test_clock_new ();
}

static void
tear_down (Fixture *fixture, gconstpointer unused)
{
  sighej_test_assert_finalized (fixture->clock);
}

/* @seconds: from midnight, negative: before it */
static void
begin_at (Fixture *fixture, int seconds)
{
  sighej_test_clock_advance (fixture->clock, S (DAY_S - START_S + seconds));
  sighej_link_term_begin (&fixture->term, SIGHEJ_CLOCK (fixture->clock));
  sighej_link_term_accept (&fixture->term, SIGHEJ_CLOCK (fixture->clock), 2 * HOUR_S);
}

static void
pass (Fixture *fixture, int seconds)
{
  sighej_test_clock_advance (fixture->clock, S (seconds));
}

static gboolean
is_of_today (Fixture *fixture)
{
  return sighej_link_term_is_of_today (&fixture->term, SIGHEJ_CLOCK (fixture->clock));
}

static gboolean
is_due (Fixture *fixture)
{
  return sighej_link_term_renewal_is_due (
      &fixture->term, SIGHEJ_CLOCK (fixture->clock), G_MAXINT64);
}

static gint64
next_in_us (Fixture *fixture)
{
  SighejClock *clock = SIGHEJ_CLOCK (fixture->clock);

  return sighej_link_term_next_us (&fixture->term, clock) - sighej_clock_now_us (clock);
}

static void
test_end (Fixture *fixture, gconstpointer unused)
{
  SighejClock *clock = SIGHEJ_CLOCK (fixture->clock);
  gint64 end_us;

  begin_at (fixture, HOUR_S);
  end_us = sighej_clock_now_us (clock) + S (2 * HOUR_S);
  pass (fixture, 2 * HOUR_S - 61);
  g_assert_false (is_due (fixture));
  g_assert_cmpint (next_in_us (fixture), ==, S (1));

  pass (fixture, 1);
  g_assert_true (is_due (fixture));
  g_assert_false (sighej_link_term_renewal_is_due (&fixture->term, clock, end_us));
  g_assert_cmpint (next_in_us (fixture), ==, S (60));
  g_assert_false (sighej_link_term_is_over (&fixture->term, clock));
  pass (fixture, 60);
  g_assert_true (sighej_link_term_is_over (&fixture->term, clock));
}

static void
test_midnight (Fixture *fixture, gconstpointer unused)
{
  SighejClock *clock = SIGHEJ_CLOCK (fixture->clock);

  begin_at (fixture, -600);
  pass (fixture, 599);
  g_assert_true (is_of_today (fixture));
  pass (fixture, 1);
  g_assert_false (is_of_today (fixture));
  pass (fixture, SETTLE_S - 1);
  g_assert_false (is_due (fixture));

  pass (fixture, WINDOW_S - SETTLE_S + 1);
  g_assert_true (is_due (fixture));
  g_assert_false (
      sighej_link_term_renewal_is_due (&fixture->term, clock, sighej_clock_now_us (clock)));
  /* Tried until it is done: nothing else happens before the end. */
  g_assert_cmpint (next_in_us (fixture), >, S (HOUR_S));
}

/* All over the window, each known beforehand. */
static void
test_the_moments_are_spread (Fixture *fixture, gconstpointer unused)
{
  guint n_early = 0;

  sighej_test_clock_advance (fixture->clock, S (DAY_S - START_S - 1));
  for (guint i = 0; i < N_TERMS; i++)
    {
      sighej_link_term_begin (&fixture->term, SIGHEJ_CLOCK (fixture->clock));
      g_assert_cmpint (fixture->term.moment_us, >=, S (SETTLE_S));
      g_assert_cmpint (fixture->term.moment_us, <, S (WINDOW_S));
      n_early += fixture->term.moment_us < S ((SETTLE_S + WINDOW_S) / 2);
    }
  /* 2^-60 that they are so few or so many by chance */
  g_assert_cmpuint (n_early, >, N_TERMS / 5);
  g_assert_cmpuint (n_early, <, N_TERMS - N_TERMS / 5);
}

static void
test_who_comes_within_the_window (Fixture *fixture, gconstpointer unused)
{
  begin_at (fixture, 1);
  pass (fixture, 2 * HOUR_S - 61);
  g_assert_true (is_of_today (fixture));
  g_assert_false (is_due (fixture));
}

/* Nobody is told that the wall clock was set: it is looked at. */
static void
assert_found_out (Fixture *fixture)
{
  g_assert_false (is_of_today (fixture));
  g_assert_cmpint (next_in_us (fixture), <=, S (SIGHEJ_LINK_TERM_LOOK_SECONDS));
}

static void
test_a_clock_set_forth_and_back (Fixture *fixture, gconstpointer unused)
{
  begin_at (fixture, 12 * HOUR_S);
  sighej_test_clock_jump_wall (fixture->clock, S (DAY_S));
  assert_found_out (fixture);
  g_assert_false (is_due (fixture));
  sighej_test_clock_jump_wall (fixture->clock, -S (DAY_S));
  g_assert_true (is_of_today (fixture));

  pass (fixture, HOUR_S);
  g_assert_false (is_due (fixture));
  sighej_test_clock_jump_wall (fixture->clock, -S (DAY_S));
  g_assert_false (is_of_today (fixture));
  g_assert_true (is_due (fixture));
}

/* At most one session a minute, whatever the wall clock does. */
static void
test_a_clock_gone_mad (Fixture *fixture, gconstpointer unused)
{
  guint n_sessions = 1;

  begin_at (fixture, 12 * HOUR_S);
  for (guint i = 0; i < 600; i++)
    {
      sighej_test_clock_jump_wall (fixture->clock, S (i % 2 == 0 ? DAY_S : -DAY_S));
      if (is_due (fixture))
        {
          sighej_link_term_begin (&fixture->term, SIGHEJ_CLOCK (fixture->clock));
          n_sessions++;
        }
      pass (fixture, 1);
      g_assert_cmpint (next_in_us (fixture), >, 0);
    }
  g_assert_cmpuint (n_sessions, <=, 10);
}

/* ---- a link over midnight ---- */

static gboolean
on_avoid_tags (SighejLink *link, gpointer tags, guint *n_sessions)
{
  (*n_sessions)++;
  return FALSE;
}

/* Opens at @seconds from midnight. @n_sessions: counts those asked for */
static void
open_at (LinkFixture *fixture, int seconds, guint *n_sessions)
{
  *n_sessions = 0;
  g_signal_connect (fixture->link, "avoid-tags", G_CALLBACK (on_avoid_tags), n_sessions);
  sighej_test_clock_advance (fixture->clock, S (DAY_S - START_S + seconds));
  link_fixture_go_online (fixture, 4 * HOUR_S);
}

/* Lets so much time pass until another session is asked for. Returns: how many seconds that took */
static guint
pass_until_asked (LinkFixture *fixture, const guint *n_sessions)
{
  guint n_before = *n_sessions;
  guint seconds = 0;

  for (; *n_sessions == n_before; seconds++)
    {
      g_assert_cmpuint (seconds, <=, 2 * WINDOW_S);
      link_fixture_pass (fixture, 1);
    }
  return seconds;
}

static void
assert_nothing_asked_for (LinkFixture *fixture, const guint *n_sessions, guint seconds)
{
  guint n_before = *n_sessions;

  link_fixture_pass (fixture, seconds);
  g_assert_cmpuint (*n_sessions, ==, n_before);
}

static gboolean
report (LinkFixture *fixture)
{
  const SighejToken token = { { 1, 2, 3 } };

  return sighej_link_report (fixture->link, &token);
}

static void
test_renews_after_midnight (LinkFixture *fixture, gconstpointer unused)
{
  guint n_sessions, seconds;

  open_at (fixture, -HOUR_S, &n_sessions);
  link_fixture_pass (fixture, HOUR_S - 1);
  g_assert_true (report (fixture));
  link_fixture_pass (fixture, 1);
  g_assert_cmpuint (n_sessions, ==, 1);
  /* Who is still of yesterday has no tag in common with who is not. */
  g_assert_false (report (fixture));
  g_assert_cmpuint (link_fixture_get_counter (fixture, "link.sightings-held"), ==, 1);
  g_assert_true (link_fixture_is_online (fixture));

  seconds = pass_until_asked (fixture, &n_sessions);
  g_assert_cmpuint (seconds, >=, SETTLE_S);
  g_assert_cmpuint (seconds, <=, WINDOW_S);
  g_assert_true (link_fixture_is_online (fixture));
  WAIT_UNTIL (fixture->backend->deleted->len == 1);
  g_assert_true (link_fixture_is_online (fixture));
  g_assert_true (report (fixture));
  g_assert_cmpuint (fixture->n_session_changed, ==, 2);
  g_assert_cmpuint (link_fixture_get_counter (fixture, "link.renewals"), ==, 1);
  g_assert_cmpmem (
      scripted_backend_request (fixture->backend, 1)->opening_id, 16, link_fixture_opening, 16);
  assert_nothing_asked_for (fixture, &n_sessions, HOUR_S);
}

static void
test_opens_within_the_window (LinkFixture *fixture, gconstpointer unused)
{
  guint n_sessions;

  open_at (fixture, 1, &n_sessions);
  g_assert_true (report (fixture));
  assert_nothing_asked_for (fixture, &n_sessions, HOUR_S);
}

/* The renewal that is due anyway is enough when it comes after midnight. */
static void
test_ends_within_the_window (LinkFixture *fixture, gconstpointer unused)
{
  guint n_sessions;

  fixture->backend->session_s = 300;
  open_at (fixture, -210, &n_sessions);
  assert_nothing_asked_for (fixture, &n_sessions, 239);
  pass_until_asked (fixture, &n_sessions);
  WAIT_UNTIL (fixture->backend->deleted->len == 1);
  g_assert_true (report (fixture));
  assert_nothing_asked_for (fixture, &n_sessions, 239);
}

static void
test_sleeps_over_midnight (LinkFixture *fixture, gconstpointer unused)
{
  guint n_sessions;

  open_at (fixture, -HOUR_S / 2, &n_sessions);
  sighej_test_clock_sleep (fixture->clock, S (HOUR_S));
  g_assert_false (report (fixture));
  pass_until_asked (fixture, &n_sessions);
  WAIT_UNTIL (fixture->backend->deleted->len == 1);
  g_assert_true (report (fixture));
}

static void
test_refused_at_midnight (LinkFixture *fixture, gconstpointer unused)
{
  guint n_sessions;

  open_at (fixture, -60, &n_sessions);
  fixture->backend->post_status = 429;
  fixture->backend->retry_after_s = "90";
  pass_until_asked (fixture, &n_sessions);
  WAIT_UNTIL (link_fixture_get_counter (fixture, "link.failures") == 1);
  g_assert_true (link_fixture_is_online (fixture));
  g_assert_false (report (fixture));

  fixture->backend->post_status = SOUP_STATUS_CREATED;
  g_assert_cmpuint (pass_until_asked (fixture, &n_sessions), >=, 90);
  WAIT_UNTIL (fixture->backend->deleted->len == 1);
  g_assert_true (report (fixture));
}

#define ADD(path, Type, function, prefix)                                                          \
  g_test_add ("/link-term/" path, Type, NULL, prefix##set_up, function, prefix##tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  ADD ("is-renewed-before-its-end", Fixture, test_end, );
  ADD ("is-renewed-after-midnight", Fixture, test_midnight, );
  ADD ("moments-are-spread", Fixture, test_the_moments_are_spread, );
  ADD ("who-comes-within-the-window-stays", Fixture, test_who_comes_within_the_window, );
  ADD ("clock-set-forth-and-back", Fixture, test_a_clock_set_forth_and_back, );
  ADD ("clock-gone-mad", Fixture, test_a_clock_gone_mad, );
  ADD ("link/renews-after-midnight", LinkFixture, test_renews_after_midnight, link_fixture_);
  ADD ("link/opens-within-the-window", LinkFixture, test_opens_within_the_window, link_fixture_);
  ADD ("link/ends-within-the-window", LinkFixture, test_ends_within_the_window, link_fixture_);
  ADD ("link/sleeps-over-midnight", LinkFixture, test_sleeps_over_midnight, link_fixture_);
  ADD ("link/refused-at-midnight", LinkFixture, test_refused_at_midnight, link_fixture_);

  return g_test_run ();
}
