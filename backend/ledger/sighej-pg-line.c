/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-pg"

#include "config.h"

#include "sighej-pg-line.h"

#include <glib/gstdio.h>
#include <poll.h>
#include <string.h>
#include <unistd.h>

#include <libpq-fe.h>

#include "sighej-error.h"

#define URL_SHORT "postgresql://"
#define URL_LONG "postgres://"
#define PORT_MAX 65535
#define SQLSTATE_CLASS_LENGTH 2
#define NO_REASON "no reason was given"

#define TEXT_OF(number) TEXT_OF_ (number)
#define TEXT_OF_(number) #number

/* A database that does not wait for its disk would lose counts that we have let go. */
#define SETTLE_SQL                                                                                 \
  "SET statement_timeout = " TEXT_OF (                                                             \
      SIGHEJ_PG_STATEMENT_MS) ";"                                                                  \
                              "SELECT set_config ('synchronous_commit', 'on', FALSE)"              \
                              " WHERE current_setting ('synchronous_commit') = 'off'"

struct _SighejPgLine
{
  PGconn *connection;
};

/* Rows */

guint
sighej_pg_rows_get_n (const SighejPgRows *self)
{
  return (guint) PQntuples ((const PGresult *) self);
}

guint
sighej_pg_rows_get_n_columns (const SighejPgRows *self)
{
  return (guint) PQnfields ((const PGresult *) self);
}

const char *
sighej_pg_rows_get (const SighejPgRows *self, guint row, guint column)
{
  const PGresult *result = (const PGresult *) self;

  if (PQgetisnull (result, (int) row, (int) column))
    return NULL;
  return PQgetvalue (result, (int) row, (int) column);
}

void
sighej_pg_rows_free (SighejPgRows *self)
{
  PQclear ((PGresult *) self);
}

/* Errors */

/* libpq's messages have several lines, the first of which says it. */
static char *
dup_first_line (const char *message)
{
  if (message == NULL || message[0] == '\0')
    return g_strdup (NO_REASON);
  return g_strndup (message, strcspn (message, "\n"));
}

