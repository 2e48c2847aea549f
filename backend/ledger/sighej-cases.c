/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-cases"

#include "config.h"

#include "sighej-cases.h"

#include <string.h>

#include "sighej-error.h"

#define VALUES_MAX 9    /* of a row that is added, with its id */
#define NUMBER_CHARS 21 /* of a 64-bit number and its end */
#define SUBJECT_CHARS 32
#define MS_PER_SECOND 1000
#define MS_PER_DAY (24 * 3600 * (gint64) MS_PER_SECOND)
#define FORGET_ROWS "500"
#define MUTER "three reporters" /* who mutes when nobody does */

#define COUNT_PAIR_SQL "SELECT count (*) FROM reports WHERE reporter = $1 AND reported = $2"
#define ADD_REPORT_SQL                                                                             \
  "INSERT INTO reports (at_ms, reason, reporter, reported, opening, content, request, id, state)"  \
  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, 'open')"
#define NEXT_NUMBER_SQL                                                                            \
  "INSERT INTO case_numbers (kind, last) VALUES ($1, 1)"                                           \
  " ON CONFLICT (kind) DO UPDATE SET last = case_numbers.last + 1 RETURNING last"
#define COUNT_REQUEST_SQL "SELECT count (*) FROM %s WHERE request = $1"
#define LAST_SAID_SQL                                                                              \
  "INSERT INTO last_said (id, at_ms) VALUES (1, $1)"                                               \
  " ON CONFLICT (id) DO UPDATE SET at_ms = excluded.at_ms"
#define COUNT_REPORTERS_SQL                                                                        \
  "SELECT count (DISTINCT reporter) FROM reports WHERE reported = $1 AND state <> 'dismissed'"
#define IS_MUTED_SQL                                                                               \
  "SELECT CASE WHEN deed = 'mute' THEN until_ms ELSE 0 END FROM actions"                           \
  " WHERE reported = $1 AND deed <> 'none' ORDER BY id DESC LIMIT 1"
#define ADD_ACTION_SQL                                                                             \
  "INSERT INTO actions (at_ms, report, reported, opening, deed, until_ms, actor, note, id)"        \
  " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
#define COUNT_KNOWN_SQL "SELECT count (*) FROM reports WHERE reported = $1"
#define COUNT_APPEALS_SQL "SELECT count (*) FROM appeals WHERE reported = $1"
#define ADD_APPEAL_SQL                                                                             \
  "INSERT INTO appeals (at_ms, reported, content, request, id) VALUES ($1, $2, $3, $4, $5)"
#define IN_FORCE_SQL                                                                               \
  "SELECT reported, opening, deed, until_ms FROM actions a WHERE until_ms > $1"                    \
  " AND deed <> 'none' AND id = (SELECT max (id) FROM actions b WHERE b.reported = a.reported"     \
  " AND b.deed <> 'none') ORDER BY id DESC LIMIT 1000"
#define CASE_SQL                                                                                   \
  "SELECT id, at_ms, reason, reporter, reported, opening, content, state,"                         \
  " (SELECT count (DISTINCT d.reporter) FROM reports d WHERE d.reported = r.reported"              \
  " AND d.state <> 'dismissed'),"                                                                  \
  " (SELECT count (*) FROM appeals p WHERE p.reported = r.reported),"                              \
  " (SELECT CASE WHEN m.deed = 'mute' THEN m.until_ms ELSE 0 END FROM actions m"                   \
  " WHERE m.reported = r.reported AND m.deed <> 'none' ORDER BY m.id DESC LIMIT 1)"                \
  " FROM reports r"
#define LIST_SQL CASE_SQL " WHERE id > $1 ORDER BY id LIMIT 1000"
#define LIST_STATE_SQL CASE_SQL " WHERE id > $1 AND state = $2 ORDER BY id LIMIT 1000"
#define FIND_SQL CASE_SQL " WHERE id = $1"
#define SET_STATE_SQL "UPDATE reports SET state = $1 WHERE id = $2"
#define OPEN_ONES_SQL                                                                              \
  "SELECT id FROM reports WHERE reported = $1 AND state <> 'dismissed' ORDER BY id"
