/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "pg-server.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/statvfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <glib/gstdio.h>

#define FOLDERS "/usr/lib/postgresql"
#define USER "sighej"
#define READY "ready"
#define MEMORY "/dev/shm"
#define MEMORY_BYTES_MIN (G_GUINT64_CONSTANT (1) << 30)
#define POLL_US 5000 /* of the server's own files: it is another process */
#define WAIT_SECONDS 30
#define WAITS_MAX (WAIT_SECONDS * G_USEC_PER_SEC / POLL_US)

static struct
{
  char *programs; /* folder of initdb and postgres; also says that all this is set up */
  char *folder;
  char *data;
  uid_t uid; /* whose it is; 0: ours */
  gid_t gid;
  GPid pid; /* 0: it does not run */
  guint n_databases;
} server;

/* In the child: not root, and gone when the test program is. */
static void
drop_privileges (gpointer user_data)
{
  if (server.uid != 0
      && (setgroups (0, NULL) != 0 || setgid (server.gid) != 0 || setuid (server.uid) != 0))
    _exit (1);
  prctl (PR_SET_PDEATHSIG, SIGQUIT);
}

static void
run (const char *const *argv, char **output)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *said = NULL;
  g_autofree char *complaint = NULL;
  int status;

  g_spawn_sync (server.folder,
                (char **) argv,
                NULL,
                G_SPAWN_SEARCH_PATH,
                drop_privileges,
                NULL,
                &said,
                &complaint,
                &status,
                &error);
  g_assert_no_error (error);
  if (status != 0)
    g_error ("%s ended with %d: %s", argv[0], status, complaint);
  if (output != NULL)
    *output = g_steal_pointer (&said);
}

/* Debian keeps each version in a folder of its own: the newest. */
static char *
find_programs (void)
{
  g_autoptr (GDir) dir = g_dir_open (FOLDERS, 0, NULL);
  guint64 newest = 0;
  const char *name;

  while (dir != NULL && (name = g_dir_read_name (dir)) != NULL)
    newest = MAX (newest, g_ascii_strtoull (name, NULL, 10));
  if (newest == 0)
    g_error ("there is no PostgreSQL in " FOLDERS ": install postgresql-15");
  return g_strdup_printf ("%s/%" G_GUINT64_FORMAT "/bin", FOLDERS, newest);
}

static void
choose_user (void)
{
  const struct passwd *user = getpwnam ("postgres");

  if (geteuid () != 0)
    return;
  if (user == NULL)
    user = getpwnam ("nobody");
  g_assert_nonnull (user);
  server.uid = user->pw_uid;
  server.gid = user->pw_gid;
}

static void
remove_all (void)
{
  const char *argv[] = { "/bin/rm", "-rf", server.folder, NULL };

  if (server.pid != 0)
    pg_server_kill ();
  g_spawn_sync ("/", (char **) argv, NULL, 0, NULL, NULL, NULL, NULL, NULL, NULL);
  g_free (server.programs);
  g_free (server.folder);
  g_free (server.data);
}

/* In memory, where there is room. (transfer full) */
static char *
make_folder (void)
{
  g_autoptr (GError) error = NULL;
  struct statvfs memory;
  char *folder;

  if (g_access (MEMORY, W_OK) == 0 && statvfs (MEMORY, &memory) == 0
      && (guint64) memory.f_bavail * memory.f_frsize > MEMORY_BYTES_MIN)
    return g_mkdtemp (g_strdup (MEMORY "/sighej-pg-XXXXXX"));
  folder = g_dir_make_tmp ("sighej-pg-XXXXXX", &error);
  g_assert_no_error (error);
  return folder;
}

static void
set_up (void)
{
  g_autofree char *initdb = NULL;

  server.programs = find_programs ();
  choose_user ();
  server.folder = make_folder ();
  g_assert_nonnull (server.folder);
  atexit (remove_all);
  if (server.uid != 0)
    g_assert_cmpint (chown (server.folder, server.uid, server.gid), ==, 0);

  server.data = g_build_filename (server.folder, "data", NULL);
  initdb = g_build_filename (server.programs, "initdb", NULL);
  run ((const char *[]){ initdb,
                         "--no-sync",
                         "--no-instructions",
                         "--auth=trust",
                         "--encoding=UTF8",
                         "--locale=C",
                         "--username=" USER,
                         server.data,
                         NULL },
       NULL);
}

