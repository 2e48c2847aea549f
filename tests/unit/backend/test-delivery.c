/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-delivery.h"
#include "sighej-metrics.h"

#define NOW_US (1000 * (gint64) G_USEC_PER_SEC)

/* A session that has @newest_seq nudges; everything up to @sent_seq went over this socket. */
static SighejDelivery
new_delivery (gboolean is_reliable, guint64 newest_seq, guint64 sent_seq)
{
  SighejDelivery delivery = { .newest_seq = newest_seq, .is_reliable = is_reliable };

  for (guint64 seq = 1; seq <= sent_seq; seq++)
    g_assert_true (sighej_delivery_send (&delivery, seq, NOW_US));
  return delivery;
}

/* ---- reading the outbox ---- */

static void
test_one_read_at_a_time (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 0, 0);

  g_assert_true (sighej_delivery_begin_read (&delivery));
  g_assert_false (sighej_delivery_begin_read (&delivery));
  g_assert_false (sighej_delivery_begin_read (&delivery));
  g_assert_true (sighej_delivery_end_read (&delivery, FALSE));
  g_assert_true (delivery.reads_again);

  g_assert_true (sighej_delivery_begin_read (&delivery));
  g_assert_true (sighej_delivery_end_read (&delivery, FALSE));
  g_assert_false (delivery.reads_again);
}

static void
test_a_failed_read_is_remembered (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 0, 0);

  g_assert_true (sighej_delivery_begin_read (&delivery));
  g_assert_false (sighej_delivery_end_read (&delivery, TRUE));
  g_assert_cmpuint (sighej_delivery_get_retry_ms (&delivery), ==, SIGHEJ_DELIVERY_RETRY_MS);
  g_assert_false (delivery.reads_again);

  g_assert_true (sighej_delivery_begin_read (&delivery));
  g_assert_true (sighej_delivery_end_read (&delivery, FALSE));
  g_assert_cmpuint (sighej_delivery_get_retry_ms (&delivery), ==, 0);
}

/* A store that is away for long is asked less and less often. */
static void
test_each_failure_doubles_the_wait (void)
{
  static const guint waits_s[] = { 1, 2, 4, 8, 16, 16, 16, 16, 16 };
  SighejDelivery delivery = new_delivery (TRUE, 0, 0);

  for (guint i = 0; i < G_N_ELEMENTS (waits_s); i++)
    {
      g_assert_true (sighej_delivery_begin_read (&delivery));
      g_assert_false (sighej_delivery_end_read (&delivery, TRUE));
      g_assert_cmpuint (sighej_delivery_get_retry_ms (&delivery), ==, waits_s[i] * 1000);
    }
}

/* What was read is behind the old number; the client asked from another. */
static void
test_what_was_read_before_a_resume_is_not_sent (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 4, 4);

  g_assert_true (sighej_delivery_begin_read (&delivery));
  g_assert_true (sighej_delivery_resume (&delivery, 2, NOW_US));
  g_assert_false (sighej_delivery_end_read (&delivery, FALSE));
  g_assert_true (delivery.reads_again);

  g_assert_true (sighej_delivery_begin_read (&delivery));
  g_assert_cmpuint (delivery.sent_seq, ==, 2);
  g_assert_true (sighej_delivery_end_read (&delivery, FALSE));
  g_assert_false (delivery.reads_again);
}

static void
test_a_resume_that_changes_nothing_lets_the_read_be (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 4, 4);

  g_assert_true (sighej_delivery_begin_read (&delivery));
  g_assert_true (sighej_delivery_resume (&delivery, 4, NOW_US));
  g_assert_true (sighej_delivery_end_read (&delivery, FALSE));
  g_assert_false (delivery.reads_again);
}

/* ---- sending ---- */

static void
test_as_many_as_may_wait (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 0, SIGHEJ_DELIVERY_UNACKED_MAX);

  g_assert_false (sighej_delivery_send (&delivery, SIGHEJ_DELIVERY_UNACKED_MAX + 1, NOW_US));
  g_assert_cmpuint (delivery.sent_seq, ==, SIGHEJ_DELIVERY_UNACKED_MAX);
  g_assert_true (sighej_delivery_acknowledge (&delivery, 1, NOW_US));
  g_assert_true (sighej_delivery_send (&delivery, SIGHEJ_DELIVERY_UNACKED_MAX + 1, NOW_US));
  g_assert_false (sighej_delivery_send (&delivery, SIGHEJ_DELIVERY_UNACKED_MAX + 2, NOW_US));
}

/* The first of the outbox is the 41st of the session: an earlier socket delivered the others. */
static void
test_earlier_nudges_do_not_wait (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 41, 0);

  sighej_delivery_begin_send (&delivery, 41);
  g_assert_cmpuint (delivery.acked_seq, ==, 40);
  g_assert_true (sighej_delivery_send (&delivery, 41, NOW_US));

  /* Later a gap is no acknowledgement: what is sent still waits. */
  sighej_delivery_begin_send (&delivery, 43);
  g_assert_cmpuint (delivery.acked_seq, ==, 40);
}

