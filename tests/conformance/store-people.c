/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "store-people.h"

#include <stdio.h>
#include <string.h>

#include "sighej-error.h"
#include "sighej-redis-acks.h"

void
people_turn_us (Fixture *fixture, gint64 us)
{
  if (fixture->turn != NULL)
    fixture->turn (us);
  sighej_test_clock_advance (fixture->clock, us);
}

const char *
people_id (guint number)
{
  static char ids[4][SIGHEJ_UUID_CHARS + 1];
  static guint next;
  char *id = ids[next++ % G_N_ELEMENTS (ids)];

  g_snprintf (id, SIGHEJ_UUID_CHARS + 1, "00000000-0000-4000-8000-%012u", number);
  return id;
}

const char *
people_token (guint number)
{
  static char tokens[4][SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  static guint next;
  char *token = tokens[next++ % G_N_ELEMENTS (tokens)];

  g_snprintf (token, SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1, "token-%u", number);
  return token;
}

void
people_opening (guint opening, guint8 out[SIGHEJ_STORE_OPENING_BYTES])
{
  memset (out, 0, SIGHEJ_STORE_OPENING_BYTES);
  memcpy (out, &opening, sizeof opening);
}

void
people_public_key (guint number, guint8 out[SIGHEJ_PUBLIC_KEY_BYTES])
{
  memset (out, number > 0 ? 0x4b : 0, SIGHEJ_PUBLIC_KEY_BYTES);
  memcpy (out, &number, sizeof number);
}

/* Its own tags first, as nothing says where the others are. */
static void
fill_avoid (const Person *person, guint8 avoid[SIGHEJ_STORE_AVOID_BYTES])
{
  guint n_shared = 0;

  sighej_random_bytes (avoid, SIGHEJ_STORE_AVOID_BYTES);
  for (; n_shared < G_N_ELEMENTS (person->avoid) && person->avoid[n_shared] != 0; n_shared++)
    {
      guint place = (person->number + 7 * n_shared) % SIGHEJ_STORE_AVOID_TAGS;
      guint8 *tag = avoid + place * SIGHEJ_STORE_AVOID_TAG_BYTES;

      memset (tag, 0xff, SIGHEJ_STORE_AVOID_TAG_BYTES);
      memcpy (tag, &person->avoid[n_shared], sizeof person->avoid[n_shared]);
    }
}

static void
fill_interest (SighejStoreInterest *interest, guint32 day, guint number)
{
  memset (interest, 0, sizeof *interest);
  memcpy (interest->today, &number, sizeof number);
  memcpy (interest->today + 8, &day, sizeof day);
  day++;
  memcpy (interest->tomorrow, &number, sizeof number);
  memcpy (interest->tomorrow + 8, &day, sizeof day);
}

static void
note (Answer *answer, const GError *error)
{
  answer->n_calls++;
  answer->code = -1;
  if (error != NULL)
    {
      g_assert_true (error->domain == SIGHEJ_ERROR);
      answer->code = error->code;
    }
}

static void
on_done (const GError *error, gpointer user_data)
{
  note (user_data, error);
}

/* Runs the main context until the store has answered, once. */
static int
wait_for (const Answer *answer)
{
  WAIT_UNTIL (answer->n_calls > 0);
  g_assert_cmpuint (answer->n_calls, ==, 1);
  return answer->code;
}

int
people_add (Fixture *fixture, const Person *person)
{
  static const char *const categories[] = { "music", "tech", NULL };
  SighejStoreInterest interests[SIGHEJ_WIRE_INTERESTS_MAX];
  g_autoptr (GBytes) sealed = g_bytes_new_static ("sealed", 6);
  guint opening = person->opening > 0 ? person->opening : person->number;
  SighejStoreToken token = { .until_s = person->lifetime_s > 0 ? (int) person->lifetime_s : 7200 };
  SighejStoreSession session = { .day = person->day > 0 ? person->day : PEOPLE_DAY,
                                 .n_tokens = 1,
                                 .tokens = &token,
                                 .interests = interests,
                                 .sealed_labels = sealed,
                                 .categories = 5,
                                 .category_ids = categories,
                                 .tombstone = person->tombstone,
                                 .lifetime_s = (guint) token.until_s };
  guint8 avoid[SIGHEJ_STORE_AVOID_BYTES];
  Answer answer = { 0 };

  session.has_public_key = person->key > 0;
  people_public_key (person->key, session.public_key);
  fill_avoid (person, avoid);
  session.avoid = person->avoid[0] > 0 ? avoid : NULL;
  g_strlcpy (token.text, people_token (person->number), sizeof token.text);
  g_strlcpy (session.id, people_id (person->number), sizeof session.id);
  memcpy (session.secret_hash, &person->number, sizeof person->number);
  people_opening (opening, session.opening);
  if (person->tokens != NULL)
    {
      session.tokens = person->tokens;
      session.n_tokens = person->n_tokens;
    }
  for (; person->interests[session.n_interests] != 0; session.n_interests++)
    fill_interest (
        &interests[session.n_interests], session.day, person->interests[session.n_interests]);

  sighej_store_add_session (fixture->store, &session, on_done, &answer);
  return wait_for (&answer);
}

int
people_end (Fixture *fixture, guint number)
{
  Answer answer = { 0 };

  sighej_store_end_session (fixture->store, people_id (number), on_done, &answer);
  return wait_for (&answer);
}

int
people_attach (Fixture *fixture, guint number, int change)
{
  Answer answer = { 0 };

  sighej_store_attach (fixture->store, people_id (number), change, on_done, &answer);
  return wait_for (&answer);
}

int
people_ack (Fixture *fixture, guint number, guint64 seq)
{
  Answer answer = { 0 };

  sighej_store_ack (fixture->store, people_id (number), seq, on_done, &answer);
  people_turn_us (fixture, SIGHEJ_REDIS_ACKS_MS * G_GINT64_CONSTANT (1000));
  return wait_for (&answer);
}

static void
on_found (const SighejStoreInfo *info, const GError *error, gpointer user_data)
{
  Found *found = user_data;

  note (&found->answer, error);
  if (info == NULL)
    return;
  g_strlcpy (found->id, info->id, sizeof found->id);
  g_strlcpy (found->first_token, info->first_token, sizeof found->first_token);
  g_assert_cmpmem (g_bytes_get_data (info->sealed_labels, NULL), 6, "sealed", 6);
  if (info->public_key != NULL)
    memcpy (found->public_key, info->public_key, sizeof found->public_key);
  found->info = *info;
}

Found
people_find_by_secret (Fixture *fixture, guint number)
{
  guint8 hash[SIGHEJ_SHA256_BYTES] = { 0 };
  Found found = { 0 };

  memcpy (hash, &number, sizeof number);
  sighej_store_find_by_secret (fixture->store, hash, on_found, &found);
  wait_for (&found.answer);
  return found;
}

Found
people_find_by_token (Fixture *fixture, const char *token)
{
  Found found = { 0 };

  sighej_store_find_by_token (fixture->store, token, on_found, &found);
  wait_for (&found.answer);
  return found;
}

static void
on_sighted (const SighejStoreSight *sight, const GError *error, gpointer user_data)
{
  Sighted *sighted = user_data;

  note (&sighted->answer, error);
  if (g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED))
    sscanf (error->message, "too many requests, try again in %u", &sighted->retry_after_s);
  if (sight == NULL)
    return;
  sighted->sight = *sight;
  sighted->sight.peer_id = NULL;
  sighted->sight.own = NULL;
  if (sight->peer_id != NULL)
    g_strlcpy (sighted->peer_id, sight->peer_id, sizeof sighted->peer_id);
  g_assert_cmpint (sight->peer_id != NULL, ==, sight->wake);
  g_assert_cmpint (sight->own != NULL, ==, sight->match);
  if (sight->own != NULL)
    {
      g_assert_cmpmem (g_bytes_get_data (sight->own->sealed_labels, NULL), 6, "sealed", 6);
      g_strlcpy (sighted->own_id, sight->own->id, sizeof sighted->own_id);
    }
}

