/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-enum-types.h"
#include "sighej-error.h"
#include "sighej-screen-types.h"
#include "sighej-screen.h"

#define NOW_S 1795226400u

/* Somebody who has opened before, and is off. */
static SighejScreenFacts
settled (SighejState state)
{
  SighejScreenFacts facts = {
    .connected = TRUE,
    .present = TRUE,
    .activatable = TRUE,
    .state = state,
    .notice_accepted = TRUE,
    .n_interests = 2,
    .has_backend = TRUE,
    .backend = SIGHEJ_BACKEND_STATE_ONLINE,
    .privacy = SIGHEJ_PRIVACY_PRIVATE,
    .now = NOW_S,
  };

  return facts;
}

static void
assert_screen (const SighejScreenFacts *facts, SighejScreen expected)
{
  g_assert_cmpstr (sighej_enum_to_nick (SIGHEJ_TYPE_SCREEN, sighej_screen_of (facts)),
                   ==,
                   sighej_enum_to_nick (SIGHEJ_TYPE_SCREEN, expected));
}

static void
assert_notice (const SighejScreenFacts *facts, SighejNotice expected)
{
  g_assert_cmpstr (sighej_enum_to_nick (SIGHEJ_TYPE_NOTICE, sighej_notice_of (facts)),
                   ==,
                   sighej_enum_to_nick (SIGHEJ_TYPE_NOTICE, expected));
}

/* Every value of an enum but the first, in order; each test has to say something of all of them. */
static guint
n_values (GType type)
{
  g_autoptr (GEnumClass) values = g_type_class_ref (type);

  return values->n_values;
}

/* ---- the bus and the daemon ---- */

static void
test_bus (void)
{
  SighejScreenFacts facts = { 0 };

  assert_screen (&facts, SIGHEJ_SCREEN_STARTING);
  facts.bus_lost = TRUE;
  assert_screen (&facts, SIGHEJ_SCREEN_NO_BUS);

  /* Whatever else was known before it was lost. */
  for (int state = 0; state < (int) n_values (SIGHEJ_TYPE_STATE); state++)
    {
      facts = settled ((SighejState) state);
      facts.has_meet = facts.has_nudge = facts.after = TRUE;
      facts.privacy = SIGHEJ_PRIVACY_LINKABLE;
      facts.backend = SIGHEJ_BACKEND_STATE_REFUSED;
      facts.bus_lost = TRUE;
      assert_screen (&facts, SIGHEJ_SCREEN_NO_BUS);
      assert_notice (&facts, SIGHEJ_NOTICE_NONE);

      facts.bus_lost = facts.connected = FALSE;
      assert_screen (&facts, SIGHEJ_SCREEN_STARTING);
      assert_notice (&facts, SIGHEJ_NOTICE_NONE);
    }
}

static void
test_absent_daemon (void)
{
  for (int state = 0; state < (int) n_values (SIGHEJ_TYPE_STATE); state++)
    {
      SighejScreenFacts facts = settled ((SighejState) state);

      facts.has_meet = facts.has_nudge = TRUE;
      facts.present = FALSE;
      assert_screen (&facts, SIGHEJ_SCREEN_OFF);
      assert_notice (&facts, SIGHEJ_NOTICE_NONE);

      facts.activatable = FALSE;
      assert_screen (&facts, SIGHEJ_SCREEN_NO_DAEMON);
      assert_notice (&facts, SIGHEJ_NOTICE_NONE);
    }
}

/* ---- off ---- */