#define APPEALS_SQL                                                                                \
  "SELECT id, at_ms, NULL, NULL, content FROM appeals WHERE reported = $1 ORDER BY id"
#define ACTIONS_SQL                                                                                \
  "SELECT id, at_ms, deed, actor, note FROM actions WHERE reported = $1 ORDER BY id"

/* ---- small things ---- */

static const char *
number_of (gint64 number, char out[NUMBER_CHARS])
{
  g_snprintf (out, NUMBER_CHARS, "%" G_GINT64_FORMAT, number);
  return out;
}

static gboolean
change (SighejSql *sql, const char *text, guint n, const char *const *values, GError **error)
{
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (sql, text, n, values, error);

  return rows != NULL;
}

/* The one number a statement answers; 0 without a row. */
static gboolean
read_number (SighejSql *sql,
             const char *text,
             guint n,
             const char *const *values,
             gint64 *out,
             GError **error)
{
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (sql, text, n, values, error);

  if (rows == NULL)
    return FALSE;
  *out = sighej_sql_rows_get_n (rows) > 0 ? sighej_sql_rows_get_number (rows, 0, 0) : 0;
  return TRUE;
}

static const char *
name_subject (const char *kind, gint64 id, char out[SUBJECT_CHARS])
{
  g_snprintf (out, SUBJECT_CHARS, "%s %" G_GINT64_FORMAT, kind, id);
  return out;
}

/* Adds a row and says so in the audit, with the hash of what never changes of it. @text: takes
 * @values and the id */
static gboolean
add_row (SighejSql *sql,
         const SighejAuditor *auditor,
         const char *text,
         const char *const *values,
         guint n_values,
         const char *kind,
         const char *deed,
         gint64 *id,
         GError **error)
{
  char digest[SIGHEJ_AUDIT_HASH_CHARS + 1];
  char subject[SUBJECT_CHARS], number[NUMBER_CHARS];
  const char *all[VALUES_MAX];

  g_assert (n_values < VALUES_MAX);
  sighej_audit_hash (values, n_values, digest);
  if (!read_number (sql, NEXT_NUMBER_SQL, 1, &kind, id, error))
    return FALSE;
  memcpy (all, values, n_values * sizeof *all);
  all[n_values] = number_of (*id, number);
  return change (sql, text, n_values + 1, all, error)
         && sighej_audit_add (sql, auditor, deed, name_subject (kind, *id, subject), digest, error);
}

/* ---- what the backend does ---- */

void
sighej_case_report_clear (SighejCaseReport *self)
{
  g_clear_pointer (&self->opening, g_free);
  g_clear_pointer (&self->content, g_free);
}

typedef gboolean (*Doing) (SighejSql *sql, gconstpointer data, GError **error);

/* Does it, and takes it back unless @keep: one costs what the other does. @point: names where the
 * way back leads to */
static gboolean
try_out (SighejSql *sql,
         const char *point,
         Doing doing,
         gconstpointer data,
         gboolean keep,
         GError **error)
{
  g_autofree char *begin = g_strconcat ("SAVEPOINT ", point, NULL);
  g_autofree char *end
      = g_strconcat (keep ? "RELEASE SAVEPOINT " : "ROLLBACK TO SAVEPOINT ", point, NULL);

  return change (sql, begin, 0, NULL, error) && doing (sql, data, error)
         && change (sql, end, 0, NULL, error);
}

/* An action on its way into the database. */
typedef struct
{
  SighejAuditor auditor;
  gint64 report;
  const char *reported;
  const char *opening;
  const char *deed;
  const char *note;
} Action;

static gboolean
add_action (SighejSql *sql, gconstpointer data, GError **error)
{
  const Action *action = data;
  gint64 now_ms = action->auditor.now_ms;
  char at[NUMBER_CHARS], number[NUMBER_CHARS], until[NUMBER_CHARS];
  const char *values[] = {
    number_of (now_ms, at),
    number_of (action->report, number),
    action->reported,
    action->opening,
    action->deed,
    number_of (now_ms + SIGHEJ_CASES_MUTE_SECONDS * (gint64) MS_PER_SECOND, until),
    action->auditor.actor,
    action->note,
  };
  gint64 id;

  return add_row (sql,
                  &action->auditor,
                  ADD_ACTION_SQL,
                  values,
                  G_N_ELEMENTS (values),
                  "action",
                  action->deed,
                  &id,
                  error);
}

