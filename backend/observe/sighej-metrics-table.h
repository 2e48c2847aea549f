/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/*
 * What is measured: one table, in which every name, type, unit, help text and label value is
 * known when the program is compiled (INTERFACES 8). No label can name a session, a token, an
 * address or an interest, because none is ever put together at run time. docs/metrics.md is
 * held to this table by a test, and so are the alert rules.
 */

typedef enum
{
  SIGHEJ_METRIC_REQUESTS,
  SIGHEJ_METRIC_REQUEST_DURATION,
  SIGHEJ_METRIC_HEADS_REFUSED,
  SIGHEJ_METRIC_CONNECTIONS,
  SIGHEJ_METRIC_CONNECTIONS_ACCEPTED,
  SIGHEJ_METRIC_CONNECTIONS_REFUSED,
  SIGHEJ_METRIC_ACCEPT_FAILURES,
  SIGHEJ_METRIC_TLS_HANDSHAKES,
  SIGHEJ_METRIC_TLS_EXPIRY,
  SIGHEJ_METRIC_SOCKETS,
  SIGHEJ_METRIC_SOCKETS_OPENED,
  SIGHEJ_METRIC_SOCKET_CLOSES,
  SIGHEJ_METRIC_SESSIONS,
  SIGHEJ_METRIC_SESSIONS_OPENED,
  SIGHEJ_METRIC_SESSIONS_DELETED,
  SIGHEJ_METRIC_SIGHTINGS,
  SIGHEJ_METRIC_NUDGES_WRITTEN,
  SIGHEJ_METRIC_NUDGES_SENT,
  SIGHEJ_METRIC_NUDGES_ACKED,
  SIGHEJ_METRIC_NUDGE_ACK_DURATION,
  SIGHEJ_METRIC_MEETS,
  SIGHEJ_METRIC_MET,
  SIGHEJ_METRIC_OUTBOX_DEPTH,
  SIGHEJ_METRIC_OUTBOX_WAKES,
  SIGHEJ_METRIC_RATE_LIMITED,
  SIGHEJ_METRIC_IDEMPOTENCY,
  SIGHEJ_METRIC_REPORTS,
  SIGHEJ_METRIC_REPORTS_WAITING,
  SIGHEJ_METRIC_STORE_UP,
  SIGHEJ_METRIC_STORE_CALL_DURATION,
  SIGHEJ_METRIC_STORE_ERRORS,
  SIGHEJ_METRIC_REDIS_CONNECTS,
  SIGHEJ_METRIC_REDIS_LOSSES,
  SIGHEJ_METRIC_REDIS_KEY_CONFLICTS,
  SIGHEJ_METRIC_LEDGER_UP,
  SIGHEJ_METRIC_LEDGER_BATCHES,
  SIGHEJ_METRIC_LEDGER_WAITING,
  SIGHEJ_METRIC_LEDGER_WRITE_DURATION,
  SIGHEJ_METRIC_SPOOL,
  SIGHEJ_METRIC_SPOOL_WAITING,
  SIGHEJ_METRIC_WORKERS,
  SIGHEJ_METRIC_WORKER_RESTARTS,
  SIGHEJ_METRIC_CONFIG_RELOADS,
  SIGHEJ_METRIC_SPANS,
  SIGHEJ_METRIC_PROCESS_CPU,
  SIGHEJ_METRIC_PROCESS_MEMORY,
  SIGHEJ_METRIC_PROCESS_FDS,
  SIGHEJ_METRIC_PROCESS_FDS_MAX,
  SIGHEJ_METRIC_PROCESS_START_TIME,
  SIGHEJ_METRIC_DESCRIPTORS_USED,
  SIGHEJ_METRIC_BUILD,
  SIGHEJ_N_METRICS
} SighejMetric;

/* The label values, in the order of the table. */
typedef enum
{
  SIGHEJ_REFUSED_TOTAL,
  SIGHEJ_REFUSED_ADDRESS,
} SighejMetricRefused;

typedef enum
{
  SIGHEJ_SOCKETS_AUTH,
  SIGHEJ_SOCKETS_SYNC,
  SIGHEJ_SOCKETS_LIVE,
  SIGHEJ_SOCKETS_DRAIN,
} SighejMetricSockets;

typedef enum
{
  SIGHEJ_SIGHTING_MATCH,
  SIGHEJ_SIGHTING_NO_MATCH,
  SIGHEJ_SIGHTING_FAILED,
} SighejMetricSighting;