static void
test_first_run (void)
{
  SighejScreenFacts facts = settled (SIGHEJ_STATE_OFF);

  assert_screen (&facts, SIGHEJ_SCREEN_OFF);
  facts.notice_accepted = FALSE;
  assert_screen (&facts, SIGHEJ_SCREEN_WELCOME);

  facts = settled (SIGHEJ_STATE_OFF);
  facts.n_interests = 0;
  assert_screen (&facts, SIGHEJ_SCREEN_WELCOME);

  facts = settled (SIGHEJ_STATE_OFF);
  facts.has_backend = FALSE;
  assert_screen (&facts, SIGHEJ_SCREEN_WELCOME);

  /* Who is open has been through it, with another client maybe. */
  facts.notice_accepted = FALSE;
  facts.state = SIGHEJ_STATE_OPENING;
  assert_screen (&facts, SIGHEJ_SCREEN_OPENING);
}

/* Off, Bluetooth is no trouble: nobody has asked for it. */
static void
test_off (void)
{
  for (int reason = 0; reason < (int) n_values (SIGHEJ_TYPE_REASON); reason++)
    for (int bluetooth = 0; bluetooth < (int) n_values (SIGHEJ_TYPE_BLUETOOTH); bluetooth++)
      {
        SighejScreenFacts facts = settled (SIGHEJ_STATE_OFF);

        facts.reason = (SighejReason) reason;
        facts.bluetooth = (SighejBluetooth) bluetooth;
        facts.backend = SIGHEJ_BACKEND_STATE_OFFLINE;
        facts.privacy = SIGHEJ_PRIVACY_LINKABLE;
        /* What is on its way out of the bus. */
        facts.has_meet = facts.has_nudge = TRUE;
        assert_screen (&facts,
                       reason == SIGHEJ_REASON_EXPIRED ? SIGHEJ_SCREEN_EXPIRED : SIGHEJ_SCREEN_OFF);
        if (reason == SIGHEJ_REASON_BACKEND_REFUSED)
          assert_notice (&facts, SIGHEJ_NOTICE_REFUSED);
        else if (reason == SIGHEJ_REASON_RATE_LIMITED)
          assert_notice (&facts, SIGHEJ_NOTICE_RATE_LIMITED);
        else
          assert_notice (&facts, SIGHEJ_NOTICE_NONE);
      }
}

/* ---- what stands in the way ---- */

/* The page and the info bar of each reason, while waiting or when Open was refused for it. */
static const struct
{
  SighejScreen screen;
  SighejNotice notice;
} troubles[] = {
  [SIGHEJ_REASON_NONE] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_USER] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_EXPIRED] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_LOCKED] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_SUSPENDED] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_INHIBITED] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_QUIET_HOURS] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_BLUETOOTH_OFF] = { SIGHEJ_SCREEN_BLUETOOTH_OFF, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_BLUETOOTH_MISSING] = { SIGHEJ_SCREEN_BLUETOOTH_MISSING, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_BLUETOOTH_LOST] = { SIGHEJ_SCREEN_BLUETOOTH_LOST, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT]
  = { SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_SOFT, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD]
  = { SIGHEJ_SCREEN_BLUETOOTH_BLOCKED_HARD, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED] = { SIGHEJ_SCREEN_BLUETOOTH_MISSING, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_BLUETOOTH_DENIED] = { SIGHEJ_SCREEN_BLUETOOTH_DENIED, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_RADIO_STALLED] = { SIGHEJ_SCREEN_BLUETOOTH_LOST, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_SCAN_CONFLICT] = { SIGHEJ_SCREEN_BLUETOOTH_LOST, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_PRIVACY_BLOCKED] = { SIGHEJ_SCREEN_BLUETOOTH_LOST, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_BACKEND_UNSET] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_NONE },
  [SIGHEJ_REASON_BACKEND_OFFLINE] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_OFFLINE },
  [SIGHEJ_REASON_BACKEND_REFUSED] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_REFUSED },
  [SIGHEJ_REASON_RATE_LIMITED] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_RATE_LIMITED },
  [SIGHEJ_REASON_POLICY] = { SIGHEJ_SCREEN_WAITING, SIGHEJ_NOTICE_NONE },
};

G_STATIC_ASSERT (G_N_ELEMENTS (troubles) == SIGHEJ_REASON_POLICY + 1);

