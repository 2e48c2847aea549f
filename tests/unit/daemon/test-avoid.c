/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-avoid.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sighej-crypto.h"
#include "sighej-error.h"
#include "sighej-state-file.h"
#include "sighej-test.h"

#define DAY ((gint64) 86400 * G_USEC_PER_SEC)
#define ID "00112233445566778899aabbccddeeff"

typedef guint8 Tags[SIGHEJ_AVOID_TAGS][SIGHEJ_AVOID_TAG_BYTES];

static char *last_warning;

/* Takes the place of the log: a warning no test asks for is an error. */
static GLogWriterOutput
keep_warning (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if ((level & G_LOG_LEVEL_WARNING) == 0)
    return g_log_writer_default (level, fields, n_fields, data);

  g_free (last_warning);
  last_warning = g_log_writer_format_fields (level, fields, n_fields, FALSE);
  return G_LOG_WRITER_HANDLED;
}

static void
assert_warning (const char *part)
{
  g_assert_nonnull (last_warning);
  g_assert_nonnull (strstr (last_warning, part));
  g_clear_pointer (&last_warning, g_free);
}

static guint
count_shared (Tags a, Tags b)
{
  guint n = 0;

  for (guint i = 0; i < SIGHEJ_AVOID_TAGS; i++)
    for (guint j = 0; j < SIGHEJ_AVOID_TAGS; j++)
      n += memcmp (a[i], b[j], SIGHEJ_AVOID_TAG_BYTES) == 0;
  return n;
}

/* ---- the list by itself ---- */

static void
name_nudge (guint number, char out[33])
{
  g_snprintf (out, 33, "%032x", number);
}

/* Number @number, nudged with in second @number. */
static void
add_number (SighejAvoidList *list, guint number)
{
  SighejAvoidPerson person = { .nudged_s = number };

  memset (person.secret, (int) number, sizeof person.secret);
  person.own_key[0] = 1;
  person.peer_key[0] = 2;
  name_nudge (number, person.nudge_id);
  g_assert_true (sighej_avoid_list_add (list, &person));
  g_assert_false (sighej_avoid_list_add (list, &person));
}

static gboolean
set_number (SighejAvoidList *list, guint number, SighejAvoidWhy why)
{
  char id[33];

  name_nudge (number, id);
  return sighej_avoid_list_set_why (list, id, why);
}

static gboolean
has_number (SighejAvoidList *list, guint number)
{
  char id[33];

  name_nudge (number, id);
  return sighej_avoid_list_knows (list, id);
}

static void
test_list_keeps_the_newest (void)
{
  g_autoptr (SighejAvoidList) list = sighej_avoid_list_new ();

  for (guint i = 1; i <= SIGHEJ_AVOID_PEOPLE_MAX; i++)
    add_number (list, i);
  g_assert_true (set_number (list, 1, SIGHEJ_AVOID_BLOCKED));
  add_number (list, 100);
  add_number (list, 101);

  g_assert_cmpuint (sighej_avoid_list_count (list), ==, SIGHEJ_AVOID_PEOPLE_MAX);
  g_assert_true (has_number (list, 1));
  g_assert_false (has_number (list, 2));
  g_assert_false (has_number (list, 3));
  g_assert_true (has_number (list, 4));
  g_assert_true (has_number (list, 101));
}

