/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "redis-server.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sighej-test.h"

#define PROGRAM "redis-server"
#define LOG_BYTES_MAX (64 * 1024)
#define READY_SERVER "eady to accept connections"
#define READY_SENTINEL "Sentinel ID is"

struct _RedisServer
{
  char *dir;
  char *socket; /* (nullable): a sentinel has none */
  guint16 port; /* 0: none */
  char *password;
  GPtrArray *argv;
  GStrv environment;
  const char *ready; /* what it logs when it is */
  GPid pid;          /* 0: ended */
  int log_fd;
  GThread *drain;
};

static void
add_words (GPtrArray *argv, const char *const *words)
{
  for (guint i = 0; words != NULL && words[i] != NULL; i++)
    g_ptr_array_add (argv, g_strdup (words[i]));
}

static void
die_with_the_test (gpointer user_data)
{
  prctl (PR_SET_PDEATHSIG, SIGKILL);
}

/* Reads what it logs until it is ready. */
static void
wait_until_ready (RedisServer *self)
{
  g_autofree char *log = g_malloc0 (LOG_BYTES_MAX);
  gsize n_bytes = 0;

  while (strstr (log, self->ready) == NULL)
    {
      gssize n_read = read (self->log_fd, log + n_bytes, LOG_BYTES_MAX - 1 - n_bytes);

      if (n_read <= 0)
        g_error ("redis-server does not start: %s", log);
      n_bytes += (gsize) n_read;
    }
}

/* Else a server that logs much would stand still one day. */
static gpointer
read_to_the_end (gpointer user_data)
{
  int fd = GPOINTER_TO_INT (user_data);
  char bytes[4096];

  while (read (fd, bytes, sizeof bytes) > 0)
    ;
  close (fd);
  return NULL;
}

static void
spawn (RedisServer *self)
{
  g_autoptr (GError) error = NULL;

  g_spawn_async_with_pipes (self->dir,
                            (char **) self->argv->pdata,
                            self->environment,
                            G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD,
                            die_with_the_test,
                            NULL,
                            &self->pid,
                            NULL,
                            &self->log_fd,
                            NULL,
                            &error);
  g_assert_no_error (error);
  wait_until_ready (self);
  self->drain = g_thread_new ("redis log", read_to_the_end, GINT_TO_POINTER (self->log_fd));
}

static RedisServer *
prepare (guint16 port, const char *const *environment)
{
  RedisServer *self = g_new0 (RedisServer, 1);

  self->dir = sighej_test_dup_dir ();
  self->socket = g_build_filename (self->dir, "redis.sock", NULL);
  self->port = port;
  self->environment = g_get_environ ();
  for (guint i = 0; environment != NULL && environment[i] != NULL; i++)
    {
      g_auto (GStrv) pair = g_strsplit (environment[i], "=", 2);

      self->environment = g_environ_setenv (self->environment, pair[0], pair[1], TRUE);
    }
  self->argv = g_ptr_array_new_with_free_func (g_free);
  self->ready = READY_SERVER;
  return self;
}

static RedisServer *
start (guint16 port, const char *const *options, const char *const *environment)
{
  RedisServer *self = prepare (port, environment);
  g_autofree char *port_text = g_strdup_printf ("%u", port);
  const char *const words[] = { PROGRAM,      "--port",
                                port_text,    "--bind",
                                "127.0.0.1",  "--unixsocket",
                                self->socket, "--save",
                                "",           "--appendonly",
                                "no",         "--daemonize",
                                "no",         "--dir",
                                self->dir,    "--logfile",
                                "",           "--enable-debug-command",
                                "yes",        "--repl-diskless-sync-delay",
                                "0",          NULL };

  add_words (self->argv, words);
  add_words (self->argv, options);
  for (guint i = 0; options != NULL && options[i] != NULL; i++)
    if (strcmp (options[i], "--requirepass") == 0)
      self->password = g_strdup (options[i + 1]);
  g_ptr_array_add (self->argv, NULL);
  spawn (self);
  return self;
}

RedisServer *
redis_server_new (const char *const *options, const char *const *environment)
{
  return start (0, options, environment);
}

static guint16
find_free_port (void)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GSocketListener) listener = g_socket_listener_new ();
  guint16 port = g_socket_listener_add_any_inet_port (listener, NULL, &error);

  g_assert_no_error (error);
  g_socket_listener_close (listener);
  return port;
}

RedisServer *
redis_server_new_tcp (const char *const *options)
{
  return start (find_free_port (), options, NULL);
}

