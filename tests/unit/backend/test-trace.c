/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-otlp.h"
#include "sighej-span.h"
#include "sighej-trace.h"

#include <string.h>

#include "sighej-json.h"
#include "sighej-metrics.h"
#include "sighej-test.h"

#define TRACE_ID "4bf92f3577b34da6a3ce929d0e0e4736"
#define SPAN_ID "00f067aa0ba902b7"

/* ---- the header ---- */

static void
test_reads_what_the_standard_allows (void)
{
  const struct
  {
    const char *header;
    gboolean valid;
    gboolean sampled;
  } cases[] = {
    { "00-" TRACE_ID "-" SPAN_ID "-01", TRUE, TRUE },
    { "00-" TRACE_ID "-" SPAN_ID "-00", TRUE, FALSE },
    { "00-" TRACE_ID "-" SPAN_ID "-fe", TRUE, FALSE },
    { "00-" TRACE_ID "-" SPAN_ID "-03", TRUE, TRUE },
    { "cc-" TRACE_ID "-" SPAN_ID "-01", TRUE, TRUE },
    { "cc-" TRACE_ID "-" SPAN_ID "-01-what-comes", TRUE, TRUE },
    { "cc-" TRACE_ID "-" SPAN_ID "-01.what", FALSE, FALSE },
    { "00-" TRACE_ID "-" SPAN_ID "-01-", FALSE, FALSE },
    { "ff-" TRACE_ID "-" SPAN_ID "-01", FALSE, FALSE },
    { "0x-" TRACE_ID "-" SPAN_ID "-01", FALSE, FALSE },
    { "00-00000000000000000000000000000000-" SPAN_ID "-01", FALSE, FALSE },
    { "00-" TRACE_ID "-0000000000000000-01", FALSE, FALSE },
    { "00-4BF92F3577B34DA6A3CE929D0E0E4736-" SPAN_ID "-01", FALSE, FALSE },
    { "00-" TRACE_ID "-" SPAN_ID "-0A", FALSE, FALSE },
    { "00-" TRACE_ID "-" SPAN_ID, FALSE, FALSE },
    { "00_" TRACE_ID "-" SPAN_ID "-01", FALSE, FALSE },
    { " 00-" TRACE_ID "-" SPAN_ID "-01", FALSE, FALSE },
    { "00", FALSE, FALSE },
    { "", FALSE, FALSE },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      SighejTrace trace;

      g_assert_cmpint (sighej_trace_parse (cases[i].header, &trace), ==, cases[i].valid);
      if (cases[i].valid)
        g_assert_cmpint (trace.sampled, ==, cases[i].sampled);
    }
}

static void
test_writes_what_it_read (void)
{
  const char *header = "00-" TRACE_ID "-" SPAN_ID "-01";
  char text[SIGHEJ_TRACE_CHARS + 1];
  SighejTrace trace, child;

  g_assert_true (sighej_trace_parse (header, &trace));
  sighej_trace_format (&trace, text);
  g_assert_cmpstr (text, ==, header);

  sighej_trace_draw_child (&trace, &child);
  g_assert_cmpmem (child.trace_id, 16, trace.trace_id, 16);
  g_assert_true (memcmp (child.span_id, trace.span_id, 8) != 0);
  sighej_trace_draw (&trace);
  g_assert_false (trace.sampled);
  sighej_trace_format (&trace, text);
  g_assert_true (sighej_trace_parse (text, &child));
}

/* ---- spans ---- */

static void
on_ended (SighejSpan *span, gpointer user_data)
{
  g_ptr_array_add (user_data, sighej_span_ref (span));
}

static void
test_no_sink_no_spans (void)
{
  SighejTrace trace;

  g_assert_true (sighej_trace_parse ("00-" TRACE_ID "-" SPAN_ID "-01", &trace));
  g_assert_null (sighej_span_new ("name", SIGHEJ_SPAN_SERVER, &trace, NULL));
  g_assert_null (sighej_span_new_root ("name", SIGHEJ_SPAN_SERVER));
  g_assert_null (sighej_span_new_here ("name", SIGHEJ_SPAN_SERVER));
  /* And nothing minds. */
  sighej_span_set_number (NULL, "key", 1);
  sighej_span_end (NULL, FALSE);
  sighej_span_unref (sighej_span_ref (NULL));
}

static void
test_children_know_their_parent (void)
{
  g_autoptr (GPtrArray) ended = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_span_unref);
  g_autoptr (SighejSpan) root = NULL;
  g_autoptr (SighejSpan) child = NULL;
  SighejSpan *before;

  sighej_span_set_sink (on_ended, ended, 100);
  root = sighej_span_new_root ("root", SIGHEJ_SPAN_SERVER);
  before = sighej_span_enter (root);
  g_assert_null (before);
  child = sighej_span_new_here ("child", SIGHEJ_SPAN_CLIENT);
  sighej_span_leave (before);
  g_assert_null (sighej_span_get_current ());
  g_assert_cmpmem (sighej_span_get_parent_id (child), 8, sighej_span_get_trace (root)->span_id, 8);
  g_assert_cmpmem (
      sighej_span_get_trace (child)->trace_id, 16, sighej_span_get_trace (root)->trace_id, 16);
  g_assert_null (sighej_span_get_parent_id (root));
  sighej_span_end (child, TRUE);
  sighej_span_end (root, FALSE);
  g_assert_cmpuint (ended->len, ==, 2);

  sighej_span_set_sink (on_ended, ended, 0);
  g_assert_null (sighej_span_new_root ("root", SIGHEJ_SPAN_SERVER));
  sighej_span_set_sink (NULL, NULL, 0);
}

