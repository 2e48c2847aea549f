/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>

#include "sighej-names.h"
#include "sighej-radio-kinds.h"
#include "sighej-radio.h"
#include "sighej-settings.h"
#include "sighej-test.h"

/*
 * What every radio must do, whatever it is made of. Real Bluetooth takes part when
 * SIGHEJ_TEST_ADAPTERS names two adapters in range of each other, as in "hci0,hci1"; the VM ring
 * does that (tests/vm/guest/test_radio_conformance.py).
 */

#define ENV_ADAPTERS "SIGHEJ_TEST_ADAPTERS"

typedef struct
{
  const char *kind;
  /* FALSE: it never gets on the air, and says why. */
  gboolean works;
  /* (nullable): (transfer full): the radio's adapter, NULL: any */
  char *(*dup_adapter) (guint i);
  /* Sets up what all radios of a test share. */
  void (*prepare) (void);
  /* Takes part only when it is set. (nullable) */
  const char *needs;
} Candidate;

static char *
dup_any_adapter (guint i)
{
  return NULL;
}

static char *
dup_named_adapter (guint i)
{
  g_auto (GStrv) names = g_strsplit (g_getenv (ENV_ADAPTERS), ",", 2);

  g_assert_cmpuint (g_strv_length (names), ==, 2);
  return g_strdup (names[i]);
}

static void
prepare_nothing (void)
{
}

static void
prepare_air (void)
{
  g_autofree char *air = sighej_test_dup_dir ();

  g_setenv (SIGHEJ_ENV_SIM_AIR, air, TRUE);
}

static const Candidate candidates[] = {
  { "sim", TRUE, dup_any_adapter, prepare_air, NULL },
  { "none", FALSE, dup_any_adapter, prepare_nothing, NULL },
  { "bluez", TRUE, dup_named_adapter, prepare_nothing, ENV_ADAPTERS },
};

static const SighejPayload payload_a
    = { SIGHEJ_PAYLOAD_OPEN, 0x35, -59, { { 0xa0, 1, 2, 3, 4, 5, 6, 7, 8, 9 } } };
static const SighejPayload payload_b
    = { SIGHEJ_PAYLOAD_OPEN, 0x35, -59, { { 0xb0, 1, 2, 3, 4, 5, 6, 7, 8, 9 } } };

/* ---- one radio and what it says ---- */

typedef struct
{
  SighejRadio *radio;
  gboolean in_call;
  guint n_on_air_notifies;
  guint n_heard;
  SighejPayload heard;
} Ear;

typedef struct
{
  const Candidate *candidate;
  SighejClock *clock;
  GDBusConnection *bus;
  Ear ears[2];
} Fixture;

static void
on_notify (SighejRadio *radio, GParamSpec *pspec, gpointer user_data)
{
  Ear *ear = user_data;

  /* Whoever gives an order is never called back from inside it. */
  g_assert_false (ear->in_call);
  if (g_str_equal (pspec->name, "on-air"))
    ear->n_on_air_notifies++;
}

static void
on_heard (SighejRadio *radio, const guint8 *data, guint n_bytes, int rssi_dbm, gpointer user_data)
{
  Ear *ear = user_data;
  SighejPayload payload;

  g_assert_false (ear->in_call);
  g_assert_cmpuint (n_bytes, <=, SIGHEJ_AD_BYTES);
  g_assert_cmpint (rssi_dbm, >=, -127);
  g_assert_cmpint (rssi_dbm, <=, 127);
  if (sighej_payload_decode (data, n_bytes, 0x35, &payload) != SIGHEJ_PAYLOAD_ACCEPTED)
    return;
  ear->n_heard++;
  ear->heard = payload;
}

