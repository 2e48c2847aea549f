/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every store must do with records, and with who avoids whom, is muted, and has which key. */
#include "config.h"

#include <string.h>

#include "sighej-error.h"
#include "store-suite.h"

#define KEY "meet:0123456789abcdef0123456789abcdef"
#define MINUTE_MS 60000
#define MILLISECOND_US G_GINT64_CONSTANT (1000)

static Swapped
put (Fixture *fixture, const char *key, guint64 version, const char *text)
{
  Swapped swapped = people_swap_record (fixture, key, version, text, MINUTE_MS, NULL);

  g_assert_cmpint (swapped.answer.code, ==, -1);
  return swapped;
}

static void
assert_none (Fixture *fixture, const char *key)
{
  Record record = people_read_record (fixture, key);

  g_assert_cmpint (record.answer.code, ==, -1);
  g_assert_cmpuint (record.version, ==, 0);
  g_assert_cmpuint (record.n_bytes, ==, 0);
  g_assert_cmpint (record.now_ms, >, 0);
}

static void
assert_is (Fixture *fixture, const char *key, const char *text, guint64 version)
{
  Record record = people_read_record (fixture, key);

  g_assert_cmpint (record.answer.code, ==, -1);
  g_assert_cmpstr (record.text, ==, text);
  g_assert_cmpuint (record.n_bytes, ==, strlen (text));
  g_assert_cmpuint (record.version, ==, version);
}

static void
test_a_record_is_made_once (Fixture *fixture, gconstpointer data)
{
  Swapped made;

  assert_none (fixture, KEY);
  made = put (fixture, KEY, 0, "first");
  g_assert_true (made.swapped);
  g_assert_cmpuint (made.version, >, 0);
  g_assert_false (put (fixture, KEY, 0, "second").swapped);
  assert_is (fixture, KEY, "first", made.version);
  assert_none (fixture, "meet:another");
}

static void
test_only_the_newest_version_gives_way (Fixture *fixture, gconstpointer data)
{
  Swapped one = put (fixture, KEY, 0, "one");
  Swapped two = put (fixture, KEY, one.version, "two");

  g_assert_true (two.swapped);
  g_assert_cmpuint (two.version, >, one.version);
  g_assert_false (put (fixture, KEY, one.version, "lost").swapped);
  g_assert_false (put (fixture, KEY, two.version + 1, "lost").swapped);
  g_assert_false (put (fixture, KEY, one.version, NULL).swapped);
  assert_is (fixture, KEY, "two", two.version);
  g_assert_false (put (fixture, "meet:another", two.version, "lost").swapped);
  assert_none (fixture, "meet:another");
}

static void
test_a_deleted_record_is_gone (Fixture *fixture, gconstpointer data)
{
  Swapped made = put (fixture, KEY, 0, "one");
  Swapped deleted = put (fixture, KEY, made.version, NULL);

  g_assert_true (deleted.swapped);
  g_assert_cmpuint (deleted.version, ==, 0);
  assert_none (fixture, KEY);
  g_assert_false (put (fixture, KEY, made.version, "late").swapped);
  g_assert_true (put (fixture, KEY, 0, NULL).swapped); /* there is none, and none is wanted */
  assert_none (fixture, KEY);
}

/* Neither by a deletion, nor by the end of a life, nor when a clock is set back. */
static void
test_no_version_is_used_twice (Fixture *fixture, gconstpointer data)
{
  guint64 last = 0;

  for (guint i = 0; i < 30; i++)
    {
      Swapped made = put (fixture, KEY, 0, "again");

      g_assert_true (made.swapped);
      g_assert_cmpuint (made.version, >, last);
      last = made.version;
      if (i % 3 == 0)
        people_turn_us (fixture, MINUTE_MS * MILLISECOND_US);
      else
        g_assert_true (put (fixture, KEY, made.version, NULL).swapped);
      if (i == 7)
        sighej_test_clock_jump_wall (fixture->clock, -G_GINT64_CONSTANT (1000) * G_USEC_PER_SEC);
      if (i == 7 && fixture->turn != NULL)
        fixture->turn (-G_GINT64_CONSTANT (1000) * G_USEC_PER_SEC);
    }
}

