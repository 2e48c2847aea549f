/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>
#include <locale.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "sighej-error.h"
#include "sighej-locale.h"
#include "sighejctl-cmds.h"

#define TIMEOUT_DEFAULT_SECONDS 30
#define TIMEOUT_MAX_SECONDS (7 * 24 * 3600)
/* More than the daemon takes, so that it is the one to refuse. */
#define INTERESTS_WORDS_MAX 64

#define STATE_FIELDS "state,reason,open_until,paused_until"
/* So many words of a text need no quotes around them; more than the daemon takes. */
#define TEXT_WORDS_MAX 600
/* Of a command to run; the kernel has its own bounds. */
#define COMMAND_WORDS_MAX 4096
#define MEET_FIELDS                                                                                \
  "id,cue,spot,band,expires,state,handle,peer_handle,role,here,peer_here,peer_there,confirmed,"    \
  "unread,peer_typing,trust,phrase,problem,sharing,peer_direction,peer_distance,own_place,"        \
  "not_again"

static const SighejctlCommand commands[] = {
  {
      .name = "status",
      .summary = N_ ("Show whether you are open, and what is near (default)"),
      .help = N_ ("Does not start the daemon: one that is not there is off.\n"),
      .fields = "state,reason,open_until,nearby,nudges,bluetooth,backend,privacy,meets",
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_status,
  },
  {
      .name = "open",
      .arguments = "[DURATION]",
      .summary = N_ ("Open to talk, for 5min to 4h (default 2h)"),
      .help
      = N_ ("A DURATION is written like 90, 90s, 30min, 2h or 1h30min.\n"
            "When open already it sets the new end and lifts a pause. Before the first opening it\n"
            "shows what is collected and for how long, and asks.\n"),
      .fields = STATE_FIELDS,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_DAEMON,
      .takes = SIGHEJCTL_TAKES_WAIT | SIGHEJCTL_TAKES_NOTICE,
      .run = sighejctl_cmd_open,
  },
  {
      .name = "close",
      .summary = N_ ("Close at once: silent, and everything wiped"),
      .fields = STATE_FIELDS,
      .need = SIGHEJCTL_NEED_BUS,
      .takes = SIGHEJCTL_TAKES_WAIT,
      .run = sighejctl_cmd_close,
  },
  {
      .name = "toggle",
      .summary = N_ ("Open when off, else close"),
      .fields = STATE_FIELDS,
      .need = SIGHEJCTL_NEED_DAEMON,
      .takes = SIGHEJCTL_TAKES_WAIT | SIGHEJCTL_TAKES_NOTICE,
      .run = sighejctl_cmd_toggle,
  },
  {
      .name = "is-open",
      .summary = N_ ("Exit status 0 when open, 3 when not; says nothing"),
      .fields = "open",
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_is_open,
  },
  {
      .name = "pause",
      .arguments = "[DURATION]",
      .summary = N_ ("Be silent, for 1min to 4h, or until you resume"),
      .help = N_ ("A DURATION is written like 90, 90s, 30min, 2h or 1h30min.\n"),
      .fields = STATE_FIELDS,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_pause,
  },
  {
      .name = "resume",
      .summary = N_ ("End a pause"),
      .fields = STATE_FIELDS,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_resume,
  },
  {
      .name = "extend",
      .arguments = "DURATION",
      .summary = N_ ("Stay open longer, up to 4h from now"),
      .help = N_ ("A DURATION is written like 90, 90s, 30min, 2h or 1h30min.\n"),
      .fields = STATE_FIELDS,
      .n_min = 1,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_extend,
  },
  {
      .name = "interests",
      .arguments = "[ACTION…]",
      .summary = N_ ("List, choose and look up interests"),
      .help = N_ ("  interests [list]       show them\n"
                  "  interests set A B…     replace them, 1 to 20\n"
                  "  interests add A…       add some\n"
                  "  interests remove A…    remove some\n"
                  "  interests search TEXT  look up what others call it\n"),
      .fields = "id,label,category",
      .n_max = 1 + INTERESTS_WORDS_MAX,
      .need = SIGHEJCTL_NEED_DAEMON,
      .run = sighejctl_cmd_interests,
  },
  {
      .name = "nudges",
      .summary = N_ ("List who is near and shares an interest"),
      .fields = "id,band,shared,expires,state",
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_nudges,
  },
  {
      .name = "wave",
      .arguments = "N",
      .summary = N_ ("Say yes to nudge N; they learn of it only if they wave too"),
      .help = N_ ("With --wait it comes back when both have waved; --timeout=0 waits as long as\n"
                  "the nudge lasts.\n"),
      .fields = "id,state,meet,cue,spot",
      .n_min = 1,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .takes = SIGHEJCTL_TAKES_WAIT,
      .run = sighejctl_cmd_wave,
  },
  {
      .name = "not-now",
      .arguments = "N",
      .summary = N_ ("Put nudge N away, and a wave with it; nobody learns of it"),
      .fields = "id,state",
      .n_min = 1,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_not_now,
  },
  {
      .name = "block",
      .arguments = "N",
      .summary = N_ ("Put nudge N away or end meet N, and never meet them again"),
      .help = N_ ("For 30 days the two machines are not brought together. To the other side a\n"
                  "blocked nudge looks like silence, a blocked meet like one that ended.\n"),
      .fields = "id,state",
      .n_min = 1,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_block,
  },
  {
      .name = "report",
      .arguments = "N",
      .summary = N_ ("Report who is behind nudge or meet N to the operators"),
      .help = N_ ("Nothing of the talk is shown to them but what --attach names; 'messages N' has\n"
                  "the numbers. The other side learns nothing. Reporting does not block.\n"),
      .fields = "id,reason,receipt",
      .n_min = 1,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .takes = SIGHEJCTL_TAKES_REPORT,
      .run = sighejctl_cmd_report,
  },
  {
      .name = "appeal",
      .arguments = "[TEXT]",
      .summary = N_ ("Tell the operators that a report about you is wrong"),
      .help
      = N_ ("Without TEXT it reads from standard input; 1 to 1,000 characters. Who is reported is\n"
            "not told, and who is muted sees what an empty room looks like: nobody can know, so\n"
            "appeal whenever you think so. The answer is always the same. When an operator grants\n"
            "it, nudges come again.\n"),
      .fields = "state",
      .n_max = TEXT_WORDS_MAX,
      .need = SIGHEJCTL_NEED_DAEMON,
      .run = sighejctl_cmd_appeal,
  },
  {
      .name = "meets",
      .arguments = "[N]",
      .summary = N_ ("List the meets, or show one: how to find each other"),
      .fields = MEET_FIELDS,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_meets,
  },
  {
      .name = "spot",
      .arguments = "N [NAME]",
      .summary = N_ ("Name where to meet, or list what can be named"),
      .fields = "spot,named",
      .n_min = 1,
      .n_max = 1 + TEXT_WORDS_MAX,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_spot,
  },
  {
      .name = "here",
      .arguments = "N",
      .summary = N_ ("Tell the other side that you are there"),
      .fields = "id,state",
      .n_min = 1,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_here,
  },
  {
      .name = "met",
      .arguments = "N",
      .summary = N_ ("Say that you met; when both have, everything is wiped"),
      .fields = "id,state",
      .n_min = 1,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .takes = SIGHEJCTL_TAKES_NOT_AGAIN,
      .run = sighejctl_cmd_met,
  },
  {
      .name = "end",
      .arguments = "N",
      .summary = N_ ("End meet N at once, for both"),
      .fields = "id,state",
      .n_min = 1,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .takes = SIGHEJCTL_TAKES_NOT_AGAIN,
      .run = sighejctl_cmd_end,
  },
  {
      .name = "say",
      .arguments = "N TEXT",
      .summary = N_ ("Say something that only the other side can read"),
      .help = N_ ("1 to 1,000 characters; at most 8 messages in 10 s and 20 in a minute.\n"),
      .fields = "id,n",
      .n_min = 2,
      .n_max = 1 + TEXT_WORDS_MAX,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_say,
  },
  {
      .name = "messages",
      .arguments = "N",
      .summary = N_ ("Show what was said; the other side reads \"seen\""),
      .fields = "n,own,time,text,mark",
      .n_min = 1,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .takes = SIGHEJCTL_TAKES_FOLLOW,
      .run = sighejctl_cmd_messages,
  },
  {
      .name = "position",
      .arguments = "N on|off",
      .summary = N_ ("Show each other direction and distance, if both want it"),
      .fields = "id,sharing",
      .n_min = 2,
      .n_max = 2,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_position,
  },
  {
      .name = "code",
      .arguments = "[use CODE]",
      .summary = N_ ("Make a code for two whose Bluetooth fails, or use one"),
      .help = N_ ("  code           make one and show it; it works once, within 5 minutes\n"
                  "  code use CODE  use one, written with or without \"-\", or its sighej: link\n"),
      .fields = "code,link," MEET_FIELDS,
      .n_max = 2 + TEXT_WORDS_MAX,
      .need = SIGHEJCTL_NEED_DAEMON,
      .run = sighejctl_cmd_code,
  },
  {
      .name = "watch",
      .summary = N_ ("A line for every event, until interrupted"),
      .help = N_ ("First a snapshot of what is; goes on when the daemon leaves and comes back.\n"),
      .fields = "event,state,reason,open_until,nearby,nudges,id,shared,band,meets,cue,spot,n,text",
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_watch,
  },
  {
      .name = "wait",
      .arguments = "open|closed|nudge|meet",
      .summary = N_ ("Wait until open, until closed, for a nudge or for a meet"),
      .help = N_ ("Comes back at once when it is so already. Gives up after --timeout seconds.\n"),
      .fields = STATE_FIELDS ",id,band,shared,expires,cue,spot",
      .n_min = 1,
      .n_max = 1,
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_wait,
  },
  {
      .name = "doctor",
      .summary = N_ ("Check everything, and say what to do"),
      .fields = "status,id,text,next",
      .need = SIGHEJCTL_NEED_DAEMON,
      .run = sighejctl_cmd_doctor,
  },
  {
      .name = "adapter",
      .arguments = "[list|show|NAME|auto]",
      .summary = N_ ("List Bluetooth adapters, or choose one"),
      .fields = "name,path,used",
      .n_max = 1,
      .need = SIGHEJCTL_NEED_DAEMON,
      .run = sighejctl_cmd_adapter,
  },
  {
      .name = "backend",
      .arguments = "[show|set URI|unset]",
      .summary = N_ ("Show or choose the matching backend"),
      .fields = "uri,state",
      .n_max = 2,
      .need = SIGHEJCTL_NEED_DAEMON,
      .run = sighejctl_cmd_backend,
  },
  {
      .name = "calibrate",
      .summary = N_ ("Measure how far off the Bluetooth adapter is"),
      .help = N_ ("Put another machine that is open 1 m away, all others at least 3 m. Without\n"
                  "options it measures what this machine receives, and keeps it for the adapter.\n"
                  "With --transmit it measures what the other machine sends; that is set there.\n"),
      .fields = "what,value,origin,changed,median,samples,spread",
      .need = SIGHEJCTL_NEED_DAEMON,
      .takes = SIGHEJCTL_TAKES_CALIBRATION,
      .run = sighejctl_cmd_calibrate,
  },
  {
      .name = "inhibit",
      .arguments = "-- COMMAND [ARGUMENT…]",
      .summary = N_ ("Be silent while a command runs, as for a presentation"),
      .help = N_ ("Whoever has opened is paused until the command ends, and so is who opens\n"
                  "meanwhile. The exit status is that of the command; 126 and 127 when it cannot\n"
                  "be run or is not there, 128 and the signal's number when one ended it.\n"),
      .n_min = 1,
      .n_max = COMMAND_WORDS_MAX,
      .need = SIGHEJCTL_NEED_DAEMON,
      .takes = SIGHEJCTL_TAKES_INHIBIT,
      .run = sighejctl_cmd_inhibit,
  },
  {
      .name = "export",
      .summary = N_ ("Print all that is held about you, here and at the backend"),
      .help = N_ ("JSON in every form of output: indented, or on one line with --json=short. No\n"
                  "token, key or secret is in it. When the backend was not asked, or did not\n"
                  "answer, \"backend\" says so.\n"),
      .need = SIGHEJCTL_NEED_DAEMON,
      .run = sighejctl_cmd_export,
  },
  {
      .name = "wipe",
      .summary = N_ ("Close, and delete all that is held about you"),
      .help = N_ ("Here: interests, choices, whom you avoid, calibration. At the backend: your\n"
                  "session. It asks before, unless --yes is given.\n"),
      .fields = "wiped",
      .need = SIGHEJCTL_NEED_DAEMON,
      .takes = SIGHEJCTL_TAKES_YES,
      .run = sighejctl_cmd_wipe,
  },
  {
      .name = "version",
      .summary = N_ ("Show the versions of this program and of the daemon"),
      .fields = "client,daemon,api",
      .need = SIGHEJCTL_NEED_BUS,
      .run = sighejctl_cmd_version,
  },
  {
      .name = "help",
      .arguments = "[COMMAND]",
      .summary = N_ ("Show how a command is used"),
      .n_max = 1,
      .need = SIGHEJCTL_NEED_NOTHING,
      .run = sighejctl_cmd_help,
  },
  { NULL },
};

