/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an act costs the store: the same, whether or not the other side has waved. */
#include "config.h"

#include <string.h>

#include "sighej-error.h"
#include "sighej-meetings.h"
#include "sighej-store-memory.h"
#include "sighej-test-clock.h"
#include "sighej-test.h"

/* A store that writes down what of its records is asked for, and hands it on. */

#define WATCHED_TYPE_STORE (watched_store_get_type ())
G_DECLARE_FINAL_TYPE (WatchedStore, watched_store, WATCHED, STORE, GObject)

struct _WatchedStore
{
  GObject parent_instance;

  SighejStore *store;
  GString *calls; /* "read meet, swap waves, " */
};

/* The kind of record, not whose. */
static void
note_call (SighejStore *store, const char *what, const char *key)
{
  g_string_append_printf (
      WATCHED_STORE (store)->calls, "%s %.*s, ", what, (int) strcspn (key, ":"), key);
}

static void
read_record (SighejStore *store, const char *key, SighejStoreRecordRead read, gpointer user_data)
{
  note_call (store, "read", key);
  sighej_store_read_record (WATCHED_STORE (store)->store, key, read, user_data);
}

static void
swap_record (SighejStore *store,
             const char *key,
             const SighejStoreSwap *swap,
             SighejStoreSwapped swapped,
             gpointer user_data)
{
  note_call (store, swap->value != NULL ? "write" : "delete", key);
  if (swap->wake != NULL && swap->wake[0] != NULL)
    note_call (store, "wake", "somebody");
  sighej_store_swap_record (WATCHED_STORE (store)->store, key, swap, swapped, user_data);
}

static void
is_attached (SighejStore *store, const char *id, SighejStoreAttached attached, gpointer user_data)
{
  note_call (store, "is", "attached");
  sighej_store_is_attached (WATCHED_STORE (store)->store, id, attached, user_data);
}

static void
watched_store_init_store (SighejStoreInterface *iface)
{
  iface->read_record = read_record;
  iface->swap_record = swap_record;
  iface->is_attached = is_attached;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (WatchedStore,
                               watched_store,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (SIGHEJ_TYPE_STORE, watched_store_init_store))

static void
watched_store_init (WatchedStore *self)
{
  self->calls = g_string_new (NULL);
}

static void
watched_store_finalize (GObject *object)
{
  WatchedStore *self = WATCHED_STORE (object);

  g_object_unref (self->store);
  g_string_free (self->calls, TRUE);
  G_OBJECT_CLASS (watched_store_parent_class)->finalize (object);
}

static void
watched_store_class_init (WatchedStoreClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = watched_store_finalize;
}

/* Anna, who did something or nothing, and Bo, who asks */

static const guint8 openings[2][16] = { { 1 }, { 2 } };

typedef struct
{
  SighejTestClock *clock;
  WatchedStore *store;
  SighejVault *vault;
  SighejMeetings *meetings;
} Fixture;

static void
set_up (Fixture *self, gconstpointer data)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = g_build_filename (folder, "backend.key", NULL);
  g_autoptr (GError) error = NULL;

  self->clock = sighej_test_clock_new ();
  self->store = g_object_new (WATCHED_TYPE_STORE, NULL);
  self->store->store = sighej_store_memory_new (SIGHEJ_CLOCK (self->clock));
  self->vault = sighej_vault_new_from_file (path, TRUE, &error);
  g_assert_no_error (error);
  self->meetings
      = sighej_meetings_new (SIGHEJ_STORE (self->store), self->vault, SIGHEJ_CLOCK (self->clock));
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
  GString *out = user_data;

  g_string_append (out, error == NULL ? "ok" : error->message);
}

/* Returns: the answer, and behind it what it cost. */
static char *
ask (Fixture *self, guint who, SighejMeetAct kind)
{
  g_autoptr (GString) answer = g_string_new (NULL);
  SighejWireMeet *act = g_new0 (SighejWireMeet, 1);
  SighejMeetingsWho asks = { .remaining_ms = 7200000 };
  SighejNudgeTicket ticket
      = { .made_ms = sighej_clock_wall_us (SIGHEJ_CLOCK (self->clock)) / 1000 };

  memcpy (asks.opening, openings[who], sizeof asks.opening);
  g_snprintf (asks.session_id, sizeof asks.session_id, "%08x-0000-4000-8000-000000000000", who);
  sighej_vault_nudge_id (self->vault, openings[0], openings[1], act->nudge_id);
  g_strlcpy (ticket.nudge_id, act->nudge_id, sizeof ticket.nudge_id);
  memcpy (ticket.own, openings[who], sizeof ticket.own);
  memcpy (ticket.peer, openings[!who], sizeof ticket.peer);
  act->act = kind;
  act->ticket = sighej_vault_seal_ticket (self->vault, &ticket);
  act->has_public_key = TRUE;
  act->number = 1;
  act->body = g_bytes_new_static ("hello", 5);
  g_string_set_size (self->store->calls, 0);
  sighej_meetings_act (self->meetings, &asks, act, note_done, answer);
  return g_strdup_printf ("%s: %s", answer->str, self->store->calls->str);
}