static void
test_waiting (void)
{
  g_assert_cmpuint (n_values (SIGHEJ_TYPE_REASON), ==, G_N_ELEMENTS (troubles));
  for (guint reason = 0; reason < G_N_ELEMENTS (troubles); reason++)
    {
      SighejScreenFacts facts = settled (SIGHEJ_STATE_WAITING);

      facts.reason = (SighejReason) reason;
      facts.has_nudge = TRUE;
      facts.nearby = 3;
      assert_screen (&facts, troubles[reason].screen);
      assert_notice (&facts, troubles[reason].notice);
      g_assert_cmpint (sighej_screen_reason (&facts), ==, reason);
    }
}

/* Between two states the reason can be empty while Bluetooth is known to be in the way. */
static void
test_waiting_for_bluetooth (void)
{
  static const SighejReason reasons[] = {
    [SIGHEJ_BLUETOOTH_READY] = SIGHEJ_REASON_NONE,
    [SIGHEJ_BLUETOOTH_OFF] = SIGHEJ_REASON_BLUETOOTH_OFF,
    [SIGHEJ_BLUETOOTH_MISSING] = SIGHEJ_REASON_BLUETOOTH_MISSING,
    [SIGHEJ_BLUETOOTH_BLOCKED_SOFT] = SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT,
    [SIGHEJ_BLUETOOTH_BLOCKED_HARD] = SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD,
    [SIGHEJ_BLUETOOTH_UNSUPPORTED] = SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED,
    [SIGHEJ_BLUETOOTH_DENIED] = SIGHEJ_REASON_BLUETOOTH_DENIED,
  };

  g_assert_cmpuint (n_values (SIGHEJ_TYPE_BLUETOOTH), ==, G_N_ELEMENTS (reasons));
  for (guint bluetooth = 0; bluetooth < G_N_ELEMENTS (reasons); bluetooth++)
    {
      SighejScreenFacts facts = settled (SIGHEJ_STATE_WAITING);

      facts.bluetooth = (SighejBluetooth) bluetooth;
      g_assert_cmpint (sighej_screen_reason (&facts), ==, reasons[bluetooth]);
      assert_screen (&facts, troubles[reasons[bluetooth]].screen);

      /* A reason that says something says more. */
      facts.reason = SIGHEJ_REASON_BACKEND_OFFLINE;
      assert_screen (&facts, SIGHEJ_SCREEN_WAITING);
      assert_notice (&facts, SIGHEJ_NOTICE_OFFLINE);
    }
}

static void
test_refused (void)
{
  for (guint reason = 0; reason < G_N_ELEMENTS (troubles); reason++)
    {
      SighejScreenFacts facts = settled (SIGHEJ_STATE_OFF);
      gboolean has_page = troubles[reason].screen != SIGHEJ_SCREEN_WAITING;

      facts.reason = SIGHEJ_REASON_USER;
      facts.refusal = (SighejReason) reason;
      assert_screen (&facts, has_page ? troubles[reason].screen : SIGHEJ_SCREEN_OFF);
      assert_notice (&facts, troubles[reason].notice);

      /* It was about another try than the one that goes on now. */
      facts.state = SIGHEJ_STATE_OPENING;
      assert_screen (&facts, SIGHEJ_SCREEN_OPENING);
      assert_notice (&facts, SIGHEJ_NOTICE_NONE);
    }
}