static void
make_radio (Fixture *fixture, guint i)
{
  const SighejRadioKind *kind = sighej_radio_kind_find (fixture->candidate->kind);
  g_autoptr (SighejConfig) config = sighej_config_new (sighej_settings_keys);
  Ear *ear = &fixture->ears[i];
  g_autofree char *name = g_strdup_printf ("radio-%u", i);
  g_autofree char *adapter = fixture->candidate->dup_adapter (i);

  g_assert_nonnull (kind);
  g_setenv (SIGHEJ_ENV_SIM_NAME, name, TRUE);
  ear->radio = kind->create (fixture->clock, fixture->bus, config);
  sighej_radio_set_adapter (ear->radio, adapter);
  g_signal_connect (ear->radio, "notify", G_CALLBACK (on_notify), ear);
  g_signal_connect (ear->radio, "heard", G_CALLBACK (on_heard), ear);
}

static void
set_up (Fixture *fixture, gconstpointer user_data)
{
  fixture->candidate = user_data;
  fixture->candidate->prepare ();
  fixture->clock = sighej_clock_new_system ();
  if (g_str_equal (fixture->candidate->kind, "bluez"))
    fixture->bus = g_bus_get_sync (G_BUS_TYPE_SYSTEM, NULL, NULL);
  make_radio (fixture, 0);
  make_radio (fixture, 1);
}

static void
tear_down (Fixture *fixture, gconstpointer user_data)
{
  for (guint i = 0; i < G_N_ELEMENTS (fixture->ears); i++)
    {
      g_signal_handlers_disconnect_by_data (fixture->ears[i].radio, &fixture->ears[i]);
      sighej_test_assert_finalized (fixture->ears[i].radio);
    }
  g_clear_object (&fixture->bus);
  sighej_test_assert_finalized (fixture->clock);
}

/* TRUE: the test is to be left: it needs a radio that works, and this one never does. */
static gboolean
leave (Fixture *fixture, gboolean needs_to_work)
{
  return needs_to_work && !fixture->candidate->works;
}

static void
set_payload (Ear *ear, const SighejPayload *payload)
{
  ear->in_call = TRUE;
  sighej_radio_set_payload (ear->radio, payload);
  ear->in_call = FALSE;
}

static void
set_scan (Ear *ear, SighejScanPlan plan)
{
  ear->in_call = TRUE;
  sighej_radio_set_scan (ear->radio, plan);
  ear->in_call = FALSE;
}

static void
start (Ear *ear)
{
  ear->in_call = TRUE;
  sighej_radio_start (ear->radio);
  ear->in_call = FALSE;
}

static gboolean
is_on_air (SighejRadio *radio)
{
  gboolean on_air;

  g_object_get (radio, "on-air", &on_air, NULL);
  return on_air;
}

static gboolean
airs (Ear *ear, const SighejPayload *payload)
{
  SighejPayload aired;

  return is_on_air (ear->radio) && sighej_radio_get_on_air (ear->radio, &aired)
         && sighej_token_equal (&aired.token, &payload->token);
}

static gboolean
is_silent (Ear *ear)
{
  return !is_on_air (ear->radio) && !sighej_radio_get_on_air (ear->radio, NULL);
}

/* ---- the script ---- */

static void
test_names_itself (Fixture *fixture, gconstpointer unused)
{
  if (leave (fixture, FALSE))
    return;
  g_assert_cmpstr (sighej_radio_get_kind (fixture->ears[0].radio), ==, fixture->candidate->kind);
}

static void
test_untouched_before_start (Fixture *fixture, gconstpointer unused)
{
  Ear *ear = &fixture->ears[0];

  if (leave (fixture, FALSE))
    return;
  set_payload (ear, &payload_a);
  set_scan (ear, SIGHEJ_SCAN_CONTINUOUS);
  sighej_test_settle ();
  g_assert_true (is_silent (ear));
  g_assert_false (sighej_radio_get_scanning (ear->radio));
}

