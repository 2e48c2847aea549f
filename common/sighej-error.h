/* SPDX-License-Identifier: GPL-2.0-or-later */
#pragma once

#include <gio/gio.h>

#include "sighej-enums.h"

G_BEGIN_DECLS

#define SIGHEJ_ERROR (sighej_error_quark ())
#define SIGHEJ_ERROR_DBUS_PREFIX "org.sighej.Error."

/**
 * SighejError:
 *
 * Everything that can go wrong, once, for C, D-Bus, the command line and HTTP
 * (INTERFACES 2.3, 3.1, 8). sighej-error.c holds the one table; a static assert keeps it complete.
 */
typedef enum
{
  SIGHEJ_ERROR_FAILED,
  /* the radio: exit code 6 */
  SIGHEJ_ERROR_BLUETOOTH_MISSING,
  SIGHEJ_ERROR_BLUETOOTH_OFF,
  SIGHEJ_ERROR_BLUETOOTH_BLOCKED,
  SIGHEJ_ERROR_BLUETOOTH_UNSUPPORTED,
  SIGHEJ_ERROR_BLUETOOTH_DENIED,
  /* permission: exit code 7 */
  SIGHEJ_ERROR_NOT_PERMITTED,
  SIGHEJ_ERROR_INHIBITED,
  /* the backend: exit code 8 */
  SIGHEJ_ERROR_OFFLINE,
  SIGHEJ_ERROR_REFUSED,
  /* exit code 9; the text holds the seconds until the next try */
  SIGHEJ_ERROR_RATE_LIMITED,
  /* exit code 10 */
  SIGHEJ_ERROR_NOT_FOUND,
  SIGHEJ_ERROR_EXPIRED,
  SIGHEJ_ERROR_GONE,
  /* exit code 1 */
  SIGHEJ_ERROR_NOT_OPEN,
  SIGHEJ_ERROR_INVALID_INTEREST,
  SIGHEJ_ERROR_INVALID_DURATION,
  SIGHEJ_ERROR_TEXT_REJECTED,
  SIGHEJ_ERROR_NOT_SUPPORTED,
  /* D-Bus name Failed; HTTP 4xx: what a client sent is wrong */
  SIGHEJ_ERROR_INVALID_REQUEST,    /* 400: not JSON, wrong types, unknown shape */
  SIGHEJ_ERROR_UNAUTHORIZED,       /* 401 */
  SIGHEJ_ERROR_FORBIDDEN,          /* 403: Origin */
  SIGHEJ_ERROR_METHOD_NOT_ALLOWED, /* 405 */
  SIGHEJ_ERROR_CONFLICT,           /* 409: token taken */
  SIGHEJ_ERROR_LENGTH_REQUIRED,    /* 411 */
  SIGHEJ_ERROR_TOO_LARGE,          /* 413 */
  SIGHEJ_ERROR_UNSUPPORTED_MEDIA,  /* 415 */
  SIGHEJ_ERROR_KEY_REUSED,         /* 422: an Idempotency-Key with another body */
  SIGHEJ_ERROR_UNAVAILABLE,        /* 503: store or resource busy; try again */
  SIGHEJ_ERROR_CONFIG,             /* exit 78: configuration refused */
} SighejError;

#define SIGHEJ_N_ERRORS (SIGHEJ_ERROR_CONFIG + 1)

/**
 * SighejErrorInfo:
 * @dbus_name: (nullable): full D-Bus error name, several codes may share `…Failed`
 * @exit_code: exit code of `sighejctl`
 * @http_status: status of the backend's answer, 500 when it is not an HTTP matter
 * @problem: last segment of the problem type URI, under `/problems/`
 * @title: its title, English, one short sentence without a full stop
 */
typedef struct
{
  const char *dbus_name;
  int exit_code;
  unsigned http_status;
  const char *problem;
  const char *title;
} SighejErrorInfo;

/*
 * Registers the D-Bus names with GDBus on first use: those codes that have a name of their own.
 * A code that shares `…Failed` leaves a method by the @dbus_name of its info.
 */
GQuark sighej_error_quark (void);

const SighejErrorInfo *sighej_error_get_info (SighejError code);

/* The code for a D-Bus error name; SIGHEJ_ERROR_FAILED when it is none of ours. */
SighejError sighej_error_from_dbus_name (const char *name);

/* The code behind an HTTP status the backend answered, for the daemon. */
SighejError sighej_error_from_http_status (unsigned status);

/* RATE_LIMITED: "@what, try again in @retry_after_s seconds". Nothing else is to write that text,
 * since the seconds are read from it again. */
GError *sighej_error_new_rate_limited (const char *what, unsigned retry_after_s);

/* The seconds in the text of such an error, at least 1; 0: it names none. */
unsigned sighej_error_get_retry_after_s (const GError *error);

/* The error that explains why the radio is not usable; message names the cause in one sentence. */
GError *sighej_error_new_for_reason (SighejReason reason);

G_END_DECLS