static void
test_list_lets_those_met_go_first (void)
{
  g_autoptr (SighejAvoidList) list = sighej_avoid_list_new ();

  for (guint i = 1; i <= SIGHEJ_AVOID_PEOPLE_MAX; i++)
    add_number (list, i);
  for (guint i = 1; i < SIGHEJ_AVOID_AVOIDED_MAX; i++)
    g_assert_true (set_number (list, i, SIGHEJ_AVOID_BLOCKED));
  g_assert_true (set_number (list, 30, SIGHEJ_AVOID_MET));

  /* met for met, block for met, block for block; never met for block */
  g_assert_true (set_number (list, 31, SIGHEJ_AVOID_MET));
  g_assert_cmpuint (sighej_avoid_list_count_why (list, SIGHEJ_AVOID_MET), ==, 1);
  g_assert_true (set_number (list, 32, SIGHEJ_AVOID_BLOCKED));
  g_assert_cmpuint (sighej_avoid_list_count_why (list, SIGHEJ_AVOID_MET), ==, 0);
  g_assert_false (set_number (list, 33, SIGHEJ_AVOID_MET));
  g_assert_true (set_number (list, 34, SIGHEJ_AVOID_BLOCKED));
  g_assert_cmpuint (sighej_avoid_list_count_avoided (list), ==, SIGHEJ_AVOID_AVOIDED_MAX);
  g_assert_true (set_number (list, 34, SIGHEJ_AVOID_NOT));
  g_assert_cmpuint (sighej_avoid_list_count_avoided (list), ==, SIGHEJ_AVOID_AVOIDED_MAX - 1);
}

static void
test_list_lets_go_after_30_days (void)
{
  const gint64 kept_s = SIGHEJ_AVOID_DAYS * G_GINT64_CONSTANT (86400);
  g_autoptr (SighejAvoidList) list = sighej_avoid_list_new ();

  add_number (list, 1);
  add_number (list, 2);
  g_assert_true (set_number (list, 1, SIGHEJ_AVOID_BLOCKED));
  g_assert_false (sighej_avoid_list_expire (list, kept_s));
  g_assert_true (sighej_avoid_list_expire (list, kept_s + 1));
  g_assert_false (has_number (list, 1));
  g_assert_true (has_number (list, 2));

  /* a clock that was wrong when somebody was added keeps nobody for years */
  add_number (list, 9000000);
  g_assert_false (sighej_avoid_list_expire (list, 100));
  g_assert_true (sighej_avoid_list_expire (list, 100 + kept_s));
  g_assert_cmpuint (sighej_avoid_list_count (list), ==, 0);
}

static void
assert_same_bytes (GBytes *a, GBytes *b)
{
  g_assert_true (g_bytes_equal (a, b));
}

static void
test_list_as_bytes (void)
{
  g_autoptr (SighejAvoidList) list = sighej_avoid_list_new ();
  g_autoptr (SighejAvoidList) again = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GBytes) same = NULL;

  for (guint i = 1; i <= SIGHEJ_AVOID_PEOPLE_MAX; i++)
    add_number (list, i);
  for (guint i = 1; i <= SIGHEJ_AVOID_AVOIDED_MAX; i++)
    set_number (list, i, i % 2 == 0 ? SIGHEJ_AVOID_BLOCKED : SIGHEJ_AVOID_MET);
  bytes = sighej_avoid_list_write (list);
  again = sighej_avoid_list_read (bytes);
  g_assert_nonnull (again);
  same = sighej_avoid_list_write (again);
  assert_same_bytes (bytes, same);
  g_assert_cmpuint (sighej_avoid_list_count_why (again, SIGHEJ_AVOID_BLOCKED), ==, 10);
  /* the id of a nudge is not on the disk */
  g_assert_false (has_number (again, 1));
}

static void
assert_unreadable (const guint8 *data, gsize n_bytes)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, n_bytes);

  g_assert_null (sighej_avoid_list_read (bytes));
}

static void
test_list_refuses_other_bytes (void)
{
  g_autoptr (SighejAvoidList) list = sighej_avoid_list_new ();
  g_autoptr (GBytes) bytes = NULL;
  g_autofree guint8 *data = NULL;
  gsize n_bytes;

  add_number (list, 1);
  add_number (list, 2);
  bytes = sighej_avoid_list_write (list);
  data = g_memdup2 (g_bytes_get_data (bytes, NULL), g_bytes_get_size (bytes));
  n_bytes = g_bytes_get_size (bytes);

  for (gsize i = 0; i < n_bytes; i++)
    assert_unreadable (data, i);
  data[0]++;
  assert_unreadable (data, n_bytes);
  data[0]--;
  data[1] = SIGHEJ_AVOID_PEOPLE_MAX + 1;
  assert_unreadable (data, n_bytes);
  data[1] = 2;
  data[n_bytes - 1] = SIGHEJ_AVOID_MET + 1;
  assert_unreadable (data, n_bytes);
}

