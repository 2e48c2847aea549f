/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-spool"

#include "config.h"

#include "sighej-spool.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "sighej-error.h"
#include "sighej-sqlite.h"

#define LOCK_POLL_US 10000
#define ASIDE "corrupt"
#define PRIMARY_CODE 0xff /* of SQLite's extended codes */

/* FULL: a commit returns when the disk has it. */
#define PRAGMAS_SQL                                                                                \
  "PRAGMA trusted_schema = OFF; PRAGMA cell_size_check = ON; PRAGMA journal_mode = WAL;"           \
  "PRAGMA synchronous = FULL; PRAGMA journal_size_limit = 4194304"
#define CREATE_SQL                                                                                 \
  "CREATE TABLE batches (serial INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE,"                     \
  " date TEXT NOT NULL, sessions INTEGER NOT NULL, matches INTEGER NOT NULL,"                      \
  " pings INTEGER NOT NULL, categories TEXT NOT NULL, aside INTEGER NOT NULL) STRICT"
#define SCHEMA_SQL "SELECT group_concat (sql, ';') FROM sqlite_schema WHERE sql IS NOT NULL"
#define CHECK_SQL "PRAGMA quick_check (1)"

typedef enum
{
  STATEMENT_ADD,
  STATEMENT_HAS,
  STATEMENT_PEEK,
  STATEMENT_REMOVE,
  STATEMENT_PUT_ASIDE,
  STATEMENT_COUNT,
  N_STATEMENTS,
} Statement;

static const char *const statement_sql[N_STATEMENTS] = {
  [STATEMENT_ADD] = "INSERT INTO batches (id, date, sessions, matches, pings, categories, aside)"
                    " SELECT ?1, ?2, ?3, ?4, ?5, ?6, 0 WHERE (SELECT count (*) FROM batches) < ?7"
                    " ON CONFLICT (id) DO NOTHING",
  [STATEMENT_HAS] = "SELECT 1 FROM batches WHERE id = ?1",
  [STATEMENT_PEEK] = ("SELECT id, date, sessions, matches, pings, categories FROM batches"
                      " WHERE aside = 0 ORDER BY serial LIMIT ?1"),
  [STATEMENT_REMOVE] = "DELETE FROM batches WHERE id = ?1",
  [STATEMENT_PUT_ASIDE] = "UPDATE batches SET aside = 1 WHERE id = ?1",
  [STATEMENT_COUNT] = "SELECT count (*) FROM batches",
};

enum
{
  COLUMN_ID,
  COLUMN_DATE,
  COLUMN_SESSIONS,
  COLUMN_MATCHES,
  COLUMN_PINGS,
  COLUMN_CATEGORIES,
};

struct _SighejSpool
{
  char *folder;
  char *path;
  guint n_max;

  sqlite3 *database; /* (nullable) */
  sqlite3_stmt *statements[N_STATEMENTS];
  GStatBuf opened; /* which file it is: another process may move it aside */
};

/* The file */

static void
close_database (SighejSpool *self)
{
  for (guint i = 0; i < N_STATEMENTS; i++)
    g_clear_pointer (&self->statements[i], sqlite3_finalize);
  g_clear_pointer (&self->database, sqlite3_close);
}