static void
test_says_how_it_is (Fixture *fixture, gconstpointer unused)
{
  Ear *ear = &fixture->ears[0];
  g_autofree char *adapter = NULL;
  g_autofree char *id = NULL;
  g_auto (GStrv) adapters = NULL;

  if (leave (fixture, FALSE))
    return;
  start (ear);
  if (!fixture->candidate->works)
    {
      sighej_test_settle ();
      id = sighej_radio_dup_adapter_id (ear->radio);
      g_assert_cmpstr (id, ==, "");
      g_assert_cmpint (sighej_radio_get_trouble (ear->radio), !=, SIGHEJ_REASON_NONE);
      g_assert_cmpint (sighej_reason_to_bluetooth (sighej_radio_get_trouble (ear->radio)),
                       !=,
                       SIGHEJ_BLUETOOTH_READY);
      return;
    }
  WAIT_UNTIL (sighej_radio_get_trouble (ear->radio) == SIGHEJ_REASON_NONE);
  adapter = sighej_radio_dup_adapter (ear->radio);
  adapters = sighej_radio_dup_adapters (ear->radio);
  g_assert_true (g_variant_is_object_path (adapter));
  g_assert_true (g_strv_contains ((const char *const *) adapters, adapter));
  id = sighej_radio_dup_adapter_id (ear->radio);
  g_assert_cmpstr (id, !=, "");
}

static void
test_orders_from_before_start (Fixture *fixture, gconstpointer unused)
{
  Ear *ear = &fixture->ears[0];

  if (leave (fixture, TRUE))
    return;
  set_payload (ear, &payload_a);
  set_scan (ear, SIGHEJ_SCAN_CONTINUOUS);
  start (ear);
  WAIT_UNTIL (airs (ear, &payload_a));
  WAIT_UNTIL (sighej_radio_get_scanning (ear->radio));
}

static void
test_payload_comes_and_goes (Fixture *fixture, gconstpointer unused)
{
  Ear *ear = &fixture->ears[0];
  guint n_notifies;

  if (leave (fixture, TRUE))
    return;
  start (ear);
  set_payload (ear, &payload_a);
  WAIT_UNTIL (airs (ear, &payload_a));
  n_notifies = ear->n_on_air_notifies;
  g_assert_cmpuint (n_notifies, ==, 1);

  set_payload (ear, &payload_a);
  sighej_test_settle ();
  g_assert_true (airs (ear, &payload_a));
  g_assert_cmpuint (ear->n_on_air_notifies, ==, n_notifies);

  set_payload (ear, NULL);
  WAIT_UNTIL (is_silent (ear));
  WAIT_UNTIL (ear->n_on_air_notifies == n_notifies + 1);
}

static void
test_payload_is_replaced (Fixture *fixture, gconstpointer unused)
{
  Ear *ear = &fixture->ears[0];

  if (leave (fixture, TRUE))
    return;
  start (ear);
  set_payload (ear, &payload_a);
  WAIT_UNTIL (airs (ear, &payload_a));
  set_payload (ear, &payload_b);
  g_assert_false (is_on_air (ear->radio));
  WAIT_UNTIL (airs (ear, &payload_b));
  g_assert_cmpuint (ear->n_on_air_notifies, ==, 3);
}

/* Orders may come faster than they can be carried out; the last one counts. */
static void
test_last_order_counts (Fixture *fixture, gconstpointer unused)
{
  Ear *ear = &fixture->ears[0];

  if (leave (fixture, TRUE))
    return;
  start (ear);
  for (guint i = 0; i < 20; i++)
    {
      set_payload (ear, i % 2 == 0 ? &payload_a : NULL);
      set_scan (ear, i % 2 == 0 ? SIGHEJ_SCAN_OFF : SIGHEJ_SCAN_CONTINUOUS);
      g_main_context_iteration (NULL, FALSE);
    }
  set_payload (ear, &payload_b);
  WAIT_UNTIL (airs (ear, &payload_b));
  WAIT_UNTIL (sighej_radio_get_scanning (ear->radio));
}

