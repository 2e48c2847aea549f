/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-amend.h"
#include "sighej-budget.h"
#include "sighej-code.h"
#include "sighej-cue.h"
#include "sighej-error.h"
#include "sighej-handle.h"
#include "sighej-pairing.h"
#include "sighej-store-memory.h"
#include "sighej-test-clock.h"
#include "sighej-test.h"

#define SECOND_US ((gint64) G_USEC_PER_SEC)
#define HOUR_US (3600 * SECOND_US)
#define KEY "test:1"
#define NUDGE "00112233445566778899aabbccddeeff"

/* Meets over the memory store, which answers before a call returns, on a clock that is turned. */
typedef struct
{
  SighejTestClock *clock;
  SighejStore *store;
  SighejVault *vault;
  SighejMeetings *meetings;
} Fixture;

static SighejVault *
new_vault (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = g_build_filename (folder, "backend.key", NULL);
  g_autoptr (GError) error = NULL;
  SighejVault *vault = sighej_vault_new_from_file (path, TRUE, &error);

  g_assert_no_error (error);
  return vault;
}

static void
set_up (Fixture *self, gconstpointer data)
{
  self->clock = sighej_test_clock_new ();
  self->store = sighej_store_memory_new (SIGHEJ_CLOCK (self->clock));
  self->vault = new_vault ();
  self->meetings = sighej_meetings_new (self->store, self->vault, SIGHEJ_CLOCK (self->clock));
}

static void
tear_down (Fixture *self, gconstpointer data)
{
  sighej_test_assert_finalized (self->meetings);
  sighej_test_assert_finalized (self->store);
  sighej_test_assert_finalized (self->vault);
  sighej_test_assert_finalized (self->clock);
}

static void
note_done (const GError *error, gpointer user_data)
{
  GError **out = user_data;

  g_assert_null (*out);
  *out = error != NULL ? g_error_copy (error)
                       : g_error_new_literal (SIGHEJ_ERROR, SIGHEJ_N_ERRORS, "done");
}

/* What a call came to, which is over by now. */
static void
assert_came_to (GError **result, int code)
{
  g_assert_error (*result, SIGHEJ_ERROR, code);
  g_clear_error (result);
}

#define assert_done(result) assert_came_to (result, SIGHEJ_N_ERRORS)

static void
note_record (const SighejStoreRecord *record, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  *(guint64 *) user_data = record->version;
}

static gboolean
has_record (Fixture *self, const char *key)
{
  guint64 version = G_MAXUINT64;

  sighej_store_read_record (self->store, key, note_record, &version);
  return version != 0;
}

/* ---- read, decide, swap ---- */

typedef struct
{
  GError *result; /* first: what note_done() sets */
  Fixture *fixture;
  guint n_rivals; /* who write first, one a try */
  guint n_steps;
  char *seen; /* the value at the last try */
} Race;

static void
note_swapped (gboolean swapped, guint64 version, const GError *error, gpointer user_data)
{
  g_assert_true (swapped);
}

static void
write_first (Race *race)
{
  Fixture *self = race->fixture;
  g_autofree char *text = g_strdup_printf ("rival %u", race->n_steps);
  g_autoptr (GBytes) plain = g_bytes_new (text, strlen (text));
  g_autoptr (GBytes) sealed = sighej_vault_seal_record (self->vault, KEY, plain);
  SighejStoreSwap swap = { .value = sealed, .lifetime_ms = 1000 };

  sighej_store_read_record (self->store, KEY, note_record, &swap.version);
  sighej_store_swap_record (self->store, KEY, &swap, note_swapped, NULL);
}

static SighejAmendVerdict
write_own (SighejAmendment *amendment, gpointer user_data, GError **error)
{
  Race *race = user_data;

  g_clear_pointer (&race->seen, g_free);
  if (amendment->plain != NULL)
    race->seen = g_strndup (g_bytes_get_data (amendment->plain, NULL),
                            g_bytes_get_size (amendment->plain));
  if (race->n_steps++ < race->n_rivals)
    write_first (race);
  amendment->value = g_bytes_new_static ("own", 3);
  amendment->lifetime_ms = 1000;
  return SIGHEJ_AMEND_WRITE;
}