/* Nobody moves or opens the file while it is held. Returns: a descriptor, -1 after a while */
static int
lock_folder (SighejSpool *self)
{
  int folder = open (self->folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

  for (guint i = 0; folder >= 0 && flock (folder, LOCK_EX | LOCK_NB) != 0; i++)
    {
      if (i == SIGHEJ_SPOOL_LOCK_MS * 1000 / LOCK_POLL_US)
        {
          close (folder);
          return -1;
        }
      g_usleep (LOCK_POLL_US);
    }
  return folder;
}

static void
move_with (const char *path, const char *aside, const char *suffix)
{
  g_autofree char *from = g_strconcat (path, suffix, NULL);
  g_autofree char *to = g_strconcat (aside, suffix, NULL);

  if (g_rename (from, to) != 0 && errno != ENOENT)
    g_warning ("cannot move %s aside: %s", from, g_strerror (errno));
}

/* The log goes with its file, so that a tool can still read what was whole. */
static void
move_aside (SighejSpool *self, const char *why)
{
  g_autoptr (GDateTime) now = g_date_time_new_now_utc ();
  g_autofree char *time = g_date_time_format (now, "%Y%m%dT%H%M%S.%f");
  g_autofree char *aside = g_strdup_printf ("%s." ASIDE "-%s", self->path, time);

  g_warning ("%s is damaged (%s); it is moved to %s and a new one is begun: what the old one held "
             "is not in the statistics",
             self->path,
             why,
             aside);
  close_database (self);
  move_with (self->path, aside, "-wal");
  move_with (self->path, aside, "-shm");
  move_with (self->path, aside, "");
}

static gboolean
is_damage (int code)
{
  return (code & PRIMARY_CODE) == SQLITE_CORRUPT || (code & PRIMARY_CODE) == SQLITE_NOTADB;
}

/* The one text a statement gives. (transfer full) (nullable) */
static char *
query_text (sqlite3 *database, const char *sql, GError **error)
{
  sqlite3_stmt *statement = sighej_sqlite_prepare (database, sql, error);
  char *text = NULL;

  if (statement == NULL)
    return NULL;
  if (sqlite3_step (statement) == SQLITE_ROW)
    text = g_strdup (sqlite3_column_type (statement, 0) == SQLITE_NULL
                         ? ""
                         : (const char *) sqlite3_column_text (statement, 0));
  else
    sighej_sqlite_fail (database, error);
  sqlite3_finalize (statement);
  return text;
}

/* FALSE with *damage: this is no spool of ours. */
static gboolean
check_schema (SighejSpool *self, char **damage, GError **error)
{
  g_autofree char *schema = query_text (self->database, SCHEMA_SQL, error);
  g_autofree char *verdict = NULL;

  if (schema == NULL)
    return FALSE;
  if (schema[0] == '\0')
    return sighej_sqlite_run (self->database, CREATE_SQL, error);
  if (!g_str_equal (schema, CREATE_SQL))
    {
      *damage = g_strdup ("it has other tables");
      return FALSE;
    }
  verdict = query_text (self->database, CHECK_SQL, error);
  if (verdict != NULL && !g_str_equal (verdict, "ok"))
    *damage = g_strdelimit (g_steal_pointer (&verdict), "\n", ' ');
  return verdict != NULL;
}

static gboolean
prepare_all (SighejSpool *self, GError **error)
{
  for (guint i = 0; i < N_STATEMENTS; i++)
    {
      self->statements[i] = sighej_sqlite_prepare (self->database, statement_sql[i], error);
      if (self->statements[i] == NULL)
        return FALSE;
    }
  return TRUE;
}

/* A header may say "read-only" of a file that is not. */
static void
check_writable (SighejSpool *self, char **damage)
{
  if (*damage == NULL && self->database != NULL && sqlite3_db_readonly (self->database, "main") == 1
      && g_access (self->path, W_OK) == 0)
    *damage = g_strdup ("it says that it must not be written");
}

/* FALSE with *damage: what is there is to be moved aside. */
static gboolean
try_open (SighejSpool *self, char **damage, GError **error)
{
  int code;

  self->database = sighej_sqlite_open (self->path, error);
  if (self->database == NULL)
    return FALSE;
  if (sighej_sqlite_run (self->database, PRAGMAS_SQL, error) && check_schema (self, damage, error)
      && prepare_all (self, error))
    {
      check_writable (self, damage);
      return *damage == NULL;
    }

  /* Our own statements are right, so a plain error is about what they found. */
  code = sqlite3_extended_errcode (self->database);
  if (*damage == NULL && (is_damage (code) || code == SQLITE_ERROR))
    *damage = g_strdup (sqlite3_errmsg (self->database));
  check_writable (self, damage);
  return FALSE;
}

static gboolean
open_locked (SighejSpool *self, int folder, GError **error)
{
  g_autoptr (GError) first = NULL;
  g_autofree char *damage = NULL;
  g_autofree char *again = NULL;
  gboolean good = try_open (self, &damage, &first);

  if (damage != NULL)
    {
      move_aside (self, damage);
      good = try_open (self, &again, error);
    }
  else if (!good)
    g_propagate_error (error, g_steal_pointer (&first));
  if (good && g_stat (self->path, &self->opened) == 0)
    {
      fsync (folder); /* a new file's name is on the disk too */
      return TRUE;
    }
  close_database (self);
  if (error != NULL && *error == NULL)
    g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "cannot use %s", self->path);
  return FALSE;
}

static gboolean
is_same_file (SighejSpool *self)
{
  GStatBuf now;

  return g_stat (self->path, &now) == 0 && now.st_ino == self->opened.st_ino
         && now.st_dev == self->opened.st_dev;
}

/* Makes sure that the file is open and is the one that others use. */
static gboolean
ensure_open (SighejSpool *self, GError **error)
{
  int folder;
  gboolean good;

  if (self->database != NULL && is_same_file (self))
    return TRUE;

  close_database (self);
  folder = lock_folder (self);
  if (folder < 0)
    {
      g_set_error (error,
                   SIGHEJ_ERROR,
                   SIGHEJ_ERROR_UNAVAILABLE,
                   "cannot use the folder %s; see that it is there and writable",
                   self->folder);
      return FALSE;
    }
  good = open_locked (self, folder, error);
  close (folder);
  return good;
}

