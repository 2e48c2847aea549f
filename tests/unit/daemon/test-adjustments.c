/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-adjustments.h"

#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>

#include "sighej-state-file.h"
#include "sighej-test.h"

#define DONGLE "00:1A:7D:DA:71:13"
#define BUILT_IN "9C:B6:D0:00:00:01"
#define SINCE_S 1795219200

static char *last_warning;

/* Takes the place of the log: a warning no test asks for is an error. */
static GLogWriterOutput
keep_warning (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer data)
{
  if ((level & G_LOG_LEVEL_WARNING) == 0)
    return g_log_writer_default (level, fields, n_fields, data);

  g_free (last_warning);
  last_warning = g_log_writer_format_fields (level, fields, n_fields, FALSE);
  return G_LOG_WRITER_HANDLED;
}

typedef struct
{
  char *folder;
  char *path;
} Fixture;

static void
set_up (Fixture *fixture, gconstpointer data)
{
  g_autofree char *dir = sighej_test_dup_dir ();

  fixture->folder = g_build_filename (dir, "state", "sighej", NULL);
  fixture->path = g_build_filename (fixture->folder, "adjustments", NULL);
}

static void
tear_down (Fixture *fixture, gconstpointer data)
{
  g_assert_null (last_warning);
  g_free (fixture->folder);
  g_free (fixture->path);
}

static void
keep (SighejAdjustments *adjustments, const char *id, SighejAdjustmentKind kind, int value)
{
  SighejAdjustment adjustment = { value, kind == SIGHEJ_ADJUSTMENT_RECEIVE, SINCE_S };
  g_autoptr (GError) error = NULL;

  g_assert_true (sighej_adjustments_keep (adjustments, id, kind, &adjustment, &error));
  g_assert_no_error (error);
}

static void
assert_kept (SighejAdjustments *adjustments, const char *id, SighejAdjustmentKind kind, int value)
{
  SighejAdjustment adjustment;

  g_assert_true (sighej_adjustments_get (adjustments, id, kind, &adjustment));
  g_assert_cmpint (adjustment.value, ==, value);
  g_assert_cmpint (adjustment.measured, ==, kind == SIGHEJ_ADJUSTMENT_RECEIVE);
  g_assert_cmpint (adjustment.since_s, ==, SINCE_S);
}

static void
assert_none (SighejAdjustments *adjustments, const char *id)
{
  SighejAdjustment adjustment;

  for (guint kind = 0; kind < SIGHEJ_N_ADJUSTMENT_KINDS; kind++)
    {
      g_assert_false (
          sighej_adjustments_get (adjustments, id, (SighejAdjustmentKind) kind, &adjustment));
      g_assert_cmpint (adjustment.value, ==, 0);
      g_assert_cmpint (adjustment.since_s, ==, 0);
    }
}

static void
read_file (Fixture *fixture, char **text)
{
  g_autoptr (GError) error = NULL;

  g_file_get_contents (fixture->path, text, NULL, &error);
  g_assert_no_error (error);
}

static void
test_none_at_first (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejAdjustments) adjustments = sighej_adjustments_new (fixture->folder);

  assert_none (adjustments, DONGLE);
  g_assert_true (sighej_adjustments_forget (adjustments, DONGLE, NULL));
  g_assert_false (g_file_test (fixture->folder, G_FILE_TEST_EXISTS));
}

static void
test_each_adapter_has_its_own (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejAdjustments) adjustments = sighej_adjustments_new (fixture->folder);
  g_autoptr (SighejAdjustments) again = NULL;

  keep (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, -7);
  keep (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_TRANSMIT, -65);
  keep (adjustments, BUILT_IN, SIGHEJ_ADJUSTMENT_RECEIVE, 30);

  again = sighej_adjustments_new (fixture->folder);
  assert_kept (again, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, -7);
  assert_kept (again, DONGLE, SIGHEJ_ADJUSTMENT_TRANSMIT, -65);
  assert_kept (again, BUILT_IN, SIGHEJ_ADJUSTMENT_RECEIVE, 30);
  assert_none (again, "9C:B6:D0:00:00:02");
}

static void
test_transmit_is_rounded (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejAdjustments) adjustments = sighej_adjustments_new (fixture->folder);

  keep (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_TRANSMIT, -64);
  assert_kept (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_TRANSMIT, -65);
  keep (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_TRANSMIT, -52);
  assert_kept (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_TRANSMIT, -53);
}