/* Who sends a report cannot tell by its time whether it was the one that muted. */
static gboolean
mute_when_due (SighejSql *sql,
               const SighejAuditor *auditor,
               gint64 id,
               const SighejCaseReport *report,
               GError **error)
{
  const Action mute = {
    .auditor = { auditor->key, auditor->now_ms, MUTER },
    .report = id,
    .reported = report->reported,
    .opening = report->opening,
    .deed = "mute",
    .note = "",
  };
  const char *values[] = { report->reported };
  gint64 n_reporters, muted_until_ms;

  return read_number (sql, COUNT_REPORTERS_SQL, 1, values, &n_reporters, error)
         && read_number (sql, IS_MUTED_SQL, 1, values, &muted_until_ms, error)
         && try_out (sql,
                     "muted",
                     add_action,
                     &mute,
                     n_reporters >= SIGHEJ_CASES_REPORTERS_TO_MUTE
                         && muted_until_ms <= auditor->now_ms,
                     error);
}

/* What somebody said on its way into the database: a report, or an appeal. */
typedef struct
{
  const SighejAuditor *auditor;
  const SighejCaseReport *report; /* (nullable) */
  const char *reported;           /* of an appeal, as what follows */
  const char *content;
  const char *request;
} Said;

static gboolean
put_report (SighejSql *sql, gconstpointer data, GError **error)
{
  const Said *said = data;
  const SighejCaseReport *report = said->report;
  char at[NUMBER_CHARS];
  const char *values[] = {
    number_of (said->auditor->now_ms, at),
    report->reason,
    report->reporter,
    report->reported,
    report->opening,
    report->content,
    said->request,
  };
  gint64 id;

  return add_row (sql,
                  said->auditor,
                  ADD_REPORT_SQL,
                  values,
                  G_N_ELEMENTS (values),
                  "report",
                  "reported",
                  &id,
                  error)
         && mute_when_due (sql, said->auditor, id, report, error);
}

static gboolean
put_appeal (SighejSql *sql, gconstpointer data, GError **error)
{
  const Said *said = data;
  char at[NUMBER_CHARS];
  const char *values[]
      = { number_of (said->auditor->now_ms, at), said->reported, said->content, said->request };
  gint64 id;

  return add_row (sql,
                  said->auditor,
                  ADD_APPEAL_SQL,
                  values,
                  G_N_ELEMENTS (values),
                  "appeal",
                  "appealed",
                  &id,
                  error);
}

/* What came before is there already, and must not stand in the way of what is taken back. */
static gboolean
is_known (SighejSql *sql, const char *table, const char *request, gint64 *n_known, GError **error)
{
  g_autofree char *text = g_strdup_printf (COUNT_REQUEST_SQL, table);

  return read_number (sql, text, 1, &request, n_known, error);
}

static gboolean
put (SighejSql *sql, Doing doing, Said *said, gboolean is_again, gboolean keep, GError **error)
{
  char none[SIGHEJ_CASES_TAG_CHARS + 1], at[NUMBER_CHARS];
  const char *values[] = { number_of (said->auditor->now_ms, at) };
  guint8 random[SIGHEJ_CASES_TAG_CHARS / 2];

  if (is_again)
    {
      sighej_random_bytes (random, sizeof random);
      sighej_hex_encode (random, sizeof random, none);
      said->request = none;
    }
  return try_out (sql, "said", doing, said, keep && !is_again, error)
         && change (sql, LAST_SAID_SQL, 1, values, error);
}