static void
test_a_life_is_as_long_as_the_last_swap_says (Fixture *fixture, gconstpointer data)
{
  Swapped one = people_swap_record (fixture, KEY, 0, "one", 1000, NULL);
  Swapped two;

  people_turn_us (fixture, 999 * MILLISECOND_US);
  assert_is (fixture, KEY, "one", one.version);
  two = people_swap_record (fixture, KEY, one.version, "two", 2000, NULL);
  people_turn_us (fixture, 2000 * MILLISECOND_US - 1);
  assert_is (fixture, KEY, "two", two.version);
  people_turn_us (fixture, 1);
  assert_none (fixture, KEY);
  g_assert_false (put (fixture, KEY, two.version, "late").swapped);
  g_assert_true (put (fixture, KEY, 0, "new").swapped);
}

static void
test_the_clock_of_a_record_goes_on (Fixture *fixture, gconstpointer data)
{
  gint64 before_ms;

  put (fixture, KEY, 0, "one");
  before_ms = people_read_record (fixture, KEY).now_ms;
  g_assert_cmpint (before_ms, >, G_GINT64_CONSTANT (1700000000000));
  people_turn_us (fixture, 12345 * MILLISECOND_US);
  sighej_test_clock_jump_wall (fixture->clock, 3600 * (gint64) G_USEC_PER_SEC);
  g_assert_cmpint (people_read_record (fixture, KEY).now_ms, ==, before_ms + 12345);
  g_assert_cmpint (people_read_record (fixture, "meet:another").now_ms, ==, before_ms + 12345);
}

static void
on_swapped (gboolean swapped, guint64 version, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  g_assert_true (swapped);
  *(guint64 *) user_data = version;
}

static void
on_read (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(GBytes **) user_data = g_bytes_ref (record->value);
}

static void
test_any_bytes_are_kept (Fixture *fixture, gconstpointer data)
{
  const gsize sizes[] = { 0, 1, 256, SIGHEJ_STORE_RECORD_BYTES_MAX };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autofree guint8 *bytes = g_malloc (sizes[i] + 1);
      g_autoptr (GBytes) value = NULL;
      g_autoptr (GBytes) read = NULL;
      g_autofree char *key = g_strdup_printf ("meet:%u", i);
      SighejStoreSwap swap = { .lifetime_ms = MINUTE_MS };
      guint64 version = 0;

      for (gsize j = 0; j < sizes[i]; j++)
        bytes[j] = (guint8) (j % 251); /* 0, line ends and all that */
      swap.value = value = g_bytes_new (bytes, sizes[i]);
      sighej_store_swap_record (fixture->store, key, &swap, on_swapped, &version);
      WAIT_UNTIL (version != 0);
      sighej_store_read_record (fixture->store, key, on_read, &read);
      WAIT_UNTIL (read != NULL);
      g_assert_true (g_bytes_equal (value, read));
    }
}

static void
test_keys_and_values_are_bounded (Fixture *fixture, gconstpointer data)
{
  g_autofree char *longest = g_strnfill (SIGHEJ_STORE_RECORD_KEY_CHARS_MAX, 'k');
  g_autofree char *too_long = g_strnfill (SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1, 'k');
  g_autofree char *large = g_strnfill (SIGHEJ_STORE_RECORD_BYTES_MAX + 1, 'v');
  const guint lifetimes_ms[] = { 0, SIGHEJ_STORE_RECORD_LIFETIME_MS_MAX + 1 };
  const char *const bad_keys[] = { "", too_long, "a b", "a\nb", "\xc3\xa6" };

  g_assert_true (put (fixture, longest, 0, "value").swapped);
  g_assert_cmpstr (people_read_record (fixture, longest).text, ==, "value");
  for (guint i = 0; i < G_N_ELEMENTS (bad_keys); i++)
    {
      Swapped swapped = people_swap_record (fixture, bad_keys[i], 0, "value", MINUTE_MS, NULL);

      g_assert_cmpint (swapped.answer.code, ==, SIGHEJ_ERROR_INVALID_REQUEST);
      g_assert_false (swapped.swapped);
      g_assert_cmpint (
          people_read_record (fixture, bad_keys[i]).answer.code, ==, SIGHEJ_ERROR_INVALID_REQUEST);
    }
  g_assert_cmpint (people_swap_record (fixture, KEY, 0, large, MINUTE_MS, NULL).answer.code,
                   ==,
                   SIGHEJ_ERROR_INVALID_REQUEST);
  for (guint i = 0; i < G_N_ELEMENTS (lifetimes_ms); i++)
    g_assert_cmpint (
        people_swap_record (fixture, KEY, 0, "value", lifetimes_ms[i], NULL).answer.code,
        ==,
        SIGHEJ_ERROR_INVALID_REQUEST);
  assert_none (fixture, KEY);
}