static void
test_refusal_of_an_error (void)
{
  static const struct
  {
    SighejError code;
    SighejBluetooth bluetooth;
    SighejReason reason;
  } cases[] = {
    { SIGHEJ_ERROR_BLUETOOTH_OFF, SIGHEJ_BLUETOOTH_READY, SIGHEJ_REASON_BLUETOOTH_OFF },
    { SIGHEJ_ERROR_BLUETOOTH_MISSING, SIGHEJ_BLUETOOTH_READY, SIGHEJ_REASON_BLUETOOTH_MISSING },
    { SIGHEJ_ERROR_BLUETOOTH_BLOCKED,
      SIGHEJ_BLUETOOTH_BLOCKED_SOFT,
      SIGHEJ_REASON_BLUETOOTH_BLOCKED_SOFT },
    { SIGHEJ_ERROR_BLUETOOTH_BLOCKED,
      SIGHEJ_BLUETOOTH_BLOCKED_HARD,
      SIGHEJ_REASON_BLUETOOTH_BLOCKED_HARD },
    { SIGHEJ_ERROR_BLUETOOTH_UNSUPPORTED,
      SIGHEJ_BLUETOOTH_UNSUPPORTED,
      SIGHEJ_REASON_BLUETOOTH_UNSUPPORTED },
    { SIGHEJ_ERROR_BLUETOOTH_DENIED, SIGHEJ_BLUETOOTH_DENIED, SIGHEJ_REASON_BLUETOOTH_DENIED },
    { SIGHEJ_ERROR_OFFLINE, SIGHEJ_BLUETOOTH_READY, SIGHEJ_REASON_BACKEND_OFFLINE },
    { SIGHEJ_ERROR_REFUSED, SIGHEJ_BLUETOOTH_READY, SIGHEJ_REASON_BACKEND_REFUSED },
    { SIGHEJ_ERROR_RATE_LIMITED, SIGHEJ_BLUETOOTH_READY, SIGHEJ_REASON_RATE_LIMITED },
  };
  g_autoptr (GError) foreign = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "late");
  guint n_told = 0;

  for (int code = 0; code < SIGHEJ_N_ERRORS; code++)
    {
      g_autoptr (GError) error = g_error_new (SIGHEJ_ERROR, code, "no");
      SighejReason expected = SIGHEJ_REASON_NONE;

      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        if ((int) cases[i].code == code)
          {
            expected = cases[i].reason;
            n_told++;
            g_assert_cmpint (sighej_screen_refusal (error, cases[i].bluetooth), ==, expected);
          }
      if (expected == SIGHEJ_REASON_NONE)
        g_assert_cmpint (
            sighej_screen_refusal (error, SIGHEJ_BLUETOOTH_OFF), ==, SIGHEJ_REASON_NONE);
    }
  g_assert_cmpuint (n_told, ==, G_N_ELEMENTS (cases));
  g_assert_cmpint (sighej_screen_refusal (foreign, SIGHEJ_BLUETOOTH_OFF), ==, SIGHEJ_REASON_NONE);
  g_assert_cmpint (sighej_screen_refusal (NULL, SIGHEJ_BLUETOOTH_OFF), ==, SIGHEJ_REASON_NONE);
}

/* ---- a session ---- */

static void
test_open (void)
{
  SighejScreenFacts facts = settled (SIGHEJ_STATE_OPEN);

  assert_screen (&facts, SIGHEJ_SCREEN_OPEN_ALONE);
  facts.nearby = 2;
  assert_screen (&facts, SIGHEJ_SCREEN_OPEN_NEAR);
  facts.has_nudge = TRUE;
  assert_screen (&facts, SIGHEJ_SCREEN_NUDGE);
  facts.nudge_waved = TRUE;
  assert_screen (&facts, SIGHEJ_SCREEN_WAVED);
  facts.has_meet = TRUE;
  assert_screen (&facts, SIGHEJ_SCREEN_MEET);
  facts.after = TRUE;
  assert_screen (&facts, SIGHEJ_SCREEN_MEET);
  facts.has_meet = FALSE;
  assert_screen (&facts, SIGHEJ_SCREEN_AFTER);
  facts.after = facts.has_nudge = FALSE;
  assert_screen (&facts, SIGHEJ_SCREEN_OPEN_NEAR);
}