/* Always 64, all different, and of an empty list never the same. */
static void
test_tags_tell_no_number (void)
{
  g_autoptr (SighejAvoidList) list = sighej_avoid_list_new ();
  Tags first;
  Tags second;

  sighej_avoid_list_make_tags (list, 20000, first);
  sighej_avoid_list_make_tags (list, 20000, second);
  g_assert_cmpuint (count_shared (first, first), ==, SIGHEJ_AVOID_TAGS);
  g_assert_cmpuint (count_shared (first, second), ==, 0);

  for (guint i = 1; i <= SIGHEJ_AVOID_PEOPLE_MAX; i++)
    add_number (list, i);
  for (guint i = 1; i <= SIGHEJ_AVOID_AVOIDED_MAX; i++)
    set_number (list, i, SIGHEJ_AVOID_BLOCKED);
  sighej_avoid_list_make_tags (list, 20000, first);
  sighej_avoid_list_make_tags (list, 20000, second);
  g_assert_cmpuint (count_shared (first, first), ==, SIGHEJ_AVOID_TAGS);
  g_assert_cmpuint (count_shared (first, second), ==, SIGHEJ_AVOID_TAGS);
  g_assert_cmpint (memcmp (first, second, sizeof first), !=, 0);
}

static void
test_list_takes_newer_keys (void)
{
  g_autoptr (SighejAvoidList) list = sighej_avoid_list_new ();
  SighejAvoidPerson person = { .nudged_s = 5 };
  Tags before;
  Tags after;

  add_number (list, 1);
  set_number (list, 1, SIGHEJ_AVOID_BLOCKED);
  sighej_avoid_list_make_tags (list, 20000, before);
  name_nudge (1, person.nudge_id);
  person.secret[0] = 9;
  g_assert_true (sighej_avoid_list_add (list, &person));
  g_assert_cmpuint (sighej_avoid_list_count (list), ==, 1);
  g_assert_cmpuint (sighej_avoid_list_count_avoided (list), ==, 1);
  sighej_avoid_list_make_tags (list, 20000, after);
  g_assert_cmpuint (count_shared (before, after), ==, 0);
}

/* Nothing of one day is in another, whoever is on the list. */
static void
test_tags_of_two_days_cannot_be_joined (void)
{
  g_autoptr (SighejAvoidList) list = sighej_avoid_list_new ();
  Tags today;
  Tags other;

  for (guint i = 1; i <= SIGHEJ_AVOID_PEOPLE_MAX; i++)
    add_number (list, i);
  for (guint i = 1; i <= SIGHEJ_AVOID_AVOIDED_MAX; i++)
    set_number (list, i, SIGHEJ_AVOID_BLOCKED);
  sighej_avoid_list_make_tags (list, 20000, today);
  for (guint32 day = 20001; day <= 20000 + SIGHEJ_AVOID_DAYS; day++)
    {
      sighej_avoid_list_make_tags (list, day, other);
      g_assert_cmpuint (count_shared (today, other), ==, 0);
    }
}

