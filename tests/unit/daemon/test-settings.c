/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-settings.h"

#include <glib/gstdio.h>
#include <string.h>

#include "sighej-test.h"

static char *
write_file (const char *folder, const char *name, const char *text)
{
  char *path = g_build_filename (folder, name, NULL);

  g_assert_true (g_file_set_contents (path, text, -1, NULL));
  return path;
}

static SighejConfig *
load_text (const char *text, GError **error)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = write_file (folder, "sighejd.conf", text);

  return sighej_settings_load (path, TRUE, error);
}

static void
test_defaults (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejConfig) config = load_text ("", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (sighej_config_get_duration_s (config, "Presence", "DefaultDuration"), ==, 7200);
  g_assert_cmpint (sighej_config_get_integer (config, "Presence", "MaxNudgesPerHour"), ==, 6);
  g_assert_cmpuint (
      g_strv_length ((GStrv) sighej_config_get_string_list (config, "Presence", "QuietHours")),
      ==,
      0);
  g_assert_cmpstr (sighej_config_get_string (config, "Bluetooth", "Radio"), ==, "auto");
  g_assert_cmpstr (sighej_config_get_string (config, "Bluetooth", "Adapter"), ==, "auto");
  g_assert_cmpint (sighej_config_get_integer (config, "Bluetooth", "TxCalibration"), ==, -59);
  g_assert_cmpint (sighej_config_get_integer (config, "Bluetooth", "ReceiveAdjustment"), ==, 0);
  g_assert_cmpint (sighej_config_get_integer (config, "Proximity", "DwellSeconds"), ==, 20);
  g_assert_cmpstr (sighej_config_get_string (config, "Backend", "Uri"), ==, SIGHEJ_DEFAULT_BACKEND);
  g_assert_cmpint (sighej_config_get_integer (config, "Backend", "ConnectTimeoutSeconds"), ==, 10);
  g_assert_cmpstr (sighej_config_get_string (config, "Backend", "CaFile"), ==, "");
  g_assert_cmpstr (sighej_config_get_string (config, "Log", "Level"), ==, "info");
}

static void
test_takes_good_values (void)
{
  static const char *const good[] = {
    "[Presence]\nDefaultDuration=5min\n",
    "[Presence]\nDefaultDuration=4h\nMaxNudgesPerHour=0\n",
    "[Presence]\nMaxNudgesPerHour=60\nQuietHours=22:00-08:00;12:00-13:00\n",
    "[Bluetooth]\nRadio=sim\nAdapter=hci1\nTxCalibration=-71\nReceiveAdjustment=-6\n",
    "[Bluetooth]\nAdapter=/org/bluez/hci0\n",
    "[Proximity]\nDwellSeconds=1\n",
    "[Backend]\nUri=https://sighej.example/base\nConnectTimeoutSeconds=60\n",
    "[Backend]\nUri=http://localhost:8000\n",
    "[Log]\nLevel=debug\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SighejConfig) config = load_text (good[i], &error);

      g_assert_no_error (error);
      g_assert_nonnull (config);
      g_assert_null (sighej_config_get_warnings (config)[0]);
    }
}

static void
test_refuses_bad_values_by_name (void)
{
  static const struct
  {
    const char *text;
    const char *key;
  } bad[] = {
    { "[Presence]\nDefaultDuration=4min\n", "DefaultDuration" },
    { "[Presence]\nDefaultDuration=5h\n", "DefaultDuration" },
    { "[Presence]\nMaxNudgesPerHour=61\n", "MaxNudgesPerHour" },
    { "[Presence]\nMaxNudgesPerHour=-1\n", "MaxNudgesPerHour" },
    { "[Presence]\nQuietHours=22-08\n", "QuietHours" },
    { "[Bluetooth]\nRadio=wifi\n", "Radio" },
    { "[Bluetooth]\nAdapter=\n", "Adapter" },
    { "[Bluetooth]\nAdapter=a/b\n", "Adapter" },
    { "[Bluetooth]\nTxCalibration=-49\n", "TxCalibration" },
    { "[Bluetooth]\nReceiveAdjustment=31\n", "ReceiveAdjustment" },
    { "[Proximity]\nDwellSeconds=0\n", "DwellSeconds" },
    { "[Proximity]\nDwellSeconds=61\n", "DwellSeconds" },
    { "[Backend]\nUri=http://sighej.example\n", "Uri" },
    { "[Backend]\nUri=https://user@sighej.example\n", "Uri" },
    { "[Backend]\nConnectTimeoutSeconds=0\n", "ConnectTimeoutSeconds" },
    { "[Log]\nLevel=loud\n", "Level" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (SighejConfig) config = load_text (bad[i].text, &error);

      g_assert_null (config);
      g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
      g_assert_nonnull (strstr (error->message, bad[i].key));
      g_assert_nonnull (strstr (error->message, "sighejd.conf"));
    }
}

static void
test_unknown_keys_are_warnings (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejConfig) config
      = load_text ("[Presence]\nNoSuchKey=1\n[NoSuchGroup]\nKey=1\n", &error);

  g_assert_no_error (error);
  g_assert_cmpuint (g_strv_length ((GStrv) sighej_config_get_warnings (config)), >=, 2);
}

