/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "config.h"

#include "sighej-metrics-table.h"

#include <string.h>

#define ROUTE(method, pattern) "method=\"" method "\",route=\"" pattern "\""

static const char *const routes[] = {
  ROUTE ("POST", "/session"),
  ROUTE ("GET", "/session"),
  ROUTE ("DELETE", "/session"),
  ROUTE ("POST", "/match"),
  ROUTE ("GET", "/ws/"),
  ROUTE ("GET", "/health"),
  ROUTE ("GET", "/health/live"),
  ROUTE ("GET", "/health/ready"),
  ROUTE ("GET", "/stats"),
  ROUTE ("GET", "/metrics"),
  ROUTE ("GET", "/openapi.json"),
  ROUTE ("GET", "/problems/"),
  ROUTE ("GET", "/api/v1/vocabulary"),
  ROUTE ("GET", "/privacy"),
  ROUTE ("GET", "/terms"),
  ROUTE ("POST", "/api/v1/reports"),
  ROUTE ("POST", "/api/v1/appeals"),
  ROUTE ("other", "other"),
  NULL,
};

static const char *const statuses[] = {
  "status=\"1xx\"", "status=\"2xx\"", "status=\"3xx\"", "status=\"4xx\"", "status=\"5xx\"", NULL,
};

static const char *const refusals[] = { "reason=\"total\"", "reason=\"address\"", NULL };

static const char *const socket_states[] = {
  "state=\"auth\"", "state=\"sync\"", "state=\"live\"", "state=\"drain\"", NULL,
};

static const char *const close_codes[] = {
  "code=\"none\"", "code=\"1000\"", "code=\"1001\"",  "code=\"1002\"",
  "code=\"1003\"", "code=\"1007\"", "code=\"1008\"",  "code=\"1009\"",
  "code=\"1012\"", "code=\"1013\"", "code=\"4008\"",  "code=\"4401\"",
  "code=\"4409\"", "code=\"4410\"", "code=\"other\"", NULL,
};

static const char *const outcomes[]
    = { "outcome=\"match\"", "outcome=\"no_match\"", "outcome=\"failed\"", NULL };

static const char *const rules[]
    = { "rule=\"sightings\"", "rule=\"messages\"", "rule=\"sessions\"", "rule=\"reports\"", NULL };

static const char *const operations[] = {
  "operation=\"add_session\"", "operation=\"find\"",
  "operation=\"end_session\"", "operation=\"sight\"",
  "operation=\"read_outbox\"", "operation=\"ack\"",
  "operation=\"attach\"",      "operation=\"count\"",
  "operation=\"take_counts\"", "operation=\"drop_counts\"",
  "operation=\"claim\"",       "operation=\"settle\"",
  "operation=\"ping\"",        NULL,
};

/* As the states of a claim. */
static const char *const claims[] = {
  "outcome=\"new\"", "outcome=\"waited\"", "outcome=\"replayed\"", "outcome=\"conflict\"", NULL,
};

static const char *const cases[] = { "kind=\"report\"", "kind=\"appeal\"", NULL };

static const char *const writes[] = { "outcome=\"written\"", "outcome=\"failed\"", NULL };

static const char *const spans[] = { "outcome=\"sent\"", "outcome=\"dropped\"", NULL };

static const char *const reloads[] = { "outcome=\"taken\"", "outcome=\"refused\"", NULL };

static const char *const spooled[]
    = { "outcome=\"added\"", "outcome=\"drained\"", "outcome=\"put_aside\"", NULL };

static const char *const wakes[]
    = { "source=\"channel\"", "source=\"heartbeat\"", "source=\"check\"", NULL };

static const char *const handshakes[]
    = { "outcome=\"done\"", "outcome=\"failed\"", "outcome=\"refused\"", NULL };

static const char *const versions[] = { "version=\"" SIGHEJ_VERSION "\"", NULL };

/* Microseconds: from what the memory store takes to what a client gives up at. */
static const guint64 durations[] = { 50,    100,   250,    500,    1000,   2500,    5000,    10000,
                                     25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 0 };
static const guint64 ack_durations[]
    = { 1000,   5000,    10000,   25000,    50000,    100000,    250000,
        500000, 1000000, 5000000, 15000000, 60000000, 300000000, 0 };
static const guint64 depths[] = { 1, 2, 4, 8, 16, 32, 64, 0 };

