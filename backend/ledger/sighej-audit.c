/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-audit"

#include "config.h"

#include "sighej-audit.h"

#include <string.h>

#include "sighej-error.h"

#define NUMBER_CHARS 21 /* of a 64-bit number and its end */
#define PAGE_ROWS 500
#define PAGE_ROWS_TEXT "500"

#define LAST_SQL "SELECT id, hash FROM audit ORDER BY id DESC LIMIT 1"
#define ADD_SQL                                                                                    \
  "INSERT INTO audit (id, at_ms, actor, deed, subject, digest, previous, hash)"                    \
  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8)"
#define SEAL_SQL                                                                                   \
  "INSERT INTO audit_end (id, n_rows, seal) VALUES (1, $1, $2)"                                    \
  " ON CONFLICT (id) DO UPDATE SET n_rows = excluded.n_rows, seal = excluded.seal"
#define PAGE_SQL                                                                                   \
  "SELECT id, at_ms, actor, deed, subject, digest, previous, hash FROM audit WHERE id > $1"        \
  " ORDER BY id LIMIT " PAGE_ROWS_TEXT
#define END_SQL "SELECT n_rows, seal FROM audit_end"

/* Columns of PAGE_SQL, values of ADD_SQL. */
enum
{
  COLUMN_ID,
  COLUMN_AT,
  COLUMN_ACTOR,
  COLUMN_DEED,
  COLUMN_SUBJECT,
  COLUMN_DIGEST,
  COLUMN_PREVIOUS,
  COLUMN_HASH,
  N_COLUMNS,
};

/* ---- hashes ---- */

void
sighej_audit_hash (const char *const *texts, guint n_texts, char out[SIGHEJ_AUDIT_HASH_CHARS + 1])
{
  g_autoptr (GString) all = g_string_new (NULL);
  guint8 hash[SIGHEJ_SHA256_BYTES];

  for (guint i = 0; i < n_texts; i++)
    g_string_append_printf (all, "%" G_GSIZE_FORMAT ":%s,", strlen (texts[i]), texts[i]);
  sighej_sha256 ((const guint8 *) all->str, all->len, hash);
  sighej_hex_encode (hash, sizeof hash, out);
}

static void
seal_end (const guint8 key[SIGHEJ_KEY_BYTES],
          const char *n_rows,
          const char *hash,
          char out[SIGHEJ_AUDIT_HASH_CHARS + 1])
{
  g_autofree char *text = g_strdup_printf ("%s %s", n_rows, hash);
  guint8 seal[SIGHEJ_SHA256_BYTES];

  sighej_hmac_sha256 (key, SIGHEJ_KEY_BYTES, (const guint8 *) text, strlen (text), seal);
  sighej_hex_encode (seal, sizeof seal, out);
}

/* ---- adding ---- */

static gboolean
do_query (SighejSql *sql, const char *text, guint n, const char *const *values, GError **error)
{
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (sql, text, n, values, error);

  return rows != NULL;
}

/* @actor may come from outside: without what would let it look like two. */
static char *
dup_actor (const char *actor)
{
  g_autofree char *valid = g_utf8_make_valid (actor, -1);
  char *text
      = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), SIGHEJ_AUDIT_ACTOR_CHARS_MAX));

  for (char *at = text; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      *at = ' ';
  return text;
}

gboolean
sighej_audit_add (SighejSql *sql,
                  const SighejAuditor *auditor,
                  const char *deed,
                  const char *subject,
                  const char *digest,
                  GError **error)
{
  g_autoptr (SighejSqlRows) last = sighej_sql_query (sql, LAST_SQL, 0, NULL, error);
  g_autofree char *actor = dup_actor (auditor->actor);
  char id[NUMBER_CHARS], at[NUMBER_CHARS];
  char hash[SIGHEJ_AUDIT_HASH_CHARS + 1], seal[SIGHEJ_AUDIT_HASH_CHARS + 1];
  const char *values[N_COLUMNS]
      = { id, at, actor, deed, subject, digest != NULL ? digest : "", "", hash };
  const char *end[] = { id, seal };
  gint64 before = 0;

  if (last == NULL)
    return FALSE;
  if (sighej_sql_rows_get_n (last) > 0)
    {
      before = sighej_sql_rows_get_number (last, 0, 0);
      values[COLUMN_PREVIOUS] = sighej_sql_rows_get (last, 0, 1);
    }
  g_snprintf (id, sizeof id, "%" G_GINT64_FORMAT, before + 1);
  g_snprintf (at, sizeof at, "%" G_GINT64_FORMAT, auditor->now_ms);
  sighej_audit_hash (values, COLUMN_HASH, hash);
  seal_end (auditor->key, id, hash, seal);
  return do_query (sql, ADD_SQL, N_COLUMNS, values, error)
         && do_query (sql, SEAL_SQL, G_N_ELEMENTS (end), end, error);
}

gboolean
sighej_audit_check_key (SighejSql *sql, const guint8 key[SIGHEJ_KEY_BYTES], GError **error)
{
  g_autoptr (SighejSqlRows) last = sighej_sql_query (sql, LAST_SQL, 0, NULL, error);
  g_autoptr (SighejSqlRows) end
      = last != NULL ? sighej_sql_query (sql, END_SQL, 0, NULL, error) : NULL;
  char seal[SIGHEJ_AUDIT_HASH_CHARS + 1];

  if (end == NULL)
    return FALSE;
  if (sighej_sql_rows_get_n (last) == 0 && sighej_sql_rows_get_n (end) == 0)
    return TRUE;
  if (sighej_sql_rows_get_n (last) == 1 && sighej_sql_rows_get_n (end) == 1)
    {
      seal_end (key, sighej_sql_rows_get (last, 0, 0), sighej_sql_rows_get (last, 0, 1), seal);
      if (strcmp (seal, sighej_sql_rows_get (end, 0, 1)) == 0)
        return TRUE;
    }
  g_set_error_literal (error,
                       SIGHEJ_ERROR,
                       SIGHEJ_ERROR_CONFIG,
                       "the reports are sealed with another key file, or somebody changed the "
                       "audit; see sighej-backend reports verify");
  return FALSE;
}