static void
test_named_file_must_exist (void)
{
  g_autofree char *folder = sighej_test_dup_dir ();
  g_autofree char *path = g_build_filename (folder, "none.conf", NULL);
  g_autoptr (GError) error = NULL;

  g_assert_null (sighej_settings_load (path, TRUE, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG);
}

static void
test_own_file_is_for_persons (void)
{
  g_autofree char *folder = g_build_filename (g_get_user_config_dir (), "sighej", NULL);
  g_autofree char *path = NULL;
  g_autoptr (SighejConfig) person = NULL;
  g_autoptr (SighejConfig) kiosk = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_cmpint (g_mkdir_with_parents (folder, 0700), ==, 0);
  path = write_file (folder, "sighejd.conf", "[Proximity]\nDwellSeconds=7\n");
  person = sighej_settings_load (NULL, TRUE, &error);
  g_assert_no_error (error);
  kiosk = sighej_settings_load (NULL, FALSE, &error);
  g_assert_no_error (error);
  g_assert_cmpint (sighej_config_get_integer (person, "Proximity", "DwellSeconds"), ==, 7);
  g_assert_true (
      g_str_has_prefix (sighej_config_get_origin (person, "Proximity", "DwellSeconds"), path));
  g_assert_false (
      g_str_has_prefix (sighej_config_get_origin (kiosk, "Proximity", "DwellSeconds"), path));
}

static void
test_taken_but_for_what_needs_a_restart (void)
{
  g_autoptr (SighejConfig) config = load_text ("[Bluetooth]\nRadio=sim\n[Log]\nLevel=info\n", NULL);
  g_autoptr (SighejConfig) fresh = load_text ("[Bluetooth]\nRadio=none\nRfkillFolder=/x\n"
                                              "[Backend]\nCaFile=/ca.pem\n[Log]\nLevel=debug\n",
                                              NULL);
  g_autoptr (SighejConfig) same = load_text ("[Bluetooth]\nRadio=sim\n", NULL);
  g_autofree char *waiting = sighej_settings_take (config, fresh);
  g_autofree char *nothing = sighej_settings_take (config, same);

  g_assert_cmpstr (waiting, ==, "Radio, RfkillFolder, CaFile");
  g_assert_null (nothing);
  g_assert_cmpstr (sighej_config_get_string (config, "Bluetooth", "Radio"), ==, "sim");
  g_assert_cmpstr (sighej_config_get_string (config, "Backend", "CaFile"), ==, "");
  g_assert_cmpstr (sighej_config_get_string (same, "Log", "Level"), ==, "debug");
}

int
main (int argc, char **argv)
{
  g_autofree char *home = sighej_test_dup_dir ();

  g_setenv ("XDG_CONFIG_HOME", home, TRUE);
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/settings/defaults", test_defaults);
  g_test_add_func ("/settings/takes-good-values", test_takes_good_values);
  g_test_add_func ("/settings/refuses-bad-values-by-name", test_refuses_bad_values_by_name);
  g_test_add_func ("/settings/unknown-keys-are-warnings", test_unknown_keys_are_warnings);
  g_test_add_func ("/settings/named-file-must-exist", test_named_file_must_exist);
  g_test_add_func ("/settings/taken-but-for-what-needs-a-restart",
                   test_taken_but_for_what_needs_a_restart);
  g_test_add_func ("/settings/own-file-is-for-persons", test_own_file_is_for_persons);

  return g_test_run ();
}