/* The file that others use too, unless one of them was quicker. */
static void
give_up_file (SighejSpool *self, const char *why)
{
  int folder = lock_folder (self);

  if (folder >= 0 && is_same_file (self))
    move_aside (self, why);
  close_database (self);
  if (folder >= 0)
    close (folder);
}

/* After a failed statement. What SQLite has in memory is not to be trusted after trouble with the
 * disk. */
static gboolean
fail (SighejSpool *self, GError **error)
{
  int code = sqlite3_extended_errcode (self->database);

  if (error != NULL && *error == NULL)
    sighej_sqlite_fail (self->database, error);
  if (!sqlite3_get_autocommit (self->database))
    sqlite3_exec (self->database, "ROLLBACK", NULL, NULL, NULL);
  if (is_damage (code))
    give_up_file (self, sqlite3_errstr (code));
  else if ((code & PRIMARY_CODE) != SQLITE_BUSY && (code & PRIMARY_CODE) != SQLITE_FULL)
    close_database (self);
  return FALSE;
}

/* Life */

SighejSpool *
sighej_spool_new (const char *folder, guint n_max)
{
  SighejSpool *self = g_new0 (SighejSpool, 1);

  self->folder = g_strdup (folder);
  self->path = g_build_filename (folder, SIGHEJ_SPOOL_FILE, NULL);
  self->n_max = n_max;
  return self;
}

void
sighej_spool_free (SighejSpool *self)
{
  close_database (self);
  g_free (self->folder);
  g_free (self->path);
  g_free (self);
}

/* Categories as text: "COUNT NAME" a line. */

static char *
write_categories (GHashTable *categories)
{
  GString *text = g_string_new (NULL);
  GHashTableIter iter;
  gpointer name;
  gpointer count;

  if (categories != NULL)
    {
      g_hash_table_iter_init (&iter, categories);
      while (g_hash_table_iter_next (&iter, &name, &count))
        {
          g_autofree char *escaped = g_uri_escape_string (name, NULL, TRUE);

          g_string_append_printf (
              text, "%" G_GUINT64_FORMAT " %s\n", *(const guint64 *) count, escaped);
        }
    }
  return g_string_free (text, FALSE);
}

static gboolean
read_category (SighejBatch *batch, const char *line)
{
  const char *space = strchr (line, ' ');
  g_autofree char *number = space != NULL ? g_strndup (line, (gsize) (space - line)) : NULL;
  g_autofree char *name = space != NULL ? g_uri_unescape_string (space + 1, NULL) : NULL;
  guint64 n;

  if (name == NULL || !g_utf8_validate (name, -1, NULL)
      || !g_ascii_string_to_unsigned (number, 10, 0, G_MAXINT64, &n, NULL)
      || g_hash_table_contains (batch->categories, name))
    return FALSE;
  sighej_batch_add_category (batch, name, n);
  return TRUE;
}

static gboolean
read_categories (SighejBatch *batch, const char *text)
{
  g_auto (GStrv) lines = g_strsplit (text, "\n", -1);

  for (guint i = 0; lines[i] != NULL; i++)
    if (lines[i][0] != '\0' && !read_category (batch, lines[i]))
      return FALSE;
  return TRUE;
}

/* Calls */

static gboolean
has (SighejSpool *self, const char *id)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_HAS];
  gboolean there;

  sqlite3_bind_text (statement, 1, id, -1, SQLITE_STATIC);
  there = sqlite3_step (statement) == SQLITE_ROW;
  sqlite3_reset (statement);
  return there;
}

static gboolean
add (SighejSpool *self, const SighejBatch *batch, GError **error)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_ADD];
  g_autofree char *categories = write_categories (batch->categories);

  sqlite3_bind_text (statement, 1, batch->id, -1, SQLITE_STATIC);
  sqlite3_bind_text (statement, 2, batch->date, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 3, (sqlite3_int64) batch->sessions);
  sqlite3_bind_int64 (statement, 4, (sqlite3_int64) batch->matches);
  sqlite3_bind_int64 (statement, 5, (sqlite3_int64) batch->pings);
  sqlite3_bind_text (statement, 6, categories, -1, SQLITE_STATIC);
  sqlite3_bind_int64 (statement, 7, self->n_max);
  if (!sighej_sqlite_step_done (statement, error))
    return fail (self, error);
  if (sqlite3_changes (self->database) > 0 || has (self, batch->id))
    return TRUE;
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_UNAVAILABLE,
               "%s is full: %u batches wait for the database",
               self->path,
               self->n_max);
  return FALSE;
}