static void
test_only_some_values_are_valid (void)
{
  g_assert_true (sighej_adjustment_is_valid (SIGHEJ_ADJUSTMENT_TRANSMIT, -71));
  g_assert_true (sighej_adjustment_is_valid (SIGHEJ_ADJUSTMENT_TRANSMIT, -50));
  g_assert_false (sighej_adjustment_is_valid (SIGHEJ_ADJUSTMENT_TRANSMIT, -72));
  g_assert_false (sighej_adjustment_is_valid (SIGHEJ_ADJUSTMENT_TRANSMIT, -49));
  g_assert_true (sighej_adjustment_is_valid (SIGHEJ_ADJUSTMENT_RECEIVE, -30));
  g_assert_true (sighej_adjustment_is_valid (SIGHEJ_ADJUSTMENT_RECEIVE, 30));
  g_assert_false (sighej_adjustment_is_valid (SIGHEJ_ADJUSTMENT_RECEIVE, 31));
  g_assert_false (sighej_adjustment_is_valid (SIGHEJ_ADJUSTMENT_RECEIVE, -31));
}

static void
test_forgets_one_adapter (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejAdjustments) adjustments = sighej_adjustments_new (fixture->folder);
  g_autoptr (SighejAdjustments) again = NULL;

  keep (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, -7);
  keep (adjustments, BUILT_IN, SIGHEJ_ADJUSTMENT_RECEIVE, 3);
  g_assert_true (sighej_adjustments_forget (adjustments, DONGLE, NULL));
  assert_none (adjustments, DONGLE);

  again = sighej_adjustments_new (fixture->folder);
  assert_none (again, DONGLE);
  assert_kept (again, BUILT_IN, SIGHEJ_ADJUSTMENT_RECEIVE, 3);
}

static void
test_shows_and_forgets_all (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejAdjustments) adjustments = sighej_adjustments_new (fixture->folder);
  g_autoptr (GVariant) shown = NULL;
  g_autofree char *text = NULL;
  g_autofree char *expected = NULL;

  keep (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, -7);
  keep (adjustments, BUILT_IN, SIGHEJ_ADJUSTMENT_TRANSMIT, -65);
  shown = g_variant_ref_sink (sighej_adjustments_to_variant (adjustments));
  text = g_variant_print (shown, FALSE);
  expected = g_strdup_printf (
      "[('receive', -7, true, %d), ('transmit', -65, false, %d)]", (int) SINCE_S, (int) SINCE_S);
  g_assert_cmpstr (text, ==, expected);

  g_assert_true (sighej_adjustments_forget_all (adjustments, NULL));
  assert_none (adjustments, DONGLE);
  g_assert_cmpint (g_rmdir (fixture->folder), ==, 0); /* nothing is in it */
  keep (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, 4);
  assert_kept (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, 4);
}

static void
test_no_address_on_the_disk (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejAdjustments) adjustments = sighej_adjustments_new (fixture->folder);
  g_autofree char *first = NULL;
  g_autofree char *second = NULL;
  GStatBuf info;

  keep (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, -7);
  g_assert_cmpint (g_stat (fixture->path, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0600);
  g_assert_cmpint (g_stat (fixture->folder, &info), ==, 0);
  g_assert_cmpint (info.st_mode & 0777, ==, 0700);

  read_file (fixture, &first);
  g_assert_null (strstr (first, DONGLE));
  g_assert_null (strstr (first, "1a7d"));

  /* Another machine has another key, so the same dongle has another name there. */
  g_assert_cmpint (g_unlink (fixture->path), ==, 0);
  g_clear_object (&adjustments);
  adjustments = sighej_adjustments_new (fixture->folder);
  keep (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, -7);
  read_file (fixture, &second);
  g_assert_cmpstr (strstr (first, "[Adapter "), !=, strstr (second, "[Adapter "));
}

static void
test_oldest_adapter_gives_way (Fixture *fixture, gconstpointer data)
{
  g_autoptr (SighejAdjustments) adjustments = sighej_adjustments_new (fixture->folder);
  g_autoptr (SighejAdjustments) again = NULL;

  keep (adjustments, "first", SIGHEJ_ADJUSTMENT_RECEIVE, 1);
  keep (adjustments, "second", SIGHEJ_ADJUSTMENT_RECEIVE, 2);
  keep (adjustments, "first", SIGHEJ_ADJUSTMENT_TRANSMIT, -50);
  for (int i = 0; i < SIGHEJ_ADJUSTMENTS_ADAPTERS_MAX - 1; i++)
    {
      g_autofree char *id = g_strdup_printf ("further %d", i);

      keep (adjustments, id, SIGHEJ_ADJUSTMENT_RECEIVE, i);
    }

  assert_none (adjustments, "second");
  again = sighej_adjustments_new (fixture->folder);
  assert_kept (again, "first", SIGHEJ_ADJUSTMENT_RECEIVE, 1);
  assert_kept (again, "first", SIGHEJ_ADJUSTMENT_TRANSMIT, -50);
  assert_none (again, "second");
}

static void
write_file (Fixture *fixture, const char *text)
{
  g_assert_cmpint (g_mkdir_with_parents (fixture->folder, 0700), ==, 0);
  g_assert_true (g_file_set_contents (fixture->path, text, -1, NULL));
}

