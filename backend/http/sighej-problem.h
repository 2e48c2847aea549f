/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-error.h"

G_BEGIN_DECLS

/*
 * What the backend says when it says no: RFC 9457, one shape for every error (INTERFACES 8).
 */

#define SIGHEJ_PROBLEM_CONTENT_TYPE "application/problem+json"
#define SIGHEJ_REQUEST_ID_CHARS_MAX 64

/**
 * SighejProblem:
 * @status: HTTP status
 * @type: last segment of the type URI, under `/problems/`
 * @title: one short sentence that goes with @type, without a full stop
 * @detail: (nullable): what was wrong this time; never a token, a secret or an interest
 */
typedef struct
{
  guint status;
  const char *type;
  const char *title;
  const char *detail;
} SighejProblem;

/* The headers every answer carries, name and value, ends with a NULL name. */
extern const char *const sighej_answer_headers[][2];

/* The problem behind an error: anything but %SIGHEJ_ERROR is an internal one without a detail. */
SighejProblem sighej_problem_from_error (const GError *error);

/**
 * sighej_problem_to_json:
 * @instance: the path that was asked for
 * @trace_id: the request's id
 *
 * Returns: (transfer full): the body
 */
char *
sighej_problem_to_json (const SighejProblem *self, const char *instance, const char *trace_id);

/**
 * sighej_problem_to_http:
 *
 * A whole HTTP/1.1 answer that closes the connection, for a request that never reached the
 * server because its head was refused.
 *
 * Returns: (transfer full): head and body
 */
char *sighej_problem_to_http (const SighejProblem *self);

/* Draws a request id: 32 hex digits. */
void sighej_request_id_draw (char out[SIGHEJ_REQUEST_ID_CHARS_MAX + 1]);

/* 1–64 of [A-Za-z0-9-]. */
gboolean sighej_request_id_is_sane (const char *text);

G_END_DECLS