/* Fleeting parts */

typedef struct
{
  char parts[SIGHEJ_STORE_FLEETING_PARTS][16]; /* "": there is none */
  guint64 version;
  gint64 now_ms;
  gboolean read;
} Parts;

static void
on_parts (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  Parts *parts = user_data;

  g_assert_no_error (error);
  for (guint i = 0; i < SIGHEJ_STORE_FLEETING_PARTS; i++)
    if (record->fleeting[i] != NULL)
      memcpy (parts->parts[i],
              g_bytes_get_data (record->fleeting[i], NULL),
              g_bytes_get_size (record->fleeting[i]));
  parts->version = record->version;
  parts->now_ms = record->now_ms;
  parts->read = TRUE;
}

static Parts
read_parts (Fixture *fixture)
{
  Parts parts = { 0 };

  sighej_store_read_record (fixture->store, KEY, on_parts, &parts);
  WAIT_UNTIL (parts.read);
  return parts;
}

static void
assert_parts (Fixture *fixture, const char *one, const char *other)
{
  Parts parts = read_parts (fixture);

  g_assert_cmpstr (parts.parts[0], ==, one);
  g_assert_cmpstr (parts.parts[1], ==, other);
}

/* Each text with how long from now it is to be there; NULL: none */
static Swapped
put_parts (Fixture *fixture,
           guint lifetime_ms,
           const char *one,
           gint64 one_ms,
           const char *other,
           gint64 other_ms)
{
  Parts before = read_parts (fixture);
  g_autoptr (GBytes) value = g_bytes_new_static ("value", 5);
  g_autoptr (GBytes) part = one != NULL ? g_bytes_new (one, strlen (one)) : NULL;
  g_autoptr (GBytes) other_part = other != NULL ? g_bytes_new (other, strlen (other)) : NULL;
  const SighejStoreSwap swap = { .version = before.version,
                                 .value = value,
                                 .lifetime_ms = lifetime_ms,
                                 .fleeting = { { part, before.now_ms + one_ms },
                                               { other_part, before.now_ms + other_ms } } };

  return people_swap (fixture, KEY, &swap);
}

/* What is left of it is as it was, and its version too. */
static void
test_each_part_goes_when_it_said (Fixture *fixture, gconstpointer data)
{
  Swapped made = put_parts (fixture, MINUTE_MS, "one", 1000, "other", 3000);

  g_assert_true (made.swapped);
  people_turn_us (fixture, 999 * MILLISECOND_US);
  assert_parts (fixture, "one", "other");
  people_turn_us (fixture, MILLISECOND_US);
  assert_parts (fixture, "", "other");
  people_turn_us (fixture, 2000 * MILLISECOND_US);
  assert_parts (fixture, "", "");
  assert_is (fixture, KEY, "value", made.version);
  g_assert_true (put (fixture, KEY, made.version, "next").swapped);
}

static void
test_a_part_is_not_prolonged_by_writing_it_again (Fixture *fixture, gconstpointer data)
{
  g_assert_true (put_parts (fixture, MINUTE_MS, "one", 1000, NULL, 0).swapped);
  for (guint i = 1; i < 10; i++)
    {
      people_turn_us (fixture, 100 * MILLISECOND_US);
      g_assert_true (put_parts (fixture, MINUTE_MS, "one", 1000 - 100 * i, NULL, 0).swapped);
      assert_parts (fixture, "one", "");
    }
  people_turn_us (fixture, 100 * MILLISECOND_US);
  assert_parts (fixture, "", "");
  /* What is over is not written at all. */
  g_assert_true (put_parts (fixture, MINUTE_MS, "late", 0, "later", -1).swapped);
  assert_parts (fixture, "", "");
}