RedisServer *
redis_sentinel_new (guint16 master_port, guint quorum, const char *password)
{
  RedisServer *self = prepare (find_free_port (), NULL);
  g_autofree char *path = g_build_filename (self->dir, "sentinel.conf", NULL);
  g_autofree char *secrets = password != NULL
                                 ? g_strdup_printf ("sentinel auth-pass city %s\nrequirepass %s\n"
                                                    "sentinel sentinel-pass %s\n",
                                                    password,
                                                    password,
                                                    password)
                                 : g_strdup ("");
  g_autofree char *text = g_strdup_printf ("port %u\nbind 127.0.0.1\ndir %s\n"
                                           "sentinel monitor city 127.0.0.1 %u %u\n"
                                           "sentinel down-after-milliseconds city 1000\n"
                                           "sentinel failover-timeout city 1000\n%s",
                                           self->port,
                                           self->dir,
                                           master_port,
                                           quorum,
                                           secrets);
  const char *const words[] = { PROGRAM, path, "--sentinel", NULL };
  g_autoptr (GError) error = NULL;

  g_file_set_contents (path, text, -1, &error);
  g_assert_no_error (error);
  g_clear_pointer (&self->socket, g_free);
  self->password = g_strdup (password);
  self->ready = READY_SENTINEL;
  add_words (self->argv, words);
  g_ptr_array_add (self->argv, NULL);
  spawn (self);
  return self;
}

/* ---- its life ---- */

static void
end (RedisServer *self, int signum)
{
  if (self->pid == 0)
    return;
  kill (self->pid, signum);
  g_assert_cmpint (waitpid (self->pid, NULL, 0), ==, self->pid);
  self->pid = 0;
  g_thread_join (g_steal_pointer (&self->drain));
}

void
redis_server_stop (RedisServer *self)
{
  end (self, SIGTERM);
}

void
redis_server_kill (RedisServer *self)
{
  end (self, SIGKILL);
}

void
redis_server_restart (RedisServer *self)
{
  g_assert_cmpint (self->pid, ==, 0);
  spawn (self);
}

void
redis_server_freeze (RedisServer *self)
{
  siginfo_t info;

  kill (self->pid, SIGSTOP);
  g_assert_cmpint (waitid (P_PID, (id_t) self->pid, &info, WSTOPPED), ==, 0);
}

void
redis_server_thaw (RedisServer *self)
{
  kill (self->pid, SIGCONT);
}

void
redis_server_free (RedisServer *self)
{
  end (self, SIGKILL);
  g_ptr_array_unref (self->argv);
  g_strfreev (self->environment);
  g_free (self->dir);
  g_free (self->socket);
  g_free (self->password);
  g_free (self);
}

/* ---- asking about it ---- */

guint16
redis_server_get_port (RedisServer *self)
{
  return self->port;
}

char *
redis_server_dup_url (RedisServer *self, const char *more)
{
  return g_strdup_printf ("unix://%s?db=0%s", self->socket, more);
}

pid_t
redis_server_get_pid (RedisServer *self)
{
  return self->pid;
}

/* redis-cli, its way to the server, and its password. */
static GPtrArray *
begin_cli (RedisServer *self)
{
  GPtrArray *argv = g_ptr_array_new_with_free_func (g_free);
  g_autofree char *port = g_strdup_printf ("%u", self->port);
  const char *const words[] = { "redis-cli",
                                self->socket != NULL ? "-s" : "-p",
                                self->socket != NULL ? self->socket : port,
                                "--no-auth-warning",
                                self->password != NULL ? "-a" : NULL,
                                self->password,
                                NULL };

  add_words (argv, words);
  return argv;
}

char *
redis_server_ask (RedisServer *self, ...)
{
  g_autoptr (GPtrArray) argv = begin_cli (self);
  g_autoptr (GError) error = NULL;
  char *answer = NULL;
  const char *word;
  va_list words;

  va_start (words, self);
  while ((word = va_arg (words, const char *)) != NULL)
    g_ptr_array_add (argv, g_strdup (word));
  va_end (words);
  g_ptr_array_add (argv, NULL);
  g_spawn_sync (NULL,
                (char **) argv->pdata,
                NULL,
                G_SPAWN_SEARCH_PATH,
                NULL,
                NULL,
                &answer,
                NULL,
                NULL,
                &error);
  g_assert_no_error (error);
  return g_strchomp (answer);
}
