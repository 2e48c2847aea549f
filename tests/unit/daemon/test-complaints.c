/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "link-fixture.h"
#include "sighej-complaints.h"
#include "sighej-error.h"

#define PATH "/api/v1/reports"
#define WAITING (-2)
#define TAKEN (-1)

typedef struct
{
  LinkFixture link;
  SighejComplaints *complaints;
  int last; /* answer: WAITING, TAKEN, or the error's code */
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  link_fixture_set_up (&fixture->link, NULL);
  fixture->complaints
      = sighej_complaints_new (SIGHEJ_CLOCK (fixture->link.clock), fixture->link.link);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  sighej_complaints_clear (fixture->complaints);
  sighej_test_settle ();
  sighej_test_assert_finalized (fixture->complaints);
  link_fixture_tear_down (&fixture->link, NULL);
}

static void
on_sent (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Fixture *fixture = user_data;
  g_autoptr (GError) error = NULL;

  fixture->last = TAKEN;
  if (!sighej_complaints_send_finish (SIGHEJ_COMPLAINTS (source), result, &error))
    fixture->last = error->code;
}

static int n_freed;

static void
count_freed (gpointer body)
{
  n_freed++;
  g_free (body);
}

static void
start (Fixture *fixture, const char *text)
{
  char *copy = g_strdup (text);
  g_autoptr (GBytes) body = g_bytes_new_with_free_func (copy, strlen (copy), count_freed, copy);

  fixture->last = WAITING;
  sighej_complaints_send_async (fixture->complaints, PATH, body, on_sent, fixture);
}

static int
send (Fixture *fixture, const char *text)
{
  start (fixture, text);
  WAIT_UNTIL (fixture->last != WAITING);
  return fixture->last;
}

static guint64
count (Fixture *fixture, const char *name)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{st}"));
  g_autoptr (GVariant) counters = NULL;
  guint64 value = G_MAXUINT64;

  sighej_complaints_count (fixture->complaints, &builder);
  counters = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_assert_true (g_variant_lookup (counters, name, "t", &value));
  return value;
}

static guint
n_said (Fixture *fixture)
{
  return fixture->link.backend->said->len;
}

static const char *
said (Fixture *fixture, guint i)
{
  return fixture->link.backend->said->pdata[i];
}

/* Its turn to be sent again has come, and no time is left behind for the answer. */
static void
turn (Fixture *fixture)
{
  guint64 n_before = count (fixture, "complaints.tries");
  guint n_seconds = 0;

  while (count (fixture, "complaints.tries") == n_before)
    {
      g_assert_cmpuint (n_seconds++, <, SIGHEJ_COMPLAINT_RETRY_MS_MAX / 1000);
      sighej_test_clock_advance (fixture->link.clock, G_USEC_PER_SEC);
    }
}

/* ... and it is answered that it was in vain. */
static void
fail_again (Fixture *fixture)
{
  guint64 n_before = count (fixture, "complaints.failures");

  turn (fixture);
  WAIT_UNTIL (count (fixture, "complaints.failures") > n_before);
}

static void
test_what_is_taken_is_wiped (Fixture *fixture, gconstpointer data)
{
  g_auto (GStrv) parts = NULL;

  n_freed = 0;
  link_fixture_go_online (&fixture->link, 7200);
  g_assert_cmpint (send (fixture, "{\"a\":1}"), ==, TAKEN);
  parts = g_strsplit (said (fixture, 0), "|", 3);
  g_assert_cmpstr (parts[0], ==, PATH);
  g_assert_true (g_uuid_string_is_valid (parts[1]));
  g_assert_cmpstr (parts[2], ==, "{\"a\":1}");
  sighej_test_settle ();
  g_assert_cmpint (n_freed, ==, 1);
  g_assert_cmpuint (count (fixture, "complaints.taken"), ==, 1);
  g_assert_cmpuint (count (fixture, "complaints.waiting"), ==, 0);
}