typedef enum
{
  SIGHEJ_OPERATION_ADD_SESSION,
  SIGHEJ_OPERATION_FIND,
  SIGHEJ_OPERATION_END_SESSION,
  SIGHEJ_OPERATION_SIGHT,
  SIGHEJ_OPERATION_READ_OUTBOX,
  SIGHEJ_OPERATION_ACK,
  SIGHEJ_OPERATION_ATTACH,
  SIGHEJ_OPERATION_COUNT,
  SIGHEJ_OPERATION_TAKE_COUNTS,
  SIGHEJ_OPERATION_DROP_COUNTS,
  SIGHEJ_OPERATION_CLAIM,
  SIGHEJ_OPERATION_SETTLE,
  SIGHEJ_OPERATION_PING,
} SighejMetricOperation;

typedef enum
{
  SIGHEJ_BATCH_WRITTEN,
  SIGHEJ_BATCH_FAILED,
} SighejMetricBatch;

typedef enum
{
  SIGHEJ_SPANS_SENT,
  SIGHEJ_SPANS_DROPPED,
} SighejMetricSpan;

typedef enum
{
  SIGHEJ_RELOAD_TAKEN,
  SIGHEJ_RELOAD_REFUSED,
} SighejMetricReload;

typedef enum
{
  SIGHEJ_SPOOL_ADDED,
  SIGHEJ_SPOOL_DRAINED,
  SIGHEJ_SPOOL_PUT_ASIDE,
} SighejMetricSpool;

typedef enum
{
  SIGHEJ_WAKE_CHANNEL,
  SIGHEJ_WAKE_HEARTBEAT,
  SIGHEJ_WAKE_CHECK,
} SighejMetricWake;

typedef enum
{
  SIGHEJ_HANDSHAKE_DONE,
  SIGHEJ_HANDSHAKE_FAILED,
  SIGHEJ_HANDSHAKE_REFUSED,
} SighejMetricHandshake;

typedef enum
{
  SIGHEJ_RULE_SIGHTINGS,
  SIGHEJ_RULE_MESSAGES,
  SIGHEJ_RULE_SESSIONS,
  SIGHEJ_RULE_REPORTS,
} SighejMetricRule;

typedef enum
{
  SIGHEJ_REPORT_TAKEN,
  SIGHEJ_APPEAL_TAKEN,
} SighejMetricReport;

/**
 * SighejMetricType:
 * @SIGHEJ_METRIC_COUNTER: only grows; `_total` is added to its name
 * @SIGHEJ_METRIC_GAUGE: goes up and down
 * @SIGHEJ_METRIC_HISTOGRAM: how many were at most each bound, and their sum
 * @SIGHEJ_METRIC_INFO: 1, with what there is to say in its labels; `_info` is added
 */
typedef enum
{
  SIGHEJ_METRIC_COUNTER,
  SIGHEJ_METRIC_GAUGE,
  SIGHEJ_METRIC_HISTOGRAM,
  SIGHEJ_METRIC_INFO,
} SighejMetricType;

/* How the values of several workers become one. */
typedef enum
{
  SIGHEJ_METRIC_SUM,
  SIGHEJ_METRIC_MAX,
  SIGHEJ_METRIC_MIN,
} SighejMetricFold;

/**
 * SighejMetricInfo:
 * @name: without `_total`, `_info`, `_bucket`; ends with @unit when there is one
 * @unit: "" or "seconds", "bytes", "ratio"; seconds and ratios are kept in millionths
 * @labels: (nullable) (array zero-terminated=1): pairs as they are printed: `reason="total"`
 * @inner: (nullable) (array zero-terminated=1): a second set; each goes with each of @labels
 * @bounds: (nullable) (array zero-terminated=1): upper bounds of a histogram, rising, as kept
 */
typedef struct
{
  const char *name;
  SighejMetricType type;
  SighejMetricFold fold;
  const char *unit;
  const char *help;
  const char *const *labels;
  const char *const *inner;
  const guint64 *bounds;
} SighejMetricInfo;

extern const SighejMetricInfo sighej_metrics_table[SIGHEJ_N_METRICS];

/* 1 when @labels is NULL. */
guint sighej_metric_count_labels (const char *const *labels);

/* Cells one combination of labels takes: for a histogram its buckets, the last one and the sum. */
guint sighej_metric_count_cells (const SighejMetricInfo *info);

/* The place of a route among the labels; what is not listed is "other", the last. */
guint sighej_metric_route (const char *method, const char *pattern);

/* The place of a close code; 0: closed without a close frame. */
guint sighej_metric_close_code (guint code);

/* The place of a status: its class. */
guint sighej_metric_status (guint status);

G_END_DECLS