/* The command line as it was written, before it means anything. */
typedef struct
{
  gboolean user;
  gboolean system;
  gboolean no_start;
  char *json;
  gboolean json_auto;
  gboolean terse;
  char *fields;
  char *color;
  int timeout_s;
  gboolean wait;
  gboolean accept_notice;
  gboolean follow;
  gboolean not_again;
  SighejctlCalibration calibration;
  SighejctlReport report;
  SighejctlInhibit inhibit;
  gboolean yes;
  gboolean help;
  gboolean version;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->json);
  g_free (options->fields);
  g_free (options->color);
  g_free (options->calibration.set);
  g_free (options->report.reason);
  g_free (options->report.message);
  g_strfreev (options->report.attach);
  g_free (options->inhibit.who);
  g_free (options->inhibit.why);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

/* "--json" alone is "-j": GOption would take the next word for its value. */
static void
shorten_bare_json (char **words)
{
  for (guint i = 1; words[i] != NULL && !g_str_equal (words[i], "--"); i++)
    if (g_str_equal (words[i], "--json"))
      {
        g_free (words[i]);
        words[i] = g_strdup ("-j");
      }
}

/* The arguments of a command that is run are its own matter. */
static gboolean
check_encoding (char **words, GError **error)
{
  gboolean is_run = g_strv_contains ((const char *const *) words, "inhibit");

  for (guint i = 1; words[i] != NULL && !(is_run && g_str_equal (words[i], "--")); i++)
    if (!g_utf8_validate (words[i], -1, NULL))
      return sighejctl_usage (error, _ ("argument %u is not UTF-8"), i);
  return TRUE;
}

