/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <glib/gstdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "sighej-spool.h"

#define ID "00000000-5e1f-4000-8000-000000000000"
#define MEMORY "/dev/shm"
#define CHUNK 64
#define TRIES 3 /* damage may show only in use: the call fails, and the file is moved aside */
#define CHUNKS_MAX 1000

static char *folder;

/* What is moved aside is said loudly; here that happens all the time. */
static GLogWriterOutput
drop_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  return G_LOG_WRITER_HANDLED;
}

static void
empty_folder (void)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;

  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);

      g_assert_cmpint (g_unlink (path), ==, 0);
    }
}

static void
remove_folder (void)
{
  empty_folder ();
  g_rmdir (folder);
  g_free (folder);
}

static void
set_up (void)
{
  if (folder != NULL)
    return;
  /* In memory, where there is such a place: a disk would take its time. */
  folder = g_strdup (MEMORY "/fuzz-spool-XXXXXX");
  if (g_mkdtemp (folder) == NULL)
    {
      g_free (folder);
      folder = g_dir_make_tmp ("fuzz-spool-XXXXXX", NULL);
    }
  g_assert_nonnull (folder);
  atexit (remove_folder);
  g_log_set_writer_func (drop_log, NULL, NULL);
}

static void
add (SighejSpool *spool)
{
  g_autoptr (SighejBatch) batch = sighej_batch_new (ID, "2026-01-31");
  gboolean added = FALSE;

  sighej_batch_add_category (batch, "music", 1);
  for (guint i = 0; !added && i < TRIES; i++)
    added = sighej_spool_add (spool, batch, NULL);
  g_assert_true (added);
}

/* Each batch is one that a ledger can be given. */
static gboolean
look_at (const GPtrArray *batches)
{
  gboolean found = FALSE;

  for (guint i = 0; i < batches->len; i++)
    {
      const SighejBatch *batch = batches->pdata[i];

      g_assert_true (g_utf8_validate (batch->id, -1, NULL));
      g_assert_true (g_utf8_validate (batch->date, -1, NULL));
      g_assert_nonnull (batch->categories);
      found |= g_str_equal (batch->id, ID);
    }
  return found;
}

/* Returns: whether ours came out */
static gboolean
take_all (SighejSpool *spool)
{
  gboolean found = FALSE;

  for (guint i = 0; i < CHUNKS_MAX; i++)
    {
      g_autoptr (GPtrArray) batches = sighej_spool_peek (spool, CHUNK, NULL);

      if (batches == NULL || batches->len == 0)
        return found;
      found |= look_at (batches);
      sighej_spool_remove (spool, batches, batches->len, NULL);
    }
  return found;
}

/* Whatever is where the spool's file should be: what is added comes out, at the latest from a new
 * file. */
int
LLVMFuzzerTestOneInput (const uint8_t *data, size_t n_bytes)
{
  g_autoptr (SighejSpool) spool = NULL;
  g_autofree char *path = NULL;
  gboolean found = FALSE;

  set_up ();
  empty_folder ();
  path = g_build_filename (folder, SIGHEJ_SPOOL_FILE, NULL);
  g_assert_true (g_file_set_contents (path, (const char *) data, (gssize) n_bytes, NULL));
  spool = sighej_spool_new (folder, SIGHEJ_SPOOL_BATCHES_MAX);
  take_all (spool);
  for (guint i = 0; !found && i < TRIES; i++)
    {
      add (spool);
      found = take_all (spool);
    }
  g_assert_true (found);
  return 0;
}
