/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-reports"

#include "config.h"

#include <glib.h>
#include <string.h>

#include "sighej-reports-command.h"

#include "sighej-clock.h"
#include "sighej-exit.h"
#include "sighej-json.h"
#include "sighej-reports-output.h"
#include "sighej-stores.h"

#define NOTE_CHARS_MAX 1000

typedef struct
{
  const char *name;
  SighejSqlPurpose purpose;
  SighejSqlWork work;
  enum
  {
    ID_NONE,
    ID_MAYBE,
    ID_ONE,
    ID_AND_DEED
  } takes;
} Command;

/* What was asked, and what it is done with. */
typedef struct
{
  char *config;
  char *note;
  gboolean all;
  gboolean json;
  gint64 id; /* 0: none was given */
  SighejCaseDeed deed;
  const Command *command;

  SighejSettings *settings;
  SighejVault *vault;
  SighejSql sql;
  SighejAuditor auditor;
  int status;
} Asked;

static void
asked_clear (Asked *asked)
{
  g_free (asked->config);
  g_free (asked->note);
  sighej_stores_close_sql (&asked->sql);
  g_clear_object (&asked->vault);
  g_clear_pointer (&asked->settings, sighej_settings_free);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Asked, asked_clear)

static void
print_json (JsonBuilder *builder)
{
  g_autoptr (JsonNode) root = json_builder_get_root (builder);
  g_autofree char *text = sighej_json_to_string (root);

  g_print ("%s\n", text);
}

/* ---- list ---- */

static void
print_list (const Asked *asked, const GPtrArray *reports)
{
  for (guint i = 0; i < reports->len; i++)
    sighej_reports_print_line (reports->pdata[i]);
  if (reports->len == 0)
    g_print ("no %sreports\n", asked->all ? "" : "open ");
  if (reports->len == SIGHEJ_CASES_LISTED_MAX)
    g_print ("these are the %u oldest; close some to see the others\n", reports->len);
}

static void
print_list_json (const GPtrArray *reports)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "reports");
  json_builder_begin_array (builder);
  for (guint i = 0; i < reports->len; i++)
    {
      json_builder_begin_object (builder);
      sighej_reports_build_line (builder, reports->pdata[i]);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
  print_json (builder);
}

static gboolean
do_list (SighejSql *sql, gpointer data, GError **error)
{
  Asked *asked = data;
  g_autoptr (GPtrArray) reports
      = sighej_cases_list (sql, asked->all ? NULL : "open", 0, asked->auditor.now_ms, error);

  if (reports == NULL)
    return FALSE;
  if (asked->json)
    print_list_json (reports);
  else
    print_list (asked, reports);
  return TRUE;
}

/* ---- show, export ---- */

/* @report: (transfer full). Unseals it, which the audit says. */
static gboolean
fill_view (Asked *asked, SighejReportsView *view, SighejCase *report, GError **error)
{
  view->vault = asked->vault;
  view->report = report;
  view->words = sighej_case_unseal_report (asked->vault, report);
  view->appeals = sighej_cases_read_appeals (&asked->sql, report->reported, error);
  if (view->appeals == NULL)
    return FALSE;
  view->actions = sighej_cases_read_actions (&asked->sql, report->reported, error);
  return view->actions != NULL
         && sighej_cases_note_read (&asked->sql, &asked->auditor, report->id, error);
}

static void
print_view_json (const SighejReportsView *view)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  sighej_reports_build_whole (builder, view);
  json_builder_end_object (builder);
  print_json (builder);
}

static gboolean
show_case (Asked *asked, SighejCase *report, GError **error)
{
  g_auto (SighejReportsView) view = { NULL };

  if (!fill_view (asked, &view, report, error))
    return FALSE;
  if (asked->json)
    print_view_json (&view);
  else
    sighej_reports_print_whole (&view);
  return TRUE;
}

static gboolean
do_show (SighejSql *sql, gpointer data, GError **error)
{
  Asked *asked = data;
  SighejCase *report = sighej_cases_find (sql, asked->id, asked->auditor.now_ms, error);

  return report != NULL && show_case (asked, report, error);
}