static void
test_scan_starts_and_stops (Fixture *fixture, gconstpointer unused)
{
  Ear *ear = &fixture->ears[0];

  if (leave (fixture, TRUE))
    return;
  start (ear);
  set_scan (ear, SIGHEJ_SCAN_CONTINUOUS);
  WAIT_UNTIL (sighej_radio_get_scanning (ear->radio));
  set_scan (ear, SIGHEJ_SCAN_OFF);
  WAIT_UNTIL (!sighej_radio_get_scanning (ear->radio));
}

static void
test_two_hear_each_other (Fixture *fixture, gconstpointer unused)
{
  Ear *anna = &fixture->ears[0];
  Ear *bob = &fixture->ears[1];

  if (leave (fixture, TRUE))
    return;
  start (anna);
  start (bob);
  set_payload (anna, &payload_a);
  set_payload (bob, &payload_b);
  set_scan (anna, SIGHEJ_SCAN_CONTINUOUS);
  set_scan (bob, SIGHEJ_SCAN_CONTINUOUS);
  WAIT_UNTIL (anna->n_heard > 0 && bob->n_heard > 0);
  g_assert_true (sighej_token_equal (&anna->heard.token, &payload_b.token));
  g_assert_true (sighej_token_equal (&bob->heard.token, &payload_a.token));

  set_payload (anna, &payload_b);
  WAIT_UNTIL (sighej_token_equal (&bob->heard.token, &payload_b.token));
}

static void
on_stopped (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_radio_stop_finish (SIGHEJ_RADIO (source), result, &error));
  g_assert_no_error (error);
  (*(guint *) user_data)++;
}

static void
test_stop (Fixture *fixture, gconstpointer unused)
{
  Ear *ear = &fixture->ears[0];
  guint n_stopped = 0;

  if (leave (fixture, FALSE))
    return;
  start (ear);
  set_payload (ear, &payload_a);
  set_scan (ear, SIGHEJ_SCAN_CONTINUOUS);
  if (fixture->candidate->works)
    WAIT_UNTIL (airs (ear, &payload_a) && sighej_radio_get_scanning (ear->radio));

  sighej_radio_stop_async (ear->radio, on_stopped, &n_stopped);
  WAIT_UNTIL (n_stopped == 1);
  g_assert_true (is_silent (ear));
  g_assert_false (sighej_radio_get_scanning (ear->radio));

  sighej_radio_stop_async (ear->radio, on_stopped, &n_stopped);
  WAIT_UNTIL (n_stopped == 2);
  g_assert_true (is_silent (ear));
}

static void
test_stop_before_start (Fixture *fixture, gconstpointer unused)
{
  guint n_stopped = 0;

  if (leave (fixture, FALSE))
    return;
  sighej_radio_stop_async (fixture->ears[0].radio, on_stopped, &n_stopped);
  WAIT_UNTIL (n_stopped == 1);
}

static void
test_other_adapter (Fixture *fixture, gconstpointer unused)
{
  Ear *ear = &fixture->ears[0];
  g_autofree char *adapter = NULL;

  if (leave (fixture, TRUE))
    return;
  start (ear);
  set_payload (ear, &payload_a);
  WAIT_UNTIL (airs (ear, &payload_a));
  adapter = sighej_radio_dup_adapter (ear->radio);

  sighej_radio_set_adapter (ear->radio, "/org/bluez/hci99");
  WAIT_UNTIL (is_silent (ear));
  WAIT_UNTIL (sighej_radio_get_trouble (ear->radio) == SIGHEJ_REASON_BLUETOOTH_MISSING);

  sighej_radio_set_adapter (ear->radio, adapter);
  WAIT_UNTIL (airs (ear, &payload_a));
  sighej_radio_set_adapter (ear->radio, "auto");
  WAIT_UNTIL (airs (ear, &payload_a));
}

