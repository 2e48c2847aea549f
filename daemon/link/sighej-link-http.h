/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <libsoup/soup.h>

#include "sighej-clock.h"

G_BEGIN_DECLS

/* What a backend may ask for with Retry-After, seconds; more is cut down. */
#define SIGHEJ_LINK_RETRY_AFTER_SECONDS_MAX 3600

/**
 * SighejLinkFailureKind:
 * @SIGHEJ_LINK_FAILURE_OFFLINE: not reached, busy, or no answer of ours: try again
 * @SIGHEJ_LINK_FAILURE_TLS: reached, but its certificate is not trusted: try again, and say so
 * @SIGHEJ_LINK_FAILURE_NO_UPGRADE: HTTP works, the WebSocket does not (a proxy?): try again
 * @SIGHEJ_LINK_FAILURE_REFUSED: asking the same again will not help
 * @SIGHEJ_LINK_FAILURE_TAKEN: the token collided with another session's: draw a new seed
 * @SIGHEJ_LINK_FAILURE_RATE_LIMITED: ask again after retry_after_s
 * @SIGHEJ_LINK_FAILURE_GONE: the backend does not know this session any more
 */
typedef enum
{
  SIGHEJ_LINK_FAILURE_OFFLINE,
  SIGHEJ_LINK_FAILURE_TLS,
  SIGHEJ_LINK_FAILURE_NO_UPGRADE,
  SIGHEJ_LINK_FAILURE_REFUSED,
  SIGHEJ_LINK_FAILURE_TAKEN,
  SIGHEJ_LINK_FAILURE_RATE_LIMITED,
  SIGHEJ_LINK_FAILURE_GONE,
} SighejLinkFailureKind;

/**
 * SighejLinkFailure:
 * @retry_after_s: seconds the backend asked us to wait, 0 when it did not say;
 *   at most %SIGHEJ_LINK_RETRY_AFTER_SECONDS_MAX
 * @text: for people: one clause, lower case, nothing personal in it
 *
 * Why something asked of the backend did not work, and so what to do next.
 */
typedef struct
{
  SighejLinkFailureKind kind;
  guint retry_after_s;
  char *text;
} SighejLinkFailure;

SighejLinkFailure *sighej_link_failure_new (SighejLinkFailureKind kind, const char *text);

/* From what libsoup or GIO reported: TLS or OFFLINE. */
SighejLinkFailure *sighej_link_failure_new_for_error (const GError *error);

/* From the status and Retry-After of an answer that is not the one hoped for. */
SighejLinkFailure *sighej_link_failure_new_for_message (SoupMessage *message);

SighejLinkFailure *sighej_link_failure_copy (const SighejLinkFailure *self);
void sighej_link_failure_free (SighejLinkFailure *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (SighejLinkFailure, sighej_link_failure_free)

/**
 * sighej_link_http_session_new:
 * @ca_file: (nullable): PEM file of authorities to trust instead of the system's
 *
 * An HTTP client that does only what the contract needs: no cookies, no password prompts, no
 * decompression, no WebSocket extensions, and no timers of its own: every wait is ours.
 *
 * Returns: (transfer full) (nullable): NULL with %SIGHEJ_ERROR_CONFIG when @ca_file cannot be read
 */
SoupSession *sighej_link_http_session_new (const char *ca_file, GError **error);

/**
 * sighej_link_http_message_new:
 * @secret: (nullable): sent as bearer credential
 *
 * Follows no redirect: a session belongs to the backend the person chose.
 *
 * Returns: (transfer full): a request for @base_uri + @path
 */
SoupMessage *sighej_link_http_message_new (const char *method,
                                           const char *base_uri,
                                           const char *path,
                                           const char *secret);

/**
 * sighej_link_http_send_async:
 * @timeout_s: for the whole exchange, seconds
 *
 * Sends @message and reads the answer's body, at most %SIGHEJ_WIRE_BODY_BYTES_MAX.
 * Any status is a success here.
 *
 * Fails with %G_IO_ERROR_TIMED_OUT, %G_IO_ERROR_MESSAGE_TOO_LARGE, or as libsoup and GIO do.
 */
void sighej_link_http_send_async (SoupSession *session,
                                  SoupMessage *message,
                                  SighejClock *clock,
                                  guint timeout_s,
                                  GCancellable *cancellable,
                                  GAsyncReadyCallback callback,
                                  gpointer user_data);
/* Returns: (transfer full): the body, wiped when freed */
GBytes *sighej_link_http_send_finish (SoupSession *session, GAsyncResult *result, GError **error);

G_END_DECLS