/* One object a line, so that any number of them can be written and read. */
static gboolean
do_export (SighejSql *sql, gpointer data, GError **error)
{
  Asked *asked = data;
  gint64 after = 0;
  guint n_reports;

  asked->json = TRUE;
  if (asked->id != 0)
    return do_show (sql, asked, error);
  do
    {
      g_autoptr (GPtrArray) reports
          = sighej_cases_list (sql, NULL, after, asked->auditor.now_ms, error);

      if (reports == NULL)
        return FALSE;
      n_reports = reports->len;
      while (reports->len > 0)
        {
          SighejCase *report = g_ptr_array_steal_index (reports, 0);

          after = report->id;
          if (!show_case (asked, report, error))
            return FALSE;
        }
    }
  while (n_reports == SIGHEJ_CASES_LISTED_MAX);
  return TRUE;
}

/* ---- close, act ---- */

static gboolean
print_result (Asked *asked, GError **error)
{
  g_autoptr (SighejCase) report
      = sighej_cases_find (&asked->sql, asked->id, asked->auditor.now_ms, error);
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  if (report == NULL)
    return FALSE;
  if (!asked->json)
    {
      sighej_reports_print_line (report);
      return TRUE;
    }
  json_builder_begin_object (builder);
  sighej_reports_build_line (builder, report);
  json_builder_end_object (builder);
  print_json (builder);
  return TRUE;
}

/* What is not seen in the line that follows. */
static void
print_remark (const Asked *asked, const char *remark)
{
  if (!asked->json)
    g_print ("%s\n", remark);
}

static gboolean
do_close (SighejSql *sql, gpointer data, GError **error)
{
  Asked *asked = data;
  g_autoptr (SighejCase) report = sighej_cases_find (sql, asked->id, asked->auditor.now_ms, error);

  if (report == NULL)
    return FALSE;
  if (!g_str_equal (report->state, "open"))
    print_remark (asked, "it is open no more; nothing was done");
  return sighej_cases_close (sql, &asked->auditor, report, error) && print_result (asked, error);
}

static gboolean
do_act (SighejSql *sql, gpointer data, GError **error)
{
  Asked *asked = data;
  g_autoptr (SighejCase) report = sighej_cases_find (sql, asked->id, asked->auditor.now_ms, error);
  g_autofree char *note = NULL;

  if (report == NULL)
    return FALSE;
  if (asked->deed == SIGHEJ_CASE_UNMUTE && report->muted_until_ms == 0)
    print_remark (asked, "nobody was muted; what was reported until now counts no more");
  note = asked->note != NULL
             ? sighej_case_seal_text (asked->vault, SIGHEJ_CASE_NOTE, report->reported, asked->note)
             : g_strdup ("");
  return sighej_cases_act (sql, &asked->auditor, report, asked->deed, note, error)
         && print_result (asked, error);
}

/* ---- verify ---- */

static void
print_finding_json (const SighejAuditFinding *finding)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();

  json_builder_begin_object (builder);
  json_builder_set_member_name (builder, "good");
  json_builder_add_boolean_value (builder, finding->fault == NULL);
  json_builder_set_member_name (builder, "n_rows");
  json_builder_add_int_value (builder, finding->n_rows);
  json_builder_set_member_name (builder, "hash");
  json_builder_add_string_value (builder, finding->hash);
  json_builder_set_member_name (builder, "fault");
  if (finding->fault != NULL)
    json_builder_add_string_value (builder, finding->fault);
  else
    json_builder_add_null_value (builder);
  json_builder_end_object (builder);
  print_json (builder);
}

static void
print_good (const SighejAuditFinding *finding)
{
  if (finding->n_rows == 0)
    g_print ("the audit is empty: nothing was reported yet\n");
  else
    g_print ("%" G_GINT64_FORMAT " row%s, as they were written; the last is %s\n",
             finding->n_rows,
             finding->n_rows == 1 ? "" : "s",
             finding->hash);
}

static gboolean
do_verify (SighejSql *sql, gpointer data, GError **error)
{
  Asked *asked = data;
  g_auto (SighejAuditFinding) finding = { 0 };

  if (!sighej_cases_verify (sql, asked->auditor.key, &finding, error))
    return FALSE;
  if (finding.fault != NULL)
    asked->status = SIGHEJ_EXIT_FAULTY;
  if (asked->json)
    print_finding_json (&finding);
  else if (finding.fault != NULL)
    g_printerr ("sighej-backend: the audit is not as it was written: %s; keep a copy of the "
                "database and find out who has its password\n",
                finding.fault);
  else
    print_good (&finding);
  return TRUE;
}

