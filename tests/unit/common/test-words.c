/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

#include "sighej-enum-types.h"
#include "sighej-error.h"
#include "sighej-locale.h"
#include "sighej-phrasebook.h"
#include "sighej-words.h"

/* A day of which every zone knows the hour: the test runs in UTC. */
#define TWO_O_CLOCK 1795269600u

static const char *const both[] = { "C", "da" };

/* glibc takes LANGUAGE in every locale but plain C. */
static void
speak (const char *language)
{
  gboolean danish = g_str_equal (language, "da");

  g_setenv ("LANGUAGE", danish ? "da" : "", TRUE);
  g_assert_nonnull (setlocale (LC_ALL, danish ? "C.UTF-8" : "C"));
  if (danish)
    g_assert_cmpstr (_ ("No one near yet"), ==, "Ingen i nærheden endnu");
}

static void
assert_text (char *text, const char *expected)
{
  g_autofree char *owned = text;

  g_assert_cmpstr (owned, ==, expected);
}

static gint
n_values (GType type)
{
  g_autoptr (GEnumClass) values = g_type_class_ref (type);

  return (gint) values->n_values;
}

/* ---- every value has its words, in both languages ---- */

static void
assert_clause (const char *text)
{
  g_assert_cmpstr (text, !=, "");
  g_assert_true (g_utf8_validate (text, -1, NULL));
  g_assert_false (g_str_has_suffix (text, "."));
  g_assert_null (strstr (text, "; "));
}

static void
assert_sentence (const char *text)
{
  g_assert_true (g_str_has_suffix (text, "."));
  g_assert_true (g_unichar_isupper (g_utf8_get_char (text)));
}

static void
check_reasons (void)
{
  for (int reason = 0; reason < n_values (SIGHEJ_TYPE_REASON); reason++)
    {
      const char *step = sighej_words_reason_step ((SighejReason) reason);

      assert_clause (sighej_words_reason ((SighejReason) reason));
      assert_sentence (sighej_words_reason_advice ((SighejReason) reason));
      g_assert_false (g_str_has_suffix (step, "."));
    }
}

static void
check_sentences (void)
{
  g_assert_null (sighej_words_problem (SIGHEJ_MEET_PROBLEM_NONE));
  for (int problem = 1; problem < n_values (SIGHEJ_TYPE_MEET_PROBLEM); problem++)
    assert_sentence (sighej_words_problem ((SighejMeetProblem) problem));
  for (int sharing = 0; sharing < n_values (SIGHEJ_TYPE_MEET_SHARING); sharing++)
    assert_sentence (sighej_words_sharing ((SighejMeetSharing) sharing));
  for (int trust = 0; trust < n_values (SIGHEJ_TYPE_MEET_TRUST); trust++)
    if (trust != SIGHEJ_MEET_TRUST_PHRASE)
      assert_sentence (sighej_words_trust ((SighejMeetTrust) trust));
  for (int privacy = 0; privacy < n_values (SIGHEJ_TYPE_PRIVACY); privacy++)
    assert_clause (sighej_words_privacy ((SighejPrivacy) privacy));
}

static void
check_places (void)
{
  for (int distance = 0; distance < n_values (SIGHEJ_TYPE_DISTANCE); distance++)
    for (int direction = 0; direction < n_values (SIGHEJ_TYPE_DIRECTION); direction++)
      {
        g_autofree char *place
            = sighej_words_dup_place ((SighejDirection) direction, (SighejDistance) distance);

        assert_sentence (place);
        g_assert_cmpint (strchr (place, ',') != NULL, ==, direction != SIGHEJ_DIRECTION_NONE);
      }
}

static void
check_states (void)
{
  for (int state = 0; state < n_values (SIGHEJ_TYPE_STATE); state++)
    for (int reason = 0; reason < n_values (SIGHEJ_TYPE_REASON); reason++)
      {
        g_autofree char *sentence = sighej_words_dup_state (
            (SighejState) state, (SighejReason) reason, TWO_O_CLOCK, 0, NULL, NULL);

        assert_sentence (sentence);
      }
}

