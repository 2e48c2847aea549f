/* SPDX-License-Identifier: GPL-2.0-or-later */
/* T-17: two who see each other at two processes, while one of them expires to the microsecond,
 * ends, is muted or comes again as somebody who avoids the other: in any order, and with reports on
 * their way. SIGHEJ_SLOW=1 does it 100,000 times; --seed goes the same way again. */
#include "config.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-redis-worker.h"
#include "store-people.h"
#include "store-redis.h"

#define ROUNDS 2000
#define ROUNDS_SLOW 100000
#define SHORT_S 5
#define LONG_S 600
#define MUTE_MS 60000
#define REPORTS_MAX 4
#define US_PER_S G_USEC_PER_SEC

typedef enum
{
  CLOSING_NONE,
  CLOSING_NEARLY_EXPIRED, /* one microsecond is left */
  CLOSING_EXPIRED,
  CLOSING_ENDED,
  CLOSING_MUTED,
  CLOSING_AVOIDING, /* its session is replaced by one with a tag that the other has, too */
  N_CLOSINGS,
} Closing;

typedef struct
{
  SighejTestClock *clock;
  Fixture at[2]; /* two processes */
  guint n_fresh[N_CLOSINGS];
} Fixtures;

/* One report on its way. */
typedef struct
{
  Answer answer;
  guint side;
  gboolean is_late; /* sent when the closing had been answered */
  gboolean match;
  gboolean fresh;
} Report;

typedef struct
{
  Fixtures *fixtures;
  Closing closing;
  guint who; /* side that is closed */
  gboolean is_closed;
  guint openings[2]; /* of both sides */
  guint numbers[2];  /* of their sessions */
  guint former;      /* the session that was replaced, or 0 */
  guint places[2];   /* the process each is at */
  Report reports[REPORTS_MAX];
  guint n_reports;
} Round;

static void
set_up (Fixtures *self, gconstpointer data)
{
  store_redis_reset ();
  self->clock = sighej_test_clock_new ();
  for (guint i = 0; i < G_N_ELEMENTS (self->at); i++)
    self->at[i]
        = (Fixture){ .clock = self->clock, .store = store_redis_new (SIGHEJ_CLOCK (self->clock)) };
}

static void
tear_down (Fixtures *self, gconstpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (self->at); i++)
    sighej_test_assert_finalized (self->at[i].store);
  sighej_test_assert_finalized (self->clock);
}

/* The processes' time goes the way that Redis's has gone, with a heartbeat of each. */
static void
catch_up (Fixtures *self)
{
  gint64 left_us = SHORT_S * (gint64) US_PER_S;

  while (left_us > 0)
    {
      gint64 next_us = sighej_test_clock_next_us (self->clock);
      gint64 step_us = next_us < 0 ? left_us : MIN (left_us, MAX (next_us, 1));

      sighej_test_clock_advance (self->clock, step_us);
      left_us -= step_us;
      /* Twice: those who listen are asked on connections of their own. */
      for (guint i = 0; i < 2; i++)
        {
          people_count (&self->at[0]);
          people_count (&self->at[1]);
          sighej_test_settle ();
        }
    }
}

static gboolean
is_timed (const Round *round)
{
  return round->closing == CLOSING_EXPIRED || round->closing == CLOSING_NEARLY_EXPIRED;
}

/* ---- both come ---- */

static void
come (Round *round, guint side, gboolean avoids)
{
  Fixture *at = &round->fixtures->at[round->places[side]];
  gboolean is_short = is_timed (round) && side == round->who;

  ADD (at,
       .number = round->numbers[side],
       .opening = round->openings[side],
       .lifetime_s = is_short ? SHORT_S : LONG_S,
       .avoid = { avoids ? round->openings[0] : 0 },
       .interests = { 7 });
  if (g_test_rand_int_range (0, 2) == 0)
    g_assert_cmpint (people_attach (at, round->numbers[side], 1), ==, -1);
}

/* Whatever is left of a session. */
static void
go (Round *round, guint side, guint number)
{
  people_attach (&round->fixtures->at[round->places[side]], number, -1);
  people_end (&round->fixtures->at[round->places[side]], number);
}

