/* SPDX-License-Identifier: GPL-2.0-or-later */
#define G_LOG_DOMAIN "sighej-server"

#include "config.h"

#include "sighej-server.h"

#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "sighej-lane.h"
#include "sighej-log.h"
#include "sighej-metrics.h"
#include "sighej-soup-carrier.h"

#define API_PREFIX "/api/v1"
#define ANY_LOCAL_PORT 80
#define PREFLIGHT_SECONDS "600"
#define UNKNOWN_PATH "(unknown path)"
#define EVERYWHERE (SIGHEJ_SERVER_PUBLIC | SIGHEJ_SERVER_ADMIN)

/* One path and method. A pattern that ends in '/' takes one more segment as its parameter. */
typedef struct
{
  const char *method; /* GET serves HEAD too */
  const char *pattern;
  guint kinds;
  gboolean both; /* without and with API_PREFIX: the paths published first */
  SighejRouteHandler handle;
  gboolean by_anybody; /* a POST that asks nobody for a secret */
} Route;

static const Route routes[] = {
  { "POST", "/session", SIGHEJ_SERVER_PUBLIC, TRUE, sighej_route_session_open, TRUE },
  { "GET", "/session", SIGHEJ_SERVER_PUBLIC, TRUE, sighej_route_session_show },
  { "DELETE", "/session", SIGHEJ_SERVER_PUBLIC, TRUE, sighej_route_session_end },
  { "POST", "/match", SIGHEJ_SERVER_PUBLIC, TRUE, sighej_route_match },
  { "POST", API_PREFIX "/reports", SIGHEJ_SERVER_PUBLIC, FALSE, sighej_route_report },
  { "POST", API_PREFIX "/appeals", SIGHEJ_SERVER_PUBLIC, FALSE, sighej_route_appeal },
  { "GET", "/ws/", SIGHEJ_SERVER_PUBLIC, TRUE, sighej_route_ws },
  { "GET", "/health", EVERYWHERE, TRUE, sighej_route_health },
  { "GET", "/health/live", EVERYWHERE, TRUE, sighej_route_health },
  { "GET", "/health/ready", EVERYWHERE, TRUE, sighej_route_health_ready },
  { "GET", "/stats", SIGHEJ_SERVER_ADMIN, TRUE, sighej_route_stats },
  { "GET", "/metrics", SIGHEJ_SERVER_ADMIN, FALSE, sighej_route_metrics },
  { "GET", API_PREFIX "/vocabulary", SIGHEJ_SERVER_PUBLIC, FALSE, sighej_route_vocabulary },
  { "GET", "/openapi.json", EVERYWHERE, FALSE, sighej_route_openapi },
  { "GET", "/problems/", EVERYWHERE, FALSE, sighej_route_problem },
  { "GET", "/privacy", SIGHEJ_SERVER_PUBLIC, FALSE, sighej_route_privacy },
  { "GET", "/terms", SIGHEJ_SERVER_PUBLIC, FALSE, sighej_route_terms },
};

struct _SighejServer
{
  GObject parent_instance;

  SighejServerKind kind;
  const SighejServerRules *rules;
  SighejParts *parts;
  SighejGate *gate;
  SighejClock *clock;

  SighejLane *lane;
  SoupServer *soup;
  GSocketAddress *local; /* what libsoup is told; it needs some internet address */
  int dummy_end;         /* see add_dummy_listener() */
};

G_DEFINE_FINAL_TYPE (SighejServer, sighej_server, G_TYPE_OBJECT)
static G_DEFINE_QUARK (sighej - guard - stream, guard)

    /* ---- finding the route ---- */

    /* What @pattern leaves of @path, NULL when it does not match. */
    static const char *match_pattern (const char *pattern, const char *path)
{
  gsize n = strlen (pattern);

  if (strncmp (path, pattern, n) != 0)
    return NULL;
  if (pattern[n - 1] != '/')
    return path[n] == '\0' ? path + n : NULL;
  return path[n] != '\0' && strchr (path + n, '/') == NULL ? path + n : NULL;
}

static const char *
match_route (const Route *route, SighejServerKind kind, const char *path)
{
  const char *parameter;

  if ((route->kinds & kind) == 0)
    return NULL;
  parameter = match_pattern (route->pattern, path);
  if (parameter == NULL && route->both && g_str_has_prefix (path, API_PREFIX "/"))
    parameter = match_pattern (route->pattern, path + strlen (API_PREFIX));
  return parameter;
}