static void
test_every_value_has_words (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (both); i++)
    {
      speak (both[i]);
      check_reasons ();
      check_sentences ();
      check_places ();
      check_states ();
    }
  speak ("C");
}

/* The word of each value of each set the API has; the nick itself where a person reads the same. */
static void
test_words_of_nicks (void)
{
  const GType types[] = { SIGHEJ_TYPE_BAND,      SIGHEJ_TYPE_NUDGE_STATE,   SIGHEJ_TYPE_MEET_STATE,
                          SIGHEJ_TYPE_BLUETOOTH, SIGHEJ_TYPE_BACKEND_STATE, SIGHEJ_TYPE_PRIVACY,
                          SIGHEJ_TYPE_MEET_MARK, SIGHEJ_TYPE_REPORT_REASON };

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    for (int value = 0; value < n_values (types[i]); value++)
      assert_clause (sighej_words_of (types[i], sighej_enum_to_nick (types[i], value)));
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_BAND, "beyond"), ==, "beyond");
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_BAND, NULL), ==, "");
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_STATE, "open"), ==, "open");

  speak ("da");
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_BAND, "here"), ==, "lige her");
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_MEET_STATE, "here"), ==, "her");
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_BAND, "near"), ==, "tæt på");
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_NUDGE_STATE, "waved"), ==, "vinket");
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_MEET_STATE, "met"), ==, "mødtes");
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_BLUETOOTH, "off"), ==, "slået fra");
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_BACKEND_STATE, "refused"), ==, "afvist");
  g_assert_cmpstr (sighej_words_mark (SIGHEJ_MEET_MARK_SEEN), ==, "set");
  g_assert_cmpstr (sighej_words_of (SIGHEJ_TYPE_REPORT_REASON, "other"), ==, "andet");
  speak ("C");
}

/* ---- the daemon's texts ---- */

/* What is English here is what the daemon writes, so that the clients know it again. */
static void
test_reasons_are_the_daemons_own (void)
{
  for (int reason = 0; reason < n_values (SIGHEJ_TYPE_REASON); reason++)
    {
      g_autoptr (GError) error = sighej_error_new_for_reason ((SighejReason) reason);
      g_autofree char *english = g_strdup (error->message);
      const char *step = sighej_words_reason_step ((SighejReason) reason);
      g_autofree char *joined = g_strconcat (
          sighej_words_reason ((SighejReason) reason), *step != '\0' ? "; " : "", step, NULL);
      g_autofree char *sentence = NULL;

      g_assert_cmpstr (joined, ==, english);
      speak ("da");
      sentence = sighej_words_dup_error (error);
      g_assert_cmpstr (sentence, ==, sighej_words_reason ((SighejReason) reason));
      g_assert_false (g_str_has_prefix (english, sentence));
      speak ("C");
    }
}

static void
test_errors (void)
{
  g_autoptr (GError) known = g_error_new_literal (
      SIGHEJ_ERROR,
      SIGHEJ_ERROR_BLUETOOTH_OFF,
      "GDBus.Error:org.sighej.Error.BluetoothOff: Bluetooth is off; turn it on in your Bluetooth "
      "settings");
  g_autoptr (GError) foreign = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, "so so; do it");
  g_autoptr (GError) bare = g_error_new (SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, "so so");
  g_autoptr (GError) late = g_error_new (G_IO_ERROR, G_IO_ERROR_TIMED_OUT, "whatever");
  g_autoptr (GError) gone = g_error_new (G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN, "whatever");

  assert_text (sighej_words_dup_error (foreign), "so so");
  assert_text (sighej_words_dup_error_step (foreign), "do it");
  assert_text (sighej_words_dup_error_step (bare), NULL);
  assert_text (sighej_words_dup_error (late), "the daemon does not answer in time");
  assert_text (sighej_words_dup_error (gone), "the daemon is not reachable");
  assert_text (sighej_words_dup_translated ("so so; do it"), "so so; do it");
  assert_text (sighej_words_dup_translated (""), "");

  speak ("da");
  assert_text (sighej_words_dup_error (known), "Bluetooth er slået fra");
  assert_text (sighej_words_dup_error_step (known), "slå det til i dine Bluetooth-indstillinger");
  assert_text (sighej_words_dup_error (foreign), "so so");
  assert_text (sighej_words_dup_error (late), "tjenesten svarer ikke i tide");
  assert_text (sighej_words_dup_translated (""), "");
  speak ("C");
}