Sighted
people_report (Fixture *fixture, const SighejStoreReport *report)
{
  Sighted sighted = { 0 };

  sighej_store_sight (fixture->store, report, on_sighted, &sighted);
  wait_for (&sighted.answer);
  return sighted;
}

Sighted
people_sight_as (Fixture *fixture,
                 guint number,
                 const char *own_token,
                 const char *token,
                 SighejMatchPolicy policy)
{
  const SighejStoreReport report = {
    .session_id = people_id (number),
    .own_token = own_token,
    .detected_token = token,
    .policy = policy,
    .n_per_minute = 1,
  };

  return people_report (fixture, &report);
}

Sighted
people_sight_token (Fixture *fixture, guint number, const char *token, SighejMatchPolicy policy)
{
  return people_sight_as (fixture, number, NULL, token, policy);
}

Sighted
people_sight (Fixture *fixture, guint number, guint other)
{
  return people_sight_token (fixture, number, people_token (other), SIGHEJ_MATCH_MUTUAL);
}

void
people_assert_no_match (Sighted sighted)
{
  static const SighejStoreSight none = { 0 };

  g_assert_cmpint (sighted.answer.code, ==, -1);
  g_assert_cmpmem (&sighted.sight, sizeof none, &none, sizeof none);
}

void
people_assert_fresh (Sighted sighted, guint peer, guint32 own_mask)
{
  g_assert_cmpint (sighted.answer.code, ==, -1);
  g_assert_true (sighted.sight.match);
  g_assert_true (sighted.sight.fresh);
  g_assert_cmphex (sighted.sight.own_mask, ==, own_mask);
  g_assert_cmpstr (sighted.peer_id, ==, people_id (peer));
}

