/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Two processes on one Redis, each a store of its own: what they tell each other, and what becomes
 * of one that died. */
#include "config.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-redis-scripts.h"
#include "sighej-redis-worker.h"
#include "sighej-store-redis.h"
#include "store-people.h"
#include "store-redis.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)

/* One process. */
typedef struct
{
  Fixture people; /* its clock is both processes' */
  GString *heard; /* "outbox 1, displaced 2, " */
  guint n_counts; /* apart: a heartbeat says so whenever there are any */
} Process;

typedef struct
{
  SighejTestClock *clock;
  Process one;
  Process two;
} Pair;

static void
hear (Process *self, const char *signal_name, const char *session_id)
{
  guint number = (guint) g_ascii_strtoull (strrchr (session_id, '-') + 1, NULL, 10);

  g_string_append_printf (self->heard, "%s %u, ", signal_name, number);
}

#define HEAR(name)                                                                                 \
  static void on_##name (SighejStore *store, const char *session_id, Process *self)                \
  {                                                                                                \
    hear (self, #name, session_id);                                                                \
  }
HEAR (outbox)
HEAR (displaced)
HEAR (ended)
HEAR (gone)
#undef HEAR

static void
on_counts (SighejStore *store, Process *self)
{
  self->n_counts++;
}

static gboolean
is_listening (SighejStore *store)
{
  g_autofree char *channel = g_strconcat (
      "worker:", sighej_store_redis_get_worker_id (SIGHEJ_STORE_REDIS (store)), NULL);
  g_autofree char *answer
      = redis_server_ask (store_redis_get_server (), "PUBSUB", "NUMSUB", channel, NULL);

  return strstr (answer, "\n1") != NULL;
}

static void
process_start (Process *self, SighejTestClock *clock)
{
  self->heard = g_string_new (NULL);
  self->people = (Fixture){ .clock = clock, .store = store_redis_new (SIGHEJ_CLOCK (clock)) };
  WAIT_UNTIL (is_listening (self->people.store));
  g_signal_connect (self->people.store, "outbox", G_CALLBACK (on_outbox), self);
  g_signal_connect (self->people.store, "displaced", G_CALLBACK (on_displaced), self);
  g_signal_connect (self->people.store, "ended", G_CALLBACK (on_ended), self);
  g_signal_connect (self->people.store, "gone", G_CALLBACK (on_gone), self);
  g_signal_connect (self->people.store, "counts", G_CALLBACK (on_counts), self);
}

/* As it ends when it is killed: without a word to Redis. */
static void
process_die (Process *self)
{
  if (self->people.store == NULL)
    return;
  sighej_test_assert_finalized (self->people.store);
  self->people.store = NULL;
  g_string_free (self->heard, TRUE);
}

static void
set_up (Pair *pair, gconstpointer data)
{
  store_redis_reset ();
  pair->clock = sighej_test_clock_new ();
  process_start (&pair->one, pair->clock);
  process_start (&pair->two, pair->clock);
}

static void
tear_down (Pair *pair, gconstpointer data)
{
  process_die (&pair->one);
  process_die (&pair->two);
  g_assert_cmpint (sighej_test_clock_next_us (pair->clock), ==, -1);
  sighej_test_assert_finalized (pair->clock);
}

static void
on_pinged (const GError *error, gpointer user_data)
{
  *(int *) user_data = error != NULL ? error->code : -1;
}

/* Whether Redis answers; everything it was asked before is answered then. */
static gboolean
answers (Process *process)
{
  int code = -2;

  if (process->people.store == NULL)
    return FALSE;
  sighej_store_ping (process->people.store, on_pinged, &code);
  WAIT_UNTIL (code != -2);
  return code == -1;
}

/* Time goes by for all three, instant by instant, so that nothing is late that is not. */
static void
pass (Pair *pair, gint64 us)
{
  while (us > 0)
    {
      gint64 next_us = sighej_test_clock_next_us (pair->clock);
      gint64 step_us = next_us < 0 ? us : MIN (us, MAX (next_us, 1));

      store_redis_turn (step_us);
      sighej_test_clock_advance (pair->clock, step_us);
      us -= step_us;
      /* Twice: those who listen are asked whether they live on connections of their own. */
      for (guint i = 0; i < 2; i++)
        {
          answers (&pair->one);
          answers (&pair->two);
          sighej_test_settle ();
        }
    }
}

static gboolean
is_back (Pair *pair)
{
  return answers (&pair->one) && answers (&pair->two) && is_listening (pair->one.people.store)
         && is_listening (pair->two.people.store);
}

/* Connections are made outside, in real time: here the turned one goes along with it. Returns: how
 * much went by. */
static gint64
pass_until_back (Pair *pair)
{
  gint64 passed_us;

  for (passed_us = 0; !is_back (pair); passed_us += G_USEC_PER_SEC / 100)
    {
      g_assert_cmpint (passed_us, <, 20 * SECOND_US);
      pass (pair, G_USEC_PER_SEC / 100);
      g_usleep (G_USEC_PER_SEC / 100);
    }
  return passed_us;
}

static void
assert_heard (Process *self, const char *expected)
{
  g_assert_cmpstr (self->heard->str, ==, expected);
  g_string_set_size (self->heard, 0);
}

/* Person 1 at the first process and person 2 at the second, who share something. */
static void
open_two (Pair *pair)
{
  ADD (&pair->one.people, .number = 1, .interests = { 7 });
  ADD (&pair->two.people, .number = 2, .interests = { 7 });
  g_assert_cmpint (people_attach (&pair->one.people, 1, 1), ==, -1);
  g_assert_cmpint (people_attach (&pair->two.people, 2, 1), ==, -1);
}

static void
meet (Pair *pair)
{
  people_sight (&pair->one.people, 1, 2);
  g_assert_true (people_sight (&pair->two.people, 2, 1).sight.fresh);
}

#define RECORD "meet:0123456789abcdef"

/* At @self, of what is there; wakes persons 1 and 2. */
static void
write_record (Process *self, const char *text)
{
  g_autofree char *one = g_strdup (people_id (1));
  const char *wake[] = { one, people_id (2), NULL };
  guint64 version = people_read_record (&self->people, RECORD).version;

  g_assert_true (people_swap_record (&self->people, RECORD, version, text, 60000, wake).swapped);
}

static void
test_a_nudge_from_elsewhere_is_told (Pair *pair, gconstpointer data)
{
  open_two (pair);
  meet (pair);
  WAIT_UNTIL (pair->one.heard->len > 0);
  assert_heard (&pair->one, "outbox 1, ");
  assert_heard (&pair->two, ""); /* its caller knows */
  g_assert_cmpuint (people_read_outbox (&pair->one.people, 1, 0).n_nudges, ==, 1);

  /* What was read is not told again by the heartbeat. */
  people_read_outbox (&pair->two.people, 2, 0);
  pass (pair, 2 * SIGHEJ_REDIS_BEAT_MS * 1000);
  g_assert_null (strstr (pair->one.heard->str, "outbox"));
  g_assert_null (strstr (pair->two.heard->str, "outbox"));
}

static void
ask (const char *what)
{
  g_autofree char *answer
      = redis_server_ask (store_redis_get_server (), "ACL", "SETUSER", "default", what, NULL);

  g_assert_cmpstr (answer, ==, "OK");
}

/* F-16: messages are lost, commands are not. */
static void
test_a_lost_message_is_found_within_five_seconds (Pair *pair, gconstpointer data)
{
  g_autofree char *two = g_strdup (people_id (2));
  const char *const wake_two[] = { two, NULL };

  open_two (pair);
  pass (pair, SECOND_US);
  ask ("resetchannels");
  meet (pair);
  people_read_outbox (&pair->two.people, 2, 0);
  g_assert_true (
      people_swap_record (&pair->one.people, RECORD, 0, "value", 60000, wake_two).swapped);
  pass (pair, SIGHEJ_REDIS_BEAT_MS * 1000 - 2 * SECOND_US);
  g_assert_null (strstr (pair->one.heard->str, "outbox"));
  g_assert_null (strstr (pair->two.heard->str, "outbox"));
  pass (pair, SECOND_US);
  g_assert_nonnull (strstr (pair->one.heard->str, "outbox 1, "));
  g_assert_nonnull (strstr (pair->two.heard->str, "outbox 2, "));
  ask ("allchannels");

  pass_until_back (pair);
}

static void
test_a_newer_socket_elsewhere_displaces (Pair *pair, gconstpointer data)
{
  open_two (pair);
  g_assert_cmpint (people_attach (&pair->two.people, 1, 1), ==, -1);
  WAIT_UNTIL (pair->one.heard->len > 0);
  assert_heard (&pair->one, "displaced 1, ");

  /* The old socket's end is not the new one's. */
  g_assert_cmpint (people_attach (&pair->one.people, 1, -1), ==, -1);
  people_sight (&pair->one.people, 1, 2);
  g_assert_true (people_sight (&pair->two.people, 2, 1).sight.peer_attached);
}

/* It is not the newer one that goes when Redis could not be told of it. */
static void
test_a_newer_socket_redis_has_not_heard_of_stays (Pair *pair, gconstpointer data)
{
  open_two (pair);
  ask ("-evalsha");
  g_assert_cmpint (people_attach (&pair->two.people, 1, 1), !=, -1);
  ask ("+evalsha");
  pass (pair, SIGHEJ_REDIS_BEAT_MS * 1000);
  /* By a message and by its own heartbeat, whichever is first; who is told twice closes once. */
  WAIT_UNTIL (strstr (pair->one.heard->str, "displaced 1, ") != NULL);
  pass (pair, SIGHEJ_REDIS_BEAT_MS * 1000);
  g_assert_null (strstr (pair->one.heard->str, "gone"));
  g_assert_null (strstr (pair->two.heard->str, "displaced"));
}

static void
test_what_ends_elsewhere_ends_here (Pair *pair, gconstpointer data)
{
  open_two (pair);
  g_assert_cmpint (people_end (&pair->two.people, 1), ==, -1);
  WAIT_UNTIL (pair->one.heard->len > 0);
  assert_heard (&pair->one, "ended 1, ");
  g_assert_cmpint (people_attach (&pair->one.people, 1, -1), ==, SIGHEJ_ERROR_NOT_FOUND);
}

static void
test_a_lost_end_is_found_by_the_next_check (Pair *pair, gconstpointer data)
{
  open_two (pair);
  ask ("resetchannels");
  g_assert_cmpint (people_end (&pair->two.people, 1), ==, -1);
  pass (pair, SIGHEJ_REDIS_BEAT_MS * 1000);
  g_assert_nonnull (strstr (pair->one.heard->str, "gone 1, "));
  ask ("allchannels");
}

static void
test_a_dead_process_has_no_sockets (Pair *pair, gconstpointer data)
{
  open_two (pair);
  ADD (&pair->two.people, .number = 3, .interests = { 7 });
  people_attach (&pair->two.people, 3, 1);
  people_sight (&pair->one.people, 1, 2);
  pass (pair, SIGHEJ_REDIS_BEAT_MS * 1000); /* its last heartbeat */
  process_die (&pair->one);

  pass (pair, (SIGHEJ_REDIS_WORKER_SECONDS - 1) * SECOND_US);
  g_assert_true (people_sight (&pair->two.people, 2, 1).sight.peer_attached);
  pass (pair, SECOND_US);
  g_assert_false (people_sight (&pair->two.people, 2, 1).sight.peer_attached);

  /* Nobody can be matched for longer after a death than after a socket was lost. */
  pass (pair, (SIGHEJ_STORE_DETACHED_SECONDS - SIGHEJ_REDIS_WORKER_SECONDS) * SECOND_US - 1);
  people_sight (&pair->two.people, 3, 1);
  g_assert_true (people_sight (&pair->two.people, 1, 3).sight.match);
  people_sight (&pair->two.people, 3, 1);
  pass (pair, 1);
  g_assert_false (people_sight (&pair->two.people, 2, 1).sight.match);
}

static void
test_a_process_that_comes_back_attaches_again (Pair *pair, gconstpointer data)
{
  open_two (pair);
  pass (pair, SECOND_US);
  store_redis_turn ((SIGHEJ_REDIS_WORKER_SECONDS + 1) * SECOND_US); /* both were frozen */
  people_sight (&pair->one.people, 1, 2);
  g_assert_false (people_sight (&pair->two.people, 2, 1).sight.peer_attached);
  pass (pair, SIGHEJ_REDIS_BEAT_MS * 1000);
  g_assert_true (people_sight (&pair->two.people, 2, 1).sight.peer_attached);
}

/* N-5 */
static void
test_the_batches_of_a_dead_process_are_taken (Pair *pair, gconstpointer data)
{
  g_autoptr (GPtrArray) taken = NULL;
  g_autoptr (GPtrArray) busy = NULL;
  g_autoptr (GPtrArray) left = NULL;

  ADD (&pair->one.people, .number = 1, .interests = { 7 });
  taken = people_take_counts (&pair->one.people);
  g_assert_cmpuint (taken->len, ==, 1);
  process_die (&pair->one);
  busy = people_take_counts (&pair->two.people);
  g_assert_cmpuint (busy->len, ==, 0);

  pass (pair, SIGHEJ_STORE_BATCH_SECONDS * SECOND_US);
  g_assert_cmpuint (pair->two.n_counts, >, 0);
  left = people_take_counts (&pair->two.people);
  g_assert_cmpuint (left->len, ==, 1);
  g_assert_cmpstr (((SighejBatch *) left->pdata[0])->id, ==, ((SighejBatch *) taken->pdata[0])->id);
  g_assert_cmpuint (((SighejBatch *) left->pdata[0])->sessions, ==, 1);
  people_drop_counts (&pair->two.people, ((SighejBatch *) left->pdata[0])->id);
  pair->two.n_counts = 0;
  pass (pair, 2 * SIGHEJ_REDIS_BEAT_MS * 1000);
  g_assert_cmpuint (pair->two.n_counts, ==, 0);
}

/* F-01: Redis lost everything, and nobody cut a connection. */
static void
test_a_flushed_redis_has_no_sessions (Pair *pair, gconstpointer data)
{
  g_autofree char *answer = NULL;

  open_two (pair);
  answer = redis_server_ask (store_redis_get_server (), "FLUSHALL", NULL);
  g_assert_cmpint (
      people_find_by_token (&pair->one.people, "token-1").answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
  pass (pair, SIGHEJ_REDIS_BEAT_MS * 1000);
  assert_heard (&pair->one, "gone 1, ");
  assert_heard (&pair->two, "gone 2, ");
}

/* F-01: within two seconds of its return everybody knows. */
static void
test_a_restarted_redis_has_no_sessions (Pair *pair, gconstpointer data)
{
  open_two (pair);
  redis_server_kill (store_redis_get_server ());
  WAIT_UNTIL (!answers (&pair->one));
  g_assert_cmpint (
      people_sight (&pair->one.people, 1, 2).answer.code, ==, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpint (
      people_add (&pair->one.people, &(const Person){ .number = 3, .interests = { 7 } }),
      ==,
      SIGHEJ_ERROR_UNAVAILABLE);
  redis_server_restart (store_redis_get_server ());
  g_assert_cmpint (pass_until_back (pair), <, 2 * SECOND_US);
  assert_heard (&pair->one, "gone 1, ");
  assert_heard (&pair->two, "gone 2, ");
  ADD (&pair->one.people, .number = 1, .interests = { 7 });
}

/* A socket that closed while Redis was away is not counted for ever. */
static void
test_what_redis_could_not_hear_it_hears_later (Pair *pair, gconstpointer data)
{
  open_two (pair);
  redis_server_freeze (store_redis_get_server ());
  sighej_store_attach (pair->one.people.store, people_id (1), -1, on_pinged, &(int){ 0 });
  sighej_test_clock_advance (pair->clock, SECOND_US);
  redis_server_thaw (store_redis_get_server ());
  pass_until_back (pair);
  pass (pair, SIGHEJ_REDIS_BEAT_MS * 1000);
  people_sight (&pair->one.people, 1, 2);
  g_assert_false (people_sight (&pair->two.people, 2, 1).sight.peer_attached);
}

/* T-07 */

static guint n_owners;
static guint n_answers;

static void
on_added (const GError *error, gpointer user_data)
{
  g_assert_true (error == NULL || g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFLICT));
  n_owners += error == NULL;
  n_answers++;
}

static void
want (Process *process, guint number)
{
  static const SighejStoreInterest interest = { { 1 }, { 2 } };
  static const SighejStoreToken token = { "wanted", 0, 7200 };
  g_autoptr (GBytes) sealed = g_bytes_new_static ("sealed", 6);
  SighejStoreSession session = { .n_tokens = 1,
                                 .tokens = &token,
                                 .n_interests = 1,
                                 .interests = &interest,
                                 .sealed_labels = sealed,
                                 .lifetime_s = 7200,
                                 .tombstone = TRUE };

  g_strlcpy (session.id, people_id (number), sizeof session.id);
  memcpy (session.secret_hash, &number, sizeof number);
  sighej_store_add_session (process->people.store, &session, on_added, NULL);
}

static void
test_of_a_thousand_that_want_a_token_one_gets_it (Pair *pair, gconstpointer data)
{
  n_owners = n_answers = 0;
  for (guint i = 1; i <= 1000; i++)
    want (i % 2 == 0 ? &pair->one : &pair->two, i);
  WAIT_UNTIL (n_answers == 1000);
  g_assert_cmpuint (n_owners, ==, 1);
}

/* The limit is one, at however many processes somebody reports. */

static int
report (Process *process, guint *retry_after_s)
{
  const SighejStoreReport limited = {
    .session_id = people_id (1), .detected_token = "nobody", .n_burst = 60, .n_per_minute = 120
  };
  Sighted sighted = people_report (&process->people, &limited);

  *retry_after_s = sighted.retry_after_s;
  return sighted.answer.code;
}

static void
test_a_limit_is_one_for_all (Pair *pair, gconstpointer data)
{
  guint retry_after_s;

  open_two (pair);
  for (guint i = 0; i < 60; i++)
    g_assert_cmpint (report (i % 2 == 0 ? &pair->one : &pair->two, &retry_after_s), ==, -1);
  g_assert_cmpint (report (&pair->one, &retry_after_s), ==, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_cmpint (report (&pair->two, &retry_after_s), ==, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_cmpuint (retry_after_s, ==, 1);
  pass (pair, SECOND_US);
  g_assert_cmpint (report (&pair->one, &retry_after_s), ==, -1);
  g_assert_cmpint (report (&pair->two, &retry_after_s), ==, -1);
  g_assert_cmpint (report (&pair->one, &retry_after_s), ==, SIGHEJ_ERROR_RATE_LIMITED);
}

/* DESIGN 4: every key has an end. */
static void
test_every_key_has_an_end (Pair *pair, gconstpointer data)
{
  g_autofree char *endless = NULL;

  open_two (pair);
  meet (pair);
  people_claim (&pair->one.people, 1, 1, 1);
  people_settle (&pair->one.people, 1, 1, 1, "answer", 2, 60);
  g_ptr_array_unref (people_take_counts (&pair->one.people));
  people_sight (&pair->one.people, 1, 3);
  write_record (&pair->two, "value");
  people_add (&pair->one.people,
              &(const Person){ .number = 5, .tombstone = TRUE, .interests = { 7 } });
  pass (pair, SIGHEJ_REDIS_BEAT_MS * 1000);
  endless = redis_server_ask (store_redis_get_server (),
                              "EVAL",
                              "local found = '' for _, key in ipairs (redis.call ('KEYS', '*')) do "
                              "if redis.call ('PTTL', key) < 0 then found = found .. key end end "
                              "return found",
                              "0",
                              NULL);
  g_assert_cmpstr (endless, ==, "");
}

/* Records */

static void
test_a_swap_elsewhere_is_told_once (Pair *pair, gconstpointer data)
{
  open_two (pair);
  write_record (&pair->one, "one");
  WAIT_UNTIL (pair->two.heard->len > 0);
  assert_heard (&pair->one, "outbox 1, ");
  assert_heard (&pair->two, "outbox 2, ");
  g_assert_cmpstr (people_read_record (&pair->two.people, RECORD).text, ==, "one");

  write_record (&pair->two, "two");
  WAIT_UNTIL (pair->one.heard->len > 0);
  assert_heard (&pair->one, "outbox 1, ");
  assert_heard (&pair->two, "outbox 2, ");

  /* Nor does the heartbeat say it again. */
  pass (pair, 2 * SIGHEJ_REDIS_BEAT_MS * 1000);
  g_assert_null (strstr (pair->one.heard->str, "outbox"));
  g_assert_null (strstr (pair->two.heard->str, "outbox"));
}

static void
test_presence_is_known_elsewhere (Pair *pair, gconstpointer data)
{
  open_two (pair);
  g_assert_true (people_is_attached (&pair->two.people, 1));
  people_attach (&pair->one.people, 1, -1);
  g_assert_false (people_is_attached (&pair->two.people, 1));
  people_attach (&pair->one.people, 1, 1);
  pass (pair, SIGHEJ_REDIS_BEAT_MS * 1000); /* its last heartbeat */
  process_die (&pair->one);

  pass (pair, (SIGHEJ_REDIS_WORKER_SECONDS - 1) * SECOND_US);
  g_assert_true (people_is_attached (&pair->two.people, 1));
  pass (pair, SECOND_US);
  g_assert_false (people_is_attached (&pair->two.people, 1));
}

/* Each adds to one counter, as fast as it can, and begins again whenever the other was faster. */

#define N_TIMES 1000

typedef struct
{
  SighejStore *store;
  guint n_left;
  guint n_lost;
} Adder;

static void read_and_add (Adder *self);

static void
on_number_added (gboolean swapped, guint64 version, const GError *error, gpointer user_data)
{
  Adder *self = user_data;

  g_assert_no_error (error);
  if (swapped)
    self->n_left--;
  else
    self->n_lost++;
  if (self->n_left > 0)
    read_and_add (self);
}

static void
on_read_to_add (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  Adder *self = user_data;
  guint sum = 0;
  g_autoptr (GBytes) value = NULL;
  SighejStoreSwap swap = { .version = record->version, .lifetime_ms = 60000 };

  g_assert_no_error (error);
  if (record->value != NULL)
    memcpy (&sum, g_bytes_get_data (record->value, NULL), sizeof sum);
  sum++;
  swap.value = value = g_bytes_new (&sum, sizeof sum);
  sighej_store_swap_record (self->store, RECORD, &swap, on_number_added, self);
}

static void
read_and_add (Adder *self)
{
  sighej_store_read_record (self->store, RECORD, on_read_to_add, self);
}

static void
on_sum (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  memcpy (user_data, g_bytes_get_data (record->value, NULL), sizeof (guint));
}

static void
test_of_two_that_swap_one_wins (Pair *pair, gconstpointer data)
{
  Adder adders[]
      = { { pair->one.people.store, N_TIMES, 0 }, { pair->two.people.store, N_TIMES, 0 } };
  guint sum = 0;

  for (guint i = 0; i < G_N_ELEMENTS (adders); i++)
    read_and_add (&adders[i]);
  while (adders[0].n_left > 0 || adders[1].n_left > 0)
    g_main_context_iteration (NULL, TRUE);
  sighej_store_read_record (pair->one.people.store, RECORD, on_sum, &sum);
  WAIT_UNTIL (sum > 0);
  g_assert_cmpuint (sum, ==, 2 * N_TIMES);
  g_test_message ("%u and %u swaps were lost to the other", adders[0].n_lost, adders[1].n_lost);
}

static void
set_memory (const char *limit)
{
  g_autofree char *answer
      = redis_server_ask (store_redis_get_server (), "CONFIG", "SET", "maxmemory", limit, NULL);

  g_assert_cmpstr (answer, ==, "OK");
}

static void
test_a_full_redis_still_forgets (Pair *pair, gconstpointer data)
{
  guint64 version;

  open_two (pair);
  write_record (&pair->one, "canary");
  version = people_read_record (&pair->one.people, RECORD).version;
  g_string_set_size (pair->one.heard, 0);
  set_memory ("1");
  g_assert_cmpint (
      people_swap_record (&pair->one.people, RECORD, version, "more", 60000, NULL).answer.code,
      ==,
      SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpstr (people_read_record (&pair->two.people, RECORD).text, ==, "canary");
  write_record (&pair->one, NULL);
  g_assert_cmpuint (people_read_record (&pair->two.people, RECORD).version, ==, 0);
  assert_heard (&pair->one, "outbox 1, ");
  set_memory ("0");
  write_record (&pair->one, "again");
  g_assert_cmpuint (people_read_record (&pair->two.people, RECORD).version, >, version);
}

static void
test_no_key_mentions_a_deleted_record (Pair *pair, gconstpointer data)
{
  g_autofree char *found = NULL;

  open_two (pair);
  write_record (&pair->one, "canary");
  write_record (&pair->two, NULL);
  found = redis_server_ask (store_redis_get_server (),
                            "EVAL",
                            "local found = '' for _, key in ipairs (redis.call ('KEYS', '*')) do "
                            "local dump = key .. redis.call ('DUMP', key) "
                            "if dump:find ('0123456789abcdef', 1, true) or dump:find ('canary') "
                            "then found = found .. key end end return found",
                            "0",
                            NULL);
  g_assert_cmpstr (found, ==, "");
}

/* The one warning these tests expect: nobody may listen. All else takes its usual way. */
static GLogWriterOutput
write_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  g_autofree char *line = g_log_writer_format_fields (level, fields, n_fields, FALSE);

  if (strstr (line, "let the user of RedisUrl listen to channels") != NULL)
    return G_LOG_WRITER_HANDLED;
  return g_log_writer_default (level, fields, n_fields, user_data);
}

#define TEST(name, test) g_test_add ("/store-workers/" name, Pair, NULL, set_up, test, tear_down)

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (write_log, NULL, NULL);
  TEST ("a-nudge-from-elsewhere-is-told", test_a_nudge_from_elsewhere_is_told);
  TEST ("a-lost-message-is-found-within-five-seconds",
        test_a_lost_message_is_found_within_five_seconds);
  TEST ("a-newer-socket-elsewhere-displaces", test_a_newer_socket_elsewhere_displaces);
  TEST ("a-newer-socket-redis-has-not-heard-of-stays",
        test_a_newer_socket_redis_has_not_heard_of_stays);
  TEST ("what-ends-elsewhere-ends-here", test_what_ends_elsewhere_ends_here);
  TEST ("a-lost-end-is-found-by-the-next-check", test_a_lost_end_is_found_by_the_next_check);
  TEST ("a-dead-process-has-no-sockets", test_a_dead_process_has_no_sockets);
  TEST ("a-process-that-comes-back-attaches-again", test_a_process_that_comes_back_attaches_again);
  TEST ("the-batches-of-a-dead-process-are-taken", test_the_batches_of_a_dead_process_are_taken);
  TEST ("a-flushed-redis-has-no-sessions", test_a_flushed_redis_has_no_sessions);
  TEST ("a-restarted-redis-has-no-sessions", test_a_restarted_redis_has_no_sessions);
  TEST ("what-redis-could-not-hear-it-hears-later", test_what_redis_could_not_hear_it_hears_later);
  TEST ("of-a-thousand-that-want-a-token-one-gets-it",
        test_of_a_thousand_that_want_a_token_one_gets_it);
  TEST ("a-limit-is-one-for-all", test_a_limit_is_one_for_all);
  TEST ("a-swap-elsewhere-is-told-once", test_a_swap_elsewhere_is_told_once);
  TEST ("presence-is-known-elsewhere", test_presence_is_known_elsewhere);
  TEST ("of-two-that-swap-one-wins", test_of_two_that_swap_one_wins);
  TEST ("a-full-redis-still-forgets", test_a_full_redis_still_forgets);
  TEST ("no-key-mentions-a-deleted-record", test_no_key_mentions_a_deleted_record);
  TEST ("every-key-has-an-end", test_every_key_has_an_end);
  status = g_test_run ();
  store_redis_stop ();
  return status;
}