static void
test_who_was_slower_decides_anew (Fixture *self, gconstpointer data)
{
  Race race = { .fixture = self, .n_rivals = SIGHEJ_AMEND_TRIES_MAX - 1 };

  sighej_amend (self->store, self->vault, KEY, write_own, note_done, &race);
  assert_done (&race.result);
  g_assert_cmpuint (race.n_steps, ==, SIGHEJ_AMEND_TRIES_MAX);
  g_assert_cmpstr (race.seen, ==, "rival 7");
  g_free (race.seen);
}

static void
test_who_is_always_slower_gives_up (Fixture *self, gconstpointer data)
{
  Race race = { .fixture = self, .n_rivals = G_MAXUINT };

  sighej_amend (self->store, self->vault, KEY, write_own, note_done, &race);
  assert_came_to (&race.result, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpuint (race.n_steps, ==, SIGHEJ_AMEND_TRIES_MAX);
  g_free (race.seen);
}

static void
test_a_record_of_another_key_file_is_left_alone (Fixture *self, gconstpointer data)
{
  Race race = { .fixture = self };
  g_autoptr (SighejVault) other = new_vault ();

  sighej_amend (self->store, other, KEY, write_own, note_done, &race);
  assert_done (&race.result);
  sighej_amend (self->store, self->vault, KEY, write_own, note_done, &race);
  assert_came_to (&race.result, SIGHEJ_ERROR_UNAVAILABLE);
  g_assert_cmpuint (race.n_steps, ==, 1);
  g_free (race.seen);
}

/* ---- budgets ---- */

static GError *
take (Fixture *self)
{
  GError *result = NULL;

  sighej_budget_take (self->store, self->vault, KEY, 3, note_done, &result);
  return result;
}

static void
assert_takes (Fixture *self, guint n)
{
  for (guint i = 0; i < n; i++)
    {
      g_autoptr (GError) result = take (self);

      assert_done (&result);
    }
}

static void
test_a_budget_lasts_a_minute (Fixture *self, gconstpointer data)
{
  g_autoptr (GError) refused = NULL;

  assert_takes (self, 3);
  sighej_test_clock_advance (self->clock, 20 * SECOND_US);
  refused = take (self);
  g_assert_error (refused, SIGHEJ_ERROR, SIGHEJ_ERROR_RATE_LIMITED);
  g_assert_true (g_str_has_suffix (refused->message, "in 40 seconds"));
  sighej_budget_give_back (self->store, self->vault, KEY);
  assert_takes (self, 1);
  sighej_test_clock_advance (self->clock, 40 * SECOND_US);
  g_assert_false (has_record (self, KEY));
  sighej_budget_give_back (self->store, self->vault, KEY);
  assert_takes (self, 3);
}

/* ---- cues ---- */

static void
note_cue (guint cue, const GError *error, gpointer user_data)
{
  g_assert_no_error (error);
  g_assert_cmpuint (cue, <, SIGHEJ_HANDLES);
  *(guint *) user_data = cue;
}

static guint
draw_cue (Fixture *self, const char *nudge_id)
{
  guint cue = G_MAXUINT;

  sighej_cue_draw (self->store, self->vault, nudge_id, 60000, note_cue, &cue);
  g_assert_cmpuint (cue, !=, G_MAXUINT);
  return cue;
}

static gboolean
is_taken (Fixture *self, guint cue)
{
  g_autofree char *key = g_strdup_printf ("cue:%u", cue);

  return has_record (self, key);
}

static void
test_a_cue_is_alone_until_it_is_let_go (Fixture *self, gconstpointer data)
{
  guint cue = draw_cue (self, NUDGE);

  g_assert_true (is_taken (self, cue));
  g_assert_cmpuint (draw_cue (self, NUDGE), ==, cue);
  g_assert_cmpuint (sighej_cue_get_first (self->vault, NUDGE), ==, cue);
  sighej_cue_release (self->store, self->vault, "ff112233445566778899aabbccddeeff", cue);
  g_assert_true (is_taken (self, cue));
  sighej_cue_release (self->store, self->vault, NUDGE, cue);
  g_assert_false (is_taken (self, cue));
}

static void
test_cues_differ_while_there_are_enough (Fixture *self, gconstpointer data)
{
  g_autofree gboolean *drawn = g_new0 (gboolean, SIGHEJ_HANDLES);

  for (guint i = 0; i < 100; i++)
    {
      g_autofree char *nudge_id = g_strdup_printf ("%032x", i);
      guint cue = draw_cue (self, nudge_id);

      g_assert_false (drawn[cue]);
      drawn[cue] = TRUE;
    }
}

static void
test_a_full_cell_still_meets (Fixture *self, gconstpointer data)
{
  g_autoptr (GBytes) plain = g_bytes_new_static (NUDGE, SIGHEJ_NUDGE_ID_CHARS);

  for (guint i = 0; i < SIGHEJ_HANDLES; i++)
    {
      g_autofree char *key = g_strdup_printf ("cue:%u", i);
      g_autoptr (GBytes) sealed = sighej_vault_seal_record (self->vault, key, plain);

      const SighejStoreSwap swap = { .value = sealed, .lifetime_ms = 60000 };

      sighej_store_swap_record (self->store, key, &swap, note_swapped, NULL);
    }
  draw_cue (self, "ff112233445566778899aabbccddeeff");
}

/* ---- acts and looks ---- */

static const guint8 anna_opening[16] = { 1 };
static const guint8 bo_opening[16] = { 2 };

static SighejMeetingsWho
get_who (const guint8 opening[16], guint session)
{
  SighejMeetingsWho who = { .remaining_ms = 7200000 };

  memcpy (who.opening, opening, sizeof who.opening);
  g_snprintf (who.session_id, sizeof who.session_id, "%08x-0000-4000-8000-000000000000", session);
  return who;
}

static SighejWireMeet *
new_act (Fixture *self, SighejMeetAct kind, const guint8 own[16], const guint8 peer[16])
{
  SighejWireMeet *act = g_new0 (SighejWireMeet, 1);
  SighejNudgeTicket ticket
      = { .made_ms = sighej_clock_wall_us (SIGHEJ_CLOCK (self->clock)) / 1000 };

  sighej_vault_nudge_id (self->vault, own, peer, act->nudge_id);
  g_strlcpy (ticket.nudge_id, act->nudge_id, sizeof ticket.nudge_id);
  memcpy (ticket.own, own, sizeof ticket.own);
  memcpy (ticket.peer, peer, sizeof ticket.peer);
  act->act = kind;
  act->ticket = sighej_vault_seal_ticket (self->vault, &ticket);
  act->has_public_key = TRUE;
  act->public_key[0] = own[0];
  return act;
}

static GError *
do_act (Fixture *self, const SighejMeetingsWho *who, SighejWireMeet *act)
{
  GError *result = NULL;

  sighej_meetings_act (self->meetings, who, act, note_done, &result);
  return result;
}

static void
assert_wave (Fixture *self, const SighejMeetingsWho *who, const guint8 *peer)
{
  g_autoptr (GError) result
      = do_act (self, who, new_act (self, SIGHEJ_MEET_WAVE, who->opening, peer));

  assert_done (&result);
}

typedef struct
{
  gboolean called;
  gboolean speaks;
  gboolean shown;
  SighejWireMeetState state;
} Seen;

static void
note_seen (const SighejMeetingsView *view, const GError *error, gpointer user_data)
{
  Seen *seen = user_data;

  g_assert_no_error (error);
  seen->called = TRUE;
  seen->speaks = view->speaks;
  seen->shown = view->state != NULL;
  if (seen->shown)
    seen->state = *view->state;
}

static Seen
look (Fixture *self, const SighejMeetingsWho *who, gboolean poll)
{
  Seen seen = { 0 };
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1];

  sighej_vault_nudge_id (self->vault, anna_opening, bo_opening, nudge_id);
  sighej_meetings_look (self->meetings, who, nudge_id, 0, poll, note_seen, &seen);
  g_assert_true (seen.called);
  return seen;
}