/* ---- what was asked ---- */

static const Command commands[] = {
  { "list", SIGHEJ_SQL_READ, do_list, ID_NONE },
  { "show", SIGHEJ_SQL_WRITE, do_show, ID_ONE },
  { "close", SIGHEJ_SQL_WRITE, do_close, ID_ONE },
  { "act", SIGHEJ_SQL_WRITE, do_act, ID_AND_DEED },
  { "verify", SIGHEJ_SQL_READ, do_verify, ID_NONE },
  { "export", SIGHEJ_SQL_WRITE, do_export, ID_MAYBE },
};

static const char summary[]
    = "Commands:\n"
      "  list            Open reports, oldest first\n"
      "  show N          One report, what was attached to it, appeals and what was done\n"
      "  close N         There is nothing more to do about it\n"
      "  act N mute      Nobody is matched with the reported any more, for 4 hours; no report\n"
      "                  older than that: who it is about is open no more\n"
      "  act N unmute    Undo that, also when three reporters did it: an appeal is granted so; "
      "none\n"
      "                  of the reports counts on\n"
      "  act N none      Nothing was wrong; the report does not count on\n"
      "  verify          See that nobody changed the audit, or what it tells of\n"
      "  export [N]      Everything, one JSON object a line\n"
      "\n"
      "Reports are sealed, and deleted after 30 days; reading one is in the audit. Whoever runs "
      "this\n"
      "needs the backend's configuration, its database and its key file.\n"
      "\n"
      "Exit status: 0 done; 1 failed; 2 wrong words; 3 there is no such report; 4 the audit was\n"
      "changed; 78 wrong configuration.";

G_GNUC_PRINTF (2, 3)
static gboolean
misuse (GError **error, const char *format, ...)
{
  va_list arguments;
  g_autofree char *why = NULL;

  va_start (arguments, format);
  why = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error,
               G_OPTION_ERROR,
               G_OPTION_ERROR_BAD_VALUE,
               "%s; see sighej-backend reports --help",
               why);
  return FALSE;
}

static gboolean
parse_options (Asked *asked, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "config",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &asked->config,
      "The backend's configuration",
      "FILE" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &asked->json, "Answer in JSON", NULL },
    { "all", 0, 0, G_OPTION_ARG_NONE, &asked->all, "With list: closed reports too", NULL },
    { "note",
      0,
      0,
      G_OPTION_ARG_STRING,
      &asked->note,
      "With act: why, for other operators; sealed",
      "TEXT" },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("COMMAND [N] [mute|unmute|none]");

  g_option_context_set_summary (context, summary);
  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  return asked->note == NULL
         || (asked->note[0] != '\0' && g_utf8_strlen (asked->note, -1) <= NOTE_CHARS_MAX)
         || misuse (error, "a note has 1 to 1000 characters");
}

static const Command *
find_command (const char *name, GError **error)
{
  for (guint i = 0; name != NULL && i < G_N_ELEMENTS (commands); i++)
    if (g_str_equal (name, commands[i].name))
      return &commands[i];
  if (name == NULL)
    misuse (error, "say list, show, close, act, verify or export");
  else
    misuse (error, "'%s' is none of list, show, close, act, verify, export", name);
  return NULL;
}

static gboolean
parse_id (Asked *asked, const char *text, GError **error)
{
  guint64 id;

  if (text == NULL)
    return misuse (error, "say which report, by its number in the list");
  if (!g_ascii_string_to_unsigned (text, 10, 1, G_MAXINT64, &id, NULL))
    return misuse (error, "'%s' is no number of a report", text);
  asked->id = (gint64) id;
  return TRUE;
}

static gboolean
parse_deed (Asked *asked, const char *text, GError **error)
{
  static const char *const words[] = {
    [SIGHEJ_CASE_NONE] = "none",
    [SIGHEJ_CASE_MUTE] = "mute",
    [SIGHEJ_CASE_UNMUTE] = "unmute",
  };

  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (words); i++)
    if (g_str_equal (text, words[i]))
      {
        asked->deed = (SighejCaseDeed) i;
        return TRUE;
      }
  return misuse (error, "say what to do: mute, unmute or none");
}