/* ---- what is sent ---- */

static void
test_body_is_otlp (void)
{
  g_autoptr (GPtrArray) ended = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_span_unref);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autofree char *body = NULL;
  SighejTrace trace;
  SighejSpan *span;
  gboolean good;

  sighej_span_set_sink (on_ended, ended, 0);
  g_assert_true (sighej_trace_parse ("00-" TRACE_ID "-" SPAN_ID "-01", &trace));
  span = sighej_span_new ("/match", SIGHEJ_SPAN_SERVER, &trace, trace.span_id);
  sighej_span_set_text (span, "http.route", "/match");
  for (guint i = 0; i < SIGHEJ_SPAN_ATTRIBUTES_MAX + 2; i++)
    sighej_span_set_number (span, "number", -1);
  sighej_span_end (span, TRUE);
  sighej_span_unref (span);
  sighej_span_set_sink (NULL, NULL, 0);

  body = sighej_otlp_write ((SighejSpan *const *) ended->pdata, 1, "00");
  good = json_parser_load_from_data (parser, body, -1, NULL);
  g_assert_true (good);
  g_assert_nonnull (strstr (body, "\"traceId\":\"" TRACE_ID "\",\"spanId\":\"" SPAN_ID "\""));
  g_assert_nonnull (strstr (body, "\"parentSpanId\":\"" SPAN_ID "\""));
  g_assert_nonnull (strstr (body, "{\"key\":\"number\",\"value\":{\"intValue\":\"-1\"}}"));
  g_assert_nonnull (strstr (body, "\"kind\":2"));
  g_assert_nonnull (strstr (body, "\"status\":{\"code\":2}"));
}

static void
test_endpoints (void)
{
  const char *const good[]
      = { "http://localhost:4318", "https://collector.example", "http://[::1]:1/x" };
  const char *const bad[]
      = { "localhost:4318", "ftp://x", "http://", "http://me:secret@host", "http://host?x=1", "x" };

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    g_assert_true (sighej_otlp_check_endpoint (good[i], NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_false (sighej_otlp_check_endpoint (bad[i], &error));
      g_assert_null (strstr (error->message, "secret"));
    }
}

/* ---- a collector that does not take them ---- */

static guint64
get_dropped (void)
{
  return sighej_metrics_get (SIGHEJ_METRIC_SPANS, SIGHEJ_SPANS_DROPPED, 0);
}

static void
on_stopped (gpointer user_data)
{
  *(gboolean *) user_data = TRUE;
}

/* It listens, and never answers: the queue fills up, nothing waits, and a stop takes 2 s. */
static void
test_a_silent_collector_costs_nothing (void)
{
  g_autoptr (SighejTestClock) clock = sighej_test_clock_new ();
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, NULL);
  g_autofree char *endpoint = g_strdup_printf ("http://127.0.0.1:%u/", port);
  SighejOtlp *otlp = sighej_otlp_new (endpoint, SIGHEJ_CLOCK (clock));
  g_autoptr (GPtrArray) ended = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_span_unref);
  gboolean stopped = FALSE;
  SighejSpan *span;

  sighej_metrics_reset ();
  sighej_span_set_sink (on_ended, ended, 100);
  span = sighej_span_new_root ("root", SIGHEJ_SPAN_SERVER);
  sighej_span_set_sink (NULL, NULL, 0);

  /* 512 are in flight at once, 2,048 wait, the others are dropped. */
  for (guint i = 0; i < SIGHEJ_OTLP_BATCH_SPANS_MAX + SIGHEJ_OTLP_QUEUE_SPANS_MAX + 100; i++)
    sighej_otlp_add (otlp, span);
  g_assert_cmpuint (get_dropped (), ==, 100);

  /* After 10 s a request is given up, and the next batch goes out. */
  sighej_test_clock_advance (clock, SIGHEJ_OTLP_TIMEOUT_MS * 1000);
  WAIT_UNTIL (get_dropped () == 100 + SIGHEJ_OTLP_BATCH_SPANS_MAX);

  sighej_otlp_stop (otlp, on_stopped, &stopped);
  sighej_otlp_add (otlp, span);
  g_assert_false (stopped);
  sighej_test_clock_advance (clock, SIGHEJ_OTLP_STOP_MS * 1000);
  g_assert_true (stopped);
  WAIT_UNTIL (get_dropped () == 101 + SIGHEJ_OTLP_BATCH_SPANS_MAX + SIGHEJ_OTLP_QUEUE_SPANS_MAX);
  sighej_span_unref (span);
  sighej_test_assert_finalized (otlp);
  g_assert_cmpint (sighej_test_clock_next_us (clock), ==, -1);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/trace/reads-what-the-standard-allows", test_reads_what_the_standard_allows);
  g_test_add_func ("/trace/writes-what-it-read", test_writes_what_it_read);
  g_test_add_func ("/span/no-sink-no-spans", test_no_sink_no_spans);
  g_test_add_func ("/span/children-know-their-parent", test_children_know_their_parent);
  g_test_add_func ("/otlp/body", test_body_is_otlp);
  g_test_add_func ("/otlp/endpoints", test_endpoints);
  g_test_add_func ("/otlp/a-silent-collector-costs-nothing", test_a_silent_collector_costs_nothing);
  return g_test_run ();
}