/* Takes the options out of @words; what remains is the command and its arguments. */
static gboolean
parse_options (Options *options, char ***words, GError **error)
{
  const GOptionEntry entries[] = {
    { "user", 0, 0, G_OPTION_ARG_NONE, &options->user, NULL, NULL },
    { "system", 0, 0, G_OPTION_ARG_NONE, &options->system, NULL, NULL },
    { "no-start", 0, 0, G_OPTION_ARG_NONE, &options->no_start, NULL, NULL },
    { "json", 0, 0, G_OPTION_ARG_STRING, &options->json, NULL, NULL },
    { "json-auto", 'j', G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &options->json_auto, NULL, NULL },
    { "terse", 't', 0, G_OPTION_ARG_NONE, &options->terse, NULL, NULL },
    { "fields", 'f', 0, G_OPTION_ARG_STRING, &options->fields, NULL, NULL },
    { "color", 0, 0, G_OPTION_ARG_STRING, &options->color, NULL, NULL },
    { "timeout", 0, 0, G_OPTION_ARG_INT, &options->timeout_s, NULL, NULL },
    { "wait", 0, 0, G_OPTION_ARG_NONE, &options->wait, NULL, NULL },
    { "accept-notice", 0, 0, G_OPTION_ARG_NONE, &options->accept_notice, NULL, NULL },
    { "follow", 0, 0, G_OPTION_ARG_NONE, &options->follow, NULL, NULL },
    { "not-again", 0, 0, G_OPTION_ARG_NONE, &options->not_again, NULL, NULL },
    /* As file names: their text is UTF-8 (check_encoding), whatever the locale holds it for. */
    { "reason", 0, 0, G_OPTION_ARG_FILENAME, &options->report.reason, NULL, NULL },
    { "message", 0, 0, G_OPTION_ARG_FILENAME, &options->report.message, NULL, NULL },
    { "attach", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &options->report.attach, NULL, NULL },
    { "who", 0, 0, G_OPTION_ARG_FILENAME, &options->inhibit.who, NULL, NULL },
    { "why", 0, 0, G_OPTION_ARG_FILENAME, &options->inhibit.why, NULL, NULL },
    { "yes", 0, 0, G_OPTION_ARG_NONE, &options->yes, NULL, NULL },
    { "seconds", 0, 0, G_OPTION_ARG_INT, &options->calibration.seconds, NULL, NULL },
    { "transmit", 0, 0, G_OPTION_ARG_NONE, &options->calibration.transmit, NULL, NULL },
    { "set", 0, 0, G_OPTION_ARG_STRING, &options->calibration.set, NULL, NULL },
    { "reset", 0, 0, G_OPTION_ARG_NONE, &options->calibration.reset, NULL, NULL },
    { "show", 0, 0, G_OPTION_ARG_NONE, &options->calibration.show, NULL, NULL },
    { "help", 'h', 0, G_OPTION_ARG_NONE, &options->help, NULL, NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, NULL, NULL },
    { NULL }
  };
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);

  g_option_context_set_help_enabled (context, FALSE);
  g_option_context_add_main_entries (context, entries, NULL);
  return g_option_context_parse_strv (context, words, error);
}