/* docs/protocol.md, "Avoid tags", by hand. */
static void
test_tag_is_as_the_page_says (void)
{
  g_autoptr (SighejAvoidList) list = sighej_avoid_list_new ();
  guint8 text[5 + 4 + SIGHEJ_PUBLIC_KEY_BYTES] = { 'a', 'v', 'o', 'i', 'd', 0, 0, 0x4e, 0x20 };
  guint8 secret[SIGHEJ_AVOID_SECRET_BYTES];
  guint8 mac[SIGHEJ_SHA256_BYTES];
  Tags tags;
  guint n_found = 0;

  add_number (list, 7);
  set_number (list, 7, SIGHEJ_AVOID_BLOCKED);
  sighej_avoid_list_make_tags (list, 20000, tags);
  memset (secret, 7, sizeof secret);
  for (guint8 key = 1; key <= 2; key++)
    {
      text[9] = key;
      sighej_hmac_sha256 (secret, sizeof secret, text, sizeof text, mac);
      for (guint i = 0; i < SIGHEJ_AVOID_TAGS; i++)
        n_found += memcmp (tags[i], mac, SIGHEJ_AVOID_TAG_BYTES) == 0;
    }
  g_assert_cmpuint (n_found, ==, 2);
}

/* ---- two machines ---- */

typedef struct
{
  SighejTestClock *clock;
  char *folders[2];
  SighejAvoid *machines[2];
} Fixture;

static void
restart (Fixture *fixture)
{
  for (guint i = 0; i < 2; i++)
    {
      g_clear_object (&fixture->machines[i]);
      fixture->machines[i] = sighej_avoid_new (SIGHEJ_CLOCK (fixture->clock), fixture->folders[i]);
    }
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dir = sighej_test_dup_dir ();

  fixture->clock = sighej_test_clock_new ();
  fixture->folders[0] = g_build_filename (dir, "a", "sighej", NULL);
  fixture->folders[1] = g_build_filename (dir, "b", "sighej", NULL);
  restart (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_null (last_warning);
  for (guint i = 0; i < 2; i++)
    {
      sighej_test_assert_finalized (fixture->machines[i]);
      g_free (fixture->folders[i]);
    }
  sighej_test_assert_finalized (fixture->clock);
}

static void
add (SighejAvoid *machine, const char *id, SighejKeypair *own, SighejKeypair *peer)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_avoid_add (machine, id, own, sighej_keypair_get_public (peer), &error));
  g_assert_no_error (error);
}

static void
nudge (Fixture *fixture, const char *id)
{
  g_autoptr (SighejKeypair) a = sighej_keypair_new ();
  g_autoptr (SighejKeypair) b = sighej_keypair_new ();

  add (fixture->machines[0], id, a, b);
  add (fixture->machines[1], id, b, a);
}

static void
avoid (SighejAvoid *machine, const char *id, SighejAvoidWhy why)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_avoid_set_why (machine, id, why, &error));
  g_assert_no_error (error);
  g_assert_cmpint (sighej_avoid_get_why (machine, id), ==, why);
}

static guint
count_common (Fixture *fixture)
{
  Tags tags[2];

  sighej_avoid_make_tags (fixture->machines[0], tags[0]);
  sighej_avoid_make_tags (fixture->machines[1], tags[1]);
  return count_shared (tags[0], tags[1]);
}

static void
test_who_was_nudged_may_be_again (Fixture *fixture, gconstpointer data)
{
  nudge (fixture, ID);
  g_assert_cmpuint (count_common (fixture), ==, 0);
  g_assert_cmpuint (sighej_avoid_count (fixture->machines[0]), ==, 0);
}

static void
test_a_block_outlives_the_program (Fixture *fixture, gconstpointer data)
{
  guint blocker = GPOINTER_TO_UINT (data);

  nudge (fixture, ID);
  avoid (fixture->machines[blocker], ID, SIGHEJ_AVOID_BLOCKED);
  g_assert_cmpuint (count_common (fixture), ==, 1);
  restart (fixture);
  g_assert_cmpuint (count_common (fixture), ==, 1);
  g_assert_cmpuint (sighej_avoid_count (fixture->machines[blocker]), ==, 1);
  g_assert_cmpuint (sighej_avoid_count (fixture->machines[1 - blocker]), ==, 0);
  sighej_test_clock_advance (fixture->clock, (SIGHEJ_AVOID_DAYS - 1) * DAY);
  g_assert_cmpuint (count_common (fixture), ==, 1);
  sighej_test_clock_advance (fixture->clock, DAY);
  g_assert_cmpuint (count_common (fixture), ==, 0);
  restart (fixture);
  g_assert_cmpuint (sighej_avoid_count (fixture->machines[blocker]), ==, 0);
}

