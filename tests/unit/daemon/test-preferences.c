/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-preferences.h"

#include <string.h>

#include "sighej-settings.h"
#include "sighej-test.h"

static const char *const NO_RANGES[] = { NULL };
static GString *warnings;

/* Takes the place of the log: a warning no test asks for is an error. */
static GLogWriterOutput
keep_warning (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  g_autofree char *text = NULL;

  if ((level & G_LOG_LEVEL_WARNING) == 0)
    return g_log_writer_default (level, fields, n_fields, data);

  text = g_log_writer_format_fields (level, fields, n_fields, FALSE);
  g_string_append (warnings, text);
  return G_LOG_WRITER_HANDLED;
}

typedef struct
{
  char *folder;
  SighejConfig *config;
  SighejChoices *choices;
  SighejPreferences *preferences;
  GString *told; /* each "changed", with its detail */
} Fixture;

static void
set_config (Fixture *fixture, const char *group, const char *key, const char *value)
{
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_config_set (fixture->config, group, key, value, "--test", &error));
  g_assert_no_error (error);
}

static void
on_changed (SighejPreferences *preferences, Fixture *fixture)
{
  GSignalInvocationHint *hint = g_signal_get_invocation_hint (preferences);

  g_string_append_printf (fixture->told, "%s ", g_quark_to_string (hint->detail));
}

static void
make (Fixture *fixture)
{
  g_clear_object (&fixture->preferences);
  fixture->preferences = sighej_preferences_new (fixture->config, fixture->choices);
  g_signal_connect (fixture->preferences, "changed", G_CALLBACK (on_changed), fixture);
}

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dir = sighej_test_dup_dir ();
  g_autofree char *path = g_build_filename (dir, "sighejd.conf", NULL);

  g_assert_true (g_file_set_contents (path, "", -1, NULL));
  fixture->folder = g_build_filename (dir, "state", NULL);
  fixture->config = sighej_settings_load (path, TRUE, NULL);
  fixture->choices = sighej_choices_new (fixture->folder);
  fixture->told = g_string_new (NULL);
  warnings = g_string_new (NULL);
  make (fixture);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_cmpstr (warnings->str, ==, "");
  g_string_free (warnings, TRUE);
  sighej_test_assert_finalized (fixture->preferences);
  g_object_unref (fixture->choices);
  g_object_unref (fixture->config);
  g_free (fixture->folder);
  g_string_free (fixture->told, TRUE);
}

static void
test_configuration_holds_until_chosen (Fixture *fixture, gconstpointer data)
{
  set_config (fixture, "Backend", "Uri", "https://configured.example");
  set_config (fixture, "Presence", "QuietHours", "22:00-08:00");
  g_assert_true (sighej_preferences_get_pause_on_lock (fixture->preferences));
  set_config (fixture, "Presence", "PauseOnLock", "false");
  make (fixture);

  g_assert_false (sighej_preferences_get_pause_on_lock (fixture->preferences));
  g_assert_cmpstr (
      sighej_preferences_get_backend_uri (fixture->preferences), ==, "https://configured.example");
  g_assert_cmpstr (sighej_preferences_get_quiet_hours (fixture->preferences)[0], ==, "22:00-08:00");
  g_assert_cmpstr (sighej_preferences_get_adapter (fixture->preferences), ==, "auto");
  g_assert_null (sighej_preferences_get_interests (fixture->preferences)[0]);
  g_assert_false (sighej_preferences_get_notice_accepted (fixture->preferences));
  g_assert_false (sighej_preferences_get_notify_nearby (fixture->preferences));
}

static void
test_choices_go_before_and_are_told (Fixture *fixture, gconstpointer data)
{
  static const char *const interests[] = { "jazz", NULL };
  static const char *const ranges[] = { "12:00-13:00", NULL };
  SighejPreferences *preferences = fixture->preferences;
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_preferences_set_interests (preferences, interests, &error));
  g_assert_true (sighej_preferences_set_backend_uri (preferences, "https://a.example", &error));
  g_assert_true (sighej_preferences_set_adapter (preferences, "/org/bluez/hci1", &error));
  g_assert_true (sighej_preferences_set_language (preferences, "da", &error));
  g_assert_true (sighej_preferences_set_quiet_hours (preferences, ranges, &error));
  g_assert_true (sighej_preferences_set_notice_accepted (preferences, TRUE, &error));
  g_assert_true (sighej_preferences_set_pause_on_lock (preferences, FALSE, &error));
  g_assert_true (sighej_preferences_set_notify_nearby (preferences, TRUE, &error));
  g_assert_no_error (error);
  g_assert_cmpstr (fixture->told->str,
                   ==,
                   "interests backend-uri adapter language quiet-hours notice-accepted "
                   "pause-on-lock notify-nearby ");

  make (fixture);
  preferences = fixture->preferences;
  g_assert_cmpstr (sighej_preferences_get_interests (preferences)[0], ==, "jazz");
  g_assert_cmpstr (sighej_preferences_get_backend_uri (preferences), ==, "https://a.example");
  g_assert_cmpstr (sighej_preferences_get_adapter (preferences), ==, "/org/bluez/hci1");
  g_assert_cmpstr (sighej_preferences_get_language (preferences), ==, "da");
  g_assert_cmpstr (sighej_preferences_get_quiet_hours (preferences)[0], ==, "12:00-13:00");
  g_assert_true (sighej_preferences_get_notice_accepted (preferences));
  g_assert_false (sighej_preferences_get_pause_on_lock (preferences));
  g_assert_true (sighej_preferences_get_notify_nearby (preferences));
}