static gboolean
choose_form (SighejctlOutput *output, const Options *options, GError **error)
{
  gboolean json = options->json != NULL || options->json_auto;

  if (json && options->terse)
    return sighejctl_usage (error, _ ("--json and --terse exclude each other"));
  if (options->terse)
    output->form = SIGHEJCTL_FORM_TERSE;
  else if (g_strcmp0 (options->json, "short") == 0)
    output->form = SIGHEJCTL_FORM_JSON_SHORT;
  else if (g_strcmp0 (options->json, "pretty") == 0)
    output->form = SIGHEJCTL_FORM_JSON_PRETTY;
  else if (options->json != NULL)
    return sighejctl_usage (error, _ ("--json takes short or pretty, not '%s'"), options->json);
  else if (json)
    output->form = isatty (STDOUT_FILENO) ? SIGHEJCTL_FORM_JSON_PRETTY : SIGHEJCTL_FORM_JSON_SHORT;
  return TRUE;
}

static gboolean
choose_colour (SighejctlOutput *output, const Options *options, GError **error)
{
  const char *when = options->color != NULL ? options->color : "auto";

  if (g_str_equal (when, "auto"))
    {
      output->coloured = sighejctl_output_wants_colour (stdout);
      output->coloured_errors = sighejctl_output_wants_colour (stderr);
    }
  else if (g_str_equal (when, "always"))
    output->coloured = output->coloured_errors = TRUE;
  else if (!g_str_equal (when, "never"))
    return sighejctl_usage (error, _ ("--color takes auto, always or never, not '%s'"), when);
  return TRUE;
}