/* It says so, keeps it, and sends it with the same key until it is taken. */
static void
test_what_is_not_taken_is_sent_again (Fixture *fixture, gconstpointer data)
{
  link_fixture_go_online (&fixture->link, 7200);
  fixture->link.backend->said_status = GPOINTER_TO_UINT (data);
  g_assert_cmpint (send (fixture, "{}"), ==, SIGHEJ_ERROR_OFFLINE);
  g_assert_cmpuint (count (fixture, "complaints.waiting"), ==, 1);
  fail_again (fixture);
  fixture->link.backend->said_status = 429;
  fail_again (fixture);
  fixture->link.backend->said_status = SOUP_STATUS_ACCEPTED;
  turn (fixture);
  WAIT_UNTIL (count (fixture, "complaints.taken") == 1);
  g_assert_cmpuint (n_said (fixture), >=, 4);
  for (guint i = 1; i < n_said (fixture); i++)
    g_assert_cmpstr (said (fixture, i), ==, said (fixture, 0));
  g_assert_cmpuint (count (fixture, "complaints.waiting"), ==, 0);
}

static void
test_no_answer_is_asked_again (Fixture *fixture, gconstpointer data)
{
  link_fixture_go_online (&fixture->link, 7200);
  fixture->link.backend->said_status = 0;
  start (fixture, "{}");
  WAIT_UNTIL (n_said (fixture) == 1);
  sighej_test_clock_advance (fixture->link.clock, LINK_FIXTURE_TIMEOUT_S * G_USEC_PER_SEC);
  WAIT_UNTIL (fixture->last != WAITING);
  g_assert_cmpint (fixture->last, ==, SIGHEJ_ERROR_OFFLINE);
  fixture->link.backend->said_status = SOUP_STATUS_OK;
  turn (fixture);
  WAIT_UNTIL (count (fixture, "complaints.taken") == 1);
  g_assert_cmpstr (said (fixture, 1), ==, said (fixture, 0));
}

static void
test_what_is_refused_is_not_kept (Fixture *fixture, gconstpointer data)
{
  const struct
  {
    guint status;
    SighejError code;
  } refusals[] = {
    { 400, SIGHEJ_ERROR_INVALID_REQUEST },
    { 404, SIGHEJ_ERROR_NOT_FOUND },
    { 429, SIGHEJ_ERROR_RATE_LIMITED },
  };

  n_freed = 0;
  g_assert_cmpint (send (fixture, "{}"), ==, SIGHEJ_ERROR_NOT_OPEN);
  link_fixture_go_online (&fixture->link, 7200);
  for (guint i = 0; i < G_N_ELEMENTS (refusals); i++)
    {
      fixture->link.backend->said_status = refusals[i].status;
      g_assert_cmpint (send (fixture, "{}"), ==, refusals[i].code);
    }
  sighej_test_settle ();
  g_assert_cmpint (n_freed, ==, 1 + G_N_ELEMENTS (refusals));
  g_assert_cmpuint (count (fixture, "complaints.waiting"), ==, 0);
}

/* Over another session of the same opening, as after a pause. */
static void
test_it_waits_for_the_next_session (Fixture *fixture, gconstpointer data)
{
  link_fixture_go_online (&fixture->link, 7200);
  fixture->link.backend->said_status = SOUP_STATUS_SERVICE_UNAVAILABLE;
  g_assert_cmpint (send (fixture, "{}"), ==, SIGHEJ_ERROR_OFFLINE);
  sighej_link_close (fixture->link.link);
  WAIT_UNTIL (sighej_link_get_ended (fixture->link.link));
  sighej_test_clock_advance (fixture->link.clock, SIGHEJ_COMPLAINT_RETRY_MS_MAX * (gint64) 1000);
  sighej_test_settle ();
  g_assert_cmpuint (n_said (fixture), ==, 1);
  g_assert_cmpuint (count (fixture, "complaints.waiting"), ==, 1);

  fixture->link.backend->said_status = SOUP_STATUS_ACCEPTED;
  link_fixture_go_online (&fixture->link, 7200);
  WAIT_UNTIL (count (fixture, "complaints.taken") == 1);
}

static void
test_the_same_again_is_one (Fixture *fixture, gconstpointer data)
{
  link_fixture_go_online (&fixture->link, 7200);
  fixture->link.backend->said_status = SOUP_STATUS_SERVICE_UNAVAILABLE;
  g_assert_cmpint (send (fixture, "{}"), ==, SIGHEJ_ERROR_OFFLINE);
  g_assert_cmpint (send (fixture, "{}"), ==, SIGHEJ_ERROR_OFFLINE);
  g_assert_cmpuint (count (fixture, "complaints.waiting"), ==, 1);
  fixture->link.backend->said_status = SOUP_STATUS_ACCEPTED;
  g_assert_cmpint (send (fixture, "{}"), ==, TAKEN);
  g_assert_cmpuint (n_said (fixture), ==, 3);
  g_assert_cmpstr (said (fixture, 2), ==, said (fixture, 0));
}