static void
test_doctor (Fixture *fixture, gconstpointer unused)
{
  static const char *const levels[] = { "ok", "warning", "error", NULL };
  g_autoptr (GPtrArray) results
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_check_result_free);

  if (leave (fixture, FALSE))
    return;
  start (&fixture->ears[0]);
  sighej_test_settle ();
  sighej_radio_check (fixture->ears[0].radio, results);
  g_assert_cmpuint (results->len, >, 0);
  for (guint i = 0; i < results->len; i++)
    {
      SighejCheckResult *result = results->pdata[i];

      g_assert_nonnull (strchr (result->id, '.'));
      g_assert_true (g_strv_contains (levels, result->level));
      g_assert_cmpuint (strlen (result->text), >, 0);
      if (!g_str_equal (result->level, "ok"))
        g_assert_cmpuint (strlen (result->next), >, 0);
    }
}

static void
test_counters (Fixture *fixture, gconstpointer unused)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{st}"));
  g_autoptr (GVariant) counters = NULL;
  GVariantIter iter;
  const char *name;
  guint64 value;

  if (leave (fixture, FALSE))
    return;
  sighej_radio_count (fixture->ears[0].radio, &builder);
  counters = g_variant_ref_sink (g_variant_builder_end (&builder));
  g_variant_iter_init (&iter, counters);
  while (g_variant_iter_next (&iter, "{&st}", &name, &value))
    g_assert_true (g_str_has_prefix (name, "radio."));
}

static void
test_dropped_on_air (Fixture *fixture, gconstpointer unused)
{
  Ear *ear = &fixture->ears[0];

  if (leave (fixture, FALSE))
    return;
  start (ear);
  set_payload (ear, &payload_a);
  set_scan (ear, SIGHEJ_SCAN_CONTINUOUS);
  if (fixture->candidate->works)
    WAIT_UNTIL (airs (ear, &payload_a));
  /* tear_down() proves that it dies all the same. */
}

/* ---- the table of kinds ---- */

static void
test_kinds (void)
{
  guint n_kinds;
  const SighejRadioKind *kinds = sighej_radio_kinds (&n_kinds);

  g_assert_cmpuint (n_kinds, ==, G_N_ELEMENTS (candidates));
  for (guint i = 0; i < n_kinds; i++)
    {
      g_assert_true (sighej_radio_kind_find (kinds[i].name) == &kinds[i]);
      g_assert_cmpint (kinds[i].automatic, ==, !g_str_equal (kinds[i].name, "sim"));
    }
  g_assert_cmpstr (kinds[n_kinds - 1].name, ==, "none");
  g_assert_null (sighej_radio_kind_find ("smoke-signals"));
  g_assert_null (sighej_radio_kind_find (NULL));
}

static void
add_script (const Candidate *candidate)
{
  static const struct
  {
    const char *name;
    void (*function) (Fixture *, gconstpointer);
  } script[] = {
    { "names-itself", test_names_itself },
    { "touches-nothing-before-start", test_untouched_before_start },
    { "says-how-it-is", test_says_how_it_is },
    { "carries-out-orders-from-before-start", test_orders_from_before_start },
    { "payload-comes-and-goes", test_payload_comes_and_goes },
    { "payload-is-replaced", test_payload_is_replaced },
    { "last-order-counts", test_last_order_counts },
    { "scan-starts-and-stops", test_scan_starts_and_stops },
    { "two-hear-each-other", test_two_hear_each_other },
    { "stop-leaves-silence", test_stop },
    { "stops-before-start", test_stop_before_start },
    { "other-adapter-and-back", test_other_adapter },
    { "explains-itself", test_doctor },
    { "counts", test_counters },
    { "can-be-dropped-on-air", test_dropped_on_air },
  };

  for (guint i = 0; i < G_N_ELEMENTS (script); i++)
    {
      g_autofree char *path = g_strdup_printf ("/radio/%s/%s", candidate->kind, script[i].name);

      g_test_add (path, Fixture, candidate, set_up, script[i].function, tear_down);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/radio/kinds", test_kinds);
  for (guint i = 0; i < G_N_ELEMENTS (candidates); i++)
    if (candidates[i].needs == NULL || g_getenv (candidates[i].needs) != NULL)
      add_script (&candidates[i]);

  return g_test_run ();
}
