/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <string.h>

#include "sighej-enum-types.h"
#include "sighej-enums.h"

static void
assert_words (GType type, const char *const *words)
{
  int value;

  for (int i = 0; words[i] != NULL; i++)
    {
      g_assert_cmpstr (sighej_enum_to_nick (type, i), ==, words[i]);
      g_assert_true (sighej_enum_from_nick (type, words[i], &value));
      g_assert_cmpint (value, ==, i);
    }
  value = 77;
  g_assert_false (sighej_enum_from_nick (type, "no-such-word", &value));
  g_assert_cmpint (value, ==, 77);
}

/* INTERFACES 2.2, word for word. */
static void
test_words_of_the_api (void)
{
  static const char *const states[]
      = { "off", "opening", "open", "paused", "waiting", "closing", NULL };
  static const char *const bands[] = { "gone", "around", "near", "here", NULL };
  static const char *const directions[]
      = { "none", "n", "ne", "e", "se", "s", "sw", "w", "nw", NULL };
  static const char *const distances[] = { "beside", "near", "in-sight", "walk", "far", NULL };
  static const char *const privacies[]
      = { "unknown", "private", "guarded", "linkable", "blocked", NULL };
  static const char *const bluetooths[] = {
    "ready", "off", "missing", "blocked-soft", "blocked-hard", "unsupported", "denied", NULL
  };
  static const char *const backends[] = { "offline", "connecting", "online", "refused", NULL };
  static const char *const nudges[] = { "new", "waved", "mutual", "expired", "gone", NULL };
  static const char *const meets[]
      = { "agreed", "finding", "here", "met", "ended", "expired", NULL };
  static const char *const trusts[] = { "unknown", "verified", "phrase", "broken", NULL };
  static const char *const sharings[] = { "off", "asked", "on", NULL };
  static const char *const marks[] = { "waiting", "sent", "delivered", "seen", NULL };

  assert_words (SIGHEJ_TYPE_STATE, states);
  assert_words (SIGHEJ_TYPE_BAND, bands);
  assert_words (SIGHEJ_TYPE_DIRECTION, directions);
  assert_words (SIGHEJ_TYPE_DISTANCE, distances);
  assert_words (SIGHEJ_TYPE_PRIVACY, privacies);
  assert_words (SIGHEJ_TYPE_BLUETOOTH, bluetooths);
  assert_words (SIGHEJ_TYPE_BACKEND_STATE, backends);
  assert_words (SIGHEJ_TYPE_NUDGE_STATE, nudges);
  assert_words (SIGHEJ_TYPE_MEET_STATE, meets);
  assert_words (SIGHEJ_TYPE_MEET_TRUST, trusts);
  assert_words (SIGHEJ_TYPE_MEET_SHARING, sharings);
  assert_words (SIGHEJ_TYPE_MEET_MARK, marks);
}

static void
test_reasons (void)
{
  static const char *const reasons[] = {
    "",
    "user",
    "expired",
    "locked",
    "suspended",
    "inhibited",
    "quiet-hours",
    "bluetooth-off",
    "bluetooth-missing",
    "bluetooth-lost",
    "bluetooth-blocked-soft",
    "bluetooth-blocked-hard",
    "bluetooth-unsupported",
    "bluetooth-denied",
    "radio-stalled",
    "scan-conflict",
    "privacy-blocked",
    "backend-unset",
    "backend-offline",
    "backend-refused",
    "rate-limited",
    "policy",
  };

  g_assert_cmpint (G_N_ELEMENTS (reasons), ==, SIGHEJ_REASON_POLICY + 1);
  for (gsize i = 0; i < G_N_ELEMENTS (reasons); i++)
    g_assert_cmpstr (sighej_reason_to_word ((SighejReason) i), ==, reasons[i]);
}

static void
test_bluetooth_word_of_a_reason (void)
{
  for (int reason = 0; reason <= SIGHEJ_REASON_POLICY; reason++)
    {
      const char *word = sighej_reason_to_word ((SighejReason) reason);
      SighejBluetooth bluetooth = sighej_reason_to_bluetooth ((SighejReason) reason);
      const char *expected = "ready";

      if (reason == SIGHEJ_REASON_BLUETOOTH_LOST)
        expected = "missing";
      else if (g_str_has_prefix (word, "bluetooth-"))
        expected = word + strlen ("bluetooth-");
      g_assert_cmpstr (sighej_enum_to_nick (SIGHEJ_TYPE_BLUETOOTH, (int) bluetooth), ==, expected);
    }
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/enums/words-of-the-api", test_words_of_the_api);
  g_test_add_func ("/enums/reasons", test_reasons);
  g_test_add_func ("/enums/bluetooth-word-of-a-reason", test_bluetooth_word_of_a_reason);
  return g_test_run ();
}
