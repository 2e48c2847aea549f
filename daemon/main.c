/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejd"
#include "config.h"

#include <glib-unix.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "sighej-daemon.h"
#include "sighej-locale.h"
#include "sighej-log.h"
#include "sighej-settings.h"

#define EXIT_USAGE 2

typedef struct
{
  char *config_file;
  gboolean check_config;
  gboolean session;
  gboolean system;
  char *radio;
  char *adapter;
  char *log_level;
  gboolean version;
} Options;

typedef struct
{
  const Options *options;
  GMainLoop *loop;
  SighejDaemon *daemon;
  int status;
} Program;

static GOptionContext *
make_context (Options *options)
{
  const GOptionEntry entries[] = {
    { "config",
      'c',
      G_OPTION_FLAG_NONE,
      G_OPTION_ARG_FILENAME,
      &options->config_file,
      "Read this configuration file and no other",
      "FILE" },
    { "check-config",
      0,
      G_OPTION_FLAG_NONE,
      G_OPTION_ARG_NONE,
      &options->check_config,
      "Print the merged configuration with the origin of each key, and exit",
      NULL },
    { "session",
      0,
      G_OPTION_FLAG_NONE,
      G_OPTION_ARG_NONE,
      &options->session,
      "Serve a person, on the session bus (default)",
      NULL },
    { "system",
      0,
      G_OPTION_FLAG_NONE,
      G_OPTION_ARG_NONE,
      &options->system,
      "Be a kiosk, on the system bus",
      NULL },
    { "radio",
      0,
      G_OPTION_FLAG_NONE,
      G_OPTION_ARG_STRING,
      &options->radio,
      "Use this radio: auto, bluez, sim (simulated) or none",
      "RADIO" },
    { "adapter",
      0,
      G_OPTION_FLAG_NONE,
      G_OPTION_ARG_STRING,
      &options->adapter,
      "Use this Bluetooth adapter, such as hci0",
      "ADAPTER" },
    { "log-level",
      0,
      G_OPTION_FLAG_NONE,
      G_OPTION_ARG_STRING,
      &options->log_level,
      "Write messages down to this level: error, warning, message, info or debug",
      "LEVEL" },
    { "version",
      0,
      G_OPTION_FLAG_NONE,
      G_OPTION_ARG_NONE,
      &options->version,
      "Print the version and exit",
      NULL },
    { NULL },
  };
  GOptionContext *context = g_option_context_new (NULL);

  g_option_context_set_summary (
      context, "Says over Bluetooth that you are open to talk, and listens for others who are.");
  g_option_context_set_description (
      context,
      "A person's does nothing until it is asked to over D-Bus; sighejctl does that.\n"
      "Configuration: " SIGHEJ_VENDOR_CONF_DIR "/sighejd.conf, then " SIGHEJ_SYSCONF_DIR
      "/sighejd.conf,\n" SIGHEJ_SYSCONF_DIR
      "/sighejd.conf.d/*.conf and $XDG_CONFIG_HOME/sighej/sighejd.conf; later wins.\n"
      "A kiosk reads kiosk.conf and kiosk.conf.d there instead, and is on the air by itself.\n"
      "SIGHUP has it read again.\n"
      "Exit status: 0 ended as asked, 1 failed, 2 wrong option, 69 another one runs, 75 no bus, "
      "78 wrong configuration.");
  g_option_context_add_main_entries (context, entries, NULL);
  return context;
}

static gboolean
parse_options (Options *options, int argc, char **argv, GError **error)
{
  g_autoptr (GOptionContext) context = make_context (options);

  if (!g_option_context_parse (context, &argc, &argv, error))
    return FALSE;

  if (argc > 1)
    g_set_error (
        error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "unexpected argument \"%s\"", argv[1]);
  else if (options->session && options->system)
    g_set_error_literal (
        error, G_OPTION_ERROR, G_OPTION_ERROR_FAILED, "--session and --system exclude each other");
  else
    return TRUE;

  return FALSE;
}

