/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-metrics.h"

#include <string.h>
#include <unistd.h>

#include "sighej-exposition.h"

#define N_ADDS 100000
#define ADD_NS_MAX 200 /* an add takes some 5 ns; the rest is for slow and busy machines */

static void
forget (gpointer *fixture, gconstpointer data)
{
  sighej_metrics_reset ();
}

#define metrics_test_add(path, function) g_test_add (path, gpointer, NULL, forget, function, forget)

static guint
find_bucket (SighejMetric metric, guint64 value)
{
  const guint64 *bounds = sighej_metrics_table[metric].bounds;
  guint i = 0;

  while (bounds[i] != 0 && value > bounds[i])
    i++;
  return i;
}

/* ---- the table ---- */

static gboolean
is_name (const char *name)
{
  for (const char *c = name; *c != '\0'; c++)
    if (!g_ascii_islower (*c) && *c != '_')
      return FALSE;
  return g_str_has_prefix (name, "sighej_") || g_str_has_prefix (name, "process_");
}

/* INTERFACES 8: no label that names a session. They are all here, so they can all be looked at. */
static void
check_labels (const char *const *labels)
{
  for (guint i = 0; labels != NULL && labels[i] != NULL; i++)
    {
      g_assert_true (g_regex_match_simple (
          "^[a-z]+=\"[A-Za-z0-9_./]+\"(,[a-z]+=\"[A-Za-z0-9_./]+\")*$", labels[i], 0, 0));
      g_assert_cmpuint (strlen (labels[i]), <, 64);
    }
}

static void
test_table_is_sane (gpointer *fixture, gconstpointer data)
{
  for (guint i = 0; i < SIGHEJ_N_METRICS; i++)
    {
      const SighejMetricInfo *info = &sighej_metrics_table[i];

      g_assert_true (is_name (info->name));
      g_assert_true (g_str_has_suffix (info->help, "."));
      g_assert_true (info->unit == NULL || g_str_has_suffix (info->name, info->unit));
      g_assert_cmpint (info->type == SIGHEJ_METRIC_HISTOGRAM, ==, info->bounds != NULL);
      g_assert_true (info->type != SIGHEJ_METRIC_COUNTER || info->fold == SIGHEJ_METRIC_SUM);
      for (guint k = 1; info->bounds != NULL && info->bounds[k] != 0; k++)
        g_assert_cmpuint (info->bounds[k - 1], <, info->bounds[k]);
      check_labels (info->labels);
      check_labels (info->inner);
      for (guint k = 0; k < i; k++)
        g_assert_cmpstr (info->name, !=, sighej_metrics_table[k].name);
    }
}

static void
test_labels_are_found (gpointer *fixture, gconstpointer data)
{
  const SighejMetricInfo *requests = &sighej_metrics_table[SIGHEJ_METRIC_REQUESTS];
  const SighejMetricInfo *closes = &sighej_metrics_table[SIGHEJ_METRIC_SOCKET_CLOSES];
  guint other = sighej_metric_count_labels (requests->labels) - 1;

  g_assert_cmpstr (requests->labels[sighej_metric_route ("POST", "/match")],
                   ==,
                   "method=\"POST\",route=\"/match\"");
  g_assert_cmpuint (sighej_metric_route ("POST", "/nowhere"), ==, other);
  g_assert_cmpuint (sighej_metric_route ("", ""), ==, other);
  g_assert_cmpstr (closes->labels[sighej_metric_close_code (4410)], ==, "code=\"4410\"");
  g_assert_cmpstr (closes->labels[sighej_metric_close_code (0)], ==, "code=\"none\"");
  g_assert_cmpstr (closes->labels[sighej_metric_close_code (3999)], ==, "code=\"other\"");
  g_assert_cmpstr (requests->inner[sighej_metric_status (101)], ==, "status=\"1xx\"");
  g_assert_cmpstr (requests->inner[sighej_metric_status (599)], ==, "status=\"5xx\"");
  g_assert_cmpuint (sighej_metric_status (0), ==, 0);
  g_assert_cmpuint (sighej_metric_status (1000), ==, 4);
}

/* ---- counting ---- */