/* A nudge goes with the air, a meet does not; whoever pauses is paused whatever the reason. */
static void
test_paused (void)
{
  for (int reason = 0; reason < (int) n_values (SIGHEJ_TYPE_REASON); reason++)
    {
      SighejScreenFacts facts = settled (SIGHEJ_STATE_PAUSED);

      facts.reason = (SighejReason) reason;
      facts.has_nudge = TRUE;
      facts.bluetooth = SIGHEJ_BLUETOOTH_OFF;
      assert_screen (&facts, SIGHEJ_SCREEN_PAUSED);
    }
}

static void
test_a_meet_outlives_trouble (void)
{
  static const SighejState live[]
      = { SIGHEJ_STATE_OPENING, SIGHEJ_STATE_OPEN, SIGHEJ_STATE_PAUSED, SIGHEJ_STATE_WAITING };

  for (guint i = 0; i < G_N_ELEMENTS (live); i++)
    for (guint reason = 0; reason < G_N_ELEMENTS (troubles); reason++)
      {
        SighejScreenFacts facts = settled (live[i]);

        facts.reason = (SighejReason) reason;
        facts.has_meet = facts.has_nudge = TRUE;
        assert_screen (&facts, SIGHEJ_SCREEN_MEET);
        facts.has_meet = FALSE;
        facts.after = TRUE;
        assert_screen (&facts, SIGHEJ_SCREEN_AFTER);
      }
}

/* The question stays until it is answered, also when the opening has ended by itself. */
static void
test_after_the_end (void)
{
  SighejScreenFacts facts = settled (SIGHEJ_STATE_OFF);

  facts.after = TRUE;
  facts.reason = SIGHEJ_REASON_EXPIRED;
  assert_screen (&facts, SIGHEJ_SCREEN_AFTER);
  facts.after = FALSE;
  assert_screen (&facts, SIGHEJ_SCREEN_EXPIRED);
}

static void
test_closing (void)
{
  for (int reason = 0; reason < (int) n_values (SIGHEJ_TYPE_REASON); reason++)
    {
      SighejScreenFacts facts = settled (SIGHEJ_STATE_CLOSING);

      facts.reason = (SighejReason) reason;
      facts.has_meet = facts.has_nudge = facts.after = TRUE;
      facts.backend = SIGHEJ_BACKEND_STATE_OFFLINE;
      assert_screen (&facts,
                     reason == SIGHEJ_REASON_BLUETOOTH_LOST ? SIGHEJ_SCREEN_BLUETOOTH_LOST
                                                            : SIGHEJ_SCREEN_CLOSING);
    }
}

/* ---- info bars ---- */

static void
test_notices_while_open (void)
{
  static const SighejNotice of_backend[] = {
    [SIGHEJ_BACKEND_STATE_OFFLINE] = SIGHEJ_NOTICE_OFFLINE,
    [SIGHEJ_BACKEND_STATE_CONNECTING] = SIGHEJ_NOTICE_OFFLINE,
    [SIGHEJ_BACKEND_STATE_ONLINE] = SIGHEJ_NOTICE_NONE,
    [SIGHEJ_BACKEND_STATE_REFUSED] = SIGHEJ_NOTICE_REFUSED,
  };

  for (guint backend = 0; backend < G_N_ELEMENTS (of_backend); backend++)
    {
      SighejScreenFacts facts = settled (SIGHEJ_STATE_OPEN);

      facts.backend = (SighejBackendState) backend;
      assert_notice (&facts, of_backend[backend]);
      /* Of two, the one that stops the talk. */
      facts.privacy = SIGHEJ_PRIVACY_LINKABLE;
      assert_notice (&facts,
                     of_backend[backend] != SIGHEJ_NOTICE_NONE ? of_backend[backend]
                                                               : SIGHEJ_NOTICE_LINKABLE);
    }
}