static void
test_tickets_become_too_old (Fixture *self, gconstpointer data)
{
  SighejMeetingsWho anna = get_who (anna_opening, 1);
  SighejWireMeet *in_time = new_act (self, SIGHEJ_MEET_WAVE, anna_opening, bo_opening);
  SighejWireMeet *late = new_act (self, SIGHEJ_MEET_WAVE, anna_opening, bo_opening);
  g_autoptr (GError) result = NULL;

  sighej_test_clock_advance (self->clock, 4 * HOUR_US);
  result = do_act (self, &anna, in_time);
  assert_done (&result);
  sighej_test_clock_advance (self->clock, SECOND_US);
  result = do_act (self, &anna, late);
  assert_came_to (&result, SIGHEJ_ERROR_NOT_FOUND);
}

static void
test_a_wave_alone_is_nothing_to_the_other (Fixture *self, gconstpointer data)
{
  SighejMeetingsWho anna = get_who (anna_opening, 1), bo = get_who (bo_opening, 2);

  assert_wave (self, &anna, bo_opening);
  g_assert_false (look (self, &anna, FALSE).shown);
  g_assert_cmpint (look (self, &bo, FALSE).state.state, ==, SIGHEJ_MEET_STATE_ENDED);
  g_assert_cmpuint (look (self, &bo, TRUE).state.version, ==, 0);
}