static void
test_parts_are_swapped_with_their_record (Fixture *fixture, gconstpointer data)
{
  g_autoptr (GBytes) value = g_bytes_new_static ("value", 5);
  SighejStoreSwap lost = { .version = 1, .value = value, .lifetime_ms = MINUTE_MS };
  Swapped made = put_parts (fixture, MINUTE_MS, "one", 1000, "other", 1000);

  g_assert_false (people_swap (fixture, KEY, &lost).swapped);
  assert_parts (fixture, "one", "other");
  made = put_parts (fixture, MINUTE_MS, NULL, 0, "second", 1000);
  assert_parts (fixture, "", "second");
  g_assert_true (put (fixture, KEY, made.version, NULL).swapped);
  assert_parts (fixture, "", "");
  /* A record of that name is another one. */
  g_assert_true (put (fixture, KEY, 0, "new").swapped);
  assert_parts (fixture, "", "");
}

static void
test_no_part_outlives_its_record (Fixture *fixture, gconstpointer data)
{
  g_assert_true (put_parts (fixture, 1000, "one", 1000 * 1000, "other", 500).swapped);
  people_turn_us (fixture, 1000 * MILLISECOND_US);
  assert_parts (fixture, "", "");
  g_assert_true (put (fixture, KEY, 0, "new").swapped);
  assert_parts (fixture, "", "");
}

static void
test_a_part_is_bounded (Fixture *fixture, gconstpointer data)
{
  g_autofree char *large = g_strnfill (SIGHEJ_STORE_FLEETING_BYTES_MAX + 1, 'f');

  g_assert_cmpint (put_parts (fixture, MINUTE_MS, NULL, 0, large, 1000).answer.code,
                   ==,
                   SIGHEJ_ERROR_INVALID_REQUEST);
  assert_none (fixture, KEY);
}

/* What goes with a session */

static void
write_waves_key (guint number, char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1])
{
  g_snprintf (key,
              SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1,
              SIGHEJ_STORE_WAVES_PREFIX "%s",
              people_id (number));
}

static void
test_waves_go_with_their_session (Fixture *fixture, gconstpointer data)
{
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];
  char other[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];

  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .opening = 1, .interests = { 7 });
  write_waves_key (1, key);
  write_waves_key (2, other);
  put (fixture, key, 0, "waves");
  put (fixture, other, 0, "waves");
  people_end (fixture, 1);
  assert_none (fixture, key);
  g_assert_cmpstr (people_read_record (fixture, other).text, ==, "waves");
  /* Nor does a wave that was on its way bring it back. */
  g_assert_cmpuint (put (fixture, key, 0, "late").version, ==, 0);
  assert_none (fixture, key);
}

/* Waking */

typedef struct
{
  GString *said; /* "swapped, 1, " */
  guint n_calls;
} Diary;

static void
on_outbox (SighejStore *store, const char *session_id, Diary *diary)
{
  guint number = (guint) g_ascii_strtoull (strrchr (session_id, '-') + 1, NULL, 10);

  g_string_append_printf (diary->said, "%u, ", number);
}

/* Whoever asked may let go of what it asked with. */
typedef struct
{
  Diary *diary;
  GStrv wake;
} Asked;

static void
on_swapped_note (gboolean swapped, guint64 version, const GError *error, gpointer user_data)
{
  Asked *asked = user_data;

  g_assert_no_error (error);
  g_string_append (asked->diary->said, swapped ? "swapped, " : "lost, ");
  g_clear_pointer (&asked->wake, g_strfreev);
  asked->diary->n_calls++;
}

static void
swap_and_wake (Fixture *fixture, Diary *diary, guint64 version, const guint numbers[4])
{
  g_autoptr (GBytes) value = g_bytes_new_static ("value", 5);
  Asked asked = { diary, g_new0 (char *, SIGHEJ_STORE_WAKE_MAX + 1) };
  const SighejStoreSwap swap = { .version = version,
                                 .value = value,
                                 .lifetime_ms = MINUTE_MS,
                                 .wake = (const char *const *) asked.wake };
  guint n_calls = diary->n_calls;

  for (guint i = 0; i < SIGHEJ_STORE_WAKE_MAX && numbers[i] != 0; i++)
    asked.wake[i] = g_strdup (people_id (numbers[i]));
  sighej_store_swap_record (fixture->store, KEY, &swap, on_swapped_note, &asked);
  WAIT_UNTIL (diary->n_calls > n_calls);
}