static gboolean
fail_connection (const PGconn *connection, GError **error)
{
  g_autofree char *why = dup_first_line (PQerrorMessage (connection));

  g_set_error (error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the database is away: %s", why);
  return FALSE;
}

static gboolean
fail_silent (GError **error)
{
  g_set_error_literal (
      error, SIGHEJ_ERROR, SIGHEJ_ERROR_UNAVAILABLE, "the database does not answer");
  return FALSE;
}

/* Classes 22, data exception, and 23, integrity constraint: it would not go better next time. */
static gboolean
is_about_values (const char *sqlstate)
{
  return sqlstate != NULL
         && (strncmp (sqlstate, "22", SQLSTATE_CLASS_LENGTH) == 0
             || strncmp (sqlstate, "23", SQLSTATE_CLASS_LENGTH) == 0);
}

static void
fail_result (const PGresult *result, GError **error)
{
  const char *why = PQresultErrorField (result, PG_DIAG_MESSAGE_PRIMARY);

  if (is_about_values (PQresultErrorField (result, PG_DIAG_SQLSTATE)))
    g_set_error (
        error, SIGHEJ_ERROR, SIGHEJ_ERROR_INVALID_REQUEST, "the database refuses it: %s", why);
  else
    g_set_error (error,
                 SIGHEJ_ERROR,
                 SIGHEJ_ERROR_UNAVAILABLE,
                 "the database failed: %s",
                 why != NULL ? why : NO_REASON);
}

/* Waiting: for an outside process, so in real time. */

static gint64
deadline_in (guint within_ms)
{
  return g_get_monotonic_time () + (gint64) within_ms * 1000;
}

static gboolean
wait_for (SighejPgLine *self, short events, gint64 deadline_us, GError **error)
{
  struct pollfd wanted = { .fd = PQsocket (self->connection), .events = events };
  gint64 left_us = deadline_us - g_get_monotonic_time ();
  int n_ready;

  if (left_us <= 0)
    return fail_silent (error);
  n_ready = poll (&wanted, 1, (int) (left_us / 1000) + 1);
  if (n_ready == 0)
    return fail_silent (error);
  if (n_ready > 0 && (wanted.revents & (POLLIN | POLLERR | POLLHUP)) != 0
      && PQconsumeInput (self->connection) == 0)
    return fail_connection (self->connection, error);
  return TRUE;
}

static gboolean
flush (SighejPgLine *self, gint64 deadline_us, GError **error)
{
  int left;

  while ((left = PQflush (self->connection)) == 1)
    if (!wait_for (self, POLLIN | POLLOUT, deadline_us, error))
      return FALSE;
  return left == 0 || fail_connection (self->connection, error);
}

/* The next result, NULL when there is none left. */
static gboolean
next_result (SighejPgLine *self, gint64 deadline_us, PGresult **result, GError **error)
{
  while (PQisBusy (self->connection))
    if (!wait_for (self, POLLIN, deadline_us, error))
      return FALSE;
  *result = PQgetResult (self->connection);
  return TRUE;
}

/* The last result, or the first that failed. */
static SighejPgRows *
collect (SighejPgLine *self, gint64 deadline_us, GError **error)
{
  PGresult *kept = NULL;
  PGresult *result;

  if (!flush (self, deadline_us, error))
    return NULL;
  for (;;)
    {
      if (!next_result (self, deadline_us, &result, error))
        {
          PQclear (kept);
          return NULL;
        }
      if (result == NULL)
        break;
      if (kept != NULL && PQresultStatus (kept) == PGRES_FATAL_ERROR)
        {
          PQclear (result);
          continue;
        }
      PQclear (kept);
      kept = result;
    }

  if (PQresultStatus (kept) == PGRES_TUPLES_OK || PQresultStatus (kept) == PGRES_COMMAND_OK)
    return (SighejPgRows *) kept;
  fail_result (kept, error);
  PQclear (kept);
  return NULL;
}

SighejPgRows *
sighej_pg_line_query (
    SighejPgLine *self, const char *sql, guint n_values, const char *const *values, GError **error)
{
  if (PQsendQueryParams (self->connection, sql, (int) n_values, NULL, values, NULL, NULL, 0) == 0)
    {
      fail_connection (self->connection, error);
      return NULL;
    }
  return collect (self, deadline_in (SIGHEJ_PG_ANSWER_MS), error);
}

SighejPgRows *
sighej_pg_line_run (SighejPgLine *self, const char *script, guint within_ms, GError **error)
{
  if (PQsendQuery (self->connection, script) == 0)
    {
      fail_connection (self->connection, error);
      return NULL;
    }
  return collect (self, deadline_in (within_ms), error);
}

/* Life */

void
sighej_pg_line_close (SighejPgLine *self)
{
  PQfinish (self->connection);
  g_free (self);
}

static PGconn *
connect_to (const char *url)
{
  /* What stands before the URL is a default, what stands after it is not to be changed. */
  static const char *const names[] = {
    "gssencmode",      "fallback_application_name", "dbname", "client_encoding",
    "connect_timeout", "tcp_user_timeout",          NULL,
  };
  const char *const values[] = {
    "disable",
    "sighej-backend",
    url,
    "UTF8",
    TEXT_OF (SIGHEJ_PG_CONNECT_SECONDS),
    TEXT_OF (SIGHEJ_PG_TCP_USER_TIMEOUT_MS),
    NULL,
  };

  return PQconnectdbParams (names, values, TRUE);
}

/* "already exists, skipping" is nothing to write on stderr. */
static void
on_notice (void *user_data, const PGresult *result)
{
}

SighejPgLine *
sighej_pg_line_open (const char *url, GError **error)
{
  g_autoptr (SighejPgLine) self = g_new0 (SighejPgLine, 1);
  g_autoptr (SighejPgRows) rows = NULL;

  self->connection = connect_to (url);
  if (PQstatus (self->connection) != CONNECTION_OK)
    {
      fail_connection (self->connection, error);
      return NULL;
    }

  PQsetNoticeReceiver (self->connection, on_notice, NULL);
  PQsetnonblocking (self->connection, TRUE);
  rows = sighej_pg_line_run (self, SETTLE_SQL, SIGHEJ_PG_ANSWER_MS, error);
  return rows != NULL ? g_steal_pointer (&self) : NULL;
}

/* Checking */

static gboolean
refuse (GError **error, const char *why)
{
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "%s; write postgresql://USER@HOST/DATABASE, or "
               "postgresql:///DATABASE?host=/run/postgresql for a local one",
               why);
  return FALSE;
}

/* What follows the first colon or quote repeats what was written. */
static gboolean
refuse_form (const char *message, GError **error)
{
  g_autofree char *why = g_strndup (message, strcspn (message, ":\"\n"));

  return refuse (error, g_strchomp (why));
}