const SighejMetricInfo sighej_metrics_table[SIGHEJ_N_METRICS] = {
  [SIGHEJ_METRIC_REQUESTS] = {
    .name = "sighej_requests",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "HTTP requests answered.",
    .labels = routes,
    .inner = statuses,
  },
  [SIGHEJ_METRIC_REQUEST_DURATION] = {
    .name = "sighej_request_duration_seconds",
    .type = SIGHEJ_METRIC_HISTOGRAM,
    .unit = "seconds",
    .help = "From a request read to its answer made.",
    .labels = routes,
    .bounds = durations,
  },
  [SIGHEJ_METRIC_HEADS_REFUSED] = {
    .name = "sighej_heads_refused",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Requests refused before they were read whole: malformed, too big or too slow.",
  },
  [SIGHEJ_METRIC_CONNECTIONS] = {
    .name = "sighej_connections",
    .type = SIGHEJ_METRIC_GAUGE,
    .help = "Open connections, WebSockets included.",
  },
  [SIGHEJ_METRIC_CONNECTIONS_ACCEPTED] = {
    .name = "sighej_connections_accepted",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Connections let in.",
  },
  [SIGHEJ_METRIC_CONNECTIONS_REFUSED] = {
    .name = "sighej_connections_refused",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Connections turned away: too many in all, or of one address.",
    .labels = refusals,
  },
  [SIGHEJ_METRIC_ACCEPT_FAILURES] = {
    .name = "sighej_accept_failures",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Times a connection could not be accepted, mostly for want of descriptors.",
  },
  [SIGHEJ_METRIC_TLS_HANDSHAKES] = {
    .name = "sighej_tls_handshakes",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Handshakes of the built-in TLS; refused: too many at once.",
    .labels = handshakes,
  },
  [SIGHEJ_METRIC_TLS_EXPIRY] = {
    .name = "sighej_tls_certificate_expiry_timestamp_seconds",
    .type = SIGHEJ_METRIC_GAUGE,
    .fold = SIGHEJ_METRIC_MIN,
    .unit = "seconds",
    .help = "When the certificate in use ends, in seconds since 1970; 0 without built-in TLS.",
  },
  [SIGHEJ_METRIC_SOCKETS] = {
    .name = "sighej_sockets",
    .type = SIGHEJ_METRIC_GAUGE,
    .help = "Open WebSockets by state.",
    .labels = socket_states,
  },
  [SIGHEJ_METRIC_SOCKETS_OPENED] = {
    .name = "sighej_sockets_opened",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "WebSockets taken over after their handshake.",
  },
  [SIGHEJ_METRIC_SOCKET_CLOSES] = {
    .name = "sighej_socket_closes",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "WebSockets closed, by the close code we sent; none: the connection just ended.",
    .labels = close_codes,
  },
  [SIGHEJ_METRIC_SESSIONS] = {
    .name = "sighej_sessions",
    .type = SIGHEJ_METRIC_GAUGE,
    .fold = SIGHEJ_METRIC_MAX,
    .help = "Live sessions in the store, which instances may share; at most 15 s old.",
  },
  [SIGHEJ_METRIC_SESSIONS_OPENED] = {
    .name = "sighej_sessions_opened",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Sessions opened.",
  },
  [SIGHEJ_METRIC_SESSIONS_DELETED] = {
    .name = "sighej_sessions_deleted",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Sessions their owner ended; the others expire.",
  },
  [SIGHEJ_METRIC_SIGHTINGS] = {
    .name = "sighej_sightings",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Sightings the store decided; failed: the session was over, or the store away.",
    .labels = outcomes,
  },
  [SIGHEJ_METRIC_NUDGES_WRITTEN] = {
    .name = "sighej_nudges_written",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Pairs whose two outboxes got a new nudge.",
  },
  [SIGHEJ_METRIC_NUDGES_SENT] = {
    .name = "sighej_nudges_sent",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Nudges queued on a socket, repeats after a reconnect included.",
  },
  [SIGHEJ_METRIC_NUDGES_ACKED] = {
    .name = "sighej_nudges_acked",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Nudges acknowledged by their client, or written out to one that acknowledges none.",
  },
  [SIGHEJ_METRIC_NUDGE_ACK_DURATION] = {
    .name = "sighej_nudge_ack_duration_seconds",
    .type = SIGHEJ_METRIC_HISTOGRAM,
    .unit = "seconds",
    .help = "From a nudge sent to its acknowledgement; one of each socket's at a time.",
    .bounds = ack_durations,
  },
  /* Of waves that nobody answered there is no trace here. */
  [SIGHEJ_METRIC_MEETS] = {
    .name = "sighej_meets",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Meets begun: both sides waved, or paired by code.",
  },
  [SIGHEJ_METRIC_MET] = {
    .name = "sighej_met",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Meets of which both sides said that they met.",
  },
  [SIGHEJ_METRIC_OUTBOX_DEPTH] = {
    .name = "sighej_outbox_depth",
    .type = SIGHEJ_METRIC_HISTOGRAM,
    .help = "Nudges found waiting when an outbox was read for a socket.",
    .bounds = depths,
  },
  [SIGHEJ_METRIC_OUTBOX_WAKES] = {
    .name = "sighej_outbox_wakes",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Outboxes read because another worker wrote; heartbeat and check repair lost messages.",
    .labels = wakes,
  },
  [SIGHEJ_METRIC_RATE_LIMITED] = {
    .name = "sighej_rate_limited",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "What a limit refused.",
    .labels = rules,
  },
  [SIGHEJ_METRIC_IDEMPOTENCY] = {
    .name = "sighej_idempotency",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Looks at an Idempotency-Key; waited: the first request with it was still running.",
    .labels = claims,
  },
  [SIGHEJ_METRIC_REPORTS] = {
    .name = "sighej_reports",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Reports that count, and appeals, that were written.",
    .labels = cases,
  },
  [SIGHEJ_METRIC_REPORTS_WAITING] = {
    .name = "sighej_reports_waiting",
    .type = SIGHEJ_METRIC_GAUGE,
    .help = "Reports and appeals that the database has not taken yet.",
  },
  [SIGHEJ_METRIC_STORE_CALL_DURATION] = {
    .name = "sighej_store_call_duration_seconds",
    .type = SIGHEJ_METRIC_HISTOGRAM,
    .unit = "seconds",
    .help = "From a call of the store to its answer.",
    .labels = operations,
    .bounds = durations,
  },
  [SIGHEJ_METRIC_STORE_ERRORS] = {
    .name = "sighej_store_errors",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Calls of the store that failed because it was away, slow or full.",
    .labels = operations,
  },
  [SIGHEJ_METRIC_STORE_UP] = {
    .name = "sighej_store_up",
    .type = SIGHEJ_METRIC_GAUGE,
    .fold = SIGHEJ_METRIC_MIN,
    .help = "1 when the store answered the last probe of every worker within 200 ms.",
  },
  [SIGHEJ_METRIC_REDIS_CONNECTS] = {
    .name = "sighej_redis_connects",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Connections to Redis made; each worker needs two.",
  },
  [SIGHEJ_METRIC_REDIS_LOSSES] = {
    .name = "sighej_redis_losses",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Connections to Redis lost, or given up because it did not answer.",
  },
  [SIGHEJ_METRIC_REDIS_KEY_CONFLICTS] = {
    .name = "sighej_redis_key_conflicts",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Heartbeats that found another interest key in Redis: instances with different keys share it.",
  },
  [SIGHEJ_METRIC_LEDGER_UP] = {
    .name = "sighej_ledger_up",
    .type = SIGHEJ_METRIC_GAUGE,
    .fold = SIGHEJ_METRIC_MIN,
    .help = "1 when the ledger answered the last probe of every worker within 300 ms.",
  },
  [SIGHEJ_METRIC_LEDGER_BATCHES] = {
    .name = "sighej_ledger_batches",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Batches of counts brought to the ledger, or to its spool while it is away.",
    .labels = writes,
  },
  [SIGHEJ_METRIC_LEDGER_WAITING] = {
    .name = "sighej_ledger_waiting_batches",
    .type = SIGHEJ_METRIC_GAUGE,
    .help = "Batches taken from the store and not written yet.",
  },
  [SIGHEJ_METRIC_LEDGER_WRITE_DURATION] = {
    .name = "sighej_ledger_write_duration_seconds",
    .type = SIGHEJ_METRIC_HISTOGRAM,
    .unit = "seconds",
    .help = "From a batch given to the ledger to its answer; no request waits for it.",
    .bounds = durations,
  },
  [SIGHEJ_METRIC_SPOOL] = {
    .name = "sighej_spooled_batches",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Batches put into the spool, brought from it to the database, or refused by that.",
    .labels = spooled,
  },
  [SIGHEJ_METRIC_SPOOL_WAITING] = {
    .name = "sighej_spool_waiting_batches",
    .type = SIGHEJ_METRIC_GAUGE,
    .fold = SIGHEJ_METRIC_MAX,
    .help = "Batches in the spool, which the workers share, when it was last looked at.",
  },
  [SIGHEJ_METRIC_WORKERS] = {
    .name = "sighej_workers",
    .type = SIGHEJ_METRIC_GAUGE,
    .help = "Processes that serve.",
  },
  [SIGHEJ_METRIC_WORKER_RESTARTS] = {
    .name = "sighej_worker_restarts",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Worker processes that ended without being told to.",
  },
  [SIGHEJ_METRIC_CONFIG_RELOADS] = {
    .name = "sighej_config_reloads",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Times the configuration was read again; refused: the old one stayed.",
    .labels = reloads,
  },
  [SIGHEJ_METRIC_SPANS] = {
    .name = "sighej_spans",
    .type = SIGHEJ_METRIC_COUNTER,
    .help = "Spans of traces the collector took, or nobody got.",
    .labels = spans,
  },
  [SIGHEJ_METRIC_PROCESS_CPU] = {
    .name = "process_cpu_seconds",
    .type = SIGHEJ_METRIC_COUNTER,
    .unit = "seconds",
    .help = "CPU time of all workers, user and system; at most 10 s old.",
  },
  [SIGHEJ_METRIC_PROCESS_MEMORY] = {
    .name = "process_resident_memory_bytes",
    .type = SIGHEJ_METRIC_GAUGE,
    .unit = "bytes",
    .help = "Resident memory of all workers; pages they share are counted in each.",
  },
  [SIGHEJ_METRIC_PROCESS_FDS] = {
    .name = "process_open_fds",
    .type = SIGHEJ_METRIC_GAUGE,
    .help = "Open descriptors of all workers.",
  },
  [SIGHEJ_METRIC_PROCESS_FDS_MAX] = {
    .name = "process_max_fds",
    .type = SIGHEJ_METRIC_GAUGE,
    .help = "Descriptors all workers may have together.",
  },
  [SIGHEJ_METRIC_PROCESS_START_TIME] = {
    .name = "process_start_time_seconds",
    .type = SIGHEJ_METRIC_GAUGE,
    .fold = SIGHEJ_METRIC_MIN,
    .unit = "seconds",
    .help = "When the oldest worker started, in seconds since 1970.",
  },
  [SIGHEJ_METRIC_DESCRIPTORS_USED] = {
    .name = "sighej_descriptors_used_ratio",
    .type = SIGHEJ_METRIC_GAUGE,
    .fold = SIGHEJ_METRIC_MAX,
    .unit = "ratio",
    .help = "Open descriptors as a part of the limit, of the worker nearest to it.",
  },
  [SIGHEJ_METRIC_BUILD] = {
    .name = "sighej_build",
    .type = SIGHEJ_METRIC_INFO,
    .fold = SIGHEJ_METRIC_MAX,
    .help = "The program that runs.",
    .labels = versions,
  },
};