static void
assert_said (Diary *diary, const char *expected)
{
  g_assert_cmpstr (diary->said->str, ==, expected);
  g_string_set_size (diary->said, 0);
}

static void
test_who_is_to_look_is_told_after_the_swap (Fixture *fixture, gconstpointer data)
{
  Diary diary = { g_string_new (NULL), 0 };
  gulong handler = g_signal_connect (fixture->store, "outbox", G_CALLBACK (on_outbox), &diary);

  for (guint i = 1; i <= 3; i++)
    ADD (fixture, .number = i, .interests = { 7 });
  people_attach (fixture, 1, 1);
  people_attach (fixture, 2, 1);

  /* 3 has no socket, and 4 is nobody. */
  swap_and_wake (fixture, &diary, 0, (const guint[]){ 2, 3, 4, 1 });
  assert_said (&diary, "swapped, 2, 1, ");
  swap_and_wake (fixture, &diary, 0, (const guint[]){ 1, 2, 0, 0 });
  assert_said (&diary, "lost, ");
  swap_and_wake (
      fixture, &diary, people_read_record (fixture, KEY).version, (const guint[]){ 1, 0, 0, 0 });
  assert_said (&diary, "swapped, 1, ");

  people_attach (fixture, 2, -1);
  people_end (fixture, 1);
  swap_and_wake (
      fixture, &diary, people_read_record (fixture, KEY).version, (const guint[]){ 1, 2, 0, 0 });
  assert_said (&diary, "swapped, ");
  g_signal_handler_disconnect (fixture->store, handler);
  g_string_free (diary.said, TRUE);
}

static void
test_it_is_known_who_has_a_socket (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .lifetime_s = 300, .interests = { 7 });
  g_assert_false (people_is_attached (fixture, 1));
  g_assert_false (people_is_attached (fixture, 99));
  people_attach (fixture, 1, 1);
  people_attach (fixture, 1, 1);
  g_assert_true (people_is_attached (fixture, 1));
  people_attach (fixture, 1, -1);
  g_assert_true (people_is_attached (fixture, 1));
  people_attach (fixture, 1, -1);
  g_assert_false (people_is_attached (fixture, 1));
  people_attach (fixture, 1, 1);
  people_turn_us (fixture, 300 * (gint64) G_USEC_PER_SEC);
  g_assert_false (people_is_attached (fixture, 1)); /* it is over */
}

/* Keys */

static void
assert_peer_key (Fixture *fixture, guint number, guint key)
{
  Outbox outbox = people_read_outbox (fixture, number, 0);
  guint8 expected[SIGHEJ_PUBLIC_KEY_BYTES];

  g_assert_cmpuint (outbox.n_nudges, ==, 1);
  people_public_key (key, expected);
  g_assert_cmpint (outbox.nudges[0].has_peer_key, ==, key > 0);
  g_assert_cmpmem (outbox.nudges[0].peer_key, SIGHEJ_PUBLIC_KEY_BYTES, expected, sizeof expected);
}

static void
test_a_nudge_has_the_others_key (Fixture *fixture, gconstpointer data)
{
  Found found;
  guint8 expected[SIGHEJ_PUBLIC_KEY_BYTES];

  ADD (fixture, .number = 1, .key = 11, .interests = { 7 });
  ADD (fixture, .number = 2, .key = 12, .interests = { 7 });
  ADD (fixture, .number = 3, .interests = { 8 });
  ADD (fixture, .number = 4, .key = 14, .interests = { 8 });
  found = people_find_by_secret (fixture, 1);
  people_public_key (11, expected);
  g_assert_cmpmem (found.public_key, sizeof found.public_key, expected, sizeof expected);
  g_assert_null (people_find_by_token (fixture, "token-3").info.public_key);

  people_sight (fixture, 1, 2);
  g_assert_true (people_sight (fixture, 2, 1).sight.fresh);
  assert_peer_key (fixture, 1, 12);
  assert_peer_key (fixture, 2, 11);
  people_sight (fixture, 3, 4);
  g_assert_true (people_sight (fixture, 4, 3).sight.fresh);
  assert_peer_key (fixture, 3, 14);
  assert_peer_key (fixture, 4, 0);
}