static gboolean
override (SighejConfig *config,
          const char *group,
          const char *key,
          const char *value,
          const char *option,
          GError **error)
{
  if (value == NULL || sighej_config_set (config, group, key, value, option, error))
    return TRUE;

  return FALSE;
}

static SighejConfig *
load_config (const Options *options, GError **error)
{
  g_autoptr (SighejConfig) config
      = sighej_settings_load (options->config_file, !options->system, error);

  if (config == NULL || !override (config, "Bluetooth", "Radio", options->radio, "--radio", error)
      || !override (config, "Bluetooth", "Adapter", options->adapter, "--adapter", error)
      || !override (config, "Log", "Level", options->log_level, "--log-level", error))
    return NULL;

  return g_steal_pointer (&config);
}

static void
print_warnings (SighejConfig *config)
{
  const char *const *warnings = sighej_config_get_warnings (config);

  for (guint i = 0; warnings[i] != NULL; i++)
    g_printerr ("sighejd: %s\n", warnings[i]);
}

static gboolean
on_signal (gpointer user_data)
{
  Program *program = user_data;

  sighej_daemon_stop (program->daemon);
  return G_SOURCE_CONTINUE;
}

static SighejConfig *
load_again (gpointer user_data, GError **error)
{
  return load_config (user_data, error);
}

static gboolean
on_hangup (gpointer user_data)
{
  Program *program = user_data;

  sighej_daemon_reload (program->daemon, load_again, (gpointer) program->options);
  return G_SOURCE_CONTINUE;
}

static void
on_finished (SighejDaemon *daemon, int status, Program *program)
{
  program->status = status;
  g_main_loop_quit (program->loop);
}

static int
run (SighejConfig *config, const Options *options)
{
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (SighejDaemon) daemon
      = sighej_daemon_new (options->system ? G_BUS_TYPE_SYSTEM : G_BUS_TYPE_SESSION, config);
  Program program = { options, loop, daemon, EXIT_SUCCESS };
  guint term_id = g_unix_signal_add (SIGTERM, on_signal, &program);
  guint interrupt_id = g_unix_signal_add (SIGINT, on_signal, &program);
  guint hangup_id = g_unix_signal_add (SIGHUP, on_hangup, &program);

  g_signal_connect (daemon, "finished", G_CALLBACK (on_finished), &program);
  sighej_daemon_start (daemon);
  g_main_loop_run (loop);

  g_source_remove (term_id);
  g_source_remove (interrupt_id);
  g_source_remove (hangup_id);
  return program.status;
}

static void
free_options (Options *options)
{
  g_free (options->config_file);
  g_free (options->radio);
  g_free (options->adapter);
  g_free (options->log_level);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Options, free_options)

int
main (int argc, char **argv)
{
  g_auto (Options) options = { 0 };
  g_autoptr (SighejConfig) config = NULL;
  g_autoptr (GError) error = NULL;
  const struct rlimit cores = { 0, 0 };

  sighej_locale_init_apart ();
  setrlimit (RLIMIT_CORE, &cores); /* a core file would hold the seed and the secret: T-16 */
  /* All our files are plain ones: no need for the file systems, threads and memory of GVfs. */
  g_setenv ("GIO_USE_VFS", "local", TRUE);

  if (!parse_options (&options, argc, argv, &error))
    {
      g_printerr ("sighejd: %s\nNext: see sighejd --help.\n", error->message);
      return EXIT_USAGE;
    }
  if (options.version)
    {
      g_print ("sighejd %s\n", SIGHEJ_VERSION);
      return EXIT_SUCCESS;
    }

  config = load_config (&options, &error);
  if (config == NULL)
    {
      g_printerr ("sighejd: %s\n", error->message);
      return SIGHEJ_EXIT_CONFIG;
    }
  print_warnings (config);
  if (options.check_config)
    {
      g_autofree char *text = sighej_config_to_text (config);

      g_print ("%s", text);
      return EXIT_SUCCESS;
    }

  sighej_log_init ("sighejd", sighej_config_get_string (config, "Log", "Level"));
  return run (config, &options);
}
