/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include "sighej-service.h"
#include "sighej-test-clock.h"

/* A whole service on its embedded stores, and each call as a function that waits. */

#define SECOND_US ((gint64) G_USEC_PER_SEC)

typedef struct
{
  SighejTestClock *clock;
  SighejStore *store;
  SighejLedger *ledger;
  SighejVault *vault;
  SighejService *service;
  GPtrArray *woken; /* of char *, session ids of "outbox" */
  GPtrArray *ended; /* of char *, session ids of "ended" */
} Service;

/* @data: (nullable): "legacy" */
void service_set_up (Service *self, gconstpointer data);
void service_tear_down (Service *self, gconstpointer data);

extern const SighejServiceLimits service_limits;

/* Puts another service with these limits on the same stores. */
void service_set_limits (Service *self, const SighejServiceLimits *limits);

typedef struct
{
  int code; /* -1: it worked */
  char id[SIGHEJ_UUID_CHARS + 1];
  char token[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  char secret[SIGHEJ_WIRE_TOKEN_CHARS_MAX + 1];
  gint64 expires_at_us;
  char problem[200];
} Opened;

/* @interests: comma between them */
SighejWireSessionRequest *service_request (const char *token, const char *interests);
Opened
service_open_request (Service *self, const SighejWireSessionRequest *request, const char *address);
Opened service_open (Service *self, const char *token, const char *interests);

/* -1 or the code; @json: (nullable) (out): what GET /session says */
int service_authenticate (Service *self, const char *secret, char **json);
int service_find (Service *self, const char *token);
int service_end (Service *self, const char *session_id);

/* The answer of POST /match, or the code of the error as text: "!19" */
char *service_sight (Service *self, const Opened *who, const char *detected_token);

/* The outbox as JSON messages, a line each. */
char *service_read_outbox (Service *self, const Opened *who, guint64 after);

char *service_stats (Service *self);