/* Neither session has a socket anywhere: their process died. */
static void
test_a_poll_finds_who_is_gone (Fixture *self, gconstpointer data)
{
  SighejMeetingsWho anna = get_who (anna_opening, 1), bo = get_who (bo_opening, 2);

  assert_wave (self, &anna, bo_opening);
  assert_wave (self, &bo, anna_opening);
  g_assert_true (look (self, &anna, FALSE).state.peer_there);
  g_assert_true (look (self, &anna, TRUE).state.peer_there);
  g_assert_false (look (self, &anna, FALSE).state.peer_there);
  g_assert_true (look (self, &bo, FALSE).state.peer_there);
}

static void
test_the_newest_session_speaks (Fixture *self, gconstpointer data)
{
  SighejMeetingsWho anna = get_who (anna_opening, 1), bo = get_who (bo_opening, 2);
  SighejMeetingsWho renewed = get_who (anna_opening, 3);
  g_autoptr (GError) result = NULL;

  assert_wave (self, &anna, bo_opening);
  assert_wave (self, &bo, anna_opening);
  result = do_act (self, &renewed, new_act (self, SIGHEJ_MEET_RESUME, anna_opening, bo_opening));
  assert_done (&result);
  g_assert_false (look (self, &anna, TRUE).speaks);
  g_assert_true (look (self, &renewed, TRUE).speaks);
}

/* ---- pairing codes ---- */

typedef struct
{
  gboolean called;
  GError *error;
  char code[SIGHEJ_WIRE_CODE_CHARS + 1];
  guint expires_in_s;
  char nudge_id[SIGHEJ_NUDGE_ID_CHARS + 1]; /* "": nobody joined yet */
} Paired;

static void
note_code (const char *code, guint expires_in_s, const GError *error, gpointer user_data)
{
  Paired *paired = user_data;

  g_assert_no_error (error);
  g_strlcpy (paired->code, code, sizeof paired->code);
  paired->expires_in_s = expires_in_s;
}

static void
note_paired (const SighejWirePaired *told, const GError *error, gpointer user_data)
{
  Paired *paired = user_data;

  paired->called = TRUE;
  paired->error = error != NULL ? g_error_copy (error) : NULL;
  if (told != NULL)
    g_strlcpy (paired->nudge_id, told->nudge_id, sizeof paired->nudge_id);
}

static void
make_code (Fixture *self, const SighejMeetingsWho *who, guint8 first, Paired *paired)
{
  const guint8 commit[SIGHEJ_COMMIT_BYTES] = { first };

  sighej_pairing_create (self->meetings, who, commit, note_code, paired);
  g_assert_cmpuint (strlen (paired->code), ==, SIGHEJ_WIRE_CODE_CHARS);
}

static int
join (Fixture *self, const SighejMeetingsWho *who, const char *code)
{
  SighejWirePairRequest request = { .id = 1, .public_key = { 9 }, .nonce = { 8 } };
  Paired paired = { 0 };
  int came_to = SIGHEJ_N_ERRORS;

  g_strlcpy (request.code, code, sizeof request.code);
  sighej_pairing_join (self->meetings, who, &request, note_paired, &paired);
  g_assert_true (paired.called);
  if (paired.error != NULL)
    came_to = paired.error->code;
  g_clear_error (&paired.error);
  return came_to;
}