gboolean
sighej_cases_add_report (SighejSql *sql,
                         const SighejAuditor *auditor,
                         const SighejCaseReport *report,
                         GError **error)
{
  const char *pair[] = { report->reporter, report->reported };
  Said said = { .auditor = auditor, .report = report, .request = report->request };
  gint64 n_before, n_known;

  return read_number (sql, COUNT_PAIR_SQL, G_N_ELEMENTS (pair), pair, &n_before, error)
         && is_known (sql, "reports", report->request, &n_known, error)
         && put (sql,
                 put_report,
                 &said,
                 n_known > 0,
                 report->counts && n_before < SIGHEJ_CASES_A_PAIR_MAX,
                 error);
}

gboolean
sighej_cases_add_appeal (SighejSql *sql,
                         const SighejAuditor *auditor,
                         const char *reported,
                         const char *content,
                         const char *request,
                         GError **error)
{
  Said said = { .auditor = auditor, .reported = reported, .content = content, .request = request };
  gint64 n_reports, n_before, n_known;

  return read_number (sql, COUNT_KNOWN_SQL, 1, &reported, &n_reports, error)
         && read_number (sql, COUNT_APPEALS_SQL, 1, &reported, &n_before, error)
         && is_known (sql, "appeals", request, &n_known, error)
         && put (sql,
                 put_appeal,
                 &said,
                 n_known > 0,
                 n_reports > 0 && n_before < SIGHEJ_CASES_APPEALS_MAX,
                 error);
}

typedef struct
{
  const char *kind;
  const char *table;
} Table;
static const Table tables[]
    = { { "report", "reports" }, { "appeal", "appeals" }, { "action", "actions" } };

static gboolean
forget_row (
    SighejSql *sql, const SighejAuditor *auditor, const Table *table, gint64 id, GError **error)
{
  g_autofree char *text = g_strdup_printf ("DELETE FROM %s WHERE id = $1", table->table);
  char number[NUMBER_CHARS], subject[SUBJECT_CHARS];
  const char *values[] = { number_of (id, number) };

  return change (sql, text, 1, values, error)
         && sighej_audit_add (
             sql, auditor, "forgotten", name_subject (table->kind, id, subject), NULL, error);
}

static gboolean
forget_rows (SighejSql *sql, const SighejAuditor *auditor, const Table *table, GError **error)
{
  g_autofree char *text = g_strdup_printf (
      "SELECT id FROM %s WHERE at_ms < $1 ORDER BY id LIMIT " FORGET_ROWS, table->table);
  char before[NUMBER_CHARS];
  const char *values[]
      = { number_of (auditor->now_ms - SIGHEJ_CASES_KEPT_DAYS * MS_PER_DAY, before) };
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (sql, text, 1, values, error);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < sighej_sql_rows_get_n (rows); i++)
    if (!forget_row (sql, auditor, table, sighej_sql_rows_get_number (rows, i, 0), error))
      return FALSE;
  return TRUE;
}

gboolean
sighej_cases_forget (SighejSql *sql, const SighejAuditor *auditor, GError **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (tables); i++)
    if (!forget_rows (sql, auditor, &tables[i], error))
      return FALSE;
  return TRUE;
}

static void
force_free (gpointer data)
{
  SighejCaseForce *force = data;

  g_free (force->opening);
  g_free (force);
}

GPtrArray *
sighej_cases_read_in_force (SighejSql *sql, gint64 now_ms, GError **error)
{
  char now[NUMBER_CHARS];
  const char *values[] = { number_of (now_ms, now) };
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (sql, IN_FORCE_SQL, 1, values, error);
  GPtrArray *found;

  if (rows == NULL)
    return NULL;
  found = g_ptr_array_new_with_free_func (force_free);
  for (guint i = 0; i < sighej_sql_rows_get_n (rows); i++)
    {
      SighejCaseForce *force = g_new0 (SighejCaseForce, 1);

      g_strlcpy (force->reported, sighej_sql_rows_get (rows, i, 0), sizeof force->reported);
      force->opening = g_strdup (sighej_sql_rows_get (rows, i, 1));
      force->muted = g_str_equal (sighej_sql_rows_get (rows, i, 2), "mute");
      force->until_ms = sighej_sql_rows_get_number (rows, i, 3);
      g_ptr_array_add (found, force);
    }
  return found;
}

