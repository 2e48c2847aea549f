/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What only the memory store does; the rest is in conformance/test-store.c. */
#include "config.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-store-memory.h"
#include "sighej-test.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)

typedef struct
{
  SighejTestClock *clock;
  SighejStore *store;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->store = sighej_store_memory_new (SIGHEJ_CLOCK (fixture->clock));
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_test_assert_finalized (fixture->store);
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
  sighej_test_assert_finalized (fixture->clock);
}

static void
on_done (const GError *error, gpointer user_data)
{
  *(int *) user_data = error != NULL ? error->code : -1;
}

static void
id_of (guint number, char out[SIGHEJ_UUID_CHARS + 1])
{
  g_snprintf (out, SIGHEJ_UUID_CHARS + 1, "00000000-0000-4000-8000-%012u", number);
}

static int
add (Fixture *fixture, guint number, guint lifetime_s, gboolean tombstone)
{
  static const SighejStoreInterest interest = { { 1 }, { 2 } };
  g_autoptr (GBytes) sealed = g_bytes_new_static ("sealed", 6);
  SighejStoreToken token = { .until_s = (int) lifetime_s };
  SighejStoreSession session = { .n_tokens = 1,
                                 .tokens = &token,
                                 .n_interests = 1,
                                 .interests = &interest,
                                 .sealed_labels = sealed,
                                 .lifetime_s = lifetime_s,
                                 .tombstone = tombstone };
  int code = 0;

  g_snprintf (token.text, sizeof token.text, "token-%u", number);
  id_of (number, session.id);
  memcpy (session.secret_hash, &number, sizeof number);
  memcpy (session.opening, &number, sizeof number);
  sighej_store_add_session (fixture->store, &session, on_done, &code);
  return code;
}

static void
on_counted (guint64 n_sessions, const GError *error, gpointer user_data)
{
  *(guint64 *) user_data = n_sessions;
}

static guint64
count (Fixture *fixture)
{
  guint64 n_sessions = 0;

  sighej_store_count (fixture->store, on_counted, &n_sessions);
  return n_sessions;
}

static void
on_sighted (const SighejStoreSight *sight, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(gboolean *) user_data = sight->match;
}

static gboolean
sight (Fixture *fixture, guint number, guint other)
{
  char id[SIGHEJ_UUID_CHARS + 1];
  char token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  gboolean match = FALSE;

  id_of (number, id);
  g_snprintf (token, sizeof token, "token-%u", other);
  sighej_store_sight (fixture->store,
                      &(const SighejStoreReport){ .session_id = id,
                                                  .detected_token = token,
                                                  .policy = SIGHEJ_MATCH_MUTUAL,
                                                  .n_per_minute = 1 },
                      on_sighted,
                      &match);
  return match;
}

static void
test_is_bounded (Fixture *fixture, gconstpointer data)
{
  for (guint i = 1; i <= SIGHEJ_STORE_MEMORY_SESSIONS_MAX; i++)
    g_assert_cmpint (add (fixture, i, 300, FALSE), ==, -1);
  g_assert_cmpint (add (fixture, 1000000, 300, FALSE), ==, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpuint (count (fixture), ==, SIGHEJ_STORE_MEMORY_SESSIONS_MAX);

  sighej_test_clock_advance (fixture->clock, 300 * SECOND_US);
  g_assert_cmpint (add (fixture, 1000000, 300, FALSE), ==, -1);
  g_assert_cmpuint (count (fixture), ==, 1);
}

/* Whatever expires, the clock is asked once a second at most, and never when nothing is left. */
static void
test_wakes_seldom_and_then_never (Fixture *fixture, gconstpointer data)
{
  gint64 last_us = -SECOND_US;
  gint64 elapsed_us = 0;
  gint64 next_us;

  for (guint i = 1; i <= 500; i++)
    {
      sighej_test_clock_advance (fixture->clock, SECOND_US / 50);
      add (fixture, i, 300 + i % 7, i % 2 == 0);
      if (i > 1)
        sight (fixture, i, i - 1);
    }
  while ((next_us = sighej_test_clock_next_us (fixture->clock)) >= 0)
    {
      elapsed_us += next_us;
      g_assert_cmpint (elapsed_us - last_us, >=, SECOND_US - SECOND_US / 50);
      last_us = elapsed_us;
      sighej_test_clock_advance (fixture->clock, next_us);
    }
  g_assert_cmpuint (count (fixture), ==, 0);
  g_assert_cmpint (elapsed_us, >, SIGHEJ_STORE_TOMBSTONE_SECONDS * SECOND_US);
}

static void
test_nothing_waits_after_delete (Fixture *fixture, gconstpointer data)
{
  for (guint i = 1; i <= 20; i++)
    add (fixture, i, 7200, FALSE);
  for (guint i = 2; i <= 20; i++)
    sight (fixture, 1, i);
  for (guint i = 1; i <= 20; i++)
    {
      char id[SIGHEJ_UUID_CHARS + 1];
      int code;

      id_of (i, id);
      sighej_store_end_session (fixture->store, id, on_done, &code);
    }
  g_assert_cmpint (sighej_test_clock_next_us (fixture->clock), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add ("/store-memory/is-bounded", Fixture, NULL, set_up, test_is_bounded, tear_down);
  g_test_add ("/store-memory/wakes-seldom-and-then-never",
              Fixture,
              NULL,
              set_up,
              test_wakes_seldom_and_then_never,
              tear_down);
  g_test_add ("/store-memory/nothing-waits-after-delete",
              Fixture,
              NULL,
              set_up,
              test_nothing_waits_after_delete,
              tear_down);
  return g_test_run ();
}