static void
test_without_acks_written_is_delivered (void)
{
  SighejDelivery delivery = new_delivery (FALSE, 0, 2 * SIGHEJ_DELIVERY_UNACKED_MAX);

  g_assert_true (sighej_delivery_written (&delivery, NOW_US));
  g_assert_cmpuint (delivery.acked_seq, ==, 2 * SIGHEJ_DELIVERY_UNACKED_MAX);
  g_assert_false (sighej_delivery_written (&delivery, NOW_US));
}

static void
test_with_acks_written_is_not_delivered (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 0, 3);

  g_assert_false (sighej_delivery_written (&delivery, NOW_US));
  g_assert_cmpuint (delivery.acked_seq, ==, 0);
}

static void
test_what_is_taken_back_is_not_delivered (void)
{
  SighejDelivery delivery = new_delivery (FALSE, 0, 2);

  g_assert_true (sighej_delivery_written (&delivery, NOW_US));
  g_assert_true (sighej_delivery_send (&delivery, 3, NOW_US));
  sighej_delivery_take_back (&delivery);
  g_assert_false (sighej_delivery_written (&delivery, NOW_US));
  g_assert_cmpuint (delivery.acked_seq, ==, 2);
}

/* ---- what the client says ---- */

static void
test_an_ack_counts_once (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 0, 3);

  g_assert_true (sighej_delivery_acknowledge (&delivery, 2, NOW_US));
  g_assert_false (sighej_delivery_acknowledge (&delivery, 2, NOW_US));
  g_assert_false (sighej_delivery_acknowledge (&delivery, 1, NOW_US));
  g_assert_cmpuint (delivery.acked_seq, ==, 2);
}

static void
test_an_ack_of_what_never_was_is_nothing (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 2, 3);

  g_assert_false (sighej_delivery_acknowledge (&delivery, 4, NOW_US));
  g_assert_false (sighej_delivery_acknowledge (&delivery, G_MAXUINT64, NOW_US));
  g_assert_cmpuint (delivery.acked_seq, ==, 0);
}

/* Sent over another socket; this one has only heard of it. */
static void
test_resume_after_what_another_socket_got (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 7, 0);

  g_assert_true (sighej_delivery_resume (&delivery, 5, NOW_US));
  g_assert_cmpuint (delivery.acked_seq, ==, 5);
  g_assert_cmpuint (delivery.sent_seq, ==, 5);
}

static void
test_resume_of_another_session_begins_anew (void)
{
  SighejDelivery delivery = new_delivery (TRUE, 7, 0);

  g_assert_false (sighej_delivery_resume (&delivery, 8, NOW_US));
  g_assert_cmpuint (delivery.acked_seq, ==, 0);
  g_assert_cmpuint (delivery.sent_seq, ==, 0);
}

/* ---- what the metrics see ---- */

static void
test_a_nudge_is_counted_acknowledged_once (void)
{
  SighejDelivery delivery;

  sighej_metrics_reset ();
  delivery = new_delivery (TRUE, 0, 3);
  sighej_delivery_acknowledge (&delivery, 1, NOW_US);
  sighej_delivery_resume (&delivery, 1, NOW_US);
  g_assert_true (sighej_delivery_send (&delivery, 2, NOW_US));
  sighej_delivery_acknowledge (&delivery, 3, NOW_US);

  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_NUDGES_SENT, 0, 0), ==, 4);
  g_assert_cmpuint (sighej_metrics_get (SIGHEJ_METRIC_NUDGES_ACKED, 0, 0), ==, 2);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/delivery/read/one-at-a-time", test_one_read_at_a_time);
  g_test_add_func ("/delivery/read/failed", test_a_failed_read_is_remembered);
  g_test_add_func ("/delivery/read/failed-again", test_each_failure_doubles_the_wait);
  g_test_add_func ("/delivery/read/stale", test_what_was_read_before_a_resume_is_not_sent);
  g_test_add_func ("/delivery/read/not-stale", test_a_resume_that_changes_nothing_lets_the_read_be);
  g_test_add_func ("/delivery/send/unacked", test_as_many_as_may_wait);
  g_test_add_func ("/delivery/send/earlier", test_earlier_nudges_do_not_wait);
  g_test_add_func ("/delivery/send/unreliable", test_without_acks_written_is_delivered);
  g_test_add_func ("/delivery/send/reliable", test_with_acks_written_is_not_delivered);
  g_test_add_func ("/delivery/send/taken-back", test_what_is_taken_back_is_not_delivered);
  g_test_add_func ("/delivery/ack/once", test_an_ack_counts_once);
  g_test_add_func ("/delivery/ack/unknown", test_an_ack_of_what_never_was_is_nothing);
  g_test_add_func ("/delivery/resume/other-socket", test_resume_after_what_another_socket_got);
  g_test_add_func ("/delivery/resume/other-session", test_resume_of_another_session_begins_anew);
  g_test_add_func ("/delivery/metrics", test_a_nudge_is_counted_acknowledged_once);
  return g_test_run ();
}
