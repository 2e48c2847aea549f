/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <glib/gi18n.h>

#include "sighejctl-cmds.h"
#include "sighejctl-suggest.h"

static const char *const shared_options
    = N_ ("Options of every command:\n"
          "      --user             talk to the daemon on the session bus (default)\n"
          "      --system           talk to the daemon on the system bus\n"
          "      --no-start         do not start a daemon that is away\n"
          "      --json=short       one JSON object on one line; --json=pretty indents it\n"
          "  -j                     JSON, pretty on a terminal and short in a pipe\n"
          "  -t, --terse            one record a line, ':' between the fields\n"
          "  -f, --fields=FIELD,…   these fields, in this order; goes with --terse\n"
          "      --color=WHEN       auto (default), always or never\n"
          "      --timeout=SECONDS  for answers and for waiting (default 30, 0: never)\n"
          "  -h, --help             this help; after a command, help for it\n"
          "      --version          version of this program\n");

static const struct
{
  SighejctlTakes takes;
  const char *text;
} own_options[] = {
  { SIGHEJCTL_TAKES_WAIT,
    N_ ("      --wait             come back when it is done, not when it is begun\n") },
  { SIGHEJCTL_TAKES_NOTICE,
    N_ ("      --accept-notice    agree to the notice shown before the first opening\n") },
  { SIGHEJCTL_TAKES_FOLLOW,
    N_ ("      --follow           go on with what comes, until the meet is over\n") },
  { SIGHEJCTL_TAKES_NOT_AGAIN,
    N_ ("      --not-again        do not bring the two of you together for 30 days\n") },
  { SIGHEJCTL_TAKES_REPORT,
    N_ ("      --reason=WORD      spam, harassment, fake, underage, danger or other\n"
        "      --message=TEXT     what happened, in your own words\n"
        "      --attach=N,…       show these messages of the talk to the operators\n") },
  { SIGHEJCTL_TAKES_INHIBIT,
    N_ ("      --why=TEXT         what for, for people; needed\n"
        "      --who=NAME         who asks (default: the command's name)\n") },
  { SIGHEJCTL_TAKES_YES, N_ ("      --yes              do it without asking\n") },
  { SIGHEJCTL_TAKES_CALIBRATION,
    N_ ("      --seconds=N        measure for so long, 10 to 300 (default 60)\n"
        "      --transmit         what is sent, not what is received\n"
        "      --set=VALUE        keep this: -30 to 30 dB, with --transmit -71 to -50 dBm\n"
        "      --reset            forget what is kept for this adapter\n"
        "      --show             show what is used, and measure nothing\n") },
};

char *
sighejctl_dup_command_form (const SighejctlCommand *command)
{
  if (command->arguments == NULL)
    return g_strdup (command->name);
  return g_strconcat (command->name, " ", command->arguments, NULL);
}

static void
print_commands (Sighejctl *self)
{
  g_autoptr (GPtrArray) rows = g_ptr_array_new_with_free_func ((GDestroyNotify) g_strfreev);

  for (const SighejctlCommand *command = self->commands; command->name != NULL; command++)
    {
      g_autoptr (GStrvBuilder) row = g_strv_builder_new ();
      g_autofree char *form = sighejctl_dup_command_form (command);
      g_autofree char *indented = g_strconcat ("  ", form, NULL);

      g_strv_builder_add_many (row, indented, _ (command->summary), NULL);
      g_ptr_array_add (rows, g_strv_builder_end (row));
    }
  sighejctl_output_table (&self->output, NULL, rows);
}

static void
print_options (Sighejctl *self, guint takes)
{
  for (guint i = 0; i < G_N_ELEMENTS (own_options); i++)
    if ((own_options[i].takes & takes) != 0)
      sighejctl_output_say (&self->output, "%s", _ (own_options[i].text));
}

static void
print_all (Sighejctl *self)
{
  sighejctl_output_say (&self->output,
                        "%s",
                        _ ("Usage: sighejctl [OPTION…] COMMAND [ARGUMENT…]\n"
                           "\n"
                           "Says whether you are open to talk. Without a command: status.\n"
                           "\n"
                           "Commands:\n"));
  print_commands (self);
  sighejctl_output_say (
      &self->output, "\n%s\n%s\n", _ (shared_options), _ ("Options of some commands:"));
  print_options (self, ~0u);
  sighejctl_output_say (
      &self->output,
      "\n%s",
      _ ("Exit status: 0 done, 1 failed, 2 usage, 3 no, 4 timed out, 5 no daemon,\n"
         "6 Bluetooth, 7 not permitted, 8 backend, 9 rate limited, 10 no such thing.\n"
         "See sighejctl(1).\n"));
}

static void
print_one (Sighejctl *self, const SighejctlCommand *command)
{
  g_autofree char *form = sighejctl_dup_command_form (command);

  sighejctl_output_say (
      &self->output, _ ("Usage: sighejctl [OPTION…] %s\n\n%s\n"), form, _ (command->summary));
  if (command->help != NULL)
    sighejctl_output_say (&self->output, "\n%s", _ (command->help));
  if (command->fields != NULL)
    sighejctl_output_say (&self->output, _ ("\nFields: %s\n"), command->fields);
  if (command->takes != 0)
    {
      sighejctl_output_say (&self->output, "\n%s\n", _ ("Options of this command:"));
      print_options (self, command->takes);
    }
  sighejctl_output_say (&self->output, "\n%s", _ (shared_options));
}

void
sighejctl_print_help (Sighejctl *self, const SighejctlCommand *command)
{
  /* Help is for people, whatever form was asked for. */
  self->output.form = SIGHEJCTL_FORM_HUMAN;
  if (command != NULL)
    print_one (self, command);
  else
    print_all (self);
}

static gboolean
unknown_command (Sighejctl *self, const char *name, GError **error)
{
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  const char *meant;

  for (const SighejctlCommand *command = self->commands; command->name != NULL; command++)
    g_ptr_array_add (names, (gpointer) command->name);
  g_ptr_array_add (names, NULL);
  meant = sighejctl_suggest (name, (const char *const *) names->pdata);
  if (meant != NULL)
    return sighejctl_usage (
        error, _ ("there is no command '%s'; did you mean 'sighejctl %s'?"), name, meant);
  return sighejctl_usage (error, _ ("there is no command '%s'"), name);
}

const SighejctlCommand *
sighejctl_find_command (Sighejctl *self, const char *name, GError **error)
{
  for (const SighejctlCommand *command = self->commands; command->name != NULL; command++)
    if (g_str_equal (command->name, name))
      return command;
  unknown_command (self, name, error);
  return NULL;
}

int
sighejctl_cmd_help (Sighejctl *self, GError **error)
{
  const SighejctlCommand *about = NULL;

  if (self->n_arguments > 0)
    {
      about = sighejctl_find_command (self, self->arguments[0], error);
      if (about == NULL)
        return -1;
    }
  sighejctl_print_help (self, about);
  return SIGHEJCTL_EXIT_DONE;
}