/* ---- what operators do ---- */

void
sighej_case_free (SighejCase *self)
{
  g_free (self->reason);
  g_free (self->reporter);
  g_free (self->reported);
  g_free (self->opening);
  g_free (self->content);
  g_free (self->state);
  g_free (self);
}

static SighejCase *
make_case (const SighejSqlRows *rows, guint row, gint64 now_ms)
{
  SighejCase *self = g_new0 (SighejCase, 1);
  char **const texts[] = { &self->reason,  &self->reporter, &self->reported,
                           &self->opening, &self->content,  &self->state };
  guint column = 0;

  self->id = sighej_sql_rows_get_number (rows, row, column++);
  self->at_ms = sighej_sql_rows_get_number (rows, row, column++);
  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    *texts[i] = g_strdup (sighej_sql_rows_get (rows, row, column++));
  self->n_reporters = (guint) sighej_sql_rows_get_number (rows, row, column++);
  self->n_appeals = (guint) sighej_sql_rows_get_number (rows, row, column++);
  self->muted_until_ms = sighej_sql_rows_get_number (rows, row, column);
  if (self->muted_until_ms <= now_ms)
    self->muted_until_ms = 0;
  return self;
}

GPtrArray *
sighej_cases_list (SighejSql *sql, const char *state, gint64 after, gint64 now_ms, GError **error)
{
  char number[NUMBER_CHARS];
  const char *values[] = { number_of (after, number), state };
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (
      sql, state != NULL ? LIST_STATE_SQL : LIST_SQL, state != NULL ? 2 : 1, values, error);
  GPtrArray *found;

  if (rows == NULL)
    return NULL;
  found = g_ptr_array_new_with_free_func ((GDestroyNotify) sighej_case_free);
  for (guint i = 0; i < sighej_sql_rows_get_n (rows); i++)
    g_ptr_array_add (found, make_case (rows, i, now_ms));
  return found;
}

SighejCase *
sighej_cases_find (SighejSql *sql, gint64 id, gint64 now_ms, GError **error)
{
  char number[NUMBER_CHARS];
  const char *values[] = { number_of (id, number) };
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (sql, FIND_SQL, 1, values, error);

  if (rows == NULL)
    return NULL;
  if (sighej_sql_rows_get_n (rows) > 0)
    return make_case (rows, 0, now_ms);
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_NOT_FOUND,
               "there is no report %" G_GINT64_FORMAT "; see sighej-backend reports list --all",
               id);
  return NULL;
}

static void
event_free (gpointer data)
{
  SighejCaseEvent *event = data;

  g_free (event->deed);
  g_free (event->actor);
  g_free (event->content);
  g_free (event);
}

static GPtrArray *
read_events (SighejSql *sql, const char *text, const char *reported, GError **error)
{
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (sql, text, 1, &reported, error);
  GPtrArray *found;

  if (rows == NULL)
    return NULL;
  found = g_ptr_array_new_with_free_func (event_free);
  for (guint i = 0; i < sighej_sql_rows_get_n (rows); i++)
    {
      SighejCaseEvent *event = g_new0 (SighejCaseEvent, 1);

      event->id = sighej_sql_rows_get_number (rows, i, 0);
      event->at_ms = sighej_sql_rows_get_number (rows, i, 1);
      event->deed = g_strdup (sighej_sql_rows_get (rows, i, 2));
      event->actor = g_strdup (sighej_sql_rows_get (rows, i, 3));
      event->content = g_strdup (sighej_sql_rows_get (rows, i, 4));
      g_ptr_array_add (found, event);
    }
  return found;
}

GPtrArray *
sighej_cases_read_appeals (SighejSql *sql, const char *reported, GError **error)
{
  return read_events (sql, APPEALS_SQL, reported, error);
}

GPtrArray *
sighej_cases_read_actions (SighejSql *sql, const char *reported, GError **error)
{
  return read_events (sql, ACTIONS_SQL, reported, error);
}