static void
test_counts_gauges_and_buckets (gpointer *fixture, gconstpointer data)
{
  const SighejMetric depth = SIGHEJ_METRIC_OUTBOX_DEPTH;

  sighej_metrics_add (SIGHEJ_METRIC_RATE_LIMITED, SIGHEJ_RULE_SESSIONS, 2);
  sighej_metrics_add (SIGHEJ_METRIC_RATE_LIMITED, SIGHEJ_RULE_SESSIONS, 3);
  g_assert_cmpuint (
      sighej_metrics_get (SIGHEJ_METRIC_RATE_LIMITED, SIGHEJ_RULE_SESSIONS, 0), ==, 5);
  g_assert_cmpuint (
      sighej_metrics_get (SIGHEJ_METRIC_RATE_LIMITED, SIGHEJ_RULE_MESSAGES, 0), ==, 0);

  sighej_metrics_change (SIGHEJ_METRIC_CONNECTIONS, 0, 2);
  sighej_metrics_change (SIGHEJ_METRIC_CONNECTIONS, 0, -1);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_CONNECTIONS, 0, 0), ==, 1);

  /* A bound belongs to its bucket. */
  for (guint64 i = 0; i <= 100; i++)
    sighej_metrics_observe (depth, 0, i);
  g_assert_cmpuint (sighej_metrics_get (depth, 0, find_bucket (depth, 1)), ==, 2);
  g_assert_cmpuint (sighej_metrics_get (depth, 0, find_bucket (depth, 2)), ==, 1);
  g_assert_cmpuint (sighej_metrics_get (depth, 0, find_bucket (depth, 64)), ==, 32);
  g_assert_cmpuint (sighej_metrics_get (depth, 0, find_bucket (depth, 65)), ==, 36);
  g_assert_cmpuint (sighej_metrics_get (depth, 0, find_bucket (depth, 65) + 1), ==, 5050);
}

static gpointer
count_in_thread (gpointer data)
{
  for (guint i = 0; i < N_ADDS; i++)
    sighej_metrics_add (SIGHEJ_METRIC_NUDGES_SENT, 0, 1);
  return NULL;
}

static void
test_counts_in_threads_and_fast (gpointer *fixture, gconstpointer data)
{
  GThread *thread = g_thread_new ("other", count_in_thread, NULL);
  gint64 begin_us, ns_per_add;

  count_in_thread (NULL);
  g_thread_join (thread);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_NUDGES_SENT, 0, 0), ==, 2 * N_ADDS);

  begin_us = g_get_monotonic_time ();
  count_in_thread (NULL);
  ns_per_add = (g_get_monotonic_time () - begin_us) * 1000 / N_ADDS;
  g_test_message ("%d ns an add", (int) ns_per_add);
  if (g_test_perf ())
    g_assert_cmpint (ns_per_add, <, ADD_NS_MAX);
}

/* ---- sharing ---- */

/* What a worker has counted outlives it; what it held does not. */
static void
test_a_dead_worker_takes_nothing_back (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd = sighej_metrics_create (3, &error);

  g_assert_no_error (error);
  sighej_metrics_add (SIGHEJ_METRIC_NUDGES_SENT, 0, 1); /* before it shares */
  g_assert_true (sighej_metrics_attach (fd, 1, &error));
  sighej_metrics_add (SIGHEJ_METRIC_NUDGES_SENT, 0, 4);
  sighej_metrics_change (SIGHEJ_METRIC_CONNECTIONS, 0, 7);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_NUDGES_SENT, 0, 0), ==, 5);

  /* The parent, whose worker has died. */
  sighej_metrics_reset ();
  g_assert_true (sighej_metrics_attach (fd, SIGHEJ_METRICS_PARENT_SLOT, &error));
  sighej_metrics_drop_gauges (1);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_NUDGES_SENT, 0, 0), ==, 5);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_CONNECTIONS, 0, 0), ==, 0);

  /* Another worker in its place, and one beside it. */
  sighej_metrics_reset ();
  g_assert_true (sighej_metrics_attach (fd, 1, &error));
  sighej_metrics_add (SIGHEJ_METRIC_NUDGES_SENT, 0, 10);
  sighej_metrics_change (SIGHEJ_METRIC_CONNECTIONS, 0, 2);
  sighej_metrics_reset ();
  g_assert_true (sighej_metrics_attach (fd, 2, &error));
  sighej_metrics_change (SIGHEJ_METRIC_CONNECTIONS, 0, 1);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_NUDGES_SENT, 0, 0), ==, 15);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_CONNECTIONS, 0, 0), ==, 3);
  close (fd);
}

/* The lowest and the highest are of workers that live, not of the parent. */
static void
test_folds_what_lives (gpointer *fixture, gconstpointer data)
{
  int fd = sighej_metrics_create (3, NULL);

  g_assert_true (sighej_metrics_attach (fd, SIGHEJ_METRICS_PARENT_SLOT, NULL));
  sighej_metrics_reset ();
  g_assert_true (sighej_metrics_attach (fd, 1, NULL));
  sighej_metrics_set (SIGHEJ_METRIC_STORE_UP, 0, 1);
  sighej_metrics_set (SIGHEJ_METRIC_SESSIONS, 0, 40);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_STORE_UP, 0, 0), ==, 1);
  sighej_metrics_reset ();
  g_assert_true (sighej_metrics_attach (fd, 2, NULL));
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_STORE_UP, 0, 0), ==, 0);
  sighej_metrics_set (SIGHEJ_METRIC_SESSIONS, 0, 50);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_SESSIONS, 0, 0), ==, 50);
  sighej_metrics_drop_gauges (2);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_STORE_UP, 0, 0), ==, 1);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_SESSIONS, 0, 0), ==, 40);
  close (fd);
}