/* ---- what they do ---- */

static void
on_sighted (const SighejStoreSight *sight, const GError *error, gpointer user_data)
{
  Report *report = user_data;

  report->answer.n_calls++;
  report->answer.code = error != NULL ? error->code : -1;
  report->match = error == NULL && sight->match;
  report->fresh = error == NULL && sight->fresh;
}

static void
see (Round *round, guint side)
{
  Report *report = &round->reports[round->n_reports++];
  const SighejStoreReport sent = {
    .session_id = people_id (round->numbers[side]),
    .detected_token = people_token (round->numbers[!side]),
    .policy = SIGHEJ_MATCH_MUTUAL,
    .n_per_minute = 1,
  };

  *report = (Report){ .side = side, .is_late = round->is_closed };
  sighej_store_sight (round->fixtures->at[round->places[side]].store, &sent, on_sighted, report);
}

static void
wait_for_all (Round *round)
{
  for (guint i = 0; i < round->n_reports; i++)
    WAIT_UNTIL (round->reports[i].answer.n_calls > 0);
}

static void
mute (Round *round)
{
  guint8 opening[SIGHEJ_STORE_OPENING_BYTES];
  char text[2 * SIGHEJ_STORE_OPENING_BYTES + 1];
  g_autofree char *key = NULL;

  people_opening (round->openings[round->who], opening);
  sighej_hex_encode (opening, sizeof opening, text);
  key = g_strconcat (SIGHEJ_STORE_MUTE_PREFIX, text, NULL);
  g_assert_true (
      people_swap_record (&round->fixtures->at[!round->places[0]], key, 0, "muted", MUTE_MS, NULL)
          .swapped);
}

/* At any process. */
static void
end (Round *round)
{
  Fixture *at = &round->fixtures->at[g_test_rand_int_range (0, 2)];

  g_assert_cmpint (people_end (at, round->numbers[round->who]), ==, -1);
}

static void
do_closing (Round *round)
{
  switch (round->closing)
    {
    case CLOSING_NEARLY_EXPIRED:
      store_redis_turn (SHORT_S * (gint64) US_PER_S - 1);
      break;
    case CLOSING_EXPIRED:
      store_redis_turn (SHORT_S * (gint64) US_PER_S);
      break;
    case CLOSING_ENDED:
      end (round);
      break;
    case CLOSING_MUTED:
      mute (round);
      break;
    case CLOSING_AVOIDING:
      end (round);
      round->former = round->numbers[round->who];
      round->numbers[round->who] = round->former + 2;
      come (round, round->who, TRUE);
      break;
    case CLOSING_NONE:
    case N_CLOSINGS:
    default:
      break;
    }
  round->is_closed = TRUE;
}

/* Each sees the other, perhaps twice, in any order; then, or before, or while reports are on their
 * way, one is closed. */
static void
act (Round *round)
{
  guint n_left[]
      = { 1 + (guint) g_test_rand_int_range (0, 2), 1 + (guint) g_test_rand_int_range (0, 2) };

  while (n_left[0] + n_left[1] > 0 || !round->is_closed)
    {
      guint what = (guint) g_test_rand_int_range (0, 3);

      if (what < 2 && n_left[what] > 0)
        {
          n_left[what]--;
          see (round, what);
        }
      else if (what == 2 && !round->is_closed)
        do_closing (round);
      if (g_test_rand_int_range (0, 3) == 0)
        wait_for_all (round);
    }
  wait_for_all (round);
}

/* ---- what may have come of it ---- */

static gboolean
is_gone (const Round *round, guint side)
{
  return side == round->who
         && (round->closing == CLOSING_EXPIRED || round->closing == CLOSING_ENDED);
}

static void
check_report (const Round *round, const Report *report)
{
  gboolean may_be_unknown
      = is_gone (round, report->side)
        || (round->closing == CLOSING_AVOIDING && report->side == round->who && !report->is_late);

  if (report->answer.code != -1)
    g_assert_cmpint (may_be_unknown ? report->answer.code : -1, ==, SIGHEJ_ERROR_NOT_FOUND);
  if (report->is_late && round->closing == CLOSING_MUTED)
    g_assert_false (report->fresh);
  if (report->is_late && round->closing >= CLOSING_EXPIRED && round->closing != CLOSING_MUTED)
    g_assert_false (report->match);
}