/* ---- reading ---- */

void
sighej_audit_finding_fault (SighejAuditFinding *self, const char *format, ...)
{
  va_list arguments;

  if (self->fault != NULL)
    return;
  va_start (arguments, format);
  self->fault = g_strdup_vprintf (format, arguments);
  va_end (arguments);
}

void
sighej_audit_finding_clear (SighejAuditFinding *self)
{
  g_clear_pointer (&self->fault, g_free);
}

static void
judge_row (SighejAuditFinding *finding, const char *const *values, const SighejAuditRow *row)
{
  char hash[SIGHEJ_AUDIT_HASH_CHARS + 1];

  sighej_audit_hash (values, COLUMN_HASH, hash);
  if (row->id != finding->n_rows + 1)
    sighej_audit_finding_fault (finding,
                                "row %" G_GINT64_FORMAT " is missing, or row %" G_GINT64_FORMAT
                                " was put in",
                                finding->n_rows + 1,
                                row->id);
  else if (strcmp (row->previous, finding->hash) != 0)
    sighej_audit_finding_fault (
        finding, "row %" G_GINT64_FORMAT " does not follow the row before it", row->id);
  else if (strcmp (row->hash, hash) != 0)
    sighej_audit_finding_fault (finding, "row %" G_GINT64_FORMAT " was changed", row->id);
  finding->n_rows++;
  g_strlcpy (finding->hash, row->hash, sizeof finding->hash);
}

static gint64
read_rows (const SighejSqlRows *rows,
           SighejAuditVisit visit,
           gpointer user_data,
           SighejAuditFinding *finding)
{
  gint64 last = 0;

  for (guint i = 0; i < sighej_sql_rows_get_n (rows); i++)
    {
      const char *values[N_COLUMNS];
      SighejAuditRow row;

      for (guint column = 0; column < N_COLUMNS; column++)
        values[column] = sighej_sql_rows_get (rows, i, column);
      row = (SighejAuditRow){
        .id = sighej_sql_rows_get_number (rows, i, COLUMN_ID),
        .at_ms = sighej_sql_rows_get_number (rows, i, COLUMN_AT),
        .actor = values[COLUMN_ACTOR],
        .deed = values[COLUMN_DEED],
        .subject = values[COLUMN_SUBJECT],
        .digest = values[COLUMN_DIGEST],
        .previous = values[COLUMN_PREVIOUS],
        .hash = values[COLUMN_HASH],
      };
      judge_row (finding, values, &row);
      visit (&row, user_data);
      last = row.id;
    }
  return last;
}

static gboolean
judge_end (SighejSql *sql,
           const guint8 key[SIGHEJ_KEY_BYTES],
           SighejAuditFinding *finding,
           GError **error)
{
  g_autoptr (SighejSqlRows) end = sighej_sql_query (sql, END_SQL, 0, NULL, error);
  char n_rows[NUMBER_CHARS];
  char seal[SIGHEJ_AUDIT_HASH_CHARS + 1];

  if (end == NULL)
    return FALSE;
  g_snprintf (n_rows, sizeof n_rows, "%" G_GINT64_FORMAT, finding->n_rows);
  seal_end (key, n_rows, finding->hash, seal);
  if (sighej_sql_rows_get_n (end) == 0)
    {
      if (finding->n_rows > 0)
        sighej_audit_finding_fault (finding, "the seal of its end is gone");
    }
  else if (sighej_sql_rows_get_number (end, 0, 0) > finding->n_rows)
    sighej_audit_finding_fault (
        finding, "the rows after row %" G_GINT64_FORMAT " are missing", finding->n_rows);
  else if (strcmp (sighej_sql_rows_get (end, 0, 1), seal) != 0
           || strcmp (sighej_sql_rows_get (end, 0, 0), n_rows) != 0)
    sighej_audit_finding_fault (finding,
                                "the seal of its end is broken: rows were added or changed "
                                "without the key file, or this is another key file");
  return TRUE;
}

gboolean
sighej_audit_read (SighejSql *sql,
                   const guint8 key[SIGHEJ_KEY_BYTES],
                   SighejAuditVisit visit,
                   gpointer user_data,
                   SighejAuditFinding *finding,
                   GError **error)
{
  char after[NUMBER_CHARS] = "-9223372036854775808";
  const char *values[] = { after };
  guint n_rows;

  *finding = (SighejAuditFinding){ 0 };
  do
    {
      g_autoptr (SighejSqlRows) rows
          = sighej_sql_query (sql, PAGE_SQL, G_N_ELEMENTS (values), values, error);

      if (rows == NULL)
        return FALSE;
      n_rows = sighej_sql_rows_get_n (rows);
      g_snprintf (
          after, sizeof after, "%" G_GINT64_FORMAT, read_rows (rows, visit, user_data, finding));
    }
  while (n_rows == PAGE_ROWS);
  return judge_end (sql, key, finding, error);
}