static void
test_refuses_other_memory (gpointer *fixture, gconstpointer data)
{
  g_autoptr (GError) error = NULL;
  int fd = sighej_metrics_create (2, NULL);

  g_assert_false (sighej_metrics_attach (fd, 2, NULL));
  g_assert_cmpint (ftruncate (fd, 5000), ==, 0);
  g_assert_false (sighej_metrics_attach (fd, 0, &error));
  g_assert_nonnull (strstr (error->message, "cannot share the metrics"));
  g_assert_false (sighej_metrics_attach (-1, 0, NULL));
  close (fd);
}

/* ---- the exposition ---- */

static void
test_chooses_the_form (gpointer *fixture, gconstpointer data)
{
  const SighejExpositionForm open = SIGHEJ_EXPOSITION_OPENMETRICS;
  const SighejExpositionForm old = SIGHEJ_EXPOSITION_PROMETHEUS;
  const struct
  {
    const char *accept;
    SighejExpositionForm form;
  } cases[] = {
    { NULL, old },
    { "", old },
    { "*/*", old },
    { "text/plain", old },
    { "application/json", old },
    { "application/openmetrics-text", open },
    { "application/openmetrics-text; version=1.0.0", open },
    { "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
      "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
      open },
    { "text/plain;q=0.9,application/openmetrics-text;q=0.2", old },
    { "application/openmetrics-text;q=0, text/plain", old },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    g_assert_cmpint (sighej_exposition_choose (cases[i].accept), ==, cases[i].form);
}

static void
assert_holds (const char *text, const char *line)
{
  g_autofree char *wanted = g_strconcat ("\n", line, "\n", NULL);

  if (strstr (text, wanted) == NULL)
    g_error ("%s is missing in %s", line, text);
}

static void
test_writes_both_forms (gpointer *fixture, gconstpointer data)
{
  g_autofree char *open = NULL;
  g_autofree char *old = NULL;

  sighej_metrics_observe (SIGHEJ_METRIC_NUDGE_ACK_DURATION, 0, 4000);
  sighej_metrics_observe (SIGHEJ_METRIC_NUDGE_ACK_DURATION, 0, 400000000);
  sighej_metrics_change (SIGHEJ_METRIC_SOCKETS, SIGHEJ_SOCKETS_LIVE, 3);
  sighej_metrics_add (SIGHEJ_METRIC_NUDGES_WRITTEN, 0, 9);
  open = sighej_exposition_write (SIGHEJ_EXPOSITION_OPENMETRICS);
  old = sighej_exposition_write (SIGHEJ_EXPOSITION_PROMETHEUS);

  assert_holds (open, "# TYPE sighej_nudges_written counter");
  assert_holds (open, "sighej_nudges_written_total 9");
  assert_holds (open, "# UNIT sighej_nudge_ack_duration_seconds seconds");
  assert_holds (open, "sighej_nudge_ack_duration_seconds_bucket{le=\"0.005\"} 1");
  assert_holds (open, "sighej_nudge_ack_duration_seconds_bucket{le=\"1.0\"} 1");
  assert_holds (open, "sighej_nudge_ack_duration_seconds_bucket{le=\"+Inf\"} 2");
  assert_holds (open, "sighej_nudge_ack_duration_seconds_sum 400.004000");
  assert_holds (open, "sighej_sockets{state=\"live\"} 3");
  assert_holds (open, "# TYPE sighej_build info");
  g_assert_true (g_str_has_suffix (open, "\n# EOF\n"));

  assert_holds (old, "# TYPE sighej_nudges_written_total counter");
  assert_holds (old, "# TYPE sighej_build_info gauge");
  g_assert_null (strstr (old, "# UNIT"));
  g_assert_null (strstr (old, "# EOF"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  metrics_test_add ("/metrics/table-is-sane", test_table_is_sane);
  metrics_test_add ("/metrics/labels-are-found", test_labels_are_found);
  metrics_test_add ("/metrics/counts-gauges-and-buckets", test_counts_gauges_and_buckets);
  metrics_test_add ("/metrics/counts-in-threads-and-fast", test_counts_in_threads_and_fast);
  metrics_test_add ("/metrics/a-dead-worker-takes-nothing-back",
                    test_a_dead_worker_takes_nothing_back);
  metrics_test_add ("/metrics/folds-what-lives", test_folds_what_lives);
  metrics_test_add ("/metrics/refuses-other-memory", test_refuses_other_memory);
  metrics_test_add ("/metrics/chooses-the-form", test_chooses_the_form);
  metrics_test_add ("/metrics/writes-both-forms", test_writes_both_forms);
  return g_test_run ();
}