static guint
count_fresh (const Round *round)
{
  guint n_fresh = 0;

  for (guint i = 0; i < round->n_reports; i++)
    n_fresh += round->reports[i].fresh;
  return n_fresh;
}

/* Both have the nudge, or neither; who is gone is told of none, nor who came to avoid the other. */
static void
check_outbox (const Round *round, guint side, guint n_fresh)
{
  Outbox outbox
      = people_read_outbox (&round->fixtures->at[round->places[side]], round->numbers[side], 0);

  if (is_gone (round, side))
    {
      g_assert_cmpint (outbox.answer.code, ==, SIGHEJ_ERROR_NOT_FOUND);
      return;
    }
  g_assert_cmpint (outbox.answer.code, ==, -1);
  if (side == round->who && round->closing == CLOSING_AVOIDING)
    n_fresh = 0;
  g_assert_cmpuint (outbox.n_nudges, ==, n_fresh);
}

static void
check (Round *round)
{
  guint n_fresh = count_fresh (round);

  for (guint i = 0; i < round->n_reports; i++)
    check_report (round, &round->reports[i]);
  if (round->closing < CLOSING_EXPIRED)
    g_assert_cmpuint (n_fresh, ==, 1);
  g_assert_cmpuint (n_fresh, <=, 1);
  for (guint side = 0; side < 2; side++)
    check_outbox (round, side, n_fresh);
  round->fixtures->n_fresh[round->closing] += n_fresh;
}

static void
play (Fixtures *self, guint number)
{
  Round round = { .fixtures = self,
                  .closing = (Closing) g_test_rand_int_range (0, N_CLOSINGS),
                  .who = (guint) g_test_rand_int_range (0, 2),
                  .openings = { 4 * number + 1, 4 * number + 2 },
                  .numbers = { 4 * number + 1, 4 * number + 2 },
                  .places = { (guint) g_test_rand_int_range (0, 2),
                              (guint) g_test_rand_int_range (0, 2) } };

  for (guint side = 0; side < 2; side++)
    come (&round, side, round.closing == CLOSING_AVOIDING && side != round.who);
  act (&round);
  check (&round);
  for (guint side = 0; side < 2; side++)
    go (&round, side, round.numbers[side]);
  if (round.former > 0)
    go (&round, round.who, round.former);
  if (round.closing == CLOSING_NEARLY_EXPIRED)
    store_redis_turn (1);
  if (is_timed (&round))
    catch_up (self);
}

static void
test_nobody_is_nudged_with_who_is_gone (Fixtures *self, gconstpointer data)
{
  guint n_rounds = g_getenv ("SIGHEJ_SLOW") != NULL ? ROUNDS_SLOW : ROUNDS;

  for (guint i = 0; i < n_rounds; i++)
    play (self, i);
  g_test_message ("%u rounds; nudges where one expired meanwhile: %u, ended: %u, was muted: %u, "
                  "came to avoid: %u",
                  n_rounds,
                  self->n_fresh[CLOSING_EXPIRED],
                  self->n_fresh[CLOSING_ENDED],
                  self->n_fresh[CLOSING_MUTED],
                  self->n_fresh[CLOSING_AVOIDING]);
  /* Some in time, else nothing was raced. */
  for (Closing closing = CLOSING_EXPIRED; closing < N_CLOSINGS; closing++)
    g_assert_cmpuint (self->n_fresh[closing], >, n_rounds / 100);
}

int
main (int argc, char **argv)
{
  int status;

  g_test_init (&argc, &argv, NULL);
  g_test_add ("/store-races/T-17-nobody-is-nudged-with-who-is-gone",
              Fixtures,
              NULL,
              set_up,
              test_nobody_is_nudged_with_who_is_gone,
              tear_down);
  status = g_test_run ();
  store_redis_stop ();
  return status;
}