static void
do_it (Fixture *self, guint who, SighejMeetAct kind)
{
  g_autofree char *answer = ask (self, who, kind);

  g_assert_true (g_str_has_prefix (answer, "ok: "));
}

typedef struct
{
  guint n_acts;
  SighejMeetAct acts[2];
} Past; /* what Anna did */

static const Past pasts[] = {
  { 0, { 0 } },
  { 1, { SIGHEJ_MEET_WITHDRAW } },
  { 1, { SIGHEJ_MEET_BLOCK } },
  { 2, { SIGHEJ_MEET_WAVE, SIGHEJ_MEET_WITHDRAW } },
  { 2, { SIGHEJ_MEET_WAVE, SIGHEJ_MEET_BLOCK } },
  { 1, { SIGHEJ_MEET_WAVE } },
};

/* What Bo gets, and what it costs, after each of the first @n_pasts. */
static void
assert_alike (guint n_pasts, gboolean waved, SighejMeetAct kind)
{
  g_autofree char *expected = NULL;

  for (guint i = 0; i < n_pasts; i++)
    {
      g_autofree char *answer = NULL;
      Fixture self;

      set_up (&self, NULL);
      if (waved)
        do_it (&self, 1, SIGHEJ_MEET_WAVE);
      for (guint j = 0; j < pasts[i].n_acts; j++)
        do_it (&self, 0, pasts[i].acts[j]);
      answer = ask (&self, 1, kind);
      if (expected == NULL)
        expected = g_strdup (answer);
      g_assert_cmpstr (answer, ==, expected);
      tear_down (&self, NULL);
    }
}

static void
test_who_has_not_waved_pays_the_same (void)
{
  for (SighejMeetAct kind = SIGHEJ_MEET_WITHDRAW; kind <= SIGHEJ_MEET_REVEAL; kind++)
    assert_alike (G_N_ELEMENTS (pasts), FALSE, kind);
}

static void
test_a_first_wave_costs_the_same (void)
{
  assert_alike (G_N_ELEMENTS (pasts) - 1, FALSE, SIGHEJ_MEET_WAVE);
}

/* Nobody who waved learns that the other would not. */
static void
test_who_has_waved_pays_the_same (void)
{
  for (SighejMeetAct kind = SIGHEJ_MEET_WAVE; kind <= SIGHEJ_MEET_REVEAL; kind++)
    assert_alike (3, TRUE, kind);
}

/* A wave, and all that follows it but the other's wave, wakes nobody. */
static void
test_a_wave_alone_wakes_nobody (Fixture *self, gconstpointer data)
{
  for (SighejMeetAct kind = SIGHEJ_MEET_WAVE; kind <= SIGHEJ_MEET_REVEAL; kind++)
    {
      g_autofree char *wave = ask (self, 0, SIGHEJ_MEET_WAVE);
      g_autofree char *answer = ask (self, 0, kind);

      g_assert_null (strstr (wave, "wake"));
      g_assert_null (strstr (answer, "wake"));
    }
  do_it (self, 0, SIGHEJ_MEET_WAVE);
  do_it (self, 1, SIGHEJ_MEET_WAVE);
  g_assert_nonnull (strstr (self->store->calls->str, "write meet, wake somebody"));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/wave-secrecy/who-has-not-waved-pays-the-same",
                   test_who_has_not_waved_pays_the_same);
  g_test_add_func ("/wave-secrecy/a-first-wave-costs-the-same", test_a_first_wave_costs_the_same);
  g_test_add_func ("/wave-secrecy/who-has-waved-pays-the-same", test_who_has_waved_pays_the_same);
  g_test_add ("/wave-secrecy/a-wave-alone-wakes-nobody",
              Fixture,
              NULL,
              set_up,
              test_a_wave_alone_wakes_nobody,
              tear_down);
  return g_test_run ();
}