gboolean
sighej_cases_note_read (SighejSql *sql, const SighejAuditor *auditor, gint64 id, GError **error)
{
  char subject[SUBJECT_CHARS];

  return sighej_audit_add (sql, auditor, "read", name_subject ("report", id, subject), NULL, error);
}

/* The deed in the audit is the state itself. */
static gboolean
set_state (
    SighejSql *sql, const SighejAuditor *auditor, gint64 id, const char *state, GError **error)
{
  char number[NUMBER_CHARS], subject[SUBJECT_CHARS];
  const char *values[] = { state, number_of (id, number) };

  return change (sql, SET_STATE_SQL, G_N_ELEMENTS (values), values, error)
         && sighej_audit_add (
             sql, auditor, state, name_subject ("report", id, subject), NULL, error);
}

gboolean
sighej_cases_close (SighejSql *sql,
                    const SighejAuditor *auditor,
                    const SighejCase *report,
                    GError **error)
{
  return !g_str_equal (report->state, "open")
         || set_state (sql, auditor, report->id, "closed", error);
}

/* They do not count any more, so that the next one alone does not mute again. */
static gboolean
dismiss_all (SighejSql *sql, const SighejAuditor *auditor, const char *reported, GError **error)
{
  g_autoptr (SighejSqlRows) rows = sighej_sql_query (sql, OPEN_ONES_SQL, 1, &reported, error);

  if (rows == NULL)
    return FALSE;
  for (guint i = 0; i < sighej_sql_rows_get_n (rows); i++)
    if (!set_state (sql, auditor, sighej_sql_rows_get_number (rows, i, 0), "dismissed", error))
      return FALSE;
  return TRUE;
}

static gboolean
check_is_open (const SighejCase *report, gint64 now_ms, GError **error)
{
  if (now_ms - report->at_ms <= SIGHEJ_CASES_MUTE_SECONDS * (gint64) MS_PER_SECOND)
    return TRUE;
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_EXPIRED,
               "report %" G_GINT64_FORMAT
               " is older than 4 hours: who it is about is open no more, "
               "and there is nobody to mute; close it, or say none or unmute",
               report->id);
  return FALSE;
}

gboolean
sighej_cases_act (SighejSql *sql,
                  const SighejAuditor *auditor,
                  const SighejCase *report,
                  SighejCaseDeed deed,
                  const char *note,
                  GError **error)
{
  static const char *const words[] = {
    [SIGHEJ_CASE_NONE] = "none",
    [SIGHEJ_CASE_MUTE] = "mute",
    [SIGHEJ_CASE_UNMUTE] = "unmute",
  };

  const Action action = {
    .auditor = *auditor,
    .report = report->id,
    .reported = report->reported,
    .opening = report->opening,
    .deed = words[deed],
    .note = note,
  };

  if ((deed == SIGHEJ_CASE_MUTE && !check_is_open (report, auditor->now_ms, error))
      || !add_action (sql, &action, error))
    return FALSE;
  if (deed == SIGHEJ_CASE_UNMUTE)
    return dismiss_all (sql, auditor, report->reported, error);
  return set_state (
      sql, auditor, report->id, deed == SIGHEJ_CASE_MUTE ? "acted" : "dismissed", error);
}

/* ---- verifying ---- */

/* What the audit says of a row. */
typedef struct
{
  char digest[SIGHEJ_AUDIT_HASH_CHARS + 1];
  char state[12]; /* of a report; "" else */
} Word;

static gboolean
is_state (const char *word)
{
  return g_str_equal (word, "closed") || g_str_equal (word, "acted")
         || g_str_equal (word, "dismissed");
}

static void
take_row (const SighejAuditRow *row, gpointer user_data)
{
  GHashTable *subjects = user_data;
  Word *said = g_hash_table_lookup (subjects, row->subject);

  if (g_str_equal (row->deed, "forgotten"))
    {
      g_hash_table_remove (subjects, row->subject);
      return;
    }
  if (said == NULL && row->digest[0] != '\0')
    {
      said = g_new0 (Word, 1);
      g_strlcpy (said->digest, row->digest, sizeof said->digest);
      if (g_str_equal (row->deed, "reported"))
        g_strlcpy (said->state, "open", sizeof said->state);
      g_hash_table_insert (subjects, g_strdup (row->subject), said);
    }
  else if (said != NULL && is_state (row->deed))
    g_strlcpy (said->state, row->deed, sizeof said->state);
}

