/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-talk-log.h"
#include "sighej-test.h"

/* Messages @first to @last; the even ones are ours. (transfer full) */
static GVariant *
make_page (guint64 first, guint64 last, const char *mark)
{
  GVariantBuilder page;

  g_variant_builder_init (&page, G_VARIANT_TYPE ("a(tbtss)"));
  for (guint64 number = first; number <= last; number++)
    {
      g_autofree char *text = g_strdup_printf ("text %" G_GUINT64_FORMAT, number);

      g_variant_builder_add (&page, "(tbtss)", number, number % 2 == 0, 1000 + number, text, mark);
    }
  return g_variant_ref_sink (g_variant_builder_end (&page));
}

static guint
take (SighejTalkLog *log, guint64 first, guint64 last, const char *mark)
{
  g_autoptr (GVariant) page = make_page (first, last, mark);

  return sighej_talk_log_take (log, page);
}

/* (transfer full) */
static SighejTalkMessage *
get (SighejTalkLog *log, guint position)
{
  return g_list_model_get_item (G_LIST_MODEL (log), position);
}

static void
test_take_keeps_what_is_new (void)
{
  g_autoptr (SighejTalkLog) log = sighej_talk_log_new ();
  g_autoptr (SighejTalkMessage) second = NULL;

  g_assert_cmpuint (sighej_talk_log_get_last (log), ==, 0);
  g_assert_null (sighej_talk_log_get_newest_theirs (log));
  g_assert_cmpuint (take (log, 1, 2, "sent"), ==, 2);
  g_assert_cmpuint (take (log, 1, 4, "sent"), ==, 2);
  g_assert_cmpuint (take (log, 3, 4, "sent"), ==, 0);
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (log)), ==, 4);
  g_assert_cmpuint (sighej_talk_log_get_last (log), ==, 4);
  g_assert_cmpuint (
      sighej_talk_message_get_number (sighej_talk_log_get_newest_theirs (log)), ==, 3);

  second = get (log, 1);
  g_assert_cmpuint (sighej_talk_message_get_number (second), ==, 2);
  g_assert_true (sighej_talk_message_is_own (second));
  g_assert_cmpuint (sighej_talk_message_get_time_s (second), ==, 1002);
  g_assert_cmpstr (sighej_talk_message_get_text (second), ==, "text 2");
}

static void
count (guint *n)
{
  (*n)++;
}

static void
test_marks_never_go_back (void)
{
  g_autoptr (SighejTalkLog) log = sighej_talk_log_new ();
  g_autoptr (SighejTalkMessage) message = NULL;
  guint n_changes = 0;

  take (log, 1, 3, "sent");
  message = get (log, 1);
  g_signal_connect_swapped (message, "notify::mark", G_CALLBACK (count), &n_changes);

  g_assert_true (sighej_talk_log_mark (log, 2, SIGHEJ_MEET_MARK_DELIVERED));
  g_assert_true (sighej_talk_log_mark (log, 2, SIGHEJ_MEET_MARK_SENT));
  g_assert_cmpint (sighej_talk_message_get_mark (message), ==, SIGHEJ_MEET_MARK_DELIVERED);
  g_assert_cmpuint (n_changes, ==, 1);

  take (log, 1, 3, "seen");
  g_assert_cmpint (sighej_talk_message_get_mark (message), ==, SIGHEJ_MEET_MARK_SEEN);
  g_assert_cmpuint (n_changes, ==, 2);
  g_assert_false (sighej_talk_log_mark (log, 9, SIGHEJ_MEET_MARK_SEEN));
}

static void
test_an_unknown_mark_is_waiting (void)
{
  g_autoptr (SighejTalkLog) log = sighej_talk_log_new ();
  g_autoptr (SighejTalkMessage) message = NULL;

  take (log, 1, 1, "carried by a pigeon");
  message = get (log, 0);
  g_assert_cmpint (sighej_talk_message_get_mark (message), ==, SIGHEJ_MEET_MARK_WAITING);
}

typedef struct
{
  guint n_items;
} Follower;

/* What whoever follows the list holds is what is in it. */
static void
follow (GListModel *list, guint position, guint n_removed, guint n_added, Follower *self)
{
  g_assert_cmpuint (position + n_removed, <=, self->n_items);
  self->n_items += n_added;
  self->n_items -= n_removed;
}

static void
test_the_oldest_go (void)
{
  g_autoptr (SighejTalkLog) log = sighej_talk_log_new ();
  g_autoptr (SighejTalkMessage) oldest = NULL;
  Follower follower = { 0 };

  g_signal_connect (log, "items-changed", G_CALLBACK (follow), &follower);
  for (guint64 first = 1; first <= SIGHEJ_TALK_LOG_MESSAGES_MAX + 200; first += 200)
    g_assert_cmpuint (take (log, first, first + 199, "seen"), ==, 200);

  g_assert_cmpuint (
      g_list_model_get_n_items (G_LIST_MODEL (log)), ==, SIGHEJ_TALK_LOG_MESSAGES_MAX);
  g_assert_cmpuint (follower.n_items, ==, SIGHEJ_TALK_LOG_MESSAGES_MAX);
  oldest = get (log, 0);
  g_assert_cmpuint (sighej_talk_message_get_number (oldest), ==, 201);
  g_assert_false (sighej_talk_log_mark (log, 200, SIGHEJ_MEET_MARK_SEEN));
}

static void
test_clear_forgets (void)
{
  g_autoptr (SighejTalkLog) log = sighej_talk_log_new ();
  Follower follower = { 0 };

  g_signal_connect (log, "items-changed", G_CALLBACK (follow), &follower);
  take (log, 1, 5, "seen");
  sighej_talk_log_clear (log);
  sighej_talk_log_clear (log);

  g_assert_cmpuint (follower.n_items, ==, 0);
  g_assert_cmpuint (sighej_talk_log_get_last (log), ==, 0);
  g_assert_null (get (log, 0));
  g_assert_true (g_list_model_get_item_type (G_LIST_MODEL (log)) == SIGHEJ_TYPE_TALK_MESSAGE);
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/talk-log/take-keeps-what-is-new", test_take_keeps_what_is_new);
  g_test_add_func ("/talk-log/marks-never-go-back", test_marks_never_go_back);
  g_test_add_func ("/talk-log/an-unknown-mark-is-waiting", test_an_unknown_mark_is_waiting);
  g_test_add_func ("/talk-log/the-oldest-go", test_the_oldest_go);
  g_test_add_func ("/talk-log/clear-forgets", test_clear_forgets);
  return g_test_run ();
}
