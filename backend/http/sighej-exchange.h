/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "sighej-carrier.h"
#include "sighej-error.h"
#include "sighej-span.h"
#include "sighej-throttle.h"

G_BEGIN_DECLS

/**
 * SighejExchange:
 *
 * One request and its one answer, as a route sees them. A route checks, calls one function of
 * the service with a reference to the exchange, and answers it in the callback; whether that is
 * called at once or later makes no difference.
 */
typedef struct _SighejExchange SighejExchange;

SighejExchange *sighej_exchange_ref (SighejExchange *self);
void sighej_exchange_unref (SighejExchange *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejExchange, sighej_exchange_unref)

/**
 * sighej_exchange_new:
 * @carrier: (transfer full): how it came and how its answer leaves
 * @origin: (nullable): the page that may read the answer
 */
SighejExchange *sighej_exchange_new (SighejCarrier *carrier, const char *origin);

/* Pauses the carrier until the answer is there, when it is not there yet. */
void sighej_exchange_wait (SighejExchange *self);

/**
 * SighejExchangeKeep:
 * @body: (nullable): of the answer that is made and not sent
 *
 * Called once, when the answer is made; it waits for sighej_exchange_release().
 */
typedef void (*SighejExchangeKeep) (SighejExchange *self,
                                    guint status,
                                    GBytes *body,
                                    gpointer user_data);
void sighej_exchange_set_keep (SighejExchange *self, SighejExchangeKeep keep, gpointer user_data);
void sighej_exchange_release (SighejExchange *self);

/* The session the request made, with its end (wall clock), so that what is kept ends with it. */
void sighej_exchange_set_made (SighejExchange *self, const char *session_id, gint64 until_us);
const char *sighej_exchange_get_made_session (SighejExchange *self); /* (nullable) */
gint64 sighej_exchange_get_made_until (SighejExchange *self);        /* 0: none */

/* For the access log: called once, when the answer is made. */
typedef void (*SighejExchangeAnswered) (SighejExchange *self, gpointer user_data);
void sighej_exchange_set_answered (SighejExchange *self,
                                   SighejExchangeAnswered answered,
                                   gpointer user_data);

/* ---- the request ---- */

SighejCarrier *sighej_exchange_get_carrier (SighejExchange *self);
const char *sighej_exchange_get_method (SighejExchange *self);
const char *sighej_exchange_get_path (SighejExchange *self);
const char *sighej_exchange_get_header (SighejExchange *self, const char *name); /* (nullable) */
/* (nullable): without parameters. */
const char *sighej_exchange_get_content_type (SighejExchange *self);
/* Of whoever speaks to us: a proxy, when there is one. */
GSocketAddress *sighej_exchange_get_remote_address (SighejExchange *self);
/* The part of the path behind the route's pattern; "" when there is none. */
const char *sighej_exchange_get_parameter (SighejExchange *self);
void sighej_exchange_set_parameter (SighejExchange *self, const char *parameter);
/* (nullable): the client's address as sighej-client-address.h gives it. */
const char *sighej_exchange_get_address (SighejExchange *self);
void sighej_exchange_take_address (SighejExchange *self, char *address);

/**
 * sighej_exchange_dup_bearer:
 *
 * Returns: (transfer full) (nullable): the secret of `Authorization: Bearer`, when it has the
 *   form of one; to be freed with sighej_wipe_free_string()
 */
char *sighej_exchange_dup_bearer (SighejExchange *self);

/* The body. (transfer full) */
GBytes *sighej_exchange_dup_body (SighejExchange *self);

/* Microseconds since it was made, for the metrics. */
guint64 sighej_exchange_get_age_us (SighejExchange *self);
/**
 * sighej_exchange_set_trace:
 * @trace: never with an id a stranger chose: logs hold it
 * @span: (transfer full) (nullable): ends with the answer, by the caller
 */
void sighej_exchange_set_trace (SighejExchange *self, const SighejTrace *trace, SighejSpan *span);
SighejSpan *sighej_exchange_get_span (SighejExchange *self); /* (nullable) */
/* What a log has as TRACE_ID: the trace's id; without a trace as sighej_exchange_get_log_id(). */
const char *sighej_exchange_get_log_trace_id (SighejExchange *self);
/* What a log may hold of it. */
const char *sighej_exchange_get_log_id (SighejExchange *self);

/* ---- the answer ---- */

/* RateLimit and RateLimit-Policy (draft-ietf-httpapi-ratelimit-headers). */
void sighej_exchange_set_quota (SighejExchange *self, const SighejQuota *quota);

/* A header of the answer, before it is made. */
void sighej_exchange_set_header (SighejExchange *self, const char *name, const char *value);

/* @json: (transfer full): wiped when it has been sent */
void sighej_exchange_answer_json (SighejExchange *self, guint status, char *json);
void sighej_exchange_answer_bytes (SighejExchange *self,
                                   guint status,
                                   const char *content_type,
                                   GBytes *body);
/**
 * sighej_exchange_answer_tagged:
 * @version: (nullable): changes when @body does; NULL draws it from @body
 *
 * 200 with a strong ETag, or 304 when If-None-Match names it: a cache may keep it and must ask.
 */
void sighej_exchange_answer_tagged (SighejExchange *self,
                                    const char *content_type,
                                    GBytes *body,
                                    const char *version);
void sighej_exchange_answer_empty (SighejExchange *self, guint status);
/* application/problem+json; the log gets what the client must not. */
void sighej_exchange_answer_error (SighejExchange *self, const GError *error);
/* The same with an error made on the spot. */
void sighej_exchange_refuse (SighejExchange *self, SighejError code, const char *detail);

/* Of the answer that is made; 0 when none is. */
guint sighej_exchange_get_status (SighejExchange *self);

G_END_DECLS
