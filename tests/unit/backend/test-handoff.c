/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#include "sighej-handoff.h"
#include "sighej-test.h"

#define CHILD_WORD "as-a-child"
#define CHILD_DONE 7

static char *own_path;

/* What the spawned process finds; it answers on the descriptor of its own. */
static int
be_the_child (void)
{
  int first = sighej_handoff_take ("pipe");
  int second = sighej_handoff_take ("pipe");
  int own = sighej_handoff_take ("own");
  gboolean good = first >= 0 && second >= 0 && own >= 0 && sighej_handoff_take ("pipe") == -1
                  && sighej_handoff_take ("nothing") == -1
                  && (fcntl (own, F_GETFD) & FD_CLOEXEC) != 0 && g_getenv ("NOTIFY_SOCKET") == NULL
                  && g_getenv ("LISTEN_FDS") == NULL && fcntl (own + 1, F_GETFD) == -1;

  good = good && write (first, "1", 1) == 1 && write (second, "2", 1) == 1
         && write (own, "3", 1) == 1;
  return good ? CHILD_DONE : 1;
}

static char
read_one (int fd)
{
  char byte = '\0';

  g_assert_cmpint (read (fd, &byte, 1), ==, 1);
  return byte;
}

static void
test_hands_on_by_name (void)
{
  g_autoptr (SighejHandoff) handoff = sighej_handoff_new ();
  const char *argv[] = { own_path, own_path, CHILD_WORD, NULL };
  g_autoptr (GError) error = NULL;
  int pipes[3][2];
  GPid pid;
  int status;

  for (gsize i = 0; i < G_N_ELEMENTS (pipes); i++)
    g_assert_cmpint (pipe2 (pipes[i], O_CLOEXEC), ==, 0);
  sighej_handoff_add (handoff, "pipe", pipes[0][1]);
  sighej_handoff_add (handoff, "pipe", pipes[1][1]);
  g_setenv ("NOTIFY_SOCKET", "/nowhere", TRUE);
  g_setenv ("LISTEN_FDS", "1", TRUE);
  g_assert_true (sighej_handoff_spawn (handoff, argv, "own", pipes[2][1], &pid, &error));
  g_assert_no_error (error);
  g_unsetenv ("NOTIFY_SOCKET");
  g_unsetenv ("LISTEN_FDS");

  for (gsize i = 0; i < G_N_ELEMENTS (pipes); i++)
    {
      g_assert_cmpint (read_one (pipes[i][0]), ==, '1' + (char) i);
      close (pipes[i][0]);
      close (pipes[i][1]);
    }
  g_assert_cmpint (waitpid (pid, &status, 0), ==, pid);
  g_assert_cmpint (WEXITSTATUS (status), ==, CHILD_DONE);
}

static void
test_a_program_that_is_not_there (void)
{
  g_autoptr (SighejHandoff) handoff = sighej_handoff_new ();
  const char *argv[] = { "/nowhere/at-all", "at-all", NULL };
  g_autoptr (GError) error = NULL;
  GPid pid;

  g_assert_false (sighej_handoff_spawn (handoff, argv, "own", STDERR_FILENO, &pid, &error));
  g_assert_error (error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT);
}

static void
test_nothing_was_handed (void)
{
  g_assert_cmpint (sighej_handoff_take ("own"), ==, -1);
}

int
main (int argc, char **argv)
{
  if (argc == 2 && g_str_equal (argv[1], CHILD_WORD))
    return be_the_child ();
  g_test_init (&argc, &argv, NULL);
  sighej_handoff_forget ();
  own_path = argv[0];

  g_test_add_func ("/handoff/hands-on-by-name", test_hands_on_by_name);
  g_test_add_func ("/handoff/a-program-that-is-not-there", test_a_program_that_is_not_there);
  g_test_add_func ("/handoff/nothing-was-handed", test_nothing_was_handed);

  return g_test_run ();
}