static int
see_code (Fixture *self, const SighejMeetingsWho *who, const char *code, gboolean *joined)
{
  Paired paired = { 0 };
  int came_to = SIGHEJ_N_ERRORS;

  sighej_pairing_look (self->meetings, who, code, note_paired, &paired);
  g_assert_true (paired.called);
  if (paired.error != NULL)
    came_to = paired.error->code;
  g_clear_error (&paired.error);
  *joined = paired.nudge_id[0] != '\0';
  return came_to;
}

static void
test_a_code_lives_five_minutes (Fixture *self, gconstpointer data)
{
  SighejMeetingsWho anna = get_who (anna_opening, 1), bo = get_who (bo_opening, 2);
  Paired made = { 0 }, again = { 0 }, other = { 0 };
  gboolean joined;

  make_code (self, &anna, 1, &made);
  g_assert_cmpuint (made.expires_in_s, ==, SIGHEJ_CODE_SECONDS);
  sighej_test_clock_advance (self->clock, 100 * SECOND_US);
  make_code (self, &anna, 1, &again);
  g_assert_cmpstr (again.code, ==, made.code);
  g_assert_cmpuint (again.expires_in_s, ==, SIGHEJ_CODE_SECONDS - 100);
  make_code (self, &anna, 2, &other);
  g_assert_cmpstr (other.code, !=, made.code);
  g_assert_cmpint (see_code (self, &anna, made.code, &joined), ==, SIGHEJ_N_ERRORS);
  g_assert_false (joined);

  sighej_test_clock_advance (self->clock, 200 * SECOND_US);
  g_assert_cmpint (see_code (self, &anna, made.code, &joined), ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpint (join (self, &bo, made.code), ==, SIGHEJ_ERROR_NOT_FOUND);
  g_assert_cmpint (join (self, &bo, other.code), ==, SIGHEJ_N_ERRORS);
  g_assert_cmpint (see_code (self, &anna, other.code, &joined), ==, SIGHEJ_N_ERRORS);
  g_assert_true (joined);
  g_assert_cmpint (see_code (self, &bo, other.code, &joined), ==, SIGHEJ_ERROR_NOT_FOUND);
}

static void
test_a_right_code_is_no_guess (Fixture *self, gconstpointer data)
{
  for (guint8 i = 0; i < SIGHEJ_PAIRING_GUESSES_PER_MINUTE + 5; i++)
    {
      const guint8 maker[16] = { 3, i }, joiner[16] = { 4, i };
      SighejMeetingsWho anna = get_who (maker, 1), bo = get_who (joiner, 2);
      Paired made = { 0 };

      make_code (self, &anna, 1, &made);
      g_assert_cmpint (join (self, &bo, made.code), ==, SIGHEJ_N_ERRORS);
    }
}

#define test_add(path, function) g_test_add (path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  test_add ("/amend/who-was-slower-decides-anew", test_who_was_slower_decides_anew);
  test_add ("/amend/who-is-always-slower-gives-up", test_who_is_always_slower_gives_up);
  test_add ("/amend/a-record-of-another-key-file-is-left-alone",
            test_a_record_of_another_key_file_is_left_alone);
  test_add ("/budget/lasts-a-minute", test_a_budget_lasts_a_minute);
  test_add ("/cue/is-alone-until-it-is-let-go", test_a_cue_is_alone_until_it_is_let_go);
  test_add ("/cue/differ-while-there-are-enough", test_cues_differ_while_there_are_enough);
  test_add ("/cue/a-full-cell-still-meets", test_a_full_cell_still_meets);
  test_add ("/meetings/tickets-become-too-old", test_tickets_become_too_old);
  test_add ("/meetings/a-wave-alone-is-nothing-to-the-other",
            test_a_wave_alone_is_nothing_to_the_other);
  test_add ("/meetings/a-poll-finds-who-is-gone", test_a_poll_finds_who_is_gone);
  test_add ("/meetings/the-newest-session-speaks", test_the_newest_session_speaks);
  test_add ("/pairing/a-code-lives-five-minutes", test_a_code_lives_five_minutes);
  test_add ("/pairing/a-right-code-is-no-guess", test_a_right_code_is_no_guess);
  return g_test_run ();
}