/* The last line of its file says how far it is. */
static gboolean
is_ready (void)
{
  g_autofree char *path = g_build_filename (server.data, "postmaster.pid", NULL);
  g_autofree char *text = NULL;

  return g_file_get_contents (path, &text, NULL, NULL) && strstr (text, "\n" READY) != NULL;
}

/* After a kill the file of the dead one would be taken for the new one's. */
static void
remove_pid_file (void)
{
  g_autofree char *path = g_build_filename (server.data, "postmaster.pid", NULL);

  g_unlink (path);
}

static void
spawn_server (void)
{
  /* No test here cuts the power: what it has written stays written when it is killed. */
  static const char *const settings
      = "fsync=off listen_addresses= shared_buffers=1MB autovacuum=off max_connections=30";
  g_auto (GStrv) each = g_strsplit (settings, " ", -1);
  g_autofree char *postgres = g_build_filename (server.programs, "postgres", NULL);
  const char *argv[16] = { postgres, "-D", server.data, "-k", server.folder };
  g_autoptr (GError) error = NULL;

  for (guint i = 0; each[i] != NULL; i++)
    {
      argv[5 + 2 * i] = "-c";
      argv[6 + 2 * i] = each[i];
    }
  remove_pid_file ();
  g_spawn_async (server.folder,
                 (char **) argv,
                 NULL,
                 G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL
                     | G_SPAWN_STDERR_TO_DEV_NULL,
                 drop_privileges,
                 NULL,
                 &server.pid,
                 &error);
  g_assert_no_error (error);
}

void
pg_server_start (void)
{
  if (server.programs == NULL)
    set_up ();
  if (server.pid != 0)
    return;

  spawn_server ();
  for (guint i = 0; !is_ready (); i++)
    {
      if (i == WAITS_MAX)
        g_error ("PostgreSQL does not start");
      g_usleep (POLL_US);
      /* It refuses as long as a process of the one that was killed still has its memory. */
      if (waitpid (server.pid, NULL, WNOHANG) == server.pid)
        spawn_server ();
    }
}

static char *
dup_url_of (const char *database)
{
  return g_strdup_printf ("postgresql://" USER "@/%s?host=%s", database, server.folder);
}

char *
pg_server_query (const char *url, const char *sql)
{
  g_autofree char *psql = g_build_filename (server.programs, "psql", NULL);
  char *rows;

  run ((const char *[]){ psql, "-XqAt", "-v", "ON_ERROR_STOP=1", "-d", url, "-c", sql, NULL },
       &rows);
  return g_strchomp (rows);
}

char *
pg_server_dup_url (void)
{
  g_autofree char *url = NULL;
  g_autofree char *sql = NULL;
  g_autofree char *database = NULL;
  g_autofree char *rows = NULL;

  pg_server_start ();
  url = dup_url_of ("postgres");
  database = g_strdup_printf ("test%u", ++server.n_databases);
  sql = g_strdup_printf ("CREATE DATABASE %s STRATEGY file_copy", database);
  rows = pg_server_query (url, sql);
  return dup_url_of (database);
}

static pid_t
parent_of (const char *pid)
{
  g_autofree char *path = g_build_filename ("/proc", pid, "stat", NULL);
  g_autofree char *text = NULL;
  const char *end = NULL;

  if (g_ascii_isdigit (pid[0]) && g_file_get_contents (path, &text, NULL, NULL))
    end = strrchr (text, ')');
  return end != NULL ? (pid_t) g_ascii_strtoll (end + strlen (") S "), NULL, 10) : 0;
}

/* Its children first, so that the one that answers is met in the middle of it. */
static void
signal_all (int number)
{
  g_autoptr (GDir) dir = g_dir_open ("/proc", 0, NULL);
  const char *pid;

  while ((pid = g_dir_read_name (dir)) != NULL)
    if (parent_of (pid) == server.pid)
      kill ((pid_t) g_ascii_strtoll (pid, NULL, 10), number);
  kill (server.pid, number);
}

void
pg_server_freeze (void)
{
  signal_all (SIGSTOP);
}

void
pg_server_thaw (void)
{
  signal_all (SIGCONT);
}

static void
reap (void)
{
  while (waitpid (server.pid, NULL, 0) < 0 && errno == EINTR)
    ;
  g_spawn_close_pid (server.pid);
  server.pid = 0;
}

void
pg_server_stop (void)
{
  kill (server.pid, SIGINT); /* "fast": connections are ended */
  reap ();
}

/* Whoever else uses its memory, also a frozen one, goes too. */
void
pg_server_kill (void)
{
  signal_all (SIGKILL);
  reap ();
}