static void
test_chosen_nothing_goes_before (Fixture *fixture, gconstpointer data)
{
  set_config (fixture, "Presence", "QuietHours", "22:00-08:00");
  make (fixture);

  g_assert_true (sighej_preferences_set_quiet_hours (fixture->preferences, NO_RANGES, NULL));
  g_assert_true (sighej_preferences_set_backend_uri (fixture->preferences, "", NULL));
  make (fixture);
  g_assert_null (sighej_preferences_get_quiet_hours (fixture->preferences)[0]);
  g_assert_cmpstr (sighej_preferences_get_backend_uri (fixture->preferences), ==, "");
}

static void
test_what_is_refused_changes_nothing (Fixture *fixture, gconstpointer data)
{
  static const char *const bad_range[] = { "22-08", NULL };
  static const char *const many[]
      = { "01:00-02:00", "01:00-02:00", "01:00-02:00", "01:00-02:00", "01:00-02:00",
          "01:00-02:00", "01:00-02:00", "01:00-02:00", "01:00-02:00", NULL };
  SighejPreferences *preferences = fixture->preferences;
  g_autoptr (GError) error = NULL;

  g_assert_false (sighej_preferences_set_quiet_hours (preferences, bad_range, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_clear_error (&error);
  g_assert_false (sighej_preferences_set_quiet_hours (preferences, many, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_clear_error (&error);
  g_assert_false (sighej_preferences_set_backend_uri (preferences, "http://a.example", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
  g_clear_error (&error);
  g_assert_false (sighej_preferences_set_language (preferences, "tlh", &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_SUPPORTED);
  g_assert_cmpstr (fixture->told->str, ==, "");
  g_assert_cmpuint (
      g_strv_length ((GStrv) sighej_preferences_get_quiet_hours (preferences)), ==, 0);
}

static void
test_unusable_choices_do_not_count (Fixture *fixture, gconstpointer data)
{
  g_assert_true (
      sighej_choices_set (fixture->choices, SIGHEJ_CHOICE_BACKEND_URI, "gopher://x", NULL));
  g_assert_true (sighej_choices_set (fixture->choices, SIGHEJ_CHOICE_QUIET_HOURS, "night", NULL));
  g_assert_true (sighej_choices_set (fixture->choices, SIGHEJ_CHOICE_PAUSE_ON_LOCK, "no", NULL));

  make (fixture);
  g_assert_nonnull (strstr (warnings->str, "the chosen backend is not used: "));
  g_assert_nonnull (strstr (warnings->str, "the chosen quiet hours are not used: "));
  g_string_truncate (warnings, 0);
  g_assert_cmpstr (
      sighej_preferences_get_backend_uri (fixture->preferences), ==, SIGHEJ_DEFAULT_BACKEND);
  g_assert_true (sighej_preferences_get_pause_on_lock (fixture->preferences));
  g_assert_null (sighej_preferences_get_quiet_hours (fixture->preferences)[0]);
}

static void
test_option_goes_before_the_choice (Fixture *fixture, gconstpointer data)
{
  g_assert_true (
      sighej_choices_set (fixture->choices, SIGHEJ_CHOICE_ADAPTER, "/org/bluez/hci1", NULL));
  g_assert_true (
      sighej_config_set (fixture->config, "Bluetooth", "Adapter", "hci2", "--adapter", NULL));
  make (fixture);
  g_assert_cmpstr (sighej_preferences_get_adapter (fixture->preferences), ==, "hci2");

  g_assert_true (sighej_preferences_set_adapter (fixture->preferences, "/org/bluez/hci3", NULL));
  g_assert_cmpstr (sighej_preferences_get_adapter (fixture->preferences), ==, "/org/bluez/hci3");
}

/* As SIGHUP has it: what the file says is read anew. */
static void
read_anew (Fixture *fixture, const char *text)
{
  g_autoptr (SighejConfig) fresh = sighej_config_new (sighej_settings_keys);
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_config_add_data (fresh, text, "a file", &error));
  g_assert_no_error (error);
  sighej_config_replace (fixture->config, fresh);
}

static void
test_read_anew_holds_at_once (Fixture *fixture, gconstpointer data)
{
  SighejPreferences *preferences = fixture->preferences;

  read_anew (fixture,
             "[Presence]\nQuietHours=22:00-08:00\nPauseOnLock=no\n[Bluetooth]\nAdapter=hci1\n"
             "[Backend]\nUri=https://a.example\n");
  g_assert_cmpstr (fixture->told->str, ==, "backend-uri quiet-hours adapter pause-on-lock ");
  g_assert_cmpstr (sighej_preferences_get_backend_uri (preferences), ==, "https://a.example");
  g_assert_cmpstr (sighej_preferences_get_quiet_hours (preferences)[0], ==, "22:00-08:00");
  g_assert_cmpstr (sighej_preferences_get_adapter (preferences), ==, "hci1");
  g_assert_false (sighej_preferences_get_pause_on_lock (preferences));

  g_string_truncate (fixture->told, 0);
  read_anew (fixture,
             "[Presence]\nQuietHours=22:00-08:00\nPauseOnLock=false\n[Bluetooth]\nAdapter=hci1\n"
             "[Backend]\nUri=https://a.example\n[Log]\nLevel=debug\n");
  g_assert_cmpstr (fixture->told->str, ==, "");
}

static void
test_read_anew_goes_behind_the_choices (Fixture *fixture, gconstpointer data)
{
  static const char *const ranges[] = { "12:00-13:00", NULL };
  SighejPreferences *preferences = fixture->preferences;

  g_assert_true (sighej_preferences_set_backend_uri (preferences, "https://b.example", NULL));
  g_assert_true (sighej_preferences_set_adapter (preferences, "/org/bluez/hci2", NULL));
  g_assert_true (sighej_preferences_set_quiet_hours (preferences, ranges, NULL));
  g_assert_true (sighej_preferences_set_pause_on_lock (preferences, TRUE, NULL));
  g_string_truncate (fixture->told, 0);

  read_anew (fixture,
             "[Presence]\nQuietHours=22:00-08:00\nPauseOnLock=no\n[Bluetooth]\nAdapter=hci1\n"
             "[Backend]\nUri=https://a.example\n");
  g_assert_cmpstr (fixture->told->str, ==, "");
  g_assert_cmpstr (sighej_preferences_get_quiet_hours (preferences)[0], ==, "12:00-13:00");
  g_assert_true (sighej_preferences_get_pause_on_lock (preferences));

  g_assert_true (sighej_preferences_forget (preferences, NULL));
  g_assert_cmpstr (sighej_preferences_get_backend_uri (preferences), ==, "https://a.example");
  g_assert_false (sighej_preferences_get_pause_on_lock (preferences));
}

static void
test_another_backend_waits_while_open (Fixture *fixture, gconstpointer data)
{
  SighejPreferences *preferences = fixture->preferences;

  read_anew (fixture, "[Backend]\nUri=https://a.example\n");
  sighej_preferences_set_open (preferences, TRUE);
  g_string_truncate (fixture->told, 0);

  read_anew (fixture, "[Backend]\nUri=https://b.example\n");
  sighej_preferences_set_open (preferences, TRUE);
  g_assert_cmpstr (fixture->told->str, ==, "");
  g_assert_cmpstr (sighej_preferences_get_backend_uri (preferences), ==, "https://a.example");

  sighej_preferences_set_open (preferences, FALSE);
  sighej_preferences_set_open (preferences, FALSE);
  g_assert_cmpstr (fixture->told->str, ==, "backend-uri ");
  g_assert_cmpstr (sighej_preferences_get_backend_uri (preferences), ==, "https://b.example");
}

#define ADD(path, function)                                                                        \
  g_test_add ("/preferences/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (keep_warning, NULL, NULL);

  ADD ("configuration-holds-until-chosen", test_configuration_holds_until_chosen);
  ADD ("choices-go-before-and-are-told", test_choices_go_before_and_are_told);
  ADD ("chosen-nothing-goes-before", test_chosen_nothing_goes_before);
  ADD ("what-is-refused-changes-nothing", test_what_is_refused_changes_nothing);
  ADD ("unusable-choices-do-not-count", test_unusable_choices_do_not_count);
  ADD ("option-goes-before-the-choice", test_option_goes_before_the_choice);

  ADD ("read-anew-holds-at-once", test_read_anew_holds_at_once);
  ADD ("read-anew-goes-behind-the-choices", test_read_anew_goes_behind_the_choices);
  ADD ("another-backend-waits-while-open", test_another_backend_waits_while_open);

  return g_test_run ();
}
