/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-clock.h"
#include "sighej-span.h"

G_BEGIN_DECLS

/**
 * SighejOtlp:
 *
 * Sends spans to a collector: OTLP over HTTP in JSON, POST to {endpoint}/v1/traces. Tracing is a
 * guest here: the queue is bounded, one request is in flight, nothing waits for it, what cannot
 * be sent is dropped and counted.
 */
#define SIGHEJ_TYPE_OTLP (sighej_otlp_get_type ())
G_DECLARE_FINAL_TYPE (SighejOtlp, sighej_otlp, SIGHEJ, OTLP, GObject)

#define SIGHEJ_OTLP_QUEUE_SPANS_MAX 2048
#define SIGHEJ_OTLP_BATCH_SPANS_MAX 512
#define SIGHEJ_OTLP_BATCH_MS 5000
#define SIGHEJ_OTLP_TIMEOUT_MS 10000
#define SIGHEJ_OTLP_STOP_MS 2000

/* http:// or https://, with a host and without a name or password. Errors: CONFIG. */
gboolean sighej_otlp_check_endpoint (const char *endpoint, GError **error);

/* @endpoint: checked; "/v1/traces" is added */
SighejOtlp *sighej_otlp_new (const char *endpoint, SighejClock *clock);

/* Takes a span that has ended. */
void sighej_otlp_add (SighejOtlp *self, SighejSpan *span);

typedef void (*SighejOtlpStopped) (gpointer user_data);
/* Sends what is queued and takes no more; @stopped is called once, at most 2 s later. */
void sighej_otlp_stop (SighejOtlp *self, SighejOtlpStopped stopped, gpointer user_data);

/* The body for @n_spans spans. (transfer full) */
char *sighej_otlp_write (SighejSpan *const *spans, guint n_spans, const char *instance);

G_END_DECLS
