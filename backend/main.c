/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-backend"

#include "config.h"

#include <locale.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include "sighej-backend.h"
#include "sighej-exit.h"
#include "sighej-handoff.h"
#include "sighej-log.h"
#include "sighej-parent.h"
#include "sighej-reports-command.h"
#include "sighej-single.h"
#include "sighej-worker.h"

#define TLS_PRIORITY "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"
#define DESCRIPTORS_WANTED 65536
#define OTHERS_MAY_NOTHING 0077

typedef struct
{
  char *config;
  GStrv listen;
  char *admin_listen;
  gboolean check_config;
  gboolean version;
} Options;

static void
options_clear (Options *options)
{
  g_free (options->config);
  g_strfreev (options->listen);
  g_free (options->admin_listen);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, options_clear)

static gboolean
parse_options (Options *options, int *argc, char ***argv, GError **error)
{
  const GOptionEntry entries[] = {
    { "config",
      0,
      0,
      G_OPTION_ARG_FILENAME,
      &options->config,
      "Read FILE instead of the system's configuration",
      "FILE" },
    { "listen",
      0,
      0,
      G_OPTION_ARG_STRING_ARRAY,
      &options->listen,
      "Listen here; may be given more than once",
      "ADDR:PORT|unix:PATH" },
    { "admin-listen",
      0,
      0,
      G_OPTION_ARG_STRING,
      &options->admin_listen,
      "Listen here for operators; empty: nowhere",
      "ADDR:PORT|unix:PATH" },
    { "check-config",
      0,
      0,
      G_OPTION_ARG_NONE,
      &options->check_config,
      "Print the settings and where they come from, and exit",
      NULL },
    { "version", 0, 0, G_OPTION_ARG_NONE, &options->version, "Print the version and exit", NULL },
    { NULL },
  };
  g_autoptr (GOptionContext) context = g_option_context_new ("– SigHej's matching backend");

  g_option_context_set_description (
      context, "What people reported is read and decided with: sighej-backend reports --help");

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, argc, argv, error))
    return FALSE;
  if (*argc <= 1)
    return TRUE;
  g_set_error (
      error, G_OPTION_ERROR, G_OPTION_ERROR_BAD_VALUE, "'%s' is no option; see --help", (*argv)[1]);
  return FALSE;
}

/* Before any library looks at its environment (SECURITY-DESIGN ). */
static void
harden (void)
{
  struct rlimit cores = { 0, 0 };
  struct rlimit files;

  g_unsetenv ("SOUP_SERVER_HTTP2");
  g_setenv ("G_TLS_GNUTLS_PRIORITY", TLS_PRIORITY, TRUE);
  setrlimit (RLIMIT_CORE, &cores); /* a core file would hold secrets: T-16 */
  umask (OTHERS_MAY_NOTHING);
  if (getrlimit (RLIMIT_NOFILE, &files) == 0 && files.rlim_cur < DESCRIPTORS_WANTED)
    {
      files.rlim_cur = MIN (files.rlim_max, DESCRIPTORS_WANTED);
      setrlimit (RLIMIT_NOFILE, &files);
    }
}

static int
check_config (SighejSettings *settings)
{
  g_autofree char *text = sighej_config_to_text (settings->config);
  g_autoptr (GError) error = NULL;

  g_print ("%s", text);
  if (!sighej_backend_check (settings, &error))
    return sighej_exit_fail (error);
  g_print ("\n# processes that serve: %u\n", sighej_settings_get_workers (settings));
  return EXIT_SUCCESS;
}

static int
run (const Options *options)
{
  const SighejSettingsSource source
      = { options->config, (const char *const *) options->listen, options->admin_listen };
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejSettings) settings = sighej_settings_load (&source, &error);
  const char *const *warnings;

  if (settings == NULL)
    return sighej_exit_fail (error);
  sighej_settings_use_log_level (settings);
  warnings = sighej_config_get_warnings (settings->config);
  for (gsize i = 0; warnings[i] != NULL; i++)
    g_message ("%s", warnings[i]);
  if (options->check_config)
    return check_config (settings);
  return sighej_settings_get_workers (settings) > 1 ? sighej_parent_run (settings, &source)
                                                    : sighej_single_run (settings, &source);
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { NULL };
  g_autoptr (GError) error = NULL;

  harden ();
  setlocale (LC_ALL, "");
  sighej_log_init ("sighej-backend", "message");
  if (argc == 2 && g_str_has_prefix (argv[1], SIGHEJ_WORKER_OPTION))
    return sighej_worker_run (argv[1] + strlen (SIGHEJ_WORKER_OPTION));
  sighej_handoff_forget ();
  if (argc >= 2 && g_str_equal (argv[1], SIGHEJ_REPORTS_COMMAND))
    return sighej_reports_command_run (argc - 1, argv + 1);
  if (!parse_options (&options, &argc, &argv, &error))
    {
      g_printerr ("sighej-backend: %s\n", error->message);
      return SIGHEJ_EXIT_USAGE;
    }
  if (!options.version)
    return run (&options);
  g_print ("sighej-backend %s\n", SIGHEJ_VERSION);
  return EXIT_SUCCESS;
}