static void
on_outbox (const SighejStoreNudge *nudges,
           guint n_nudges,
           const SighejStoreInfo *info,
           const GError *error,
           gpointer user_data)
{
  Outbox *outbox = user_data;

  note (&outbox->answer, error);
  if (error != NULL)
    return;
  outbox->n_nudges = n_nudges;
  outbox->newest_seq = info->newest_seq;
  memcpy (outbox->opening, info->opening, sizeof outbox->opening);
  for (guint i = 0; i < n_nudges; i++)
    outbox->nudges[i] = nudges[i];
}

Outbox
people_read_outbox (Fixture *fixture, guint number, guint64 after)
{
  Outbox outbox = { 0 };

  sighej_store_read_outbox (fixture->store, people_id (number), after, on_outbox, &outbox);
  wait_for (&outbox.answer);
  return outbox;
}

static void
on_counted (guint64 n_sessions, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(guint64 *) user_data = n_sessions;
}

guint64
people_count (Fixture *fixture)
{
  guint64 n_sessions = G_MAXUINT64;

  sighej_store_count (fixture->store, on_counted, &n_sessions);
  WAIT_UNTIL (n_sessions != G_MAXUINT64);
  return n_sessions;
}

static void
on_counts (const SighejBatch *const *batches,
           guint n_batches,
           const GError *error,
           gpointer user_data)
{
  GPtrArray *copies = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_batch_free);

  g_assert_no_error (error);
  for (guint i = 0; i < n_batches; i++)
    g_ptr_array_add (copies, sighej_batch_copy (batches[i]));
  *(GPtrArray **) user_data = copies;
}

GPtrArray *
people_take_counts (Fixture *fixture)
{
  GPtrArray *batches = NULL;

  sighej_store_take_counts (fixture->store, on_counts, &batches);
  WAIT_UNTIL (batches != NULL);
  return batches;
}

void
people_drop_counts (Fixture *fixture, const char *batch_id)
{
  Answer answer = { 0 };

  sighej_store_drop_counts (fixture->store, batch_id, on_done, &answer);
  g_assert_cmpint (wait_for (&answer), ==, -1);
}