static void
test_texts_with_figures (void)
{
  static const struct
  {
    const char *english;
    const char *danish;
  } cases[] = {
    { "14500 seconds is not between 300 and 14400", "14500 sekunder er ikke mellem 300 og 14400" },
    { "the message has 1200 characters; say it in several of at most 1000",
      "beskeden har 1200 tegn; sig det i flere på højst 1000" },
    { "Impress asks for silence (Talk); it goes on by itself when that is over",
      "Impress beder om ro (Talk); det fortsætter af sig selv, når det er forbi" },
    { "Jitsi asks for silence; it goes on by itself when that is over",
      "Jitsi beder om ro; det fortsætter af sig selv, når det er forbi" },
    { "there is no adapter hci7", "der er ingen adapter hci7" },
    { "too much waits for the backend, try again in 3 s",
      "for meget venter på serveren, prøv igen om 3 sek." },
    { "the WebSocket was closed with code 1006 before anything came through it",
      "WebSocket-forbindelsen blev lukket med kode 1006 before anything came through it" },
    /* These only look like one that is known. */
    { "many seconds is not between 300 and 14400", "many seconds is not between 300 and 14400" },
    { "5 seconds is not between 300 and 14400 days",
      "5 seconds is not between 300 and 14400 days" },
    { " seconds is not between  and ", " seconds is not between  and " },
    { "100 % of it", "100 % of it" },
    { "%s", "%s" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      assert_text (sighej_phrasebook_translate (cases[i].english), cases[i].english);
      speak ("da");
      assert_text (sighej_phrasebook_translate (cases[i].english), cases[i].danish);
      assert_text (sighej_words_dup_translated (cases[i].english), cases[i].danish);
      speak ("C");
    }
}

static void
test_rate_limits (void)
{
  g_autoptr (GError) once = sighej_error_new_rate_limited ("the backend asks to slow down", 1);
  g_autoptr (GError) often = sighej_error_new_rate_limited ("too much", 40);

  assert_text (sighej_words_dup_error (once),
               "the backend asks to slow down, try again in 1 second");
  assert_text (sighej_words_dup_error (often), "too much, try again in 40 seconds");
  g_assert_null (sighej_words_dup_error_step (often));
  speak ("da");
  assert_text (sighej_words_dup_error (often), "too much, prøv igen om 40 sekunder");
  speak ("C");
}

static void
test_places (void)
{
  assert_text (sighej_words_dup_place (SIGHEJ_DIRECTION_NE, SIGHEJ_DISTANCE_IN_SIGHT),
               "They are in sight, to the north-east.");
  assert_text (sighej_words_dup_place (SIGHEJ_DIRECTION_NONE, SIGHEJ_DISTANCE_BESIDE),
               "They are right beside you.");
  speak ("da");
  assert_text (sighej_words_dup_place (SIGHEJ_DIRECTION_NE, SIGHEJ_DISTANCE_IN_SIGHT),
               "De er inden for synsvidde, mod nordøst.");
  speak ("C");
}

/* ---- figures and lists ---- */

static void
test_durations (void)
{
  static const struct
  {
    guint64 seconds;
    const char *english;
    const char *danish;
  } cases[] = {
    { 0, "0 s", "0 s" },
    { 45, "45 s", "45 s" },
    { 60, "1 min", "1 min" },
    { 61, "2 min", "2 min" },
    { 540, "9 min", "9 min" },
    { 3599, "1 h", "1 t" },
    { 4320, "1 h 12 min", "1 t 12 min" },
    { 7200, "2 h", "2 t" },
    { 14400, "4 h", "4 t" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_text (sighej_words_dup_duration (cases[i].seconds), cases[i].english);
  assert_text (sighej_words_dup_left (4320), "1 h 12 min left");
  speak ("da");
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    assert_text (sighej_words_dup_duration (cases[i].seconds), cases[i].danish);
  assert_text (sighej_words_dup_left (4320), "1 t 12 min tilbage");
  speak ("C");
  assert_text (sighej_words_dup_clock (TWO_O_CLOCK), "14:00");
  assert_text (sighej_words_dup_clock (G_MAXINT64), "?");
}

static void
test_lists (void)
{
  static const char *const none[] = { NULL };
  static const char *const one[] = { "devops", NULL };
  static const char *const three[] = { "devops", "jazz", "chess", NULL };

  assert_text (sighej_words_dup_list (none), "");
  assert_text (sighej_words_dup_list (one), "devops");
  assert_text (sighej_words_dup_list (three), "devops, jazz and chess");
  assert_text (sighej_words_dup_nudge (one), "Someone near also likes devops");
  assert_text (sighej_words_dup_nudge (none), "Someone near shares an interest with you");
  assert_text (sighej_words_dup_nudge (NULL), "Someone near shares an interest with you");
  assert_text (sighej_words_dup_nearby (0), "No one near yet");
  assert_text (sighej_words_dup_nearby (1), "1 person near is open");
  assert_text (sighej_words_dup_nearby (2), "2 people near are open");
  speak ("da");
  assert_text (sighej_words_dup_list (three), "devops, jazz og chess");
  assert_text (sighej_words_dup_nudge (one), "En i nærheden kan også lide devops");
  assert_text (sighej_words_dup_nearby (1), "1 i nærheden er åben");
  assert_text (sighej_words_dup_nearby (2), "2 i nærheden er åbne");
  speak ("C");
}

/* ---- sentences ---- */

static void
test_look_for (void)
{
  assert_text (sighej_words_dup_look_for ("Blue Heron", NULL), "Look for \"Blue Heron\".");
  assert_text (sighej_words_dup_look_for ("Blue Heron", ""), "Look for \"Blue Heron\".");
  assert_text (sighej_words_dup_look_for ("Blue Heron", "window"),
               "Look for \"Blue Heron\" at the window.");
  assert_text (sighej_words_dup_look_for ("Blue Heron", "outside"),
               "Look for \"Blue Heron\" outside.");
  speak ("da");
  assert_text (sighej_words_dup_look_for ("Blå Hejre", "vinduet"),
               "Kig efter “Blå Hejre” ved vinduet.");
  assert_text (sighej_words_dup_look_for ("Blå Hejre", "udenfor"),
               "Kig efter “Blå Hejre” udenfor.");
  speak ("C");
}

static const struct
{
  SighejState state;
  SighejReason reason;
  guint64 paused_until;
  const char *who;
  const char *why;
  const char *english;
  const char *danish;
} states[] = {
  { SIGHEJ_STATE_OFF,
    SIGHEJ_REASON_USER,
    0,
    NULL,
    NULL,
    "Not open to talk.",
    "Ikke åben for en snak." },
  { SIGHEJ_STATE_OFF,
    SIGHEJ_REASON_EXPIRED,
    0,
    NULL,
    NULL,
    "Not open to talk: the time is up.",
    "Ikke åben for en snak: Tiden er gået." },
  { SIGHEJ_STATE_OFF,
    SIGHEJ_REASON_LOCKED,
    0,
    NULL,
    NULL,
    "Not open to talk: the screen was locked.",
    "Ikke åben for en snak: Skærmen blev låst." },
  { SIGHEJ_STATE_OPENING,
    SIGHEJ_REASON_NONE,
    0,
    NULL,
    NULL,
    "Opening, until 14:00.",
    "Åbner, til kl. 14:00." },
  { SIGHEJ_STATE_OPEN,
    SIGHEJ_REASON_NONE,
    0,
    NULL,
    NULL,
    "Open to talk until 14:00.",
    "Åben for en snak til kl. 14:00." },
  { SIGHEJ_STATE_PAUSED,
    SIGHEJ_REASON_USER,
    0,
    NULL,
    NULL,
    "Paused. Nobody sees you.",
    "På pause. Ingen ser dig." },
  { SIGHEJ_STATE_PAUSED,
    SIGHEJ_REASON_USER,
    TWO_O_CLOCK,
    NULL,
    NULL,
    "Paused until 14:00. Nobody sees you.",
    "På pause til kl. 14:00. Ingen ser dig." },
  { SIGHEJ_STATE_PAUSED,
    SIGHEJ_REASON_LOCKED,
    0,
    "Jitsi",
    NULL,
    "Paused: the screen is locked. Nobody sees you.",
    "På pause: skærmen er låst. Ingen ser dig." },
  { SIGHEJ_STATE_PAUSED,
    SIGHEJ_REASON_INHIBITED,
    0,
    "Jitsi",
    "",
    "Paused: Jitsi asks for silence. Nobody sees you.",
    "På pause: Jitsi beder om ro. Ingen ser dig." },
  { SIGHEJ_STATE_PAUSED,
    SIGHEJ_REASON_INHIBITED,
    0,
    "Impress",
    "Talk",
    "Paused: Impress asks for silence (Talk). Nobody sees you.",
    "På pause: Impress beder om ro (Talk). Ingen ser dig." },
  { SIGHEJ_STATE_WAITING,
    SIGHEJ_REASON_BACKEND_OFFLINE,
    0,
    NULL,
    NULL,
    "Waiting until 14:00: the backend is not reachable.",
    "Venter til kl. 14:00: serveren kan ikke nås." },
  { SIGHEJ_STATE_CLOSING, SIGHEJ_REASON_USER, 0, NULL, NULL, "Closing.", "Lukker." },
};

static void
test_states (void)
{
  for (guint language = 0; language < G_N_ELEMENTS (both); language++)
    {
      speak (both[language]);
      for (guint i = 0; i < G_N_ELEMENTS (states); i++)
        assert_text (sighej_words_dup_state (states[i].state,
                                             states[i].reason,
                                             TWO_O_CLOCK,
                                             states[i].paused_until,
                                             states[i].who,
                                             states[i].why),
                     language == 0 ? states[i].english : states[i].danish);
    }
  speak ("C");
}

/* Those of a kiosk. */
static void
test_states_without_an_end (void)
{
  static const struct
  {
    SighejState state;
    SighejReason reason;
    const char *english;
    const char *danish;
  } cases[] = {
    { SIGHEJ_STATE_OPENING, SIGHEJ_REASON_NONE, "Going on the air.", "Går i luften." },
    { SIGHEJ_STATE_OPEN,
      SIGHEJ_REASON_NONE,
      "On the air until it is closed.",
      "I luften, indtil der lukkes." },
    { SIGHEJ_STATE_WAITING,
      SIGHEJ_REASON_BLUETOOTH_OFF,
      "Waiting: Bluetooth is off.",
      "Venter: Bluetooth er slået fra." },
  };

  for (guint language = 0; language < G_N_ELEMENTS (both); language++)
    {
      speak (both[language]);
      for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
        assert_text (sighej_words_dup_state (cases[i].state, cases[i].reason, 0, 0, NULL, NULL),
                     language == 0 ? cases[i].english : cases[i].danish);
    }
  speak ("C");
}

int
main (int argc, char **argv)
{
  g_setenv ("TZ", "UTC", TRUE);
  sighej_locale_init ();
  speak ("C");
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/words/every-value-has-some-in-both-languages", test_every_value_has_words);
  g_test_add_func ("/words/of-what-the-api-says", test_words_of_nicks);
  g_test_add_func ("/words/reasons-are-the-daemons-own", test_reasons_are_the_daemons_own);
  g_test_add_func ("/words/errors-fall-into-what-and-what-next", test_errors);
  g_test_add_func ("/words/texts-with-figures-are-known", test_texts_with_figures);
  g_test_add_func ("/words/rate-limits-keep-their-figure", test_rate_limits);
  g_test_add_func ("/words/places", test_places);
  g_test_add_func ("/words/durations", test_durations);
  g_test_add_func ("/words/lists", test_lists);
  g_test_add_func ("/words/whom-to-look-for", test_look_for);
  g_test_add_func ("/words/states", test_states);
  g_test_add_func ("/words/states-without-an-end", test_states_without_an_end);
  return g_test_run ();
}