/* Both hold, though each has only said what it wants. */
static void
test_both_avoid (Fixture *fixture, gconstpointer data)
{
  nudge (fixture, ID);
  avoid (fixture->machines[0], ID, SIGHEJ_AVOID_MET);
  avoid (fixture->machines[1], ID, SIGHEJ_AVOID_MET);
  g_assert_cmpuint (count_common (fixture), ==, 2);
  avoid (fixture->machines[0], ID, SIGHEJ_AVOID_NOT);
  g_assert_cmpuint (count_common (fixture), ==, 1);
}

static void
test_refuses_what_it_does_not_know (Fixture *fixture, gconstpointer data)
{
  static const guint8 no_key[SIGHEJ_PUBLIC_KEY_BYTES] = { 0 };
  g_autoptr (SighejKeypair) own = sighej_keypair_new ();
  g_autoptr (GError) error = NULL;

  g_assert_false (sighej_avoid_set_why (fixture->machines[0], ID, SIGHEJ_AVOID_BLOCKED, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND);
  g_clear_error (&error);
  g_assert_false (sighej_avoid_add (fixture->machines[0], ID, own, no_key, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST);
}

static char *
path_of (Fixture *fixture, const char *name)
{
  return g_build_filename (fixture->folders[0], name, NULL);
}

static void
test_files_are_private_and_sealed (Fixture *fixture, gconstpointer data)
{
  g_autofree char *list = path_of (fixture, "avoid");
  g_autofree char *key = path_of (fixture, "avoid.key");
  g_autofree char *text = NULL;
  GStatBuf about;

  g_assert_false (g_file_test (key, G_FILE_TEST_EXISTS));
  nudge (fixture, ID);
  g_assert_cmpint (g_stat (list, &about), ==, 0);
  g_assert_cmpuint (about.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (key, &about), ==, 0);
  g_assert_cmpuint (about.st_mode & 0777, ==, 0600);

  text = sighej_state_file_read (list, NULL);
  g_assert_null (strstr (text, ID));
}

static void
write_over (const char *path, const char *text)
{
  g_autoptr (GError) error = NULL;

  sighej_state_file_write (path, text, &error);
  g_assert_no_error (error);
}

/* One that cannot be opened is kept and not used, and the next block works as the first. */
static void
test_puts_aside (Fixture *fixture, gconstpointer data)
{
  const char *broken = data;
  g_autofree char *path = path_of (fixture, broken);
  g_autofree char *aside = g_strconcat (path, ".bad", NULL);

  nudge (fixture, ID);
  avoid (fixture->machines[0], ID, SIGHEJ_AVOID_BLOCKED);
  write_over (path, "something else\n");
  restart (fixture);
  assert_warning ("is kept as");
  g_assert_true (g_file_test (aside, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (sighej_avoid_count (fixture->machines[0]), ==, 0);

  nudge (fixture, "ffeeddccbbaa99887766554433221100");
  avoid (fixture->machines[0], "ffeeddccbbaa99887766554433221100", SIGHEJ_AVOID_BLOCKED);
  restart (fixture);
  g_assert_cmpuint (sighej_avoid_count (fixture->machines[0]), ==, 1);
}

/* Sealed on another machine. */
static void
test_puts_a_foreign_file_aside (Fixture *fixture, gconstpointer data)
{
  g_autofree char *path = path_of (fixture, "avoid");
  g_autofree char *foreign_path = g_build_filename (fixture->folders[1], "avoid", NULL);
  g_autofree char *foreign = NULL;

  nudge (fixture, ID);
  foreign = sighej_state_file_read (foreign_path, NULL);
  write_over (path, foreign);
  restart (fixture);
  assert_warning ("not sealed with this machine's key");
}

static void
test_works_without_a_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejKeypair) own = sighej_keypair_new ();
  g_autoptr (SighejKeypair) peer = sighej_keypair_new ();
  g_autoptr (GError) error = NULL;

  /* a file where the folder should be */
  write_over (fixture->folders[0], "");
  g_assert_false (
      sighej_avoid_add (fixture->machines[0], ID, own, sighej_keypair_get_public (peer), &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
  g_clear_error (&error);
  g_assert_false (sighej_avoid_set_why (fixture->machines[0], ID, SIGHEJ_AVOID_BLOCKED, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
  g_assert_cmpint (sighej_avoid_get_why (fixture->machines[0], ID), ==, SIGHEJ_AVOID_BLOCKED);

  g_assert_cmpint (g_unlink (fixture->folders[0]), ==, 0);
}

static void
test_clear_forgets_everybody (Fixture *fixture, gconstpointer data)
{
  g_autofree char *list = path_of (fixture, "avoid");
  g_autofree char *key = path_of (fixture, "avoid.key");
  g_autoptr (GError) error = NULL;

  nudge (fixture, ID);
  avoid (fixture->machines[0], ID, SIGHEJ_AVOID_BLOCKED);
  g_assert_true (sighej_avoid_clear (fixture->machines[0], &error));
  g_assert_no_error (error);
  g_assert_false (g_file_test (list, G_FILE_TEST_EXISTS));
  g_assert_false (g_file_test (key, G_FILE_TEST_EXISTS));
  g_assert_cmpuint (count_common (fixture), ==, 0);
  g_assert_true (sighej_avoid_clear (fixture->machines[0], &error));

  nudge (fixture, "ffeeddccbbaa99887766554433221100");
  restart (fixture);
  g_assert_cmpuint (sighej_avoid_count (fixture->machines[0]), ==, 0);
}

#define ADD(name, data, test) g_test_add ("/avoid/" name, Fixture, data, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (keep_warning, NULL, NULL);

  g_test_add_func ("/avoid/list/keeps-the-newest", test_list_keeps_the_newest);
  g_test_add_func ("/avoid/list/lets-those-met-go-first", test_list_lets_those_met_go_first);
  g_test_add_func ("/avoid/list/lets-go-after-30-days", test_list_lets_go_after_30_days);
  g_test_add_func ("/avoid/list/takes-newer-keys", test_list_takes_newer_keys);
  g_test_add_func ("/avoid/list/as-bytes", test_list_as_bytes);
  g_test_add_func ("/avoid/list/refuses-other-bytes", test_list_refuses_other_bytes);
  g_test_add_func ("/avoid/tags/tell-no-number", test_tags_tell_no_number);
  g_test_add_func ("/avoid/tags/of-two-days-cannot-be-joined",
                   test_tags_of_two_days_cannot_be_joined);
  g_test_add_func ("/avoid/tags/as-the-page-says", test_tag_is_as_the_page_says);
  ADD ("who-was-nudged-may-be-again", NULL, test_who_was_nudged_may_be_again);
  ADD ("a-block-outlives-the-program", GUINT_TO_POINTER (0), test_a_block_outlives_the_program);
  ADD ("a-block-by-the-other", GUINT_TO_POINTER (1), test_a_block_outlives_the_program);
  ADD ("both-avoid", NULL, test_both_avoid);
  ADD ("refuses-what-it-does-not-know", NULL, test_refuses_what_it_does_not_know);
  ADD ("files-are-private-and-sealed", NULL, test_files_are_private_and_sealed);
  ADD ("puts-a-damaged-list-aside", "avoid", test_puts_aside);
  ADD ("puts-a-damaged-key-aside", "avoid.key", test_puts_aside);
  ADD ("puts-a-foreign-file-aside", NULL, test_puts_a_foreign_file_aside);
  ADD ("works-without-a-disk", NULL, test_works_without_a_disk);
  ADD ("clear-forgets-everybody", NULL, test_clear_forgets_everybody);

  return g_test_run ();
}