/* Written to a file that another process had just moved aside, it is written again. */
gboolean
sighej_spool_add (SighejSpool *self, const SighejBatch *batch, GError **error)
{
  do
    {
      if (!ensure_open (self, error) || !add (self, batch, error))
        return FALSE;
    }
  while (!is_same_file (self));
  return TRUE;
}

static gboolean
is_text (sqlite3_stmt *row, int column, gsize n_bytes_max)
{
  const char *text = (const char *) sqlite3_column_text (row, column);
  gsize n_bytes = (gsize) sqlite3_column_bytes (row, column);

  return text != NULL && n_bytes <= n_bytes_max && strlen (text) == n_bytes
         && g_utf8_validate (text, (gssize) n_bytes, NULL);
}

/* (nullable): NULL when we cannot have written this. */
static SighejBatch *
read_batch (sqlite3_stmt *row)
{
  g_autoptr (SighejBatch) batch = NULL;

  if (!is_text (row, COLUMN_ID, SIGHEJ_UUID_CHARS)
      || !is_text (row, COLUMN_DATE, SIGHEJ_BATCH_DATE_CHARS)
      || !is_text (row, COLUMN_CATEGORIES, G_MAXINT))
    return NULL;
  batch = sighej_batch_new ((const char *) sqlite3_column_text (row, COLUMN_ID),
                            (const char *) sqlite3_column_text (row, COLUMN_DATE));
  batch->sessions = (guint64) sqlite3_column_int64 (row, COLUMN_SESSIONS);
  batch->matches = (guint64) sqlite3_column_int64 (row, COLUMN_MATCHES);
  batch->pings = (guint64) sqlite3_column_int64 (row, COLUMN_PINGS);
  if (!read_categories (batch, (const char *) sqlite3_column_text (row, COLUMN_CATEGORIES)))
    return NULL;
  return g_steal_pointer (&batch);
}

static gboolean
read_batches (SighejSpool *self, guint n_max, GPtrArray *batches, GError **error)
{
  sqlite3_stmt *statement = self->statements[STATEMENT_PEEK];
  gboolean readable = TRUE;
  int result = SQLITE_DONE;

  sqlite3_bind_int64 (statement, 1, n_max);
  while (readable && (result = sqlite3_step (statement)) == SQLITE_ROW)
    {
      SighejBatch *batch = read_batch (statement);

      readable = batch != NULL;
      if (readable)
        g_ptr_array_add (batches, batch);
    }
  if (readable && result != SQLITE_DONE)
    return fail (self, error);
  sqlite3_reset (statement);
  if (readable)
    return TRUE;
  give_up_file (self, "a batch cannot be read");
  g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "%s was damaged", self->path);
  return FALSE;
}

GPtrArray *
sighej_spool_peek (SighejSpool *self, guint n_max, GError **error)
{
  g_autoptr (GPtrArray) batches
      = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_batch_free);

  if (!ensure_open (self, error) || !read_batches (self, n_max, batches, error))
    return NULL;
  return g_steal_pointer (&batches);
}

static gboolean
run_for (SighejSpool *self, Statement which, const char *id, GError **error)
{
  sqlite3_bind_text (self->statements[which], 1, id, -1, SQLITE_STATIC);
  return sighej_sqlite_step_done (self->statements[which], error);
}

gboolean
sighej_spool_remove (SighejSpool *self, const GPtrArray *batches, guint n, GError **error)
{
  if (!ensure_open (self, error))
    return FALSE;
  if (!sighej_sqlite_run (self->database, "BEGIN IMMEDIATE", error))
    return fail (self, error);
  for (guint i = 0; i < n; i++)
    if (!run_for (self, STATEMENT_REMOVE, ((const SighejBatch *) batches->pdata[i])->id, error))
      return fail (self, error);
  return sighej_sqlite_run (self->database, "COMMIT", error) || fail (self, error);
}

gboolean
sighej_spool_put_aside (SighejSpool *self, const char *id, GError **error)
{
  return ensure_open (self, error)
         && (run_for (self, STATEMENT_PUT_ASIDE, id, error) || fail (self, error));
}

gboolean
sighej_spool_take_back (SighejSpool *self, GError **error)
{
  return ensure_open (self, error)
         && (sighej_sqlite_run (
                 self->database, "UPDATE batches SET aside = 0 WHERE aside <> 0", error)
             || fail (self, error));
}

gboolean
sighej_spool_count (SighejSpool *self, guint *n_batches, GError **error)
{
  sqlite3_stmt *statement;

  if (!ensure_open (self, error))
    return FALSE;
  statement = self->statements[STATEMENT_COUNT];
  if (sqlite3_step (statement) != SQLITE_ROW)
    return fail (self, error);
  *n_batches = (guint) sqlite3_column_int64 (statement, 0);
  sqlite3_reset (statement);
  return TRUE;
}