static gboolean
choose_fields (Sighejctl *self, const Options *options, GError **error)
{
  g_auto (GStrv) known = NULL;

  if (options->fields == NULL)
    return TRUE;
  if (!options->terse)
    return sighejctl_usage (error, _ ("--fields goes with --terse"));
  known = g_strsplit (self->command->fields != NULL ? self->command->fields : "", ",", -1);
  self->output.fields = g_strsplit (options->fields, ",", -1);
  for (guint i = 0; self->output.fields[i] != NULL; i++)
    if (!g_strv_contains ((const char *const *) known, self->output.fields[i]))
      return sighejctl_usage (error,
                              _ ("'%s' has no field '%s'; it has %s"),
                              self->command->name,
                              self->output.fields[i],
                              self->command->fields != NULL ? self->command->fields : _ ("none"));
  return TRUE;
}

/* What each option means, and which go together, is for the command to say. */
static gboolean
check_own_options (Sighejctl *self, const Options *options, GError **error)
{
  const struct
  {
    gboolean given;
    SighejctlTakes takes;
    const char *name;
  } own[] = {
    { options->wait, SIGHEJCTL_TAKES_WAIT, "--wait" },
    { options->accept_notice, SIGHEJCTL_TAKES_NOTICE, "--accept-notice" },
    { options->follow, SIGHEJCTL_TAKES_FOLLOW, "--follow" },
    { options->not_again, SIGHEJCTL_TAKES_NOT_AGAIN, "--not-again" },
    { options->report.reason != NULL, SIGHEJCTL_TAKES_REPORT, "--reason" },
    { options->report.message != NULL, SIGHEJCTL_TAKES_REPORT, "--message" },
    { options->report.attach != NULL, SIGHEJCTL_TAKES_REPORT, "--attach" },
    { options->inhibit.who != NULL, SIGHEJCTL_TAKES_INHIBIT, "--who" },
    { options->inhibit.why != NULL, SIGHEJCTL_TAKES_INHIBIT, "--why" },
    { options->yes, SIGHEJCTL_TAKES_YES, "--yes" },
    { options->calibration.seconds != 0, SIGHEJCTL_TAKES_CALIBRATION, "--seconds" },
    { options->calibration.transmit, SIGHEJCTL_TAKES_CALIBRATION, "--transmit" },
    { options->calibration.set != NULL, SIGHEJCTL_TAKES_CALIBRATION, "--set" },
    { options->calibration.reset, SIGHEJCTL_TAKES_CALIBRATION, "--reset" },
    { options->calibration.show, SIGHEJCTL_TAKES_CALIBRATION, "--show" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (own); i++)
    if (own[i].given && (self->command->takes & own[i].takes) == 0)
      return sighejctl_usage (
          error, _ ("%s does not go with '%s'"), own[i].name, self->command->name);
  return TRUE;
}

static gboolean
choose_rest (Sighejctl *self, const Options *options, GError **error)
{
  if (options->user && options->system)
    return sighejctl_usage (error, _ ("--user and --system exclude each other"));
  if (options->timeout_s < 0 || options->timeout_s > TIMEOUT_MAX_SECONDS)
    return sighejctl_usage (error, _ ("--timeout takes 0 to %d seconds"), TIMEOUT_MAX_SECONDS);
  self->system_bus = options->system;
  self->no_start = options->no_start;
  self->timeout_s = (guint) options->timeout_s;
  self->wait = options->wait;
  self->accept_notice = options->accept_notice;
  self->follow = options->follow;
  self->not_again = options->not_again;
  self->calibration = options->calibration;
  self->report = options->report;
  self->inhibit = options->inhibit;
  self->yes = options->yes;
  return check_own_options (self, options, error) && choose_fields (self, options, error);
}

/* GOption leaves "--" where it stands when some word behind it looks like an option. */
static void
drop_separator (char **words)
{
  guint i = 0;

  while (words[i] != NULL && !g_str_equal (words[i], "--"))
    i++;
  if (words[i] == NULL)
    return;
  g_free (words[i]);
  for (; words[i] != NULL; i++)
    words[i] = words[i + 1];
}

static gboolean
choose_command (Sighejctl *self, char **words, GError **error)
{
  const char *name = words[1] != NULL ? words[1] : commands[0].name;

  self->command = sighejctl_find_command (self, name, error);
  self->arguments = words[1] != NULL ? words + 2 : words + 1;
  self->n_arguments = g_strv_length (self->arguments);
  return self->command != NULL;
}

static gboolean
check_arguments (Sighejctl *self, GError **error)
{
  const SighejctlCommand *command = self->command;
  g_autofree char *form = sighejctl_dup_command_form (command);

  if (self->n_arguments >= command->n_min && self->n_arguments <= command->n_max)
    return TRUE;
  return sighejctl_usage (error,
                          self->n_arguments < command->n_min
                              ? _ ("too few arguments for '%s'; it is used like 'sighejctl %s'")
                              : _ ("too many arguments for '%s'; it is used like 'sighejctl %s'"),
                          command->name,
                          form);
}

static int
run (Sighejctl *self, const Options *options, char **words, GError **error)
{
  if (options->version)
    {
      printf ("sighejctl %s\n", SIGHEJ_VERSION);
      return SIGHEJCTL_EXIT_DONE;
    }
  if (options->help && words[1] == NULL)
    {
      sighejctl_print_help (self, NULL);
      return SIGHEJCTL_EXIT_DONE;
    }
  if (!choose_command (self, words, error))
    return -1;
  if (options->help)
    {
      sighejctl_print_help (self, self->command);
      return SIGHEJCTL_EXIT_DONE;
    }
  if (!choose_rest (self, options, error) || !check_arguments (self, error)
      || !sighejctl_connect (self, error))
    return -1;
  return self->command->run (self, error);
}

/* Programs read the same words in every language: whoever asks for them gets English alone. */
static void
choose_language (const SighejctlOutput *output)
{
  if (!sighejctl_output_is_human (output))
    setlocale (LC_MESSAGES, "C");
}

/* What did not reach the disk or the pipe was not done. */
static gboolean
check_written (GError **error)
{
  if (fflush (stdout) == 0 && !ferror (stdout))
    return TRUE;
  g_set_error_literal (error, SIGHEJ_ERROR, SIGHEJ_ERROR_FAILED, _ ("cannot write the output"));
  return FALSE;
}

/*
 * The system's bus and the session's write into the journal by which command a service was started,
 * word for word, and everybody may see it in a list of processes: interests and messages are not
 * for either.
 */
static void
hide_arguments (int argc, char **argv)
{
  for (int i = 1; i < argc; i++)
    explicit_bzero (argv[i], strlen (argv[i]));
}

int
main (int argc, char **argv)
{
  g_auto (GStrv) words = g_strdupv (argv);
  g_auto (Options) options = { .timeout_s = TIMEOUT_DEFAULT_SECONDS };
  Sighejctl self = { .commands = commands, .output = { .file = stdout } };
  g_autoptr (GError) error = NULL;
  int status = -1;

  hide_arguments (argc, argv);
  sighej_locale_init ();
  sighej_error_quark ();

  shorten_bare_json (words);
  if (check_encoding (words, &error) && parse_options (&options, &words, &error))
    drop_separator (words);
  if (error == NULL && choose_form (&self.output, &options, &error)
      && choose_colour (&self.output, &options, &error))
    {
      choose_language (&self.output);
      status = run (&self, &options, words, &error);
    }
  if (error == NULL)
    check_written (&error);
  if (error != NULL)
    {
      sighejctl_failure_adopt (&error);
      sighejctl_failure_report (error, &self.output);
      status = sighejctl_failure_exit_code (error);
    }

  g_clear_object (&self.client);
  g_strfreev (self.output.fields);
  return status;
}