/* @allow: (out): the methods the path takes, empty when there is no such path. */
static const Route *
find_route (SighejServer *self,
            const char *method,
            const char *path,
            const char **parameter,
            GString *allow)
{
  const Route *found = NULL;

  for (gsize i = 0; i < G_N_ELEMENTS (routes); i++)
    {
      const char *rest = match_route (&routes[i], self->kind, path);
      gboolean is_get = strcmp (routes[i].method, "GET") == 0;

      if (rest == NULL)
        continue;
      g_string_append_printf (
          allow, "%s%s%s", allow->len > 0 ? ", " : "", routes[i].method, is_get ? ", HEAD" : "");
      if (strcmp (routes[i].method, method) == 0 || (is_get && strcmp (method, "HEAD") == 0))
        {
          found = &routes[i];
          *parameter = rest;
        }
    }
  if (allow->len > 0)
    g_string_append (allow, ", OPTIONS");
  return found;
}

/* ---- a request ---- */

static gboolean
is_forwarded (SighejExchange *exchange)
{
  static const char *const names[] = { "X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto",
                                       "X-Real-IP",       "Forwarded",        "Via" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (sighej_exchange_get_header (exchange, names[i]) != NULL)
      return TRUE;
  return FALSE;
}

static gboolean
has_json_type (SighejExchange *exchange)
{
  const char *type = sighej_exchange_get_content_type (exchange);

  return type != NULL && g_ascii_strcasecmp (type, "application/json") == 0;
}

static void
count_answer (SighejExchange *exchange, const Route *route)
{
  guint status = sighej_exchange_get_status (exchange);
  guint label = sighej_metric_route (route != NULL ? route->method : "",
                                     route != NULL ? route->pattern : "");
  const SighejMetricInfo *info = &sighej_metrics_table[SIGHEJ_METRIC_REQUESTS];

  sighej_metrics_add (SIGHEJ_METRIC_REQUESTS,
                      label * sighej_metric_count_labels (info->inner)
                          + sighej_metric_status (status),
                      1);
  sighej_metrics_observe (
      SIGHEJ_METRIC_REQUEST_DURATION, label, sighej_exchange_get_age_us (exchange));
}

static void
end_trace (SighejExchange *exchange)
{
  SighejSpan *span = sighej_exchange_get_span (exchange);
  guint status = sighej_exchange_get_status (exchange);

  sighej_span_set_number (span, "http.response.status_code", status);
  sighej_span_end (span, status >= 500);
}

/* The access log. It names the route's pattern, not the path: that may hold a token. */
static void
on_answered (SighejExchange *exchange, gpointer user_data)
{
  const Route *route = user_data;
  const char *address = sighej_exchange_get_address (exchange);
  g_autofree char *status = NULL;

  count_answer (exchange, route);
  end_trace (exchange);
  if (!sighej_log_shows (G_LOG_LEVEL_DEBUG))
    return;
  status = g_strdup_printf ("%u", sighej_exchange_get_status (exchange));
  g_log_structured (G_LOG_DOMAIN,
                    G_LOG_LEVEL_DEBUG,
                    SIGHEJ_LOG_HTTP_STATUS,
                    status,
                    SIGHEJ_LOG_TRACE_ID,
                    sighej_exchange_get_log_trace_id (exchange),
                    "MESSAGE",
                    "%s %s for %s: %s, request %s",
                    sighej_exchange_get_method (exchange),
                    route != NULL ? route->pattern : UNKNOWN_PATH,
                    address != NULL ? sighej_log_redact (address) : "unknown",
                    status,
                    sighej_exchange_get_log_id (exchange));
}

static void
answer_options (SighejExchange *exchange, const char *allow)
{
  sighej_exchange_set_header (exchange, "Allow", allow);
  sighej_exchange_set_header (exchange, "Access-Control-Allow-Methods", allow);
  sighej_exchange_set_header (exchange,
                              "Access-Control-Allow-Headers",
                              "Authorization, Content-Type, Idempotency-Key, If-None-Match, "
                              "traceparent, X-Request-Id");
  sighej_exchange_set_header (exchange, "Access-Control-Max-Age", PREFLIGHT_SECONDS);
  sighej_exchange_answer_empty (exchange, SOUP_STATUS_NO_CONTENT);
}

static void
learn_client (SighejServer *self, SighejExchange *exchange)
{
  sighej_exchange_take_address (
      exchange,
      sighej_client_address (self->rules->trust,
                             sighej_exchange_get_remote_address (exchange),
                             sighej_exchange_get_header (exchange, "X-Forwarded-For")));
}

/*
 * Only a proxy of ours may carry a trace on: anybody else's begins anew, so that nobody has
 * himself sampled, and no id in our logs and traces is of a stranger's choice.
 */
static void
begin_trace (SighejServer *self, SighejExchange *exchange, const Route *route)
{
  const char *header = sighej_exchange_get_header (exchange, "traceparent");
  SighejTrace caller, trace;
  gboolean has_caller = header != NULL && sighej_trace_parse (header, &caller);
  gboolean is_carried
      = has_caller
        && sighej_trust_covers (self->rules->trust, sighej_exchange_get_remote_address (exchange));
  gboolean sampled = !is_carried && sighej_span_draw_sampled ();
  char text[SIGHEJ_TRACE_CHARS + 1];
  SighejSpan *span;

  if (!has_caller && !sampled)
    return;
  if (is_carried)
    sighej_trace_draw_child (&caller, &trace);
  else
    {
      sighej_trace_draw (&trace);
      trace.sampled = sampled;
    }
  span = sighej_span_new (
      route->pattern, SIGHEJ_SPAN_SERVER, &trace, is_carried ? caller.span_id : NULL);
  sighej_span_set_text (span, "http.request.method", route->method);
  sighej_span_set_text (span, "http.route", route->pattern);
  trace.sampled = span != NULL;
  sighej_trace_format (&trace, text);
  sighej_exchange_set_header (exchange, "traceparent", text);
  sighej_exchange_set_trace (exchange, &trace, span);
}

static void
call_route (SighejServer *self, SighejExchange *exchange, const Route *route)
{
  if (strcmp (route->method, "POST") != 0 || self->rules->is_legacy)
    route->handle (exchange, self->parts);
  else
    sighej_idempotency_run (self->parts->idempotency,
                            exchange,
                            route->pattern,
                            !route->by_anybody,
                            route->handle,
                            self->parts);
}

static void
dispatch (SighejServer *self, SighejExchange *exchange)
{
  const char *method = sighej_exchange_get_method (exchange);
  g_autoptr (GString) allow = g_string_new (NULL);
  const char *parameter = NULL;
  const Route *route
      = find_route (self, method, sighej_exchange_get_path (exchange), &parameter, allow);

  sighej_exchange_set_answered (exchange, on_answered, (gpointer) route);
  if (allow->len == 0)
    sighej_exchange_refuse (exchange, SIGHEJ_ERROR_NOT_FOUND, "there is no such path");
  else if (strcmp (method, "OPTIONS") == 0)
    answer_options (exchange, allow->str);
  else if (route == NULL)
    {
      sighej_exchange_set_header (exchange, "Allow", allow->str);
      sighej_exchange_refuse (
          exchange, SIGHEJ_ERROR_METHOD_NOT_ALLOWED, "this path takes other methods; see Allow");
    }
  else if (strcmp (method, "POST") == 0 && !has_json_type (exchange))
    sighej_exchange_refuse (
        exchange, SIGHEJ_ERROR_UNSUPPORTED_MEDIA, "Content-Type must be application/json");
  else
    {
      SighejSpan *before;

      begin_trace (self, exchange, route);
      before = sighej_span_enter (sighej_exchange_get_span (exchange));
      sighej_exchange_set_parameter (exchange, parameter);
      call_route (self, exchange, route);
      sighej_span_leave (before);
    }
}

static void
serve (SighejServer *self, SighejCarrier *carrier)
{
  const char *origin = carrier->funcs->get_header (carrier, "Origin");
  gboolean allowed = origin == NULL || g_strv_contains (self->rules->allowed_origins, origin);
  g_autoptr (SighejExchange) exchange = sighej_exchange_new (carrier, allowed ? origin : NULL);

  if (self->parts->draining)
    sighej_exchange_set_header (exchange, "Connection", "close");

  sighej_exchange_set_answered (exchange, on_answered, NULL);
  if (!allowed)
    sighej_exchange_refuse (exchange, SIGHEJ_ERROR_FORBIDDEN, "this Origin may not call here");
  else if (self->rules->is_legacy && is_forwarded (exchange))
    sighej_exchange_refuse (exchange,
                            SIGHEJ_ERROR_FORBIDDEN,
                            "AuthMode=legacy serves this machine only, not through a proxy");
  else
    {
      learn_client (self, exchange);
      dispatch (self, exchange);
    }
  sighej_exchange_wait (exchange);
}

static void
on_lane_request (SighejCarrier *carrier, gpointer user_data)
{
  serve (user_data, carrier);
}

static void
on_lane_hand_over (SighejGuardStream *guard, gpointer user_data)
{
  SighejServer *self = user_data;
  GSocketAddress *remote = sighej_guard_stream_get_remote (guard);

  soup_server_accept_iostream (self->soup, G_IO_STREAM (guard), self->local, remote, NULL);
}

/* Also after the connection was taken over, when libsoup says nothing. */
static void
on_message_gone (gpointer user_data, GObject *message)
{
  SighejParts *parts = user_data;

  parts->n_requests--;
}

static void
on_request (SoupServer *soup,
            SoupServerMessage *message,
            const char *path,
            GHashTable *query,
            gpointer user_data)
{
  SighejServer *self = user_data;
  SoupMessageHeaders *headers = soup_server_message_get_request_headers (message);

  /* A thousand ranges make libsoup answer ten times what was asked. */
  soup_message_headers_remove (headers, "Range");
  soup_message_headers_remove (headers, "If-Range");
  self->parts->n_requests++;
  g_object_weak_ref (G_OBJECT (message), on_message_gone, self->parts);
  serve (self, sighej_soup_carrier_new (message));
}

/* ---- connections ---- */

static void
turn_away (GSocket *socket)
{
  static const SighejProblem full
      = { 503, "unavailable", "Busy or not ready, try again", "there are too many connections" };
  g_autofree char *answer = sighej_problem_to_http (&full);

  g_socket_send (socket, answer, strlen (answer), NULL, NULL);
  g_socket_close (socket, NULL);
}

void
sighej_server_accept (SighejServer *self, GSocket *socket, GSocketAddress *known)
{
  g_autoptr (GSocketAddress) remote
      = known != NULL ? g_object_ref (known) : g_socket_get_remote_address (socket, NULL);
  g_autoptr (SighejGuardStream) guard_stream = NULL;
  g_autofree char *address = NULL;
  SighejTicket *ticket;

  if (remote == NULL) /* gone before it was accepted */
    return;
  address = sighej_client_address (self->rules->trust, remote, NULL);
  ticket = sighej_gate_enter (self->gate, address);
  if (ticket == NULL)
    {
      turn_away (socket);
      return;
    }

  guard_stream = sighej_guard_stream_new (
      socket, remote, ticket, self->clock, &self->rules->guard, sighej_lane_get_watch (self->lane));
  /* The address object is this connection's own, and the way back from a message to its stream:
   * soup_server_message_get_socket() is NULL for connections that were handed in. */
  g_object_set_qdata (G_OBJECT (remote), guard_quark (), guard_stream);
  sighej_lane_add (self->lane, guard_stream);
}

SighejGuardStream *
sighej_server_dup_guard (SoupServerMessage *message)
{
  GSocketAddress *remote = soup_server_message_get_remote_address (message);

  return g_object_ref (g_object_get_qdata (G_OBJECT (remote), guard_quark ()));
}

void
sighej_server_close (SighejServer *self)
{
  sighej_lane_close (self->lane);
  soup_server_disconnect (self->soup);
}

/*
 * SoupServer keeps a connection alive after an answer only while it has a listener of its own.
 * This one is an end of a socket pair: nobody can connect to it and it never becomes readable.
 */
static gboolean
add_dummy_listener (SighejServer *self, GError **error)
{
  g_autoptr (GSocket) socket = NULL;
  int ends[2];

  if (socketpair (AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
    {
      g_set_error_literal (error,
                           SIGHEJ_ERROR,
                           SIGHEJ_ERROR_UNAVAILABLE,
                           "cannot start the server: no descriptor is left");
      return FALSE;
    }
  self->dummy_end = ends[1];
  socket = g_socket_new_from_fd (ends[0], error);
  if (socket == NULL)
    {
      close (ends[0]);
      return FALSE;
    }
  return soup_server_listen_socket (self->soup, socket, 0, error);
}

static void
sighej_server_finalize (GObject *object)
{
  SighejServer *self = SIGHEJ_SERVER (object);

  sighej_server_close (self);
  g_clear_object (&self->soup);
  sighej_lane_unref (self->lane);
  g_clear_object (&self->local);
  g_clear_object (&self->clock);
  if (self->dummy_end >= 0)
    close (self->dummy_end);

  G_OBJECT_CLASS (sighej_server_parent_class)->finalize (object);
}

static void
sighej_server_class_init (SighejServerClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = sighej_server_finalize;
}

static void
sighej_server_init (SighejServer *self)
{
  g_autoptr (GInetAddress) loopback = g_inet_address_new_loopback (G_SOCKET_FAMILY_IPV4);

  self->dummy_end = -1;
  self->local = g_inet_socket_address_new (loopback, ANY_LOCAL_PORT);
  self->soup = soup_server_new ("raw-paths", TRUE, NULL);
  soup_server_remove_websocket_extension (self->soup, SOUP_TYPE_WEBSOCKET_EXTENSION_DEFLATE);
  soup_server_add_handler (self->soup, NULL, on_request, self, NULL);
}

SighejServer *
sighej_server_new (SighejServerKind kind,
                   const SighejServerRules *rules,
                   SighejParts *parts,
                   SighejGate *gate,
                   SighejClock *clock,
                   GError **error)
{
  static const SighejLaneCalls calls = { on_lane_request, on_lane_hand_over };
  g_autoptr (SighejServer) self = g_object_new (SIGHEJ_TYPE_SERVER, NULL);

  self->kind = kind;
  self->rules = rules;
  self->parts = parts;
  self->lane = sighej_lane_new (&calls, &parts->n_requests, self);
  self->gate = gate;
  self->clock = g_object_ref (clock);
  return add_dummy_listener (self, error) ? g_steal_pointer (&self) : NULL;
}