static void
test_both_know_the_key_of_a_renewed_session (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .key = 11, .interests = { 7 });
  ADD (fixture, .number = 2, .key = 12, .interests = { 7 });
  people_sight (fixture, 1, 2);
  g_assert_true (people_sight (fixture, 2, 1).sight.fresh);
  ADD (fixture, .number = 5, .opening = 1, .key = 15, .interests = { 7 });
  g_assert_true (people_sight (fixture, 2, 5).sight.wake);
  assert_peer_key (fixture, 5, 12);
  /* Not as it was when they met: both would avoid each other by the keys of different sessions. */
  assert_peer_key (fixture, 2, 15);
}

/* Who is never matched */

/* Both report the other, twice. Returns: whether they know of each other. */
static gboolean
try_to_meet (Fixture *fixture, guint number, guint other)
{
  Sighted last;

  people_sight (fixture, number, other);
  people_sight (fixture, other, number);
  people_sight (fixture, number, other);
  last = people_sight (fixture, other, number);
  g_assert_cmpint (last.answer.code, ==, -1);
  if (!last.sight.match)
    {
      g_assert_cmpuint (last.sight.own_mask, ==, 0);
      g_assert_false (last.sight.fresh || last.sight.wake || last.sight.peer_attached);
    }
  return last.sight.match;
}

static void
test_who_share_an_avoid_tag_are_never_matched (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .avoid = { 500, 501 }, .interests = { 7 });
  ADD (fixture, .number = 2, .avoid = { 600, 501 }, .interests = { 7 });
  ADD (fixture, .number = 3, .avoid = { 600 }, .interests = { 7 });
  ADD (fixture, .number = 4, .interests = { 7 });

  g_assert_false (try_to_meet (fixture, 1, 2));
  g_assert_false (try_to_meet (fixture, 3, 2));
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).n_nudges, ==, 0);
  g_assert_true (try_to_meet (fixture, 1, 3));
  g_assert_true (try_to_meet (fixture, 4, 1));
  g_assert_true (try_to_meet (fixture, 4, 2));
}

/* It was an avoided one that renewed its session: as silent as a stranger. */
static void
test_who_were_nudged_and_avoid_now_are_strangers (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  g_assert_true (try_to_meet (fixture, 1, 2));
  ADD (fixture, .number = 11, .opening = 1, .avoid = { 500 }, .interests = { 7 });
  ADD (fixture, .number = 12, .opening = 2, .avoid = { 500 }, .interests = { 7 });
  g_assert_false (try_to_meet (fixture, 11, 12));
  g_assert_cmpuint (people_read_outbox (fixture, 11, 0).n_nudges, ==, 0);
  g_assert_cmpuint (people_read_outbox (fixture, 12, 0).n_nudges, ==, 0);
}

/* They were compared when they were nudged: who renews a session is compared again. */
static void
test_each_new_session_is_compared (Fixture *fixture, gconstpointer data)
{
  ADD (fixture, .number = 1, .avoid = { 500 }, .interests = { 7 });
  ADD (fixture, .number = 2, .avoid = { 600 }, .interests = { 7 });
  g_assert_true (try_to_meet (fixture, 1, 2));
  ADD (fixture, .number = 11, .opening = 1, .avoid = { 501 }, .interests = { 7 });
  g_assert_true (try_to_meet (fixture, 11, 2));
  ADD (fixture, .number = 21, .opening = 1, .avoid = { 600 }, .interests = { 7 });
  g_assert_false (try_to_meet (fixture, 21, 2));
  g_assert_true (try_to_meet (fixture, 11, 2));
  g_assert_true (try_to_meet (fixture, 1, 2));
  g_assert_cmpuint (people_read_outbox (fixture, 21, 0).n_nudges, ==, 0);
}

static void
write_mute_key (guint opening, char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1])
{
  guint8 tag[SIGHEJ_STORE_OPENING_BYTES];

  people_opening (opening, tag);
  strcpy (key, SIGHEJ_STORE_MUTE_PREFIX);
  sighej_hex_encode (tag, sizeof tag, key + strlen (SIGHEJ_STORE_MUTE_PREFIX));
}