static void
test_so_many_wait_and_an_end_wipes_them (Fixture *fixture, gconstpointer data)
{
  n_freed = 0;
  link_fixture_go_online (&fixture->link, 7200);
  fixture->link.backend->said_status = SOUP_STATUS_SERVICE_UNAVAILABLE;
  for (guint i = 0; i < SIGHEJ_COMPLAINTS_MAX; i++)
    {
      g_autofree char *text = g_strdup_printf ("{\"n\":%u}", i);

      g_assert_cmpint (send (fixture, text), ==, SIGHEJ_ERROR_OFFLINE);
    }
  g_assert_cmpint (send (fixture, "{}"), ==, SIGHEJ_ERROR_RATE_LIMITED);
  sighej_test_settle ();
  g_assert_cmpint (n_freed, ==, 1);
  sighej_complaints_clear (fixture->complaints);
  sighej_test_settle ();
  g_assert_cmpint (n_freed, ==, SIGHEJ_COMPLAINTS_MAX + 1);
  g_assert_cmpuint (count (fixture, "complaints.lost"), ==, SIGHEJ_COMPLAINTS_MAX);
}

/* Who waits for its answer hears the truth; the answer itself reaches nobody. */
static void
test_an_end_answers_who_waits (Fixture *fixture, gconstpointer data)
{
  link_fixture_go_online (&fixture->link, 7200);
  fixture->link.backend->said_status = 0;
  start (fixture, "{}");
  WAIT_UNTIL (n_said (fixture) == 1);
  sighej_complaints_clear (fixture->complaints);
  WAIT_UNTIL (fixture->last != WAITING);
  g_assert_cmpint (fixture->last, ==, SIGHEJ_ERROR_NOT_OPEN);
  sighej_test_clock_advance (fixture->link.clock, LINK_FIXTURE_TIMEOUT_S * G_USEC_PER_SEC);
  sighej_test_settle ();
  g_assert_cmpuint (count (fixture, "complaints.waiting"), ==, 0);
}

static void
test_after_four_hours_it_is_wiped (Fixture *fixture, gconstpointer data)
{
  link_fixture_go_online (&fixture->link, 7200);
  fixture->link.backend->said_status = SOUP_STATUS_SERVICE_UNAVAILABLE;
  g_assert_cmpint (send (fixture, "{}"), ==, SIGHEJ_ERROR_OFFLINE);
  sighej_link_close (fixture->link.link);
  WAIT_UNTIL (sighej_link_get_ended (fixture->link.link));
  for (guint i = 0; i < 2; i++) /* a try that was due before the end, and one after it */
    {
      sighej_test_clock_advance (fixture->link.clock,
                                 SIGHEJ_COMPLAINT_SECONDS * (gint64) G_USEC_PER_SEC);
      sighej_test_settle ();
    }
  g_assert_cmpuint (count (fixture, "complaints.waiting"), ==, 0);
  g_assert_cmpuint (count (fixture, "complaints.lost"), ==, 1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

#define ADD(name, data, test)                                                                      \
  g_test_add ("/complaints/" name, Fixture, data, set_up, test, tear_down)
  ADD ("what-is-taken-is-wiped", NULL, test_what_is_taken_is_wiped);
  ADD ("not-taken-is-sent-again/503", GUINT_TO_POINTER (503), test_what_is_not_taken_is_sent_again);
  ADD ("not-taken-is-sent-again/500", GUINT_TO_POINTER (500), test_what_is_not_taken_is_sent_again);
  ADD ("not-taken-is-sent-again/401", GUINT_TO_POINTER (401), test_what_is_not_taken_is_sent_again);
  ADD ("no-answer-is-asked-again", NULL, test_no_answer_is_asked_again);
  ADD ("what-is-refused-is-not-kept", NULL, test_what_is_refused_is_not_kept);
  ADD ("it-waits-for-the-next-session", NULL, test_it_waits_for_the_next_session);
  ADD ("the-same-again-is-one", NULL, test_the_same_again_is_one);
  ADD ("so-many-wait-and-an-end-wipes-them", NULL, test_so_many_wait_and_an_end_wipes_them);
  ADD ("an-end-answers-who-waits", NULL, test_an_end_answers_who_waits);
  ADD ("after-four-hours-it-is-wiped", NULL, test_after_four_hours_it_is_wiped);
#undef ADD

  return g_test_run ();
}