#define KEY_LINES                                                                                  \
  "[Machine]\nKey=000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f\n"
#define ADAPTER_LINE "[Adapter 0011223344556677]\n"

static const char *const bad_files[] = {
  "no key file\n",
  ADAPTER_LINE "ReceiveAdjustment=3\nReceiveAdjustmentSince=1\n",
  "[Machine]\nKey=0001\n",
  KEY_LINES "[Adapter 00:1A:7D:DA:71:13]\nReceiveAdjustment=3\nReceiveAdjustmentSince=1\n",
  KEY_LINES ADAPTER_LINE "ReceiveAdjustment=31\nReceiveAdjustmentSince=1\n",
  KEY_LINES ADAPTER_LINE "ReceiveAdjustment=three\nReceiveAdjustmentSince=1\n",
  KEY_LINES ADAPTER_LINE "ReceiveAdjustment=3\n",
  KEY_LINES ADAPTER_LINE "ReceiveAdjustment=3\nReceiveAdjustmentSince=-1\n",
  KEY_LINES ADAPTER_LINE "TxCalibration=-20\nTxCalibrationSince=1\n",
};

static void
test_bad_files_are_put_aside (Fixture *fixture, gconstpointer data)
{
  g_autofree char *aside = g_strconcat (fixture->path, ".bad", NULL);

  for (guint i = 0; i < G_N_ELEMENTS (bad_files); i++)
    {
      g_autoptr (SighejAdjustments) adjustments = NULL;
      g_autofree char *kept = NULL;

      write_file (fixture, bad_files[i]);
      adjustments = sighej_adjustments_new (fixture->folder);
      g_assert_nonnull (last_warning);
      g_assert_nonnull (strstr (last_warning, "cannot be understood"));
      g_clear_pointer (&last_warning, g_free);
      assert_none (adjustments, DONGLE);
      g_assert_false (g_file_test (fixture->path, G_FILE_TEST_EXISTS));
      g_assert_true (g_file_get_contents (aside, &kept, NULL, NULL));
      g_assert_cmpstr (kept, ==, bad_files[i]);

      /* It goes on with a file of its own. */
      keep (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, 1);
      assert_kept (adjustments, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, 1);
    }
}

static void
test_too_many_adapters_are_put_aside (Fixture *fixture, gconstpointer data)
{
  GString *text = g_string_new (KEY_LINES);
  g_autofree char *taken = NULL;

  for (guint i = 0; i <= SIGHEJ_ADJUSTMENTS_ADAPTERS_MAX; i++)
    g_string_append_printf (
        text, "[Adapter %016x]\nReceiveAdjustment=1\nReceiveAdjustmentSince=1\n", i);
  taken = g_string_free (text, FALSE);
  write_file (fixture, taken);
  g_object_unref (sighej_adjustments_new (fixture->folder));
  g_assert_nonnull (last_warning);
  g_clear_pointer (&last_warning, g_free);
}

static void
test_full_disk_changes_nothing (Fixture *fixture, gconstpointer data)
{
  SighejAdjustment adjustment = { 3, TRUE, SINCE_S };
  g_autofree char *parent = g_path_get_dirname (fixture->folder);
  g_autoptr (SighejAdjustments) adjustments = sighej_adjustments_new (fixture->folder);
  g_autoptr (GError) error = NULL;

  /* A file where the folder should be stands for a disk that takes nothing. */
  g_assert_true (g_file_set_contents (parent, "", 0, NULL));
  g_assert_false (sighej_adjustments_keep (
      adjustments, DONGLE, SIGHEJ_ADJUSTMENT_RECEIVE, &adjustment, &error));
  g_assert_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED);
  assert_none (adjustments, DONGLE);
}

#define ADD(path, function)                                                                        \
  g_test_add ("/adjustments/" path, Fixture, NULL, set_up, function, tear_down)

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
  g_log_set_writer_func (keep_warning, NULL, NULL);

  ADD ("none-at-first", test_none_at_first);
  ADD ("each-adapter-has-its-own", test_each_adapter_has_its_own);
  ADD ("transmit-is-rounded", test_transmit_is_rounded);
  g_test_add_func ("/adjustments/only-some-values-are-valid", test_only_some_values_are_valid);
  ADD ("forgets-one-adapter", test_forgets_one_adapter);
  ADD ("shows-and-forgets-all", test_shows_and_forgets_all);
  ADD ("no-address-on-the-disk", test_no_address_on_the_disk);
  ADD ("oldest-adapter-gives-way", test_oldest_adapter_gives_way);
  ADD ("bad-files-are-put-aside", test_bad_files_are_put_aside);
  ADD ("too-many-adapters-are-put-aside", test_too_many_adapters_are_put_aside);
  ADD ("full-disk-changes-nothing", test_full_disk_changes_nothing);

  return g_test_run ();
}