static gboolean
check_ports (const char *ports, GError **error)
{
  g_auto (GStrv) each = g_strsplit (ports, ",", -1);

  for (guint i = 0; each[i] != NULL; i++)
    if (each[i][0] != '\0' && !g_ascii_string_to_unsigned (each[i], 10, 1, PORT_MAX, NULL, NULL))
      return refuse (error, "a port is a number from 1 to 65535");
  return TRUE;
}

static gboolean
check_ssl_mode (const char *mode, GError **error)
{
  static const char *const modes[]
      = { "disable", "allow", "prefer", "require", "verify-ca", "verify-full", NULL };

  return g_strv_contains (modes, mode)
         || refuse (error,
                    "sslmode is one of disable, allow, prefer, require, verify-ca, verify-full");
}

static gboolean
check_file (const char *name, const char *path, GError **error)
{
  if (g_access (path, R_OK) == 0)
    return TRUE;
  g_set_error (error,
               SIGHEJ_ERROR,
               SIGHEJ_ERROR_CONFIG,
               "cannot read the file that %s names; see that it is there and readable",
               name);
  return FALSE;
}

static gboolean
check_option (const PQconninfoOption *option, GError **error)
{
  if (option->val == NULL || option->val[0] == '\0')
    return TRUE;
  if (g_str_equal (option->keyword, "port"))
    return check_ports (option->val, error);
  if (g_str_equal (option->keyword, "sslmode"))
    return check_ssl_mode (option->val, error);
  if (g_str_equal (option->keyword, "sslrootcert") || g_str_equal (option->keyword, "sslcert")
      || g_str_equal (option->keyword, "sslkey"))
    return check_file (option->keyword, option->val, error);
  return TRUE;
}

static void
free_options (PQconninfoOption *options)
{
  for (PQconninfoOption *option = options; option->keyword != NULL; option++)
    if (option->val != NULL)
      explicit_bzero (option->val, strlen (option->val));
  PQconninfoFree (options);
}

gboolean
sighej_pg_check_url (const char *url, GError **error)
{
  PQconninfoOption *options;
  char *message = NULL;
  gboolean good = TRUE;

  if (!g_str_has_prefix (url, URL_SHORT) && !g_str_has_prefix (url, URL_LONG))
    return refuse (error, "it is no postgresql:// URL");

  options = PQconninfoParse (url, &message);
  if (options == NULL)
    {
      refuse_form (message != NULL ? message : "out of memory", error);
      if (message != NULL)
        explicit_bzero (message, strlen (message));
      PQfreemem (message);
      return FALSE;
    }

  for (const PQconninfoOption *option = options; good && option->keyword != NULL; option++)
    good = check_option (option, error);
  free_options (options);
  return good;
}

/* Showing. libpq ends a password at the first "@", and takes two more by name. */

static gboolean
is_secret (const char *name, gsize n_bytes)
{
  static const char plain[] = "abcdefghijklmnopqrstuvwxyz_";

  if (strspn (name, plain) < n_bytes)
    return TRUE; /* written with %: it may be any name */
  return n_bytes >= strlen ("password")
         && strncmp (name + n_bytes - strlen ("password"), "password", strlen ("password")) == 0;
}

static void
append_shown_query (GString *shown, const char *query)
{
  g_auto (GStrv) parameters = g_strsplit (query, "&", -1);

  for (guint i = 0; parameters[i] != NULL; i++)
    {
      gsize n_bytes = strcspn (parameters[i], "=");

      g_string_append_c (shown, i == 0 ? '?' : '&');
      if (is_secret (parameters[i], n_bytes))
        g_string_append_printf (shown, "%.*s=***", (int) n_bytes, parameters[i]);
      else
        g_string_append (shown, parameters[i]);
    }
}

char *
sighej_pg_dup_shown_url (const char *url)
{
  const char *start = strstr (url, "://");
  const char *rest = start != NULL ? start + strlen ("://") : url;
  gsize n_user = strcspn (rest, "@/");
  GString *shown = g_string_new_len (url, rest - url);
  const char *colon = memchr (rest, ':', n_user);
  const char *query;

  /* Without an "@" before the first "/" there is no user, and what a colon divides is a place. */
  if (rest[n_user] == '@' && colon != NULL)
    {
      g_string_append_printf (shown, "%.*s:***", (int) (colon - rest), rest);
      rest += n_user;
    }
  query = strchr (rest, '?');
  g_string_append_len (shown, rest, query != NULL ? query - rest : -1);
  if (query != NULL)
    append_shown_query (shown, query + 1);
  return g_string_free (shown, FALSE);
}