static void
test_notices_of_privacy (void)
{
  for (int state = 0; state < (int) n_values (SIGHEJ_TYPE_STATE); state++)
    for (int privacy = 0; privacy < (int) n_values (SIGHEJ_TYPE_PRIVACY); privacy++)
      {
        SighejScreenFacts facts = settled ((SighejState) state);

        facts.privacy = (SighejPrivacy) privacy;
        assert_notice (&facts,
                       state == SIGHEJ_STATE_OPEN && privacy == SIGHEJ_PRIVACY_LINKABLE
                           ? SIGHEJ_NOTICE_LINKABLE
                           : SIGHEJ_NOTICE_NONE);
      }
}

/* Opening and pausing have no socket by nature; a meet that cannot be talked in says so. */
static void
test_notices_beside_a_meet (void)
{
  static const SighejState quiet[] = { SIGHEJ_STATE_OPENING, SIGHEJ_STATE_PAUSED };

  for (guint i = 0; i < G_N_ELEMENTS (quiet); i++)
    {
      SighejScreenFacts facts = settled (quiet[i]);

      facts.backend = SIGHEJ_BACKEND_STATE_CONNECTING;
      assert_notice (&facts, SIGHEJ_NOTICE_NONE);
      facts.has_meet = TRUE;
      assert_notice (&facts, SIGHEJ_NOTICE_OFFLINE);
      facts.backend = SIGHEJ_BACKEND_STATE_ONLINE;
      assert_notice (&facts, SIGHEJ_NOTICE_NONE);
    }
}

/* ---- the tip ---- */

static void
test_tip (void)
{
  SighejScreenFacts facts = settled (SIGHEJ_STATE_OPEN);

  g_assert_false (sighej_screen_tip_due (&facts));
  facts.alone_since = NOW_S - SIGHEJ_SCREEN_TIP_AFTER_SECONDS + 1;
  g_assert_false (sighej_screen_tip_due (&facts));
  facts.alone_since--;
  g_assert_true (sighej_screen_tip_due (&facts));
  /* A clock that was set back. */
  facts.now = facts.alone_since - 1;
  g_assert_false (sighej_screen_tip_due (&facts));

  facts.now = NOW_S;
  facts.nearby = 1;
  g_assert_false (sighej_screen_tip_due (&facts));
  facts.nearby = 0;
  facts.state = SIGHEJ_STATE_PAUSED;
  g_assert_false (sighej_screen_tip_due (&facts));
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/screen/without-a-bus-nothing-is-claimed", test_bus);
  g_test_add_func ("/screen/an-absent-daemon-is-off-or-missing", test_absent_daemon);
  g_test_add_func ("/screen/the-first-run-comes-before-off", test_first_run);
  g_test_add_func ("/screen/off-whatever-bluetooth-says", test_off);
  g_test_add_func ("/screen/waiting-shows-its-reason", test_waiting);
  g_test_add_func ("/screen/waiting-without-a-reason-asks-bluetooth", test_waiting_for_bluetooth);
  g_test_add_func ("/screen/a-refused-open-shows-why", test_refused);
  g_test_add_func ("/screen/errors-tell-what-refused", test_refusal_of_an_error);
  g_test_add_func ("/screen/open-by-who-is-there", test_open);
  g_test_add_func ("/screen/paused-by-anything", test_paused);
  g_test_add_func ("/screen/a-meet-outlives-trouble", test_a_meet_outlives_trouble);
  g_test_add_func ("/screen/the-question-outlives-the-opening", test_after_the_end);
  g_test_add_func ("/screen/closing-is-closing", test_closing);
  g_test_add_func ("/notice/while-open", test_notices_while_open);
  g_test_add_func ("/notice/linkable-on-air-only", test_notices_of_privacy);
  g_test_add_func ("/notice/a-meet-without-its-backend", test_notices_beside_a_meet);
  g_test_add_func ("/screen/a-tip-after-ten-minutes-alone", test_tip);
  return g_test_run ();
}