/* @words: what is left behind the command, ends with NULL */
static gboolean
parse_words (Asked *asked, char **words, GError **error)
{
  const Command *command = asked->command;
  guint n_taken = command->takes == ID_NONE ? 0 : command->takes == ID_AND_DEED ? 2 : 1;

  if ((command->takes >= ID_ONE || (command->takes == ID_MAYBE && words[0] != NULL))
      && !parse_id (asked, words[0], error))
    return FALSE;
  if (command->takes == ID_AND_DEED && !parse_deed (asked, words[1], error))
    return FALSE;
  if (g_strv_length (words) > n_taken)
    return misuse (error, "'%s' is too much", words[n_taken]);
  if (asked->all && command->work != do_list)
    return misuse (error, "--all goes with list");
  if (asked->note != NULL && command->takes != ID_AND_DEED)
    return misuse (error, "--note goes with act");
  return TRUE;
}

/* ---- doing it ---- */

/* Only what they say: who wants to hide uses another way. */
static const char *
get_actor (void)
{
  const char *behind = g_getenv ("SUDO_USER");

  return behind != NULL && behind[0] != '\0' ? behind : g_get_user_name ();
}

static gboolean
open_all (Asked *asked, GError **error)
{
  const SighejSettingsSource source = { asked->config, NULL, NULL };
  g_autoptr (SighejClock) clock = sighej_clock_new_system ();
  g_autofree char *folder = NULL;
  g_autofree char *key_path = NULL;
  gboolean create;

  asked->settings = sighej_settings_load (&source, error);
  if (asked->settings == NULL)
    return FALSE;
  folder = sighej_settings_dup_state_directory (asked->settings);
  if (!sighej_stores_open_sql (asked->settings, folder, &asked->sql, error))
    return FALSE;
  key_path = sighej_stores_dup_key_file (asked->settings, folder, &create, error);
  if (key_path == NULL)
    return FALSE;
  asked->vault = sighej_vault_new_from_file (key_path, FALSE, error);
  if (asked->vault == NULL)
    return FALSE;
  asked->auditor = (SighejAuditor){ sighej_vault_get_audit_key (asked->vault),
                                    sighej_clock_wall_us (clock) / 1000,
                                    get_actor () };
  return TRUE;
}

static int
fail (const GError *error)
{
  int status = sighej_exit_fail (error);

  if (error->domain == G_OPTION_ERROR)
    return SIGHEJ_EXIT_USAGE;
  return g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_NOT_FOUND) ? SIGHEJ_EXIT_NOT_FOUND
                                                                       : status;
}

/* What is printed is held back until it is sure that the audit has it. */
static GString *held;

static void
hold (const char *text)
{
  g_string_append (held, text);
}

static gboolean
do_it (SighejSql *sql, gpointer data, GError **error)
{
  Asked *asked = data;

  return (asked->command->purpose == SIGHEJ_SQL_READ
          || sighej_audit_check_key (sql, asked->auditor.key, error))
         && asked->command->work (sql, asked, error);
}

static gboolean
run (Asked *asked, GError **error)
{
  gboolean done;

  held = g_string_new (NULL);
  g_set_print_handler (hold);
  done = sighej_sql_transact (&asked->sql, asked->command->purpose, do_it, asked, error);
  g_set_print_handler (NULL);
  if (done)
    g_print ("%s", held->str);
  sighej_wipe_free_string (g_string_free (g_steal_pointer (&held), FALSE));
  return done;
}

int
sighej_reports_command_run (int argc, char **argv)
{
  g_auto (Asked) asked = { NULL };
  g_autoptr (GError) error = NULL;

  g_set_prgname ("sighej-backend " SIGHEJ_REPORTS_COMMAND);
  if (!parse_options (&asked, &argc, &argv, &error))
    return fail (error);
  asked.command = find_command (argc > 1 ? argv[1] : NULL, &error);
  if (asked.command == NULL || !parse_words (&asked, argv + 2, &error) || !open_all (&asked, &error)
      || !run (&asked, &error))
    return fail (error);
  return asked.status;
}
