/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "link-fixture.h"

#include "sighej-radio.h"

#define STEP_S 10

const guint8 link_fixture_opening[16] = { 0xa1, 0xa2, 0xa3 };
const char *const link_fixture_jazz[] = { "jazz", NULL };

static void
on_session_changed (SighejLink *link, gpointer user_data)
{
  ((LinkFixture *) user_data)->n_session_changed++;
}

static void
on_nudge (SighejLink *link, const SighejLinkNudge *nudge, gpointer user_data)
{
  LinkFixture *fixture = user_data;

  g_assert_cmpstr (nudge->id, ==, "00112233445566778899aabbccddeeff");
  g_assert_cmpstr (nudge->shared_interests[0], ==, "jazz");
  g_assert_cmpstr (nudge->message, ==, "Hello.");
  fixture->n_nudges++;
  fixture->nudge_seq = nudge->seq;
}

static void
on_result (SighejLink *link, SighejToken *detected, gboolean match, gpointer user_data)
{
  LinkFixture *fixture = user_data;

  fixture->n_results++;
  fixture->n_matches += match ? 1 : 0;
  fixture->result_token = *detected;
}

void
link_fixture_make_link (LinkFixture *fixture, const char *ca_file)
{
  g_autoptr (GError) error = NULL;

  fixture->link
      = sighej_link_new (SIGHEJ_CLOCK (fixture->clock), LINK_FIXTURE_TIMEOUT_S, ca_file, &error);
  g_assert_no_error (error);
  g_signal_connect (fixture->link, "session-changed", G_CALLBACK (on_session_changed), fixture);
  g_signal_connect (fixture->link, "nudge", G_CALLBACK (on_nudge), fixture);
  g_signal_connect (fixture->link, "sighting-result", G_CALLBACK (on_result), fixture);
  sighej_link_set_interests (fixture->link, link_fixture_jazz);
}

void
link_fixture_set_up (LinkFixture *fixture, gconstpointer unused)
{
  fixture->clock = sighej_test_clock_new ();
  fixture->backend = scripted_backend_new (FALSE);
  link_fixture_make_link (fixture, NULL);
  sighej_link_set_uri (fixture->link, fixture->backend->uri);
}

void
link_fixture_tear_down (LinkFixture *fixture, gconstpointer unused)
{
  sighej_test_assert_finalized (fixture->link);
  scripted_backend_free (fixture->backend);
  sighej_test_settle ();
  sighej_test_assert_finalized (fixture->clock);
}

gint64
link_fixture_now_us (LinkFixture *fixture)
{
  return sighej_clock_now_us (SIGHEJ_CLOCK (fixture->clock));
}

void
link_fixture_open_for (LinkFixture *fixture, gint64 seconds)
{
  sighej_link_open (fixture->link,
                    link_fixture_opening,
                    link_fixture_now_us (fixture) + seconds * G_USEC_PER_SEC);
}

gboolean
link_fixture_is_in (LinkFixture *fixture, SighejBackendState state)
{
  return sighej_link_get_state (fixture->link) == state;
}

gboolean
link_fixture_is_online (LinkFixture *fixture)
{
  return link_fixture_is_in (fixture, SIGHEJ_BACKEND_STATE_ONLINE);
}

void
link_fixture_go_online (LinkFixture *fixture, gint64 seconds)
{
  link_fixture_open_for (fixture, seconds);
  WAIT_UNTIL (link_fixture_is_online (fixture));
}

void
link_fixture_pass (LinkFixture *fixture, guint seconds)
{
  for (guint gone = 0; gone < seconds; gone += STEP_S)
    {
      sighej_test_settle ();
      sighej_test_clock_advance (fixture->clock,
                                 (gint64) MIN (STEP_S, seconds - gone) * G_USEC_PER_SEC);
      sighej_test_settle ();
    }
}

guint
link_fixture_get_n_posts (LinkFixture *fixture)
{
  return fixture->backend->requests->len;
}

guint64
link_fixture_get_counter (LinkFixture *fixture, const char *name)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{st}"));
  g_autoptr (GVariant) counters = NULL;
  guint64 value = 0;

  sighej_link_count (fixture->link, &builder);
  counters = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_assert_true (g_variant_lookup (counters, name, "t", &value));
  return value;
}

const char *
link_fixture_ask_doctor (LinkFixture *fixture, const char *id)
{
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);

  sighej_link_check (fixture->link, results);
  for (guint i = 0; i < results->len; i++)
    {
      SighejCheckResult *result = results->pdata[i];

      if (g_str_equal (result->id, id))
        return result->level;
    }
  return "";
}