guint
sighej_metric_count_labels (const char *const *labels)
{
  return labels != NULL ? g_strv_length ((GStrv) labels) : 1;
}

guint
sighej_metric_count_cells (const SighejMetricInfo *info)
{
  guint n = 0;

  if (info->type != SIGHEJ_METRIC_HISTOGRAM)
    return 1;
  while (info->bounds[n] != 0)
    n++;
  return n + 2;
}

guint
sighej_metric_route (const char *method, const char *pattern)
{
  char label[128];
  guint last = G_N_ELEMENTS (routes) - 2;

  g_snprintf (label, sizeof label, "method=\"%s\",route=\"%s\"", method, pattern);
  for (guint i = 0; i < last; i++)
    if (strcmp (routes[i], label) == 0)
      return i;
  return last;
}

guint
sighej_metric_close_code (guint code)
{
  char label[16];
  guint last = G_N_ELEMENTS (close_codes) - 2;

  if (code == 0)
    return 0;
  g_snprintf (label, sizeof label, "code=\"%u\"", code);
  for (guint i = 1; i < last; i++)
    if (strcmp (close_codes[i], label) == 0)
      return i;
  return last;
}

guint
sighej_metric_status (guint status)
{
  return CLAMP (status / 100, 1, G_N_ELEMENTS (statuses) - 1) - 1;
}