static SighejStoreClaim
new_claim (guint number, guint key, guint body)
{
  SighejStoreClaim claim = { 0 };

  memcpy (claim.caller, &number, sizeof number);
  memcpy (claim.key, &key, sizeof key);
  memcpy (claim.body, &body, sizeof body);
  return claim;
}

static void
on_claimed (SighejClaimState state, GBytes *sealed_answer, const GError *error, gpointer user_data)
{
  Claimed *claimed = user_data;
  gsize n_bytes = 0;

  note (&claimed->answer, error);
  claimed->state = state;
  g_assert_cmpint (sealed_answer != NULL, ==, error == NULL && state == SIGHEJ_CLAIM_DONE);
  if (sealed_answer != NULL)
    {
      const char *text = g_bytes_get_data (sealed_answer, &n_bytes);

      g_assert_cmpuint (n_bytes, <, sizeof claimed->text);
      memcpy (claimed->text, text, n_bytes);
    }
}

Claimed
people_claim (Fixture *fixture, guint number, guint key, guint body)
{
  SighejStoreClaim claim = new_claim (number, key, body);
  Claimed claimed = { 0 };

  sighej_store_claim (fixture->store, &claim, on_claimed, &claimed);
  g_assert_cmpint (wait_for (&claimed.answer), ==, -1);
  return claimed;
}

void
people_settle (Fixture *fixture,
               guint number,
               guint key,
               guint body,
               const char *text,
               guint made,
               guint lifetime_s)
{
  SighejStoreClaim claim = new_claim (number, key, body);
  g_autoptr (GBytes) sealed = text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  Answer answer = { 0 };

  sighej_store_settle (fixture->store,
                       &claim,
                       sealed,
                       made > 0 ? people_id (made) : NULL,
                       lifetime_s,
                       on_done,
                       &answer);
  g_assert_cmpint (wait_for (&answer), ==, -1);
}

static void
on_record (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  Record *copy = user_data;
  gsize n_bytes = 0;

  note (&copy->answer, error);
  g_assert_cmpint (record == NULL, ==, error != NULL);
  if (record == NULL)
    return;
  g_assert_cmpint (record->value == NULL, ==, record->version == 0);
  if (record->value != NULL)
    {
      const char *bytes = g_bytes_get_data (record->value, &n_bytes);

      if (n_bytes < sizeof copy->text)
        memcpy (copy->text, bytes, n_bytes);
    }
  copy->n_bytes = n_bytes;
  copy->version = record->version;
  copy->now_ms = record->now_ms;
}

Record
people_read_record (Fixture *fixture, const char *key)
{
  Record record = { 0 };

  sighej_store_read_record (fixture->store, key, on_record, &record);
  wait_for (&record.answer);
  return record;
}

static void
on_swapped (gboolean swapped, guint64 version, const GError *error, gpointer user_data)
{
  Swapped *copy = user_data;

  note (&copy->answer, error);
  g_assert_true (swapped || version == 0);
  copy->swapped = swapped;
  copy->version = version;
}

Swapped
people_swap (Fixture *fixture, const char *key, const SighejStoreSwap *swap)
{
  Swapped swapped = { 0 };

  sighej_store_swap_record (fixture->store, key, swap, on_swapped, &swapped);
  wait_for (&swapped.answer);
  return swapped;
}

Swapped
people_swap_record (Fixture *fixture,
                    const char *key,
                    guint64 version,
                    const char *text,
                    guint lifetime_ms,
                    const char *const *wake)
{
  g_autoptr (GBytes) value = text != NULL ? g_bytes_new (text, strlen (text)) : NULL;
  const SighejStoreSwap swap
      = { .version = version, .value = value, .lifetime_ms = lifetime_ms, .wake = wake };

  return people_swap (fixture, key, &swap);
}

static void
on_attached (gboolean attached, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(int *) user_data = attached;
}

gboolean
people_is_attached (Fixture *fixture, guint number)
{
  int attached = -1;

  sighej_store_is_attached (fixture->store, people_id (number), on_attached, &attached);
  WAIT_UNTIL (attached != -1);
  return attached;
}