/* @n_fixed: columns after the first that never change; what follows them is the state */
static void
judge_subject (GHashTable *subjects,
               const SighejSqlRows *rows,
               guint row,
               const char *kind,
               guint n_fixed,
               SighejAuditFinding *finding)
{
  char digest[SIGHEJ_AUDIT_HASH_CHARS + 1], subject[SUBJECT_CHARS];
  const char *values[8];
  const char *state = "";
  const Word *said;

  for (guint i = 0; i < n_fixed; i++)
    values[i] = sighej_sql_rows_get (rows, row, 1 + i);
  if (g_str_equal (kind, "report"))
    state = sighej_sql_rows_get (rows, row, 1 + n_fixed);
  sighej_audit_hash (values, n_fixed, digest);
  name_subject (kind, sighej_sql_rows_get_number (rows, row, 0), subject);
  said = g_hash_table_lookup (subjects, subject);
  if (said == NULL)
    sighej_audit_finding_fault (finding, "%s was put in: no row tells of it", subject);
  else if (strcmp (said->digest, digest) != 0)
    sighej_audit_finding_fault (finding, "%s was changed", subject);
  else if (strcmp (said->state, state) != 0)
    sighej_audit_finding_fault (finding, "%s is %s, and was made %s", subject, state, said->state);
  g_hash_table_remove (subjects, subject);
}

static gboolean
judge_table (SighejSql *sql,
             GHashTable *subjects,
             const char *kind,
             const char *text,
             guint n_fixed,
             SighejAuditFinding *finding,
             GError **error)
{
  char after[NUMBER_CHARS] = "-1";
  const char *values[] = { after };
  guint n_rows;

  do
    {
      g_autoptr (SighejSqlRows) rows = sighej_sql_query (sql, text, 1, values, error);

      if (rows == NULL)
        return FALSE;
      n_rows = sighej_sql_rows_get_n (rows);
      for (guint i = 0; i < n_rows; i++)
        judge_subject (subjects, rows, i, kind, n_fixed, finding);
      if (n_rows > 0)
        g_strlcpy (after, sighej_sql_rows_get (rows, n_rows - 1, 0), sizeof after);
    }
  while (n_rows > 0);
  return TRUE;
}

static void
judge_rest (GHashTable *subjects, SighejAuditFinding *finding)
{
  GHashTableIter iter;
  gpointer subject;

  g_hash_table_iter_init (&iter, subjects);
  if (g_hash_table_iter_next (&iter, &subject, NULL))
    sighej_audit_finding_fault (finding, "%s is missing", (const char *) subject);
}

gboolean
sighej_cases_verify (SighejSql *sql,
                     const guint8 key[SIGHEJ_KEY_BYTES],
                     SighejAuditFinding *finding,
                     GError **error)
{
  static const struct
  {
    const char *kind;
    const char *text;
    guint n_fixed;
  } looks[] = {
    { "report",
      "SELECT id, at_ms, reason, reporter, reported, opening, content, request, state FROM reports"
      " WHERE id > $1 ORDER BY id LIMIT 500",
      7 },
    { "appeal",
      "SELECT id, at_ms, reported, content, request FROM appeals WHERE id > $1 ORDER BY id"
      " LIMIT 500",
      4 },
    { "action",
      "SELECT id, at_ms, report, reported, opening, deed, until_ms, actor, note FROM actions"
      " WHERE id > $1 ORDER BY id LIMIT 500",
      8 },
  };
  g_autoptr (GHashTable) subjects = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  if (!sighej_audit_read (sql, key, take_row, subjects, finding, error))
    return FALSE;
  for (guint i = 0; i < G_N_ELEMENTS (looks); i++)
    if (!judge_table (
            sql, subjects, looks[i].kind, looks[i].text, looks[i].n_fixed, finding, error))
      return FALSE;
  judge_rest (subjects, finding);
  return TRUE;
}
