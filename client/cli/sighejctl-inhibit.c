/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighejctl"

#include "config.h"

#include <errno.h>
#include <gio/gunixfdlist.h>
#include <glib/gi18n.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sighejctl-cmds.h"

/* As a shell says it. */
#define STATUS_CANNOT_RUN 126
#define STATUS_NOT_FOUND 127
#define STATUS_SIGNAL 128

/* The daemon takes no longer one (org.sighej.Manager1.Inhibit). */
#define WHO_CHARS_MAX 64

extern char **environ;

/* ---- signals, passed on ---- */

static const int passed[] = { SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGUSR2 };

static volatile pid_t child; /* 0: not there yet */
static volatile sig_atomic_t early;

/* What a terminal sends, it sends to the command as well. */
static void
on_signal (int number, siginfo_t *info, void *context)
{
  int problem = errno;

  if (info->si_code > 0)
    return;
  if (child == 0)
    early = number;
  if (child > 0)
    kill (child, number);
  errno = problem;
}

static void
pass_signals_on (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (passed); i++)
    {
      struct sigaction action = { .sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART };
      struct sigaction before;

      sigaction (passed[i], NULL, &before);
      if (before.sa_handler != SIG_IGN)
        sigaction (passed[i], &action, NULL);
    }
}

/* ---- the command ---- */

/* Returns: 0, or why it cannot be run */
static int
spawn (char **words)
{
  posix_spawnattr_t attributes;
  sigset_t by_default;
  pid_t pid = 0;
  int problem;

  /* GDBus ignores SIGPIPE, and what is ignored stays so in whoever is run. */
  sigemptyset (&by_default);
  sigaddset (&by_default, SIGPIPE);
  posix_spawnattr_init (&attributes);
  posix_spawnattr_setsigdefault (&attributes, &by_default);
  posix_spawnattr_setflags (&attributes, POSIX_SPAWN_SETSIGDEF);
  problem = posix_spawnp (&pid, words[0], NULL, &attributes, words, environ);
  posix_spawnattr_destroy (&attributes);
  if (problem != 0)
    return problem;

  child = pid;
  if (early != 0)
    kill (pid, early);
  return 0;
}

static int
await (void)
{
  int status;

  while (waitpid (child, &status, 0) < 0)
    if (errno != EINTR)
      return SIGHEJCTL_EXIT_FAILED;
  return WIFSIGNALED (status) ? STATUS_SIGNAL + WTERMSIG (status) : WEXITSTATUS (status);
}

static int
run (char **words)
{
  int problem;

  fflush (NULL);
  pass_signals_on ();
  problem = spawn (words);
  if (problem == 0)
    return await ();

  fprintf (stderr, _ ("sighejctl: %s cannot be run: %s.\n"), words[0], g_strerror (problem));
  return problem == ENOENT ? STATUS_NOT_FOUND : STATUS_CANNOT_RUN;
}

int
sighejctl_cmd_inhibit (Sighejctl *self, GError **error)
{
  g_autofree char *name = g_path_get_basename (self->arguments[0]);
  g_autofree char *valid = g_utf8_make_valid (name, -1);
  g_autofree char *own
      = g_utf8_substring (valid, 0, MIN (g_utf8_strlen (valid, -1), WHO_CHARS_MAX));
  const char *who = self->inhibit.who != NULL ? self->inhibit.who : own;
  g_autoptr (GUnixFDList) fds = NULL;

  if (self->inhibit.why == NULL || *self->inhibit.why == '\0')
    {
      sighejctl_usage (error, _ ("say what for, with --why=TEXT"));
      return -1;
    }
  /* The list holds the descriptor, which no program that is run inherits, until this one ends. */
  if (!sighej_dbus_manager1_call_inhibit_sync (sighej_client_get_manager (self->client),
                                               who,
                                               self->inhibit.why,
                                               NULL,
                                               NULL,
                                               &fds,
                                               NULL,
                                               error))
    return -1;
  return run (self->arguments);
}