static void
test_who_is_muted_meets_nobody (Fixture *fixture, gconstpointer data)
{
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];
  Swapped muted;

  for (guint i = 1; i <= 3; i++)
    ADD (fixture, .number = i, .interests = { 7 });
  g_assert_true (try_to_meet (fixture, 1, 3));
  write_mute_key (1, key);
  muted = put (fixture, key, 0, "muted");

  g_assert_false (try_to_meet (fixture, 1, 2));
  g_assert_false (try_to_meet (fixture, 2, 1));
  g_assert_cmpuint (people_read_outbox (fixture, 2, 0).n_nudges, ==, 0);
  g_assert_true (try_to_meet (fixture, 2, 3));
  g_assert_true (try_to_meet (fixture, 1, 3)); /* it notices nothing */

  /* Whoever missed the nudge does not hear of it any more. */
  ADD (fixture, .number = 13, .opening = 3, .interests = { 7 });
  g_assert_true (try_to_meet (fixture, 1, 13));
  g_assert_cmpuint (people_read_outbox (fixture, 13, 0).n_nudges, ==, 0);

  g_assert_true (put (fixture, key, muted.version, NULL).swapped);
  g_assert_true (try_to_meet (fixture, 1, 2));
  g_assert_true (try_to_meet (fixture, 1, 13));
  g_assert_cmpuint (people_read_outbox (fixture, 13, 0).n_nudges, ==, 1);
}

static void
test_a_mute_ends_with_its_life (Fixture *fixture, gconstpointer data)
{
  char key[SIGHEJ_STORE_RECORD_KEY_CHARS_MAX + 1];

  ADD (fixture, .number = 1, .interests = { 7 });
  ADD (fixture, .number = 2, .interests = { 7 });
  write_mute_key (2, key);
  put (fixture, key, 0, "muted");
  people_turn_us (fixture, MINUTE_MS * MILLISECOND_US - 1);
  g_assert_false (try_to_meet (fixture, 1, 2));
  people_turn_us (fixture, 1);
  g_assert_true (try_to_meet (fixture, 1, 2));
}

static const StoreScript script[] = {
  { "a-record-is-made-once", test_a_record_is_made_once },
  { "only-the-newest-version-gives-way", test_only_the_newest_version_gives_way },
  { "a-deleted-record-is-gone", test_a_deleted_record_is_gone },
  { "no-version-is-used-twice", test_no_version_is_used_twice },
  { "a-life-is-as-long-as-the-last-swap-says", test_a_life_is_as_long_as_the_last_swap_says },
  { "the-clock-of-a-record-goes-on", test_the_clock_of_a_record_goes_on },
  { "any-bytes-are-kept", test_any_bytes_are_kept },
  { "keys-and-values-are-bounded", test_keys_and_values_are_bounded },
  { "each-part-goes-when-it-said", test_each_part_goes_when_it_said },
  { "a-part-is-not-prolonged-by-writing-it-again",
    test_a_part_is_not_prolonged_by_writing_it_again },
  { "parts-are-swapped-with-their-record", test_parts_are_swapped_with_their_record },
  { "no-part-outlives-its-record", test_no_part_outlives_its_record },
  { "a-part-is-bounded", test_a_part_is_bounded },
  { "waves-go-with-their-session", test_waves_go_with_their_session },
  { "who-is-to-look-is-told-after-the-swap", test_who_is_to_look_is_told_after_the_swap },
  { "it-is-known-who-has-a-socket", test_it_is_known_who_has_a_socket },
  { "a-nudge-has-the-others-key", test_a_nudge_has_the_others_key },
  { "both-know-the-key-of-a-renewed-session", test_both_know_the_key_of_a_renewed_session },
  { "who-share-an-avoid-tag-are-never-matched", test_who_share_an_avoid_tag_are_never_matched },
  { "who-were-nudged-and-avoid-now-are-strangers",
    test_who_were_nudged_and_avoid_now_are_strangers },
  { "each-new-session-is-compared", test_each_new_session_is_compared },
  { "who-is-muted-meets-nobody", test_who_is_muted_meets_nobody },
  { "a-mute-ends-with-its-life", test_a_mute_ends_with_its_life },
};

int
main (int argc, char **argv)
{
  return store_suite_run (argc, argv, script, G_N_ELEMENTS (script));
}
