/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-backend"

#include "config.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <glib-unix.h>
#include <systemd/sd-daemon.h>

#include "sighej-backend.h"
#include "sighej-log.h"
#include "sighej-watchdog.h"

#define EXIT_USAGE 2
#define EXIT_CONFIG 78 /* sysexits.h; the unit does not restart on it */
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
fail (const GError *error)
{
  g_printerr ("sighej-backend: %s\n", error->message);
  return g_error_matches (error, SIGHEJ_ERROR, SIGHEJ_ERROR_CONFIG) ? EXIT_CONFIG : EXIT_FAILURE;
}

static int
check_config (SighejSettings *settings)
{
  g_autofree char *text = sighej_config_to_text (settings->config);
  g_autoptr (GError) error = NULL;

  g_print ("%s", text);
  return sighej_backend_check (settings, &error) ? EXIT_SUCCESS : fail (error);
}

static void
print_listeners (GPtrArray *listeners, const char *prefix)
{
  for (guint i = 0; i < listeners->len; i++)
    g_print ("%slistening on %s\n", prefix, sighej_listener_get_name (listeners->pdata[i]));
}

static gboolean
on_stop_signal (gpointer user_data)
{
  sd_notify (0, "STOPPING=1");
  sighej_backend_stop (SIGHEJ_BACKEND (user_data));
  return G_SOURCE_CONTINUE;
}

static int
run (SighejSettings *settings)
{
  g_autoptr (SighejClock) clock = sighej_clock_new_system ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejBackend) backend = sighej_backend_new (settings, clock, &error);
  g_autoptr (SighejWatchdog) watchdog = NULL;
  guint64 watchdog_us = 0;

  if (backend == NULL)
    return fail (error);

  g_signal_connect_swapped (backend, "stopped", G_CALLBACK (g_main_loop_quit), loop);
  g_unix_signal_add (SIGTERM, on_stop_signal, backend);
  g_unix_signal_add (SIGINT, on_stop_signal, backend);
  print_listeners (sighej_backend_get_listeners (backend), "");
  print_listeners (sighej_backend_get_tls_listeners (backend), "tls ");
  print_listeners (sighej_backend_get_admin_listeners (backend), "admin ");
  fflush (stdout);
  if (sd_watchdog_enabled (0, &watchdog_us) > 0)
    watchdog = sighej_watchdog_new (
        watchdog_us, sighej_backend_get_listeners (backend)->pdata[0], clock);
  sd_notify (0, "READY=1");
  g_main_loop_run (loop);
  return EXIT_SUCCESS;
}

int
main (int argc, char **argv)
{
  g_auto (Options) options = { NULL };
  g_autoptr (GError) error = NULL;
  g_autoptr (SighejSettings) settings = NULL;
  const char *const *warnings;

  harden ();
  setlocale (LC_ALL, "");
  sighej_log_init ("sighej-backend", "message");
  if (!parse_options (&options, &argc, &argv, &error))
    {
      g_printerr ("sighej-backend: %s\n", error->message);
      return EXIT_USAGE;
    }
  if (options.version)
    {
      g_print ("sighej-backend %s\n", SIGHEJ_VERSION);
      return EXIT_SUCCESS;
    }

  settings = sighej_settings_load (
      options.config, (const char *const *) options.listen, options.admin_listen, &error);
  if (settings == NULL)
    return fail (error);
  warnings = sighej_config_get_warnings (settings->config);
  for (gsize i = 0; warnings[i] != NULL; i++)
    g_message ("%s", warnings[i]);
  return options.check_config ? check_config (settings) : run (settings);
}
